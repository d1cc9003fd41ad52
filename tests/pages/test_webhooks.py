"""The webhooks page, and the choice on My profile: what an admin and a reader do there, and what they are told."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.guardrails.limits import ExecutionMode
from core.notifications.rules import PAUSES, WebhookEvent
from core.notifications.signing import headers
from core.notifications.slots import Every, Preference
from pages.components.webhook_dialogs import _VERIFY
from tests.doubles.webhook_receiver import Receiver, running_receiver
from tests.pages.conftest import Visit


def said(screen: AppTest) -> str:
    return " ".join(one.value for one in [*screen.markdown, *screen.info, *screen.warning, *screen.caption])


@pytest.fixture
def receiver() -> object:
    with running_receiver() as running:
        yield running


def test_empty_page_says_what_it_is_for(admin: Actor, visit: Visit) -> None:
    assert "Programs can be called" in said(visit("webhooks", admin))


def test_example_of_verifying_verifies() -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    sent = headers(secret, "msg_1", int(time.time()), b"{}")
    names = {"base64": base64, "hmac": hmac, "time": time, "secret": secret, "headers": sent, "body": b"{}"}
    exec(_VERIFY, names)
    with pytest.raises(AssertionError):
        exec(_VERIFY, {**names, "body": b"{ }"})


def test_page_says_what_waits_in_preview_and_who_is_not_reached(
    app: Application, admin: Actor, visit: Visit, receiver: Receiver, clock: ManualClock
) -> None:
    made = app.webhooks.add(admin, url=f"{receiver.url}/in", events=WebhookEvent, description="Chat <b>room</b>")
    for _ in range(2):
        app.webhooks.send_test(admin, made.webhook_id)
    app.webhook_deliveries.deliver_due()
    assert "2 deliveries wait until an admin turns it on" in said(visit("webhooks", admin))

    app.guardrails.set_mode(admin, ExecutionMode.ON)
    receiver.answers = [(500, "<script>alert(1)</script>", {})]
    app.webhook_deliveries.deliver_due()
    assert "1 webhook in use, 1 cannot be reached." in said(visit("webhooks", admin))

    receiver.answers = [(410, "", {})]
    clock.advance(PAUSES[0])
    app.webhook_deliveries.deliver_due()
    assert "No webhook is in use, 1 switched off." in said(visit("webhooks", admin))
    assert "It answered 410" in said(visit("webhooks", admin, webhook=str(made.webhook_id)))


def test_webhook_is_tested_switched_off_and_a_delivery_sent_again(
    app: Application, admin: Actor, visit: Visit, receiver: Receiver
) -> None:
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    made = app.webhooks.add(admin, url=f"{receiver.url}/in", events=WebhookEvent)
    screen = visit("webhooks", admin, webhook=str(made.webhook_id))
    screen.button(key="test").click().run()
    assert app.schedule_queries.runs(job="deliver_webhooks")
    app.webhook_deliveries.deliver_due()

    (delivery,), _ = app.notifications_queries.deliveries(admin, made.webhook_id)
    screen = visit("webhooks", admin, webhook=str(made.webhook_id), delivery=str(delivery.id))
    screen.button(key="again").click().run()
    app.webhook_deliveries.deliver_due()
    assert len(receiver.received) == 2

    screen = visit("webhooks", admin, webhook=str(made.webhook_id))
    screen.button(key="switch").click().run()
    assert not app.notifications_queries.webhook(admin, made.webhook_id).active
    assert "Switched off by Asha." in said(screen)


def test_webhook_and_delivery_that_are_not_there_are_no_error(app: Application, admin: Actor, visit: Visit) -> None:
    made = app.webhooks.add(admin, url="https://example.com", events=WebhookEvent)
    for query in ({"webhook": str(uuid4())}, {"webhook": "x"}, {"webhook": str(made.webhook_id), "delivery": "x"},
                  {"webhook": str(made.webhook_id), "delivery": str(uuid4())}):  # fmt: skip
        screen = visit("webhooks", admin, **query)
        assert not screen.exception
        assert not screen.error


def test_reader_chooses_how_often_they_are_told(app: Application, person: Callable[..., Actor], visit: Visit) -> None:
    operator = person(Role.OPERATOR)
    screen = visit("profile", operator)
    assert screen.selectbox(key="digest-hour").value == 8
    screen.selectbox(key="digest-hour").set_value(14).run()
    assert app.notifications_queries.preference(operator).preference == Preference(Every.DAILY, 14, "UTC")

    screen.button_group(key="digest-every").set_value(Every.OFF).run()
    assert app.notifications_queries.preference(operator).preference.every is Every.OFF
    assert "Nothing is sent to you." in said(screen)


def test_who_decides_nothing_is_not_asked(person: Callable[..., Actor], visit: Visit) -> None:
    assert "Tell me what waits" not in [one.value for one in visit("profile", person(Role.USER)).header]
    assert "Tell me what waits" in [one.value for one in visit("profile", person(Role.COUNCIL)).header]
