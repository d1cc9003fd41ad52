"""Each event reaches each webhook once, signed, or is tried for a day; whoever dies, whoever lies."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.guardrails.limits import ExecutionMode
from core.notifications.delivery import WebhookDeliveries
from core.notifications.posting import Answered, Poster
from core.notifications.queries import DeliveryView
from core.notifications.rules import PAUSES, DeliveryState, WebhookEvent
from core.notifications.webhooks import NewSecret
from tests.core.notifications.conftest import Propose
from tests.doubles.mail_server import self_signed
from tests.doubles.webhook_receiver import Received, Receiver, running_receiver

Subscribe = Callable[..., NewSecret]


def deliveries(app: Application, admin: Actor, made: NewSecret) -> list[DeliveryView]:
    """Oldest first."""
    return list(app.notifications_queries.deliveries(admin, made.webhook_id, limit=100)[0])[::-1]


def verifies(received: Received, secret: str) -> bool:
    """As the specification tells receivers to do it."""
    sent = received.headers
    signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + received.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in sent["webhook-signature"].split(" ")


def test_life_of_a_card_is_told_in_order_and_signed(
    app: Application, admin: Actor, operator: Actor, live: None, propose: Propose, subscribe: Subscribe,
    receiver: Receiver, clock: ManualClock,
) -> None:  # fmt: skip
    propose("from before the webhook")
    made = subscribe(path="/hook?key=1")
    action_id = propose("Send a reminder")
    app.actions.reject(operator, action_id, "They paid")

    report = app.webhook_deliveries.deliver_due()

    assert (report.collected, report.delivered, report.failed) == (3, 3, 0)
    assert receiver.types() == ["decision.waiting", "decision.closed", "action.rejected"]
    assert all(verifies(one, made.secret) for one in receiver.received)
    assert not verifies(receiver.received[0], "whsec_" + base64.b64encode(b"0" * 32).decode())
    first, closed, last = receiver.received
    assert first.headers["webhook-id"] != last.headers["webhook-id"]
    assert first.headers["content-type"] == "application/json"
    assert first.headers["host"] == receiver.url.removeprefix("http://")
    assert int(first.headers["webhook-timestamp"]) == int(clock.now().timestamp())
    told = last.json["data"]
    assert told["action"]["id"] == str(action_id)
    assert told["action"]["status"] == "rejected"
    assert told["by"] == {"kind": "person", "name": "Omar"}
    assert closed.json["data"]["decision"]["result"] == "rejected"
    assert closed.json["data"]["action"]["title"] == "Send a reminder"
    assert told["action"]["url"].endswith(f"/inbox?card={action_id}")
    assert app.webhook_deliveries.deliver_due().delivered == 0


def test_each_webhook_hears_what_it_asked_for_and_nothing_of_sample_cards(
    app: Application, operator: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    subscribe(WebhookEvent.ACTION_REJECTED, path="/rejected")
    subscribe(WebhookEvent.DECISION_WAITING, path="/waiting")
    action_id = propose()
    propose("invented", sample=True)
    app.actions.reject(operator, action_id, "no")

    app.webhook_deliveries.deliver_due()

    assert sorted((one.path, one.json["type"]) for one in receiver.received) == [
        ("/rejected", "action.rejected"), ("/waiting", "decision.waiting"),
    ]  # fmt: skip


def test_card_that_a_rule_approves_waits_for_nobody(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    app.guardrails.change(admin, {"automatic": True, "automatic_operations": ["email_send"]})
    subscribe()
    propose()
    app.webhook_deliveries.deliver_due()

    assert receiver.types() == ["action.approved"]


@pytest.mark.parametrize("mode", [ExecutionMode.OFF, ExecutionMode.PREVIEW])
def test_nothing_leaves_the_machine_until_execution_is_on(
    app: Application, admin: Actor, propose: Propose, subscribe: Subscribe, receiver: Receiver, mode: ExecutionMode
) -> None:
    app.guardrails.set_mode(admin, mode)
    made = subscribe()
    propose()
    app.webhooks.send_test(admin, made.webhook_id)

    report = app.webhook_deliveries.deliver_due()

    assert (report.delivered, report.failed, report.waits) == (0, 0, True)
    assert not receiver.received
    assert [one.attempts for one in deliveries(app, admin, made)] == [0, 0]
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    assert app.webhook_deliveries.deliver_due().delivered == 2


def test_kill_switch_holds_between_two_calls(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    subscribe()
    propose()
    propose()

    class Stopping(Poster):
        def post(self, *arguments: Any) -> Answered:
            app.guardrails.set_mode(admin, ExecutionMode.OFF)
            return super().post(*arguments)

    report = WebhookDeliveries(app.database, app.settings, Stopping(timeout=5)).deliver_due()

    assert (report.delivered, report.waits, len(receiver.received)) == (1, True, 1)


def test_failure_is_tried_again_after_growing_pauses_under_the_same_id(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, subscribe: Subscribe,
    receiver: Receiver,
) -> None:  # fmt: skip
    made = subscribe()
    receiver.answers = [(500, "we are <b>down</b>", {}), (200, "", {})]
    propose()
    assert app.webhook_deliveries.deliver_due().failed == 1
    assert app.webhook_deliveries.deliver_due().failed == 0  # not before its time
    (waiting,) = deliveries(app, admin, made)
    assert (waiting.state, waiting.status, waiting.attempts) == (DeliveryState.WAITING, 500, 1)
    assert (waiting.answer, waiting.error) == ("we are <b>down</b>", "It answered 500.")

    clock.advance(PAUSES[0])
    assert app.webhook_deliveries.deliver_due().delivered == 1

    (done,) = deliveries(app, admin, made)
    assert (done.state, done.attempts, done.error) == (DeliveryState.DELIVERED, 2, "")
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert verifies(second, made.secret)
    assert app.notifications_queries.webhook(admin, made.webhook_id).failures == 0


def test_webhook_that_nothing_reaches_for_a_day_is_switched_off_in_words(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, subscribe: Subscribe,
    receiver: Receiver,
) -> None:  # fmt: skip
    made = subscribe()
    receiver.answers = [(503, "", {})]
    propose("first")
    for pause in PAUSES:
        app.webhook_deliveries.deliver_due()
        clock.advance(pause)
    propose("second")
    app.webhook_deliveries.deliver_due()

    webhook = app.notifications_queries.webhook(admin, made.webhook_id)
    first, second = deliveries(app, admin, made)
    assert not webhook.active
    assert webhook.inactive_because == (
        "Switched off by the installation: 8 tries in a row failed. It answered 503."
    )  # fmt: skip
    assert (first.state, first.attempts) == (DeliveryState.FAILED, 8)
    assert second.state is DeliveryState.DROPPED
    assert len(receiver.received) == 8
    assert app.audit_queries.entries(event="webhook.switched_off")


def test_webhook_that_others_reached_meanwhile_stays_on(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, subscribe: Subscribe,
    receiver: Receiver,
) -> None:  # fmt: skip
    made = subscribe()
    receiver.answers = [(400, "", {})]
    propose("the receiver cannot read this one")
    for pause in PAUSES:
        app.webhook_deliveries.deliver_due()
        clock.advance(pause)
    receiver.answers = [(200, "", {})]
    app.webhooks.send_test(admin, made.webhook_id)
    with app.database.begin() as uow:  # the test first, then the last try of the card, which fails
        uow.session.connection().exec_driver_sql(
            "UPDATE webhook_deliveries SET next_try_at = next_try_at - interval '1 day' WHERE event = 'webhook.test'"
        )
    receiver.answers = [(200, "", {}), (400, "", {})]
    app.webhook_deliveries.deliver_due()

    webhook = app.notifications_queries.webhook(admin, made.webhook_id)
    card, test = deliveries(app, admin, made)
    assert (card.state, test.state) == (DeliveryState.FAILED, DeliveryState.DELIVERED)
    assert webhook.active


def test_gone_switches_off_at_once(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    made = subscribe()
    receiver.answers = [(410, "", {})]
    propose()
    app.webhook_deliveries.deliver_due()

    webhook = app.notifications_queries.webhook(admin, made.webhook_id)
    assert not webhook.active
    assert "410" in webhook.inactive_because


def test_redirect_is_not_followed(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    made = subscribe()
    receiver.answers = [(307, "", {"location": f"{receiver.url}/elsewhere"})]
    propose()
    app.webhook_deliveries.deliver_due()

    (one,) = deliveries(app, admin, made)
    assert one.error == "It answered 307: another address, and redirects are not followed."
    assert [received.path for received in receiver.received] == ["/hook"]


def test_answer_is_kept_short_and_without_control_characters(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    made = subscribe()
    receiver.answers = [(500, "\x1b[31mred\u202e\r\n" + "ü" * 100_000, {})]
    propose()
    app.webhook_deliveries.deliver_due()

    (one,) = deliveries(app, admin, made)
    assert len(one.answer) <= 500
    assert one.answer.startswith("[31mred")
    assert one.answer.isprintable()


def test_name_that_leads_to_metadata_by_now_is_not_called(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The name was harmless when the webhook was added; DNS says something else since."""
    made = subscribe(url="http://hooks.example/in")
    place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))
    monkeypatch.setattr("core.connectors.transports.addresses.socket.getaddrinfo", lambda *_, **__: [place])
    propose()
    app.webhook_deliveries.deliver_due()

    (one,) = deliveries(app, admin, made)
    assert one.error == "hooks.example leads to 169.254.169.254, where no call may go. Nothing was sent."


def test_connection_goes_to_the_address_that_was_checked(
    app: Application, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A name that answers differently the second time leads nowhere else: it is asked once."""
    port = int(receiver.url.rpartition(":")[2])
    subscribe(url=f"http://hooks.example:{port}/in")
    asked: list[str] = []
    real = socket.getaddrinfo

    def answers(host: str, *more: Any, **named: Any) -> Any:
        if host == "hooks.example":
            asked.append(host)
            return real("127.0.0.1", port, type=socket.SOCK_STREAM)
        return real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    propose()

    assert app.webhook_deliveries.deliver_due().delivered == 1
    assert asked == ["hooks.example"]
    assert receiver.received[0].headers["host"] == f"hooks.example:{port}"


def test_slow_and_unreachable_receivers_say_so_and_do_not_stop_the_others(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        slow = subscribe(url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            gone = f"http://127.0.0.1:{free.getsockname()[1]}/"
        dead, nameless, well = subscribe(url=gone), subscribe(url="http://nobody.invalid/"), subscribe()
        propose()
        propose()

        report = WebhookDeliveries(app.database, app.settings, Poster(timeout=0.3)).deliver_due()

    assert (report.delivered, report.failed) == (2, 3)  # each in trouble is asked once in a run
    assert "did not answer within 0.3 seconds" in deliveries(app, admin, slow)[0].error
    assert "could not be reached" in deliveries(app, admin, dead)[0].error
    assert "not known here" in deliveries(app, admin, nameless)[0].error
    assert all(one.state is DeliveryState.DELIVERED for one in deliveries(app, admin, well))


def test_worker_that_dies_in_the_call_leaves_a_try_that_is_made_again(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, subscribe: Subscribe,
    receiver: Receiver,
) -> None:  # fmt: skip
    class Killed(BaseException):
        """As a SIGKILL: nothing after it runs."""

    class Dying(Poster):
        def post(self, *arguments: Any) -> Answered:
            super().post(*arguments)
            raise Killed

    made = subscribe()
    propose()
    with pytest.raises(Killed):
        WebhookDeliveries(app.database, app.settings, Dying(timeout=5)).deliver_due()
    (left,) = deliveries(app, admin, made)
    assert (left.state, left.attempts) == (DeliveryState.WAITING, 1)
    assert app.webhook_deliveries.deliver_due().delivered == 0

    clock.advance(PAUSES[0])
    assert app.webhook_deliveries.deliver_due().delivered == 1

    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_two_workers_send_each_event_once(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    webhooks = [subscribe(path=f"/{number}") for number in range(3)]
    for number in range(8):
        propose(f"card {number}")
    start = threading.Barrier(4)

    def work(_: int) -> int:
        start.wait()
        return app.webhook_deliveries.deliver_due().delivered

    with ThreadPoolExecutor(4) as pool:
        delivered = sum(pool.map(work, range(4)))
    delivered += app.webhook_deliveries.deliver_due().delivered

    assert delivered == len(receiver.received) == 24
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 24
    assert len({(one.path, one.json["data"]["event_id"]) for one in receiver.received}) == 24
    assert all(len(deliveries(app, admin, made)) == 8 for made in webhooks)


def test_cursor_and_deliveries_are_written_together(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = subscribe()
    for _ in range(5):
        propose()
    monkeypatch.setattr("core.notifications.delivery._ENTRIES_AT_ONCE", 2)

    assert app.webhook_deliveries.collect() == 5
    assert app.webhook_deliveries.collect() == 0
    assert len({one.event_id for one in deliveries(app, admin, made)}) == 5


def test_secret_that_would_be_another_signs_nothing(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    made = subscribe()
    (app.settings.var_dir / "secret_key").write_text("restored from nowhere")
    propose()
    app.webhook_deliveries.deliver_due()

    (one,) = deliveries(app, admin, made)
    assert not receiver.received
    assert "Make a new secret" in one.error

    renewed = app.webhooks.renew_secret(admin, made.webhook_id)
    app.webhooks.retry(admin, made.webhook_id, one.id)
    app.webhook_deliveries.deliver_due()
    assert verifies(receiver.received[0], renewed.secret)


def test_tls_is_verified_for_the_name_and_not_for_the_address(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The certificate is for 127.0.0.1, which is where both webhooks lead; only one of them says so."""
    _, certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **named: real(
            "127.0.0.1" if host == "hooks.example" else host, *more, **named
        )
    )  # fmt: skip
    files = {"ssl_certfile": str(certificate), "ssl_keyfile": str(tmp_path / "key.pem")}
    with running_receiver(**files) as trusted:
        address = trusted.url.replace("http://", "https://")
        right, wrong = subscribe(url=address), subscribe(url=address.replace("127.0.0.1", "hooks.example"))
        propose()
        report = app.webhook_deliveries.deliver_due()

    assert (report.delivered, report.failed, len(trusted.received)) == (1, 1, 1)
    assert deliveries(app, admin, right)[0].state is DeliveryState.DELIVERED
    assert "certificate" in deliveries(app, admin, wrong)[0].error


def test_plain_server_is_no_tls_server(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    made = subscribe(url=receiver.url.replace("http://", "https://"))
    propose()
    app.webhook_deliveries.deliver_due()

    assert "could not be reached" in deliveries(app, admin, made)[0].error
    assert not receiver.received


def test_guardrails_that_cannot_be_read_let_nothing_out(
    app: Application, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    subscribe()
    propose()
    with app.database.begin() as uow:
        uow.session.connection().exec_driver_sql("UPDATE guardrails SET policy = '{}'")

    assert app.webhook_deliveries.deliver_due().waits
    assert not receiver.received
