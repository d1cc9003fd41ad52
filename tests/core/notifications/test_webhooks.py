"""Who may have webhooks, what they are told, and that their secrets are nowhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import InvalidInput, NotAllowed, NotFound
from core.notifications import rules
from core.notifications.rules import (
    DeliveryState,
    DeliveryUnderWay,
    TooManyWebhooks,
    WebhookEvent,
    WebhookInactive,
    action_event,
)
from core.notifications.webhooks import NewSecret
from tests.core.notifications.conftest import Propose, advance
from tests.doubles.webhook_receiver import Receiver

Subscribe = Callable[..., NewSecret]


def test_only_admins_have_webhooks(
    app: Application, admin: Actor, person: Callable[..., Actor], subscribe: Subscribe
) -> None:
    made = subscribe()
    for actor in (person(Role.OPERATOR), person(Role.COUNCIL), person(Role.ANALYST), person(Role.USER)):
        for refused in (
            lambda actor=actor: app.webhooks.add(actor, url="https://example.com", events=WebhookEvent),
            lambda actor=actor: app.webhooks.change(actor, made.webhook_id, active=False),
            lambda actor=actor: app.webhooks.renew_secret(actor, made.webhook_id),
            lambda actor=actor: app.webhooks.send_test(actor, made.webhook_id),
            lambda actor=actor: app.webhooks.retry(actor, made.webhook_id, uuid4()),
            lambda actor=actor: app.notifications_queries.webhooks(actor),
            lambda actor=actor: app.notifications_queries.webhook(actor, made.webhook_id),
            lambda actor=actor: app.notifications_queries.deliveries(actor, made.webhook_id),
        ):
            with pytest.raises(NotAllowed):
                refused()
    assert app.notifications_queries.webhook(admin, made.webhook_id).active


def test_secret_is_in_no_table_no_log_no_audit_and_no_view(
    app: Application, admin: Actor, live: None, propose: Propose, receiver: Receiver, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    made = app.webhooks.add(admin, url=f"{receiver.url}/hook?key=in-the-address", events=WebhookEvent)
    renewed = app.webhooks.renew_secret(admin, made.webhook_id)
    app.webhooks.send_test(admin, made.webhook_id)
    receiver.answers = [(500, "no", {})]
    propose()
    app.webhook_deliveries.deliver_due()

    with app.database.reading() as session:
        names = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        stored = {name: str(session.execute(text(f"SELECT * FROM {name}")).all()) for name in names}
    view = repr(app.notifications_queries.webhooks(admin))
    said = caplog.text + "".join(capsys.readouterr()) + view + repr(made)
    for secret in (made.secret, renewed.secret):
        bare = secret.removeprefix("whsec_")
        assert all(bare not in rows for rows in stored.values())
        assert bare not in said
    assert "in-the-address" not in stored["audit_entries"] + view
    assert made.secret != renewed.secret


def test_events_and_words_are_checked(app: Application, admin: Actor, subscribe: Subscribe) -> None:
    wrongs: list[dict[str, Any]] = [
        {"events": []},
        {"description": "a" * 201},
        {"description": "two\x07bells"},
        {"url": "http://169.254.169.254/"},
    ]
    for wrong in wrongs:
        with pytest.raises(InvalidInput):
            app.webhooks.add(admin, **{"url": "https://example.com", "events": list(WebhookEvent), **wrong})
    with pytest.raises(InvalidInput):
        app.webhooks.change(admin, subscribe().webhook_id, events=[])
    with pytest.raises(NotFound):
        app.webhooks.change(admin, uuid4(), active=False)
    assert len(app.notifications_queries.webhooks(admin)) == 1


def test_there_is_a_most(app: Application, admin: Actor, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.notifications.webhooks.MAX_WEBHOOKS", 2)
    subscribe()
    subscribe()
    with pytest.raises(TooManyWebhooks):
        subscribe()


def test_every_change_is_in_the_audit(app: Application, admin: Actor, subscribe: Subscribe) -> None:
    made = subscribe()
    app.webhooks.change(admin, made.webhook_id, events=[WebhookEvent.ACTION_FAILED])
    app.webhooks.change(admin, made.webhook_id, active=False)
    app.webhooks.change(admin, made.webhook_id, active=False)
    app.webhooks.renew_secret(admin, made.webhook_id)

    entries = app.audit_queries.entries(subject=f"webhook:{made.webhook_id}")
    assert [entry.event for entry in entries] == [
        "webhook.secret_renewed", "webhook.changed", "webhook.changed", "webhook.added",
    ]  # fmt: skip
    assert entries[1].after == {
        "host": entries[1].after and entries[1].after["host"], "description": "Chat room",
        "events": ["action.failed"], "active": False, "because": "Switched off by Asha.",
    }  # fmt: skip


def test_switched_off_it_drops_what_waits_and_on_again_it_hears_what_comes(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    made = subscribe()
    propose("before")
    app.webhook_deliveries.collect()
    app.webhooks.change(admin, made.webhook_id, active=False)
    propose("meanwhile")
    assert app.webhook_deliveries.deliver_due().delivered == 0
    (dropped,), _ = app.notifications_queries.deliveries(admin, made.webhook_id)
    assert dropped.state is DeliveryState.DROPPED
    with pytest.raises(WebhookInactive):
        app.webhooks.send_test(admin, made.webhook_id)
    with pytest.raises(WebhookInactive):
        app.webhooks.retry(admin, made.webhook_id, dropped.id)

    app.webhooks.change(admin, made.webhook_id, active=True)
    propose("after")
    app.webhook_deliveries.deliver_due()

    assert [one.json["data"]["action"]["title"] for one in receiver.received] == ["after"]
    app.webhooks.retry(admin, made.webhook_id, dropped.id)
    app.webhook_deliveries.deliver_due()
    assert receiver.received[-1].json["data"]["action"]["title"] == "before"


def test_delivery_of_another_webhook_is_not_found(
    app: Application, admin: Actor, live: None, propose: Propose, subscribe: Subscribe, receiver: Receiver
) -> None:
    one, other = subscribe(), subscribe()
    propose()
    app.webhook_deliveries.deliver_due()
    (delivery,), _ = app.notifications_queries.deliveries(admin, one.webhook_id)
    with pytest.raises(NotFound):
        app.webhooks.retry(admin, other.webhook_id, delivery.id)


def test_retry_of_what_was_not_tried_yet_is_refused(
    app: Application, admin: Actor, propose: Propose, subscribe: Subscribe
) -> None:
    made = subscribe()
    propose()
    app.webhook_deliveries.collect()
    (delivery,), _ = app.notifications_queries.deliveries(admin, made.webhook_id)
    with pytest.raises(DeliveryUnderWay):
        app.webhooks.retry(admin, made.webhook_id, delivery.id)


def test_test_event_says_that_it_is_one(
    app: Application, admin: Actor, live: None, subscribe: Subscribe, receiver: Receiver
) -> None:
    app.webhooks.send_test(admin, subscribe(WebhookEvent.ACTION_FAILED).webhook_id)
    app.webhook_deliveries.deliver_due()
    (sent,) = receiver.received
    assert sent.json["type"] == "webhook.test"
    assert "Asha tests" in sent.json["data"]["message"]


@pytest.mark.parametrize(
    ("entry", "state", "event"),
    [
        ("action.proposed", "pending", WebhookEvent.DECISION_WAITING),
        ("action.drifted", "pending", WebhookEvent.DECISION_WAITING),
        ("action.edited", "pending", WebhookEvent.DECISION_WAITING),
        ("action.approved", "approved", WebhookEvent.ACTION_APPROVED),
        ("action.rejected", "rejected", WebhookEvent.ACTION_REJECTED),
        ("action.executed", "executed", WebhookEvent.ACTION_EXECUTED),
        ("action.failed", "failed", WebhookEvent.ACTION_FAILED),
        ("action.stopped", "failed", WebhookEvent.ACTION_FAILED),
        ("action.stopped", "expired", WebhookEvent.ACTION_EXPIRED),
        ("action.unknown", "unknown", WebhookEvent.ACTION_UNKNOWN),
        ("action.resolved", "executed", WebhookEvent.ACTION_EXECUTED),
        ("action.expired", "expired", WebhookEvent.ACTION_EXPIRED),
        ("action.voted", "pending", None),
        ("action.snoozed", None, None),
        ("action.retried", "approved", None),
        ("action.deferred", "approved", None),
        ("action.put_off", "approved", None),
        ("action.rerouted", "pending", WebhookEvent.DECISION_WAITING),
        ("decision.escalated", None, WebhookEvent.DECISION_WAITING),
        ("decision.closed", "approved", None),
        ("user.added", "pending", None),
        ("webhook.added", None, None),
    ],
)
def test_entries_of_the_audit_mean_events(entry: str, state: str | None, event: WebhookEvent | None) -> None:
    assert action_event(entry, {"state": state} if state else None) is event


def test_tries_are_spread_over_a_day() -> None:
    total = sum(pause.total_seconds() for pause in rules.PAUSES) / 3600
    assert rules.MAX_TRIES == 8
    assert 22 < total < 25
    assert list(rules.PAUSES) == sorted(rules.PAUSES)


def test_deliveries_are_forgotten_after_a_while(
    app: Application, admin: Actor, live: None, clock: ManualClock, propose: Propose, subscribe: Subscribe,
    receiver: Receiver,
) -> None:  # fmt: skip
    made = subscribe()
    propose()
    app.webhook_deliveries.deliver_due()
    advance(clock, days=31)
    propose()
    app.webhook_deliveries.collect()

    assert app.webhook_deliveries.forget(ended_before=clock.now()) == 1
    assert app.notifications_queries.deliveries(admin, made.webhook_id)[1] == 1
    assert json.loads(receiver.received[0].body)
