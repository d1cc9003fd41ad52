"""What visitors write is kept before it is sent, sent once, and cannot say more than a letter's text."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select, update

from core import bootstrap
from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.engine.steps import InlineSteps
from core.settings import Settings
from core.websites.messages import MessageNotTaken, TooManyMessages
from core.websites.rules import MessageState
from core.websites.tables import SiteMessageRow, SiteRow
from tests.core.websites.serving import Dashboard, as_server, published
from tests.doubles.mail_server import MailServer, running_mail_server
from tests.doubles.serving import serve

FORM = {"name": "Ravi Shah", "email": "ravi@example.org", "message": "Do you bake on Sunday?\nThank you", "website": ""}


@pytest.fixture
def slug(hosted: Application) -> str:
    return published(hosted)[0].slug


def _rows(app: Application) -> list[SiteMessageRow]:
    with app.database.reading() as session:
        return list(session.scalars(select(SiteMessageRow).order_by(SiteMessageRow.id)))


def _post(app: Application, slug: str, form: dict[str, str], **headers: str) -> httpx2.Response:
    """As a browser sends it from a page in a sandbox, unless `headers` say otherwise."""
    said = {"origin": "null", **headers}
    return httpx2.post(app.settings.base_url + app.sites.form_address(slug), data=form, headers=said, timeout=60)


def _letters(app: Application) -> list[EmailMessage]:
    folder = app.settings.outbox_dir
    return [message_from_bytes(one.read_bytes(), policy=policy.default) for one in sorted(folder.glob("*.eml"))]


def _deliver(app: Application) -> list[str]:
    return [app.site_messages.deliver(InlineSteps(), str(row.id)) for row in _rows(app)]


def test_a_message_is_kept_sent_to_the_owner_and_answered_to_the_visitor(hosted: Application, slug: str) -> None:
    answer = _post(hosted, slug, FORM)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{hosted.sites.public_address(slug)}contact-sent/",
    )
    assert httpx2.get(answer.headers["location"]).status_code == 200
    (row,) = _rows(hosted)
    assert (row.state, row.text) == (MessageState.WAITING, FORM["message"])
    assert _deliver(hosted) == ["sent"]
    (letter,) = _letters(hosted)
    assert (letter["To"], letter["Reply-To"]) == ("owner@example.com", "ravi@example.org")
    assert letter["Subject"] == "Message from Ravi Shah · Harbour Bakery"
    assert FORM["message"] in letter.get_content().replace("\r\n", "\n")
    assert _deliver(hosted) == ["sent"]
    assert len(_letters(hosted)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Ravi\r\nBcc: all@example.com"), ("name", "Ravi\nBcc: all@example.com"), ("name", "a\x00b"), ("name", " "),
        ("name", "x" * 201), ("name", "\u202egnp.exe"), ("email", "ravi@example.org\r\nBcc: x@example.com"),
        ("email", "ravi@example.org, x@example.com"), ("email", "ravi"), ("email", ""), ("email", "a@" + "b" * 300 + ".org"),
        ("message", ""), ("message", "\u200b"), ("message", "x" * 5_001), ("message", "a\x1bb"),
    ],
)  # fmt: skip
def test_what_no_letter_may_hold_is_refused(app: Application, field: str, value: str) -> None:
    row, _, _ = published(app)
    with pytest.raises(MessageNotTaken) as refused:
        app.site_messages.receive(row.slug, {**FORM, field: value}, address="203.0.113.7")
    assert field in refused.value.written.problems
    assert _rows(app) == []


def test_what_looks_like_headers_stays_text(hosted: Application, slug: str) -> None:
    said = "Bcc: all@example.com\r\n\r\n.\r\nSubject: other"
    _post(hosted, slug, {**FORM, "name": "Ravi <b>Bcc: x@example.com</b>", "message": said})
    _deliver(hosted)
    (letter,) = _letters(hosted)
    assert "Bcc" not in letter and len(letter.get_all("Subject", [])) == 1
    assert letter["To"] == "owner@example.com"
    assert letter.get_content_type() == "text/plain"


def test_what_is_wrong_is_said_in_the_look_of_the_site_with_what_was_typed(hosted: Application, slug: str) -> None:
    answer = _post(
        hosted, slug, {**FORM, "email": 'no"><script>alert(1)</script>', "message": "</textarea><b>kept</b>"}
    )
    assert answer.status_code == 422
    assert "/assets/site." in answer.text and 'role="alert"' in answer.text
    assert 'aria-invalid="true" aria-describedby="form-email-problem"' in answer.text
    assert "<script>alert" not in answer.text and "&lt;/textarea&gt;&lt;b&gt;kept" in answer.text
    assert "Ravi Shah" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert _rows(hosted) == []


def test_what_fills_in_the_trap_has_to_be_confirmed_by_a_person(
    hosted: Application, slug: str, clock: ManualClock
) -> None:
    with pytest.raises(MessageNotTaken) as asked:
        hosted.site_messages.receive(slug, {**FORM, "website": "https://spam.example"}, address="203.0.113.7")
    confirmed = {**FORM, "stamp": asked.value.stamp}
    with pytest.raises(MessageNotTaken) as quick:
        hosted.site_messages.receive(slug, confirmed, address="203.0.113.7")
    assert quick.value.said == "too_quick"
    clock.advance(timedelta(seconds=5))
    first = hosted.site_messages.receive(slug, confirmed, address="203.0.113.7")
    assert hosted.site_messages.receive(slug, confirmed, address="203.0.113.7") == first
    assert len(_rows(hosted)) == 1


def test_a_stamp_of_another_site_or_of_yesterday_or_forged_is_none(
    hosted: Application, slug: str, clock: ManualClock
) -> None:
    other, _, _ = published(hosted, name="Other")
    links = {**FORM, "message": "https://a.example https://b.example https://c.example"}

    def stamp(of: str) -> str:
        with pytest.raises(MessageNotTaken) as asked:
            hosted.site_messages.receive(of, links, address="203.0.113.7")
        return asked.value.stamp

    foreign, old = stamp(other.slug), stamp(slug)
    clock.advance(timedelta(hours=13))
    mine = stamp(slug)
    clock.advance(timedelta(seconds=5))
    for bad in (
        foreign,
        old,
        mine[:-1] + ("0" if mine[-1] != "0" else "1"),
        "1.2.3",
        "é",
        "." * 40,
        "-1.a." + "0" * 64,
    ):
        with pytest.raises(MessageNotTaken):
            hosted.site_messages.receive(slug, {**links, "stamp": bad}, address="203.0.113.7")
    hosted.site_messages.receive(slug, {**links, "stamp": mine}, address="203.0.113.7")


def test_a_flood_from_one_place_is_stopped_and_others_still_get_through(app: Application, clock: ManualClock) -> None:
    slug = published(app)[0].slug
    taken, barrier, lock = [], threading.Barrier(12), threading.Lock()

    def send(number: int) -> None:
        barrier.wait()
        try:
            app.site_messages.receive(slug, {**FORM, "message": f"Message {number}"}, address=f"2001:db8::{number + 1}")
        except TooManyMessages:
            return
        with lock:
            taken.append(number)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert len(taken) == len(_rows(app)) == 5
    app.site_messages.receive(slug, FORM, address="203.0.113.7")
    clock.advance(timedelta(minutes=11))
    app.site_messages.receive(slug, FORM, address="2001:db8::1")


def test_a_flood_over_many_addresses_is_stopped_for_the_site(app: Application) -> None:
    slug = published(app)[0].slug
    for number in range(60):
        app.site_messages.receive(slug, FORM, address=f"203.0.113.{number}")
    with pytest.raises(TooManyMessages):
        app.site_messages.receive(slug, FORM, address="198.51.100.1")


def test_forms_that_are_no_forms_are_refused(hosted: Application, slug: str) -> None:
    address = hosted.settings.base_url + hosted.sites.form_address(slug)
    urlencoded = {"content-type": "application/x-www-form-urlencoded"}
    assert httpx2.post(address, content=b"x=" + b"a" * 32_001, headers=urlencoded).status_code == 413
    assert httpx2.post(address, json=FORM).status_code == 415
    assert httpx2.post(address, content=b"&".join(b"a=1" for _ in range(50)), headers=urlencoded).status_code == 400
    assert httpx2.post(address, content=b"name=%ff%fe&email=a&message=b", headers=urlencoded).status_code == 400
    assert httpx2.post(address, content="name=\u00e9".encode(), headers=urlencoded).status_code == 400
    assert httpx2.post(address, content=b"", headers=urlencoded).status_code == 422
    assert httpx2.post(address.replace(slug, "nobody"), data=FORM).status_code == 404
    assert httpx2.get(address).status_code == 308  # to the page of that name
    assert _rows(hosted) == []


def test_a_worker_that_died_while_sending_never_sends_twice(hosted: Application, slug: str) -> None:
    _post(hosted, slug, FORM)
    with hosted.database.begin() as uow:
        uow.session.execute(update(SiteMessageRow).values(state=MessageState.SENDING, sends=1))
    assert _deliver(hosted) == ["sent"]  # the outbox finds by its key what it holds
    assert _deliver(hosted) == ["sent"]
    assert len(_letters(hosted)) == 1


def test_tests_of_verification_are_told_apart_and_say_when_they_arrived(
    hosted: Application, slug: str, admin_of: Actor
) -> None:
    mark = "verification-" + "0a" * 16
    _post(hosted, slug, {**FORM, "message": f"This checks the form. {mark}"})
    assert hosted.site_messages.delivered(mark) is False
    _deliver(hosted)
    assert hosted.site_messages.delivered(mark) is True
    assert hosted.site_messages.delivered("verification-" + "0" * 32) is False
    _post(hosted, slug, FORM)
    page = hosted.sites_queries.messages(admin_of, _rows(hosted)[0].site_id)
    assert (page.total, [one.is_test for one in page.rows]) == (1, [False, True])


def test_without_a_contact_address_a_message_is_kept_and_nobody_is_told(hosted: Application, slug: str) -> None:
    with hosted.database.begin() as uow:
        uow.session.execute(update(SiteRow).values(contact_email=None))
    assert _post(hosted, slug, FORM).status_code == 303
    assert [row.state for row in _rows(hosted)] == [MessageState.KEPT]
    assert _letters(hosted) == []


def test_what_no_browser_sent_has_to_be_confirmed_with_the_time_that_takes(
    hosted: Application, slug: str, clock: ManualClock
) -> None:
    address = hosted.settings.base_url + hosted.sites.form_address(slug)
    asked = httpx2.post(address, data=FORM, timeout=10)
    assert asked.status_code == 422 and "/assets/site." in asked.text and "Do you bake on Sunday?" in asked.text
    assert _post(hosted, slug, FORM, **{"sec-fetch-mode": "cors"}).status_code == 422
    (stamp,) = re.findall(r'name="stamp" value="([^"]+)"', asked.text)
    assert httpx2.post(address, data={**FORM, "stamp": stamp}, timeout=10).status_code == 422  # within three seconds
    assert _rows(hosted) == []
    clock.advance(timedelta(seconds=5))
    assert httpx2.post(address, data={**FORM, "stamp": stamp}, timeout=10).status_code == 303
    assert len(_rows(hosted)) == 1


def test_behind_a_trusted_proxy_visitors_are_told_apart_and_what_they_claim_is_not_believed(
    hosted: Application, slug: str
) -> None:
    for number in range(7):  # as a proxy on this machine passes them on, who each claim to be somebody else
        claimed = f"198.51.100.{number}, 203.0.113.7"
        status = _post(hosted, slug, FORM, **{"x-forwarded-for": claimed}).status_code
        assert status == (303 if number < 5 else 429)
    assert _post(hosted, slug, FORM, **{"x-forwarded-for": "203.0.113.8"}).status_code == 303


def test_without_a_trusted_proxy_nobody_is_who_they_claim_to_be(
    clean_database: str, tmp_path: Path, clock: ManualClock
) -> None:
    made = Dashboard()
    with serve(as_server(made), forwarded_allow_ips="192.0.2.1") as url:
        settings = Settings(_env_file=None, var_dir=tmp_path / "var", database_url=None, public_url=url)
        app = bootstrap.build(settings, url=clean_database, clock=clock)
        made.apps[:] = [app]
        slug = published(app)[0].slug
        for number in range(7):
            status = _post(app, slug, FORM, **{"x-forwarded-for": f"203.0.113.{number}"}).status_code
            assert status == (303 if number < 5 else 429)
        app.close()


def test_two_hundred_at_once_are_all_answered_and_no_more_kept_than_a_site_takes(
    hosted: Application, slug: str
) -> None:
    def send(number: int) -> int:
        answer = _post(hosted, slug, FORM, **{"x-forwarded-for": f"203.0.113.{number}"})
        assert answer.status_code == 303 or ("Do you bake on Sunday?" in answer.text and "/assets/site." in answer.text)
        return answer.status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = Counter(pool.map(send, range(200)))
    assert statuses == {303: 60, 429: 140}
    assert len(_rows(hosted)) == 60


@pytest.fixture
def mailing(
    answering: Dashboard, clean_database: str, tmp_path: Path, clock: ManualClock
) -> Iterator[tuple[Application, MailServer]]:
    """An application whose letters leave through a real mail server."""
    with running_mail_server() as mail:
        settings = Settings(
            _env_file=None, var_dir=tmp_path / "var", database_url=None, public_url=answering.url,
            execution_enabled=True, execution_dry_run=False, smtp_host="127.0.0.1", smtp_port=mail.port,
            smtp_security="none", email_from="sites@example.com",
        )  # fmt: skip
        app = bootstrap.build(settings, url=clean_database, clock=clock)
        app.guardrails.ensure()
        answering.apps[:] = [app]
        yield app, mail
        app.close()


def test_a_message_goes_through_the_mail_server_and_cannot_add_to_its_head(
    mailing: tuple[Application, MailServer],
) -> None:
    app, mail = mailing
    slug = published(app)[0].slug
    said = "Hello\r\n.\r\nMAIL FROM:<x@example.com>\r\nBcc: all@example.com\n\nSubject: other"
    assert _post(app, slug, {**FORM, "message": said}).status_code == 303
    assert _deliver(app) == ["sent"]
    ((to, letter),) = mail.accepted
    assert to == ["owner@example.com"] and "Bcc" not in letter
    assert (letter["Reply-To"], letter["From"]) == ("ravi@example.org", "sites@example.com")
    head, _, _ = mail.raw[0].replace(b"\r\n", b"\n").partition(b"\n\n")
    assert b"other" not in head and b"all@example.com" not in head and head.lower().count(b"\nsubject:") <= 1
    assert "MAIL FROM:<x@example.com>" in letter.get_content()


def test_a_message_stays_when_the_mail_server_takes_none(mailing: tuple[Application, MailServer]) -> None:
    app, mail = mailing
    mail.answers["owner@example.com"] = "550 No such user"
    slug = published(app)[0].slug
    assert _post(app, slug, FORM).status_code == 303  # the visitor is told at once
    assert _deliver(app) == ["failed"]
    (row,) = _rows(app)
    assert row.text == FORM["message"] and "550" in row.words
    mail.answers["owner@example.com"] = "452 Try later"
    assert _post(app, slug, {**FORM, "message": "Once more"}).status_code == 303
    assert _deliver(app)[-1] == "waiting"  # tried again by a worker
    del mail.answers["owner@example.com"]
    assert _deliver(app)[-1] == "sent"
    assert [letter["Reply-To"] for _, letter in mail.accepted] == ["ravi@example.org"]


def test_verification_sends_its_message_once_and_again_only_when_it_did_not_arrive(app: Application) -> None:
    slug = published(app)[0].slug
    form = {**FORM, "message": f"This checks the form. verification-{'0b' * 16}"}
    first = app.site_messages.receive(slug, form, address="203.0.113.7")
    assert app.site_messages.receive(slug, form, address="203.0.113.8") == first
    with app.database.begin() as uow:
        uow.session.execute(update(SiteMessageRow).values(state=MessageState.FAILED))
    assert app.site_messages.receive(slug, form, address="203.0.113.7") != first
