"""What is special to each network: sessions, keys, limits of servers, pictures, containers, and answers that mislead."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from core.connectors.plan import AttemptOutcome, Plan
from core.connectors.protocol import Unreachable
from core.connectors.registry import find_systems
from core.connectors.transports.calls import Refused
from core.errors import CountersignError, InvalidInput
from core.settings import Settings
from tests.core.connectors.conftest import ConnectTo
from tests.core.connectors.counterparts.social import XCounterpart
from tests.core.connectors.social_posting import Posting, picture, posting, shown
from tests.doubles import instagram as instagram_double
from tests.doubles import x as x_double
from tests.doubles.bluesky import Bluesky
from tests.doubles.instagram import Instagram
from tests.doubles.linkedin import LinkedIn
from tests.doubles.mastodon import Mastodon
from tests.doubles.x import X

CONFIRMED, REJECTED, DEFERRED, UNKNOWN = (
    AttemptOutcome.CONFIRMED, AttemptOutcome.REJECTED, AttemptOutcome.DEFERRED, AttemptOutcome.UNKNOWN,
)  # fmt: skip


@pytest.fixture
def bluesky(connect_to: ConnectTo, settings: Settings) -> Iterator[Posting[Bluesky]]:
    with posting("bluesky", Bluesky, connect_to, settings) as found:
        yield found


@pytest.fixture
def mastodon(connect_to: ConnectTo, settings: Settings) -> Iterator[Posting[Mastodon]]:
    with posting("mastodon", Mastodon, connect_to, settings) as found:
        yield found


@pytest.fixture
def x(connect_to: ConnectTo, settings: Settings) -> Iterator[Posting[X]]:
    with posting("x", X, connect_to, settings) as found:
        yield found


@pytest.fixture
def linkedin(connect_to: ConnectTo, settings: Settings) -> Iterator[Posting[LinkedIn]]:
    with posting("linkedin", LinkedIn, connect_to, settings) as found:
        yield found


@pytest.fixture
def instagram(connect_to: ConnectTo, settings: Settings) -> Iterator[Posting[Instagram]]:
    with posting("instagram", Instagram, connect_to, settings) as found:
        yield found


# -- Bluesky ------------------------------------------------------------------------------------------------------


def test_bluesky_posts_once_for_one_key_however_often_it_is_asked(bluesky: Posting[Bluesky]) -> None:
    plan = bluesky.plan()
    first, again = (bluesky.operation.execute(plan, "key") for _ in range(2))

    assert bluesky.operation.repeatable_for(plan)
    assert (first.outcome, first.reference) == (again.outcome, again.reference) == (CONFIRMED, first.reference)
    assert bluesky.double.changes == 1


@pytest.mark.parametrize("trouble", ["lost before", "lost after", "gateway"])
def test_bluesky_finds_out_by_itself_what_became_of_a_lost_answer(bluesky: Posting[Bluesky], trouble: str) -> None:
    plan = bluesky.plan()
    bluesky.double.trouble = trouble

    assert bluesky.operation.execute(plan, "key").outcome is CONFIRMED
    assert bluesky.double.changes == 1


@pytest.mark.parametrize("trouble", ["lost before", "lost after"])
def test_bluesky_that_cannot_be_read_after_a_lost_answer_is_unknown(bluesky: Posting[Bluesky], trouble: str) -> None:
    plan = bluesky.plan()
    bluesky.double.trouble, bluesky.double.blind = trouble, True

    assert bluesky.operation.execute(plan, "key").outcome is UNKNOWN
    with pytest.raises(Unreachable):
        bluesky.operation.verify(plan, "key")


def test_bluesky_session_is_kept_refreshed_when_it_expires_and_made_anew_when_that_fails(
    bluesky: Posting[Bluesky],
) -> None:
    bluesky.post("One", key="1")
    assert (bluesky.double.sessions, bluesky.double.refreshed) == (1, 0)

    bluesky.double.expired = True
    assert bluesky.post("Two", key="2").outcome is CONFIRMED
    assert (bluesky.double.sessions, bluesky.double.refreshed) == (1, 1)

    bluesky.double.sessions = 5  # every token that was given is void
    assert bluesky.post("Three", key="3").outcome is CONFIRMED
    assert bluesky.double.sessions == 6 and bluesky.double.changes == 3


def test_bluesky_links_tags_card_and_time_are_in_the_record(bluesky: Posting[Bluesky]) -> None:
    bluesky.post("Gläser: https://example.com/a #töpfern", link="https://example.com/b", link_title="B")

    record = bluesky.double.latest.more["record"]
    assert record["createdAt"] == "2026-01-05T09:00:00.000Z"
    assert [facet["index"] for facet in record["facets"]] == [
        {"byteStart": 9, "byteEnd": 30}, {"byteStart": 31, "byteEnd": 40},
    ]  # fmt: skip
    assert record["embed"]["external"] == {"uri": "https://example.com/b", "title": "B", "description": ""}


def test_bluesky_picture_is_sent_as_it_is_with_its_description(bluesky: Posting[Bluesky]) -> None:
    data = picture()
    sha = bluesky.stored(data)
    plan = bluesky.plan(media={"sha256": sha, "alt_text": "Teal"})
    receipt = bluesky.operation.execute(plan, "key")

    (kept,) = bluesky.double.pictures.values()
    (image,) = bluesky.double.latest.more["record"]["embed"]["images"]
    assert receipt.outcome is CONFIRMED and kept == {"data": data, "kind": "image/png"}
    assert image["alt"] == "Teal" and image["aspectRatio"] == {"width": 6, "height": 4}
    assert sha in shown(plan)["picture"] and "6 × 4" in shown(plan)["picture"]


def test_bluesky_refuses_a_picture_that_is_too_large_and_changes_none(bluesky: Posting[Bluesky]) -> None:
    large = picture(size=(900, 900)) + b"\0" * 1_000_000
    with pytest.raises(InvalidInput, match=r"1\.0\d of at most 1\.00 MB on Bluesky"):
        bluesky.plan(media={"sha256": bluesky.stored(large)})
    with pytest.raises(InvalidInput, match="either a picture or a link card"):
        bluesky.plan(media={"sha256": bluesky.stored(picture())}, link="https://example.com")


# -- Mastodon -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", [False, True])
def test_mastodon_limit_is_the_servers_own(mastodon: Posting[Mastodon], old: bool) -> None:
    mastodon.double.most, mastodon.double.old = 11, old
    assert mastodon.post("a" * 11).outcome is CONFIRMED
    with pytest.raises(InvalidInput, match="it has 12 of at most 11 characters on Mastodon"):
        mastodon.plan("a" * 12)


def test_mastodon_sends_the_key_and_says_public(mastodon: Posting[Mastodon]) -> None:
    plan = mastodon.plan()
    mastodon.operation.execute(plan, "one key")

    assert mastodon.double.keys == {"one key": mastodon.double.latest.reference}
    assert mastodon.double.latest.more["visibility"] == "public"
    assert not mastodon.operation.repeatable_for(plan)  # some compatible servers do not look at the key


@pytest.mark.parametrize("has_source", [True, False])
def test_mastodon_lost_answer_is_found_by_the_text_however_it_comes_back(
    mastodon: Posting[Mastodon], has_source: bool
) -> None:
    mastodon.double.has_source = has_source
    plan = mastodon.plan("Fine & <good>\nto see, @asha@example.com\n\nhttps://example.com/a?b=c&d=e")
    mastodon.double.trouble = "lost after"

    assert mastodon.operation.execute(plan, "key").outcome is UNKNOWN
    found = mastodon.operation.verify(plan, "key")
    assert found is not None and found.reference == mastodon.double.latest.reference


def test_mastodon_waits_for_its_picture_within_bounds(mastodon: Posting[Mastodon]) -> None:
    sha = mastodon.stored(data := picture("JPEG"))
    mastodon.double.working = 2
    assert mastodon.post("One", media={"sha256": sha, "alt_text": "Teal"}).outcome is CONFIRMED
    (kept,) = mastodon.double.pictures.values()
    assert kept == {"data": data, "alt": "Teal", "kind": "image/jpeg"}

    mastodon.double.working = 1000
    late = mastodon.post("Two", media={"sha256": sha}, key="2")
    assert late.outcome is DEFERRED and late.retry_after == 60 and mastodon.double.changes == 1


# -- X ------------------------------------------------------------------------------------------------------------


def test_x_link_goes_below_the_text_and_counts_23(x: Posting[X]) -> None:
    link = "https://example.com/" + "a" * 300
    plan = x.plan("a" * 255, link=link)
    assert shown(plan)["text"] == "a" * 255 + "\n\n" + link
    with pytest.raises(InvalidInput, match="it has 281 of at most 280 weighted characters on X"):
        x.plan("a" * 256, link=link)
    assert shown(x.plan(f"Look: {link}", link=link))["text"] == f"Look: {link}"


def test_x_lost_answer_is_found_though_links_come_back_shortened(x: Posting[X]) -> None:
    plan = x.plan("Cups & more: https://example.com/a", media={"sha256": x.stored(picture()), "alt_text": "Teal"})
    x.double.trouble = "lost after"

    assert x.operation.execute(plan, "key").outcome is UNKNOWN
    found = x.operation.verify(plan, "key")
    assert found is not None and found.reference == x.double.latest.reference
    (kept,) = x.double.pictures.values()
    assert kept["alt"] == "Teal" and x.double.latest.more["media"] == list(x.double.pictures)


def test_x_that_may_not_be_read_is_posted_to_and_a_lost_answer_stays_unknown(x: Posting[X]) -> None:
    x.double.may_read = False
    plan = x.plan()
    assert any("does not let this connection read" in warning for warning in plan.warnings)
    x.double.trouble = "lost after"

    assert x.operation.execute(plan, "key").outcome is UNKNOWN
    assert x.operation.drift(plan) is None and x.operation.verify(plan, "key") is None


def test_x_says_why_it_refuses_the_same_text_again(x: Posting[X]) -> None:
    plan = x.plan()
    x.operation.execute(plan, "key")
    again = x.operation.execute(plan, "other")

    assert again.outcome is REJECTED and "duplicate content" in again.message and x.double.changes == 1


def test_x_requests_are_signed_one_by_one_where_the_token_is_of_oauth_1(
    connect_to: ConnectTo, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer = XCounterpart.account
    monkeypatch.setattr(XCounterpart, "account", lambda self: {**bearer(self), **x_double.KEYS})
    with posting("x", X, connect_to, settings) as there:
        plan = there.plan("Cups & more", media={"sha256": there.stored(picture()), "alt_text": "Teal"})
        assert plan.preconditions == {"same_text": []}
        assert there.operation.execute(plan, "key").outcome is CONFIRMED
        monkeypatch.setattr(
            XCounterpart, "account", lambda self: {**bearer(self), **x_double.KEYS, "token_secret": "no"}
        )
        wrong = connect_to(there.counterpart).operation("social_post").execute(plan, "other")
        assert wrong.outcome is REJECTED and "Connections" in wrong.message and there.double.changes == 1


def test_x_answer_of_200_with_errors_and_no_data_is_no_post(x: Posting[X]) -> None:
    with pytest.raises(InvalidInput, match="no such post of this account on X"):
        x.connectors.plan("social_delete", {"network": "x", "reference": "77"})


# -- LinkedIn -----------------------------------------------------------------------------------------------------


def test_linkedin_text_arrives_whole(linkedin: Posting[LinkedIn]) -> None:
    text = "Cups (blue) [12] @asha *new* _now_ {a|b} ~5 <10> #pottery \\ end"
    linkedin.post(text)

    assert linkedin.double.latest.text == text
    sent = linkedin.double.latest.more["sent"]
    assert (sent["visibility"], sent["lifecycleState"]) == ("PUBLIC", "PUBLISHED")


def test_linkedin_picture_goes_where_linkedin_says_and_nowhere_else(linkedin: Posting[LinkedIn]) -> None:
    sha = linkedin.stored(data := picture())
    assert linkedin.post("One", media={"sha256": sha, "alt_text": "Teal"}).outcome is CONFIRMED
    assert linkedin.double.pictures["C4E0"] == {"data": data}
    content = linkedin.double.latest.more["sent"]["content"]
    assert content == {"media": {"id": "urn:li:image:C4E0", "altText": "Teal"}}

    for elsewhere in ("https://example.com/up", "http://www.linkedin.com/up", "https://evil-linkedin.com/up"):
        linkedin.double.uploads_at = elsewhere
        refused = linkedin.post("Two", media={"sha256": sha}, key=elsewhere)
        assert refused.outcome is REJECTED and "where the picture goes" in refused.message
    assert linkedin.double.changes == 1


def test_linkedin_version_that_is_no_longer_served_is_named(linkedin: Posting[LinkedIn]) -> None:
    linkedin.double.versions = ("203001", "203002")
    linkedin.double.may_read = False
    receipt = linkedin.post()
    assert receipt.outcome is REJECTED and "version 202510 is not active" in receipt.message


def test_linkedin_token_without_the_right_to_read_posts_and_deletes_unseen(linkedin: Posting[LinkedIn]) -> None:
    linkedin.double.may_read = False
    receipt = linkedin.post()
    assert receipt.outcome is CONFIRMED
    plan = linkedin.connectors.plan("social_delete", {"network": "linkedin", "reference": receipt.reference})
    assert any("what it says is not known" in warning for warning in plan.warnings)
    assert linkedin.connectors.operation("social_delete").execute(plan, "key").outcome is CONFIRMED
    assert receipt.reference not in linkedin.double.posts


# -- Instagram ----------------------------------------------------------------------------------------------------

CUPS = {"url": "https://example.com/cups.jpg", "alt_text": "Cups"}


def test_instagram_waits_until_the_picture_is_fetched_and_publishes_once(instagram: Posting[Instagram]) -> None:
    instagram.double.looks = 3
    assert instagram.post(media=CUPS).outcome is CONFIRMED
    assert instagram.double.changes == 1 and instagram.double.latest.more["alt_text"] == "Cups"


def test_instagram_that_does_not_get_ready_is_tried_later_and_nothing_is_public(instagram: Posting[Instagram]) -> None:
    instagram.double.looks = 10_000
    receipt = instagram.post(media=CUPS)
    assert receipt.outcome is DEFERRED and receipt.retry_after == 60 and instagram.double.changes == 0


def test_instagram_says_what_was_wrong_with_the_picture(instagram: Posting[Instagram]) -> None:
    instagram.double.broken = True
    receipt = instagram.post(media=CUPS)
    assert receipt.outcome is REJECTED and "could not be fetched" in receipt.message


def test_instagram_needs_a_public_picture_and_no_link(instagram: Posting[Instagram]) -> None:
    with pytest.raises(InvalidInput, match="no post without a picture"):
        instagram.plan()
    with pytest.raises(InvalidInput, match="give the address of one that is public"):
        instagram.plan(media={"sha256": instagram.stored(picture("JPEG"))})
    with pytest.raises(InvalidInput, match="nobody can follow a link"):
        instagram.plan(media=CUPS, link="https://example.com")


def test_instagram_cannot_take_back_and_says_so(instagram: Posting[Instagram]) -> None:
    plan = instagram.plan(media=CUPS)
    receipt = instagram.operation.execute(plan, "key")

    assert not plan.reversible and any("in its app" in warning for warning in plan.warnings)
    assert any("shows then is not known now" in warning for warning in plan.warnings), "its bytes were not approved"
    assert instagram.operation.undo(plan, receipt.to_json()) is None
    with pytest.raises(InvalidInput, match="lets no program delete"):
        instagram.connectors.plan("social_delete", {"network": "instagram", "reference": receipt.reference})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"code": 4}, DEFERRED),
        ({"code": 17}, DEFERRED),
        ({"code": 32}, DEFERRED),
        ({"code": 613}, DEFERRED),
        ({"code": 9, "subcode": 2207042}, DEFERRED),
        ({"code": 4, "subcode": 2207051}, REJECTED),
        ({"code": 190}, REJECTED),
        ({"code": 200}, REJECTED),
        ({"code": 100}, REJECTED),
        ({"code": 36003}, REJECTED),
        ({"code": -1, "subcode": 2207001}, UNKNOWN),
        ({"code": 2}, UNKNOWN),
    ],
    ids=str,
)
def test_instagram_codes_decide_and_not_the_status(
    instagram: Posting[Instagram], monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], outcome: AttemptOutcome
) -> None:
    told = {"subcode": 0, **answer}
    refusal = instagram_double.error(400, told["code"], "Told so", subcode=told["subcode"])
    monkeypatch.setattr(instagram.double, "refused", lambda: refusal)
    plan = instagram.plan(media=CUPS)
    instagram.double.trouble = "refused"

    receipt = instagram.operation.execute(plan, "key")
    assert receipt.outcome is outcome and "Told so" in receipt.message
    assert ("Connections" in receipt.message) == (told["code"] in (190, 200))


# -- whose key it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["bluesky", "mastodon", "x", "instagram"])
def test_key_of_another_account_than_the_named_one_posts_nothing(request: pytest.FixtureRequest, network: str) -> None:
    there: Posting[Any] = request.getfixturevalue(network)
    more: dict[str, Any] = {"media": CUPS} if network == "instagram" else {}
    there.double.handle = "somebody.else"

    receipt = there.post(**more)
    assert receipt.outcome is REJECTED and "@somebody.else" in receipt.message and "Connections" in receipt.message
    assert there.double.changes == 0
    system = find_systems()[network]
    with pytest.raises(Refused, match=r"@somebody\.else"):
        system.test(system.account.model_validate(there.counterpart.account()), timeout=2)


NONSENSE = [
    b"", b"null", b"[]", b"<html>", b'"text"', b"[1]", b'{"data": 5, "elements": 5, "records": 5}',
    b'{"data": [1], "elements": [1], "records": [1], "value": 3, "account": 3}', b'{"id": {"a": 1}, "data": {"id": 7}}',
    b'{"id": "../1", "data": {"id": "../1", "username": "countersign"}, "username": "countersign"}',
    b'{"error": 5, "errors": 5, "errorDetails": 5}', b'{"error": {"code": []}, "errors": [{"type": {}}]}',
]  # fmt: skip


@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
@pytest.mark.parametrize("network", ["bluesky", "mastodon", "x", "linkedin", "instagram"])
def test_nonsense_is_never_taken_for_success_nor_does_it_burst(
    request: pytest.FixtureRequest, network: str, nonsense: bytes
) -> None:
    there: Posting[Any] = request.getfixturevalue(network)
    asked: dict[str, Any] = {"media": CUPS} if network == "instagram" else {}
    plan = there.plan(**asked)
    delete, old = there.connectors.operation("social_delete"), {"network": network, "reference": there.counterpart.old}
    deletion = there.connectors.plan("social_delete", old) if there.counterpart.deletes else None
    there.double.nonsense = nonsense

    assert there.operation.execute(plan, "key").outcome is not CONFIRMED
    for ask in (lambda: there.plan(**asked), lambda: there.operation.drift(plan), lambda: verified(there, plan)):
        with contextlib.suppress(CountersignError):
            ask()
    if deletion is not None:
        assert delete.execute(deletion, "key").outcome is not CONFIRMED
        with contextlib.suppress(CountersignError):
            assert delete.verify(deletion, "key") is None
        with contextlib.suppress(CountersignError):
            there.connectors.plan("social_delete", old)


@pytest.mark.parametrize("network", ["bluesky", "mastodon", "x", "linkedin", "instagram"])
def test_change_that_is_answered_without_a_word_of_it_is_unknown(request: pytest.FixtureRequest, network: str) -> None:
    there: Posting[Any] = request.getfixturevalue(network)
    asked: dict[str, Any] = {"media": CUPS} if network == "instagram" else {}
    plan = there.plan(**asked)
    there.double.trouble = "swallowed"

    assert there.operation.execute(plan, "key").outcome is UNKNOWN
    assert there.operation.verify(plan, "key") is None and there.double.changes == 0


def verified(there: Posting[Any], plan: Plan) -> None:
    assert there.operation.verify(plan, "key") is None


@pytest.mark.parametrize("network", ["mastodon", "x", "linkedin"])
def test_posts_of_others_are_not_deleted(request: pytest.FixtureRequest, network: str) -> None:
    there: Posting[Any] = request.getfixturevalue(network)
    old = there.double.posts[there.counterpart.old]
    old.more |= {"of": "999", "sent": {"author": "urn:li:person:other", "commentary": old.text}}
    with pytest.raises(InvalidInput, match="no such post of this account"):
        there.connectors.plan("social_delete", {"network": network, "reference": old.reference})


@pytest.mark.parametrize(
    ("system", "field", "value"),
    [
        ("mastodon", "server", "http://mastodon.social"),
        ("mastodon", "server", "https://mastodon.social/?key=1"),
        ("mastodon", "server", "http://169.254.169.254"),
        ("mastodon", "server", "https://asha:pw@mastodon.social"),
        ("bluesky", "service", "ftp://bsky.social"),
        ("x", "api", "http://api.x.com"),
        ("x", "token_secret", "alone"),
        ("linkedin", "author", "urn:li:person:a/../b"),
        ("linkedin", "version", "latest"),
        ("instagram", "user_id", "../me"),
    ],
)
def test_accounts_lead_nowhere_in_clear_and_to_nothing_strange(system: str, field: str, value: str) -> None:
    good = {
        "mastodon": {"server": "https://mastodon.social", "handle": "a", "token": "t"},
        "bluesky": {"handle": "a.bsky.social", "app_password": "p"},
        "x": {"handle": "a", "token": "t"},
        "linkedin": {"author": "urn:li:organization:12", "name": "Kiln", "token": "t"},
        "instagram": {"user_id": "1784", "handle": "a", "token": "t"},
    }[system]
    found = find_systems()[system]
    account = found.account.model_validate(good)
    assert found.identity(found.account.model_construct(**account.model_dump(exclude={"token", "app_password"})))
    with pytest.raises(ValidationError):
        found.account.model_validate({**good, field: value})
