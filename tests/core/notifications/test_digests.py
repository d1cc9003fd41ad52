"""Each person who decides is told once what waits for them, at their hour, and nobody else's trouble keeps it from them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import text

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import Message, Receipt
from core.connectors.transports.smtp import Smtp
from core.errors import InvalidInput, NotAllowed
from core.guardrails.limits import ExecutionMode
from core.notifications.service import NotificationService
from core.notifications.slots import DigestState, Every
from core.settings import Settings
from tests.core.notifications.conftest import AGENT, Propose, advance
from tests.doubles.mail_server import MailServer, running_mail_server


@pytest.fixture
def clock() -> ManualClock:
    """Before the slot of the day, so that what is proposed first waits for it."""
    return ManualClock(datetime(2026, 1, 5, 7, 0, tzinfo=UTC))


def outbox(app: Application) -> list[EmailMessage]:
    files = sorted(app.settings.outbox_dir.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def to(app: Application, actor: Actor) -> list[EmailMessage]:
    assert actor.user_id is not None
    person = app.identity_queries.person(actor.user_id)
    assert person is not None
    return [message for message in outbox(app) if message["To"] == person.email]


def body(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def states(app: Application) -> list[tuple[str, int]]:
    with app.database.reading() as session:
        return [tuple(row) for row in session.execute(text("SELECT state, attempts FROM digests ORDER BY slot, id"))]


# -- who and when -----------------------------------------------------------------------------------------------------


def test_operator_is_told_at_eight_what_waits(
    app: Application, operator: Actor, clock: ManualClock, propose: Propose
) -> None:
    action_id = propose("Send a reminder to Meridian")
    app.notifications.send_due()
    assert to(app, operator) == []  # 08:00 is to come

    advance(clock, hours=1)
    app.notifications.send_due()
    app.notifications.send_due()

    (message,) = to(app, operator)
    assert message["Subject"] == "A decision waits: Send a reminder to Meridian"
    assert f"{app.settings.base_url}/inbox?card={action_id}" in body(message)
    last = app.notifications_queries.last_digest(operator)
    assert last is not None
    assert (last.state, last.items, last.road) == (DigestState.SENT, 1, "the outbox folder on this machine")


def test_nothing_new_is_no_mail(app: Application, operator: Actor, clock: ManualClock, propose: Propose) -> None:
    advance(clock, hours=2)
    app.notifications.send_due()
    assert outbox(app) == []

    propose("today", hours=24 * 9)
    advance(clock, minutes=30)
    app.notifications.send_due()
    assert outbox(app) == []  # the slot of today is done with

    advance(clock, days=1)
    app.notifications.send_due()
    assert len(to(app, operator)) == 1
    advance(clock, days=1)
    app.notifications.send_due()
    assert len(to(app, operator)) == 1  # it still waits, and that is no news


def test_what_comes_near_its_end_is_told_once_more(
    app: Application, operator: Actor, clock: ManualClock, propose: Propose
) -> None:
    propose("Pay", hours=24 * 3)
    for _ in range(3):
        advance(clock, days=1)
        app.notifications.send_due()

    first, second = to(app, operator)
    assert "Expires within" not in body(first)
    assert "Expires within 24 hours" in body(second)


def test_hourly_tells_what_is_new_and_does_not_repeat_what_ends_soon(
    app: Application, operator: Actor, clock: ManualClock, propose: Propose
) -> None:
    app.notifications.choose(operator, Every.HOURLY)
    propose("first", hours=10)
    for hour in range(4):
        advance(clock, minutes=30)
        if hour == 1:
            propose("second", hours=10)
        advance(clock, minutes=30)
        app.notifications.send_due()

    assert [("first" in body(one), "second" in body(one)) for one in to(app, operator)] == [(True, False), (True, True)]


def test_preference_is_in_the_readers_zone_and_begins_at_the_next_slot(
    app: Application, operator: Actor, clock: ManualClock, propose: Propose
) -> None:
    propose()
    app.notifications.choose(operator, Every.DAILY, hour=14, zone="Asia/Kolkata")  # 08:30 UTC
    advance(clock, minutes=85)
    app.notifications.send_due()
    assert to(app, operator) == []
    advance(clock, minutes=10)
    app.notifications.choose(operator, Every.DAILY, hour=14, zone="Asia/Kolkata")  # the same again changes nothing
    app.notifications.send_due()
    assert len(to(app, operator)) == 1
    assert "(Asia/Kolkata)" in body(to(app, operator)[0])


def test_off_is_off_and_the_choice_is_in_the_audit(
    app: Application, operator: Actor, clock: ManualClock, propose: Propose
) -> None:
    app.notifications.choose(operator, Every.OFF)
    propose()
    advance(clock, days=2)
    app.notifications.send_due()

    assert to(app, operator) == []
    (entry,) = app.audit_queries.entries(event="digest.chosen")
    assert entry.after == {"every": "off", "hour": 8, "zone": "UTC"}


def test_who_does_not_decide_is_not_told(
    app: Application, admin: Actor, person: Callable[..., Actor], clock: ManualClock, propose: Propose
) -> None:
    user, analyst, gone = person(Role.USER), person(Role.ANALYST), person(Role.OPERATOR)
    app.notifications.choose(user, Every.HOURLY)
    assert gone.user_id
    app.identity.change_user(admin, gone.user_id, active=False)
    with app.database.begin() as uow:
        sample = person(Role.OPERATOR)
        uow.session.execute(text("UPDATE users SET sample = true WHERE id = :id"), {"id": sample.user_id})
    propose()
    propose("invented", sample=True)
    advance(clock, days=1)

    app.notifications.send_due()

    assert [len(to(app, one)) for one in (admin, user, analyst, gone, sample)] == [1, 0, 0, 0, 0]
    assert "invented" not in body(to(app, admin)[0])


def test_own_proposal_does_not_wait_for_its_proposer(
    app: Application, admin: Actor, operator: Actor, clock: ManualClock
) -> None:
    params = {"to": ["a@example.com"], "subject": "s", "body": "b"}
    app.actions.propose(operator, "email_send", params, title="Mine")
    advance(clock, hours=1)
    app.notifications.send_due()

    assert (len(to(app, operator)), len(to(app, admin))) == (0, 1)


def test_only_people_choose_and_only_what_exists(app: Application, operator: Actor) -> None:
    with pytest.raises(NotAllowed):
        app.notifications.choose(AGENT, Every.DAILY)
    for hour, zone in ((25, "UTC"), (8, "Nowhere")):
        with pytest.raises(InvalidInput):
            app.notifications.choose(operator, Every.DAILY, hour=hour, zone=zone)
    assert not app.notifications_queries.preference(operator).chosen


# -- the road ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, mail: MailServer) -> Settings:
    """With a mail server; the outbox is the road only while nothing may leave."""
    server = {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_security": "none"}
    return settings.model_copy(update=server)


def test_live_goes_by_the_mail_server_and_preview_and_off_stay_here(
    app: Application, admin: Actor, operator: Actor, clock: ManualClock, propose: Propose, mail: MailServer
) -> None:
    for day, mode in enumerate((ExecutionMode.PREVIEW, ExecutionMode.OFF, ExecutionMode.ON)):
        app.guardrails.set_mode(admin, mode)
        propose(f"card {day}")
        advance(clock, days=1)
        app.notifications.send_due()
        assert len(to(app, operator)) == min(day + 1, 2), mode
        assert len(mail.accepted) == (2 if mode is ExecutionMode.ON else 0), mode  # Omar and Asha


def test_closed_channel_keeps_digests_here(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, mail: MailServer
) -> None:
    propose()
    app.guardrails.change(admin, {"channels": ["odoo"]})
    advance(clock, hours=1)
    assert app.notifications.send_due().sent == 1
    assert (len(mail.accepted), len(to(app, admin))) == (0, 1)
    advance(clock, minutes=30)
    assert app.notifications.settle_lost() == 0
    assert states(app) == [("sent", 1)]


def test_refused_address_is_recorded_and_keeps_nobody_from_their_mail(
    app: Application, admin: Actor, person: Callable[..., Actor], live: None, clock: ManualClock, propose: Propose,
    mail: MailServer,
) -> None:  # fmt: skip
    unlucky, lucky = person(Role.OPERATOR), person(Role.OPERATOR)
    assert unlucky.user_id
    found = app.identity_queries.person(unlucky.user_id)
    assert found
    mail.answers[found.email] = "550 no such mailbox"
    propose()
    advance(clock, hours=1)

    report = app.notifications.send_due()

    assert (report.sent, report.failed) == (2, 1)
    last = app.notifications_queries.last_digest(unlucky)
    assert last is not None
    assert last.state is DigestState.FAILED
    assert "550 no such mailbox" in last.words
    assert app.notifications_queries.last_digest(lucky)
    assert app.notifications.send_due().failed == 0  # not again before the next slot


def test_later_is_tried_again_and_given_up_after_three_times(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, mail: MailServer
) -> None:
    mail.at_data = "451 try later"
    propose(hours=24 * 9)
    advance(clock, hours=1)
    for _ in range(5):
        app.notifications.send_due()
        advance(clock, minutes=15)
    assert states(app) == [("deferred", 3)]

    mail.at_data = None
    advance(clock, days=1)
    app.notifications.send_due()
    assert len(mail.accepted) == 1  # the next digest still tells it
    assert states(app) == [("deferred", 3), ("sent", 1)]


class Killed(BaseException):
    """As a SIGKILL: nothing after it runs."""


@pytest.mark.parametrize("handed_over", [False, True])
def test_killed_between_intent_and_record_is_never_sent_twice(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, mail: MailServer,
    monkeypatch: pytest.MonkeyPatch, handed_over: bool,
) -> None:  # fmt: skip
    real = Smtp.send

    def dying(self: Smtp, message: Message, key: str) -> Receipt:
        if handed_over:
            real(self, message, key)
        raise Killed

    propose(hours=24 * 9)
    advance(clock, hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(Smtp, "send", dying)
        with pytest.raises(Killed):
            app.notifications.send_due()
    assert states(app) == [("sending", 1)]

    advance(clock, minutes=20)
    assert app.notifications.settle_lost() == 1
    app.notifications.send_due()
    assert states(app) == [("unknown", 1)]
    assert len(mail.accepted) == handed_over

    advance(clock, days=1)
    app.notifications.send_due()
    assert len(mail.accepted) == 1 + handed_over  # nothing waits unheard


def test_two_workers_send_each_person_one(
    app: Application, admin: Actor, person: Callable[..., Actor], live: None, clock: ManualClock, propose: Propose,
    mail: MailServer,
) -> None:  # fmt: skip
    people = [person(Role.OPERATOR) for _ in range(5)]
    propose()
    advance(clock, hours=1)
    start = threading.Barrier(3)

    def work(_: int) -> int:
        start.wait()
        return app.notifications.send_due().sent

    with ThreadPoolExecutor(3) as pool:
        sent = sum(pool.map(work, range(3)))

    assert sent == len(mail.accepted) == len(people) + 1
    assert len(set(mail.message_ids())) == len(people) + 1


def test_hostile_title_and_name_go_out_as_words(
    app: Application, admin: Actor, person: Callable[..., Actor], live: None, clock: ManualClock, propose: Propose,
    mail: MailServer,
) -> None:  # fmt: skip
    person(Role.OPERATOR, name='Eve" <eve@example.com>, "')
    propose("Pay\x0b\x85Bcc: all@example.com\u2028<script>alert(1)</script>")
    advance(clock, hours=1)

    assert app.notifications.send_due().sent == 2
    assert all(len(recipients) == 1 for recipients, _ in mail.accepted)
    for _, message in mail.accepted:
        assert message["Bcc"] is None
        html = message.get_body(("html",))
        assert html is not None
        assert "<script" not in html.get_content()


def test_crash_with_one_person_does_not_stop_the_run(
    app: Application, admin: Actor, operator: Actor, live: None, clock: ManualClock, propose: Propose,
    mail: MailServer, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    real = NotificationService._news

    def failing(self: NotificationService, reader: Any) -> Any:
        if reader.user.id == operator.user_id:
            raise RuntimeError("a fault of ours")
        return real(self, reader)

    monkeypatch.setattr(NotificationService, "_news", failing)
    propose()
    advance(clock, hours=1)

    report = app.notifications.send_due()

    assert (report.sent, report.failed, len(mail.accepted)) == (1, 1, 1)


def test_old_digests_are_forgotten_but_for_the_last_of_each_person(
    app: Application, admin: Actor, clock: ManualClock, propose: Propose
) -> None:
    for _ in range(3):
        propose()
        advance(clock, days=1)
        app.notifications.send_due()
    assert app.notifications.forget(made_before=clock.now()) == 2
    assert app.notifications_queries.last_digest(admin) is not None


def test_digests_take_the_usual_connection_and_its_sender(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, mail: MailServer
) -> None:
    with running_mail_server() as other:
        values = {"host": "127.0.0.1", "port": other.port, "security": "none", "sender": "Desk <desk@example.com>"}
        app.connections.add(admin, system="smtp", name="desk", values=values)
        propose()
        advance(clock, hours=1)

        assert app.notifications.send_due().sent == 1

        ((recipients, message),) = other.accepted
        assert message["From"] == "Desk <desk@example.com>" and len(recipients) == 1
        app.connectors.close()
    assert mail.accepted == []


def test_a_usual_connection_that_is_switched_off_sends_no_digest_by_another_road(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, mail: MailServer
) -> None:
    values = {"host": "127.0.0.1", "port": mail.port, "security": "none", "sender": "desk@example.com"}
    app.connections.add(admin, system="smtp", name="desk", values=values)
    propose()
    app.connections.switch(admin, "desk", on=False, because="moving house")
    advance(clock, hours=1)

    assert app.notifications.send_due().failed == 1

    last = app.notifications_queries.last_digest(admin)
    assert last is not None
    assert last.state is DigestState.FAILED and "switched off" in last.words and "moving house" in last.words
    assert mail.accepted == [] and to(app, admin) == []
