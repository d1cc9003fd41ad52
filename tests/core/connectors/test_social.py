"""Posting and deleting as people meet them: what is refused, what a plan shows, what moved, what is a duplicate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from core.actions.rules import StoppedByGuardrails
from core.actor import Actor
from core.bootstrap import Application
from core.connectors.plan import AttemptOutcome, Effect
from core.connectors.protocol import Unreachable
from core.engine.steps import InlineSteps
from core.errors import CountersignError, InvalidInput
from core.files.storage import FileMissing
from core.settings import Settings
from tests.core.connectors.conftest import Connect, ConnectTo
from tests.core.connectors.counterparts.social import RUNNING, Social
from tests.core.connectors.social_posting import Posting, picture, posting, shown
from tests.doubles.mastodon import Mastodon

ABSENT = "0" * 64


@pytest.fixture
def mastodon(connect_to: ConnectTo, settings: Settings) -> Iterator[Posting[Mastodon]]:
    with posting("mastodon", Mastodon, connect_to, settings) as found:
        yield found


def asked(**changed: Any) -> dict[str, Any]:
    return {"network": "mastodon", "text": "New cups", **changed}


# -- what is asked ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"network": "myspace"}, "Network"),
        ({"text": ""}, "Text"),
        ({"text": "\u200b \u2066"}, "can be seen"),
        ({"text": "pay \u202etxet"}, "turn the direction"),
        ({"text": "bell \x07"}, "control characters"),
        ({"text": "a" * 501}, "it has 501 of at most 500 characters on Mastodon"),
        ({"link": "javascript:alert(1)"}, "Link"),
        ({"link": "https://example.com/a b"}, "Link"),
        ({"link_title": "Cups"}, "give the link"),
        ({"link": "https://example.com", "link_title": "two\nlines"}, "one line"),
        ({"media": {"sha256": "../../etc/passwd"}}, "Picture"),
        ({"media": {}}, "either the SHA-256"),
        ({"media": {"sha256": ABSENT, "url": "https://example.com/a.png"}}, "either the SHA-256"),
        ({"media": {"url": "https://example.com/a.png"}}, "name a stored file by its SHA-256"),
        ({"media": {"sha256": ABSENT, "more": 1}}, "Picture"),
        ({"media": "not json"}, "write it as JSON"),
        ({"account": "nobody"}, "nobody"),
        ({"surprise": 1}, "surprise|Post to"),
    ],
    ids=str,
)
def test_what_cannot_be_posted_is_refused_in_words(
    mastodon: Posting[Mastodon], changed: dict[str, Any], problem: str
) -> None:
    with pytest.raises(CountersignError, match=f"(?i){problem}"):
        mastodon.connectors.plan("social_post", asked(**changed))
    assert mastodon.double.changes == 0


@pytest.mark.parametrize(
    "reference",
    ["../accounts/1", "1/../2", "1?x=1", "1 2", "https://example.com", "at://did:plc:a/app.bsky.feed.post/b/c"],
)
@pytest.mark.parametrize("network", ["linkedin", "x", "mastodon", "bluesky"])
def test_reference_that_no_post_has_is_refused_before_anybody_is_asked(
    connect: Connect, network: str, reference: str
) -> None:
    with pytest.raises(InvalidInput, match="is not what"):
        connect().plan("social_delete", {"network": network, "reference": reference})


def test_form_and_program_say_the_same(mastodon: Posting[Mastodon]) -> None:
    sha = mastodon.stored(picture())
    by_form = mastodon.plan(" New cups\r\n", media=f'{{"sha256": "{sha}"}}')
    by_program = mastodon.plan("New cups", media={"sha256": sha})
    assert by_form.digest == by_program.digest
    assert mastodon.plan(media="").digest == mastodon.plan().digest


# -- what is shown ------------------------------------------------------------------------------------------------


def test_plan_shows_everything_that_is_sent_and_that_people_will_have_read_it(mastodon: Posting[Mastodon]) -> None:
    sha = mastodon.stored(picture())
    plan = mastodon.plan(media={"sha256": sha, "alt_text": "Teal"}, link="https://example.com")

    size = len(picture())
    assert shown(plan) == {
        "text": "New cups\n\nhttps://example.com",
        "picture": f"PNG, 6 × 4, {size} bytes, SHA-256 {sha}",
        "alt_text": "Teal",
    }
    assert all(change.before is None for change in plan.changes)
    assert plan.summary == "Post “New cups https://example.com” to Mastodon"
    assert plan.leaves_machine and plan.reversible and plan.warnings == ()
    assert mastodon.operation.effect_of(plan) is Effect.IRREVERSIBLE  # what was read stays read


def test_picture_without_description_or_with_its_place_is_warned_of(mastodon: Posting[Mastodon]) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    plan = mastodon.plan(media={"sha256": mastodon.stored(picture("JPEG", exif=exif))})
    assert [warning.split(":")[0].split(",")[0] for warning in plan.warnings] == [
        "The picture has no description", "The file of the picture says where it was taken",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"GIF89a" + b"\0" * 50, picture("GIF"), picture()[:20]])
def test_what_is_no_whole_jpeg_or_png_is_refused(mastodon: Posting[Mastodon], data: bytes) -> None:
    with pytest.raises(InvalidInput, match="use a whole JPEG or PNG file"):
        mastodon.plan(media={"sha256": mastodon.stored(data)})


def test_picture_that_would_burst_is_refused_unread(mastodon: Posting[Mastodon]) -> None:
    bomb = picture(size=(1, 1)).replace(b"\0\0\0\1\0\0\0\1", b"\0\0\xff\xff\0\0\xff\xff")
    with pytest.raises(InvalidInput, match="Picture"):
        mastodon.plan(media={"sha256": mastodon.stored(bomb)})


# -- what moved ---------------------------------------------------------------------------------------------------


def test_file_that_is_gone_or_damaged_since_is_not_posted(mastodon: Posting[Mastodon], settings: Settings) -> None:
    with pytest.raises(FileMissing):
        mastodon.plan(media={"sha256": ABSENT})
    sha = mastodon.stored(picture())
    plan = mastodon.plan(media={"sha256": sha})
    (settings.files_dir / sha[:2] / sha).write_bytes(picture("JPEG"))

    receipt = mastodon.operation.execute(plan, "key")
    assert receipt.outcome is AttemptOutcome.REJECTED and "Nothing was posted" in receipt.message
    assert mastodon.double.changes == 0 and not mastodon.double.pictures


def test_plan_whose_request_says_something_else_than_was_shown_is_not_posted(mastodon: Posting[Mastodon]) -> None:
    plan = mastodon.plan()
    forged = replace(plan, request={**plan.request, "text": "Something else"})
    receipt = mastodon.operation.execute(forged, "key")
    assert receipt.outcome is AttemptOutcome.REJECTED and mastodon.double.changes == 0


def test_same_text_that_appeared_since_brings_the_card_back(mastodon: Posting[Mastodon]) -> None:
    plan = mastodon.plan()
    assert mastodon.operation.drift(plan) is None
    mastodon.double.keep("5", "New  cups")

    drift = mastodon.operation.drift(plan)
    assert drift is not None and "The same text on Mastodon" in drift.words
    again = mastodon.plan()
    assert "The same text is on Mastodon already, once." in again.warnings
    assert mastodon.operation.drift(again) is None


def test_reading_back_never_takes_an_older_post_or_one_of_two_for_ours(mastodon: Posting[Mastodon]) -> None:
    mastodon.double.keep("5", "New cups")
    plan = mastodon.plan()
    assert mastodon.operation.verify(plan, "key") is None  # the one that was there

    mastodon.double.keep("6", "New cups")
    found = mastodon.operation.verify(plan, "key")
    assert found is not None and found.reference == "6"
    mastodon.double.keep("7", "New cups")
    assert mastodon.operation.verify(plan, "key") is None  # nobody can tell which


def test_deleting_shows_the_text_and_comes_back_when_it_was_edited(mastodon: Posting[Mastodon]) -> None:
    delete = mastodon.connectors.operation("social_delete")
    plan = mastodon.connectors.plan("social_delete", {"network": "mastodon", "reference": "111999"})
    (_, text) = plan.changes
    assert (text.before, text.after) == ("Closed on Monday", None) and not plan.reversible

    mastodon.double.posts["111999"].text = "Open on Monday"
    drift = delete.drift(plan)
    assert drift is not None and "Open on Monday" in drift.words
    del mastodon.double.posts["111999"]
    with pytest.raises(InvalidInput, match="no such post"):
        mastodon.connectors.plan("social_delete", {"network": "mastodon", "reference": "111999"})
    assert delete.execute(plan, "key").outcome is AttemptOutcome.CONFIRMED  # gone is gone


def test_server_that_cannot_be_reached_is_told_when_planning(connect_to: ConnectTo) -> None:
    with RUNNING["mastodon"]() as counterpart:
        connectors = connect_to(counterpart)
        account = counterpart.account()
    assert account["server"].startswith("http://127.0.0.1")
    with pytest.raises(Unreachable, match="Mastodon cannot be asked now"):
        connectors.plan("social_post", asked())


# -- in the installation ------------------------------------------------------------------------------------------


@pytest.fixture
def connected(app: Application, admin: Actor) -> Iterator[Mastodon]:
    app.guardrails.change(admin, {"mode": "on", "channels": ["social"], "four_eyes": False})
    with RUNNING["mastodon"]() as counterpart:
        assert isinstance(counterpart, Social) and isinstance(counterpart.double, Mastodon)
        app.connections.add(admin, system="mastodon", name="kiln", values=counterpart.account())
        yield counterpart.double


def carried_out(app: Application, admin: Actor, action: UUID) -> str | None:
    card = app.actions_queries.card(admin, action)
    app.actions.approve(admin, action, card.row.plan_digest)
    return app.action_execution.execute_action(InlineSteps(), str(action), 1)


def test_post_is_approved_made_public_and_taken_down_again(app: Application, admin: Actor, connected: Mastodon) -> None:
    before = dict(connected.posts)
    action = app.actions.propose(admin, "social_post", asked(), title="Tell of the cups")
    assert app.actions_queries.card(admin, action).plan.account.startswith("Mastodon as @countersign@127.0.0.1")
    assert connected.changes == 0

    assert carried_out(app, admin, action) == "executed"
    assert connected.latest.text == "New cups"
    assert app.actions_queries.progress([action])[action].reference == connected.latest.reference

    assert carried_out(app, admin, app.actions.undo(admin, action)) == "executed"
    assert connected.posts == before and connected.changes == 2


@pytest.mark.parametrize("text", ["New cups", "  NEW   cups ", "new\ncups", "Ｎew cups", "New\u200b cups"])
def test_same_text_in_other_letters_is_a_duplicate(
    app: Application, admin: Actor, connected: Mastodon, text: str
) -> None:
    action = app.actions.propose(admin, "social_post", asked(), title="Tell of the cups")
    assert carried_out(app, admin, action) == "executed"

    again = app.actions.propose(admin, "social_post", asked(text=text), title="Tell of them again")
    with pytest.raises(StoppedByGuardrails, match="The same was done"):
        carried_out(app, admin, again)
    assert connected.changes == 1
    other = app.actions.propose(admin, "social_post", asked(text="New plates"), title="Tell of the plates")
    assert carried_out(app, admin, other) == "executed"


def test_preview_mode_posts_nothing(app: Application, admin: Actor, connected: Mastodon) -> None:
    app.guardrails.change(admin, {"mode": "preview"})
    action = app.actions.propose(admin, "social_post", asked(), title="Tell of the cups")
    with pytest.raises(StoppedByGuardrails, match="in preview"):
        carried_out(app, admin, action)
    assert connected.changes == 0
