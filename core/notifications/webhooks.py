"""Commands on webhooks: add one, give it another secret, switch it off and on, test it, try a delivery again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.actor import Actor, Role
from core.audit import service as audit
from core.audit.tables import AuditEntry
from core.connectors.transports.addresses import checked_url, origin
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import InvalidInput, NotFound
from core.identifiers import new_id
from core.notifications.rules import (
    MAX_WEBHOOKS,
    TEST_EVENT,
    DeliveryState,
    DeliveryUnderWay,
    TooManyWebhooks,
    WebhookEvent,
    WebhookInactive,
)
from core.notifications.signing import fingerprint, new_salt, webhook_secret
from core.notifications.tables import Webhook, WebhookDelivery
from core.schedule.service import ScheduleService
from core.settings import Settings

DELIVER_WEBHOOKS = "deliver_webhooks"
"""The job that delivers (jobs/deliver_webhooks.py)."""

_ADDING = 0x57656248  # any constant that no other lock uses


@dataclass(frozen=True)
class NewSecret:
    """What a webhook's receiver is given; it is never shown again."""

    webhook_id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"NewSecret({self.webhook_id})"  # a secret has no place in a log


class WebhookService:
    def __init__(self, database: Database, schedule: ScheduleService, settings: Settings) -> None:
        self._database, self._schedule, self._settings = database, schedule, settings

    def add(self, actor: Actor, *, url: str, events: Iterable[WebhookEvent], description: str = "") -> NewSecret:
        """Tells `url` of `events` that happen from now on."""
        actor.must_have(Role.ADMIN, to="add webhooks")
        url, chosen, description = checked_url(url), _chosen(events), _described(description)
        with self._database.begin() as uow:
            uow.session.execute(select(func.pg_advisory_xact_lock(_ADDING)))
            if (uow.session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MAX_WEBHOOKS:
                raise TooManyWebhooks(most=MAX_WEBHOOKS)
            webhook = Webhook(
                id=new_id(), url=url, description=description, events=chosen, active=True, inactive_because="",
                cursor=_end_of_audit(uow), failures=0, created_by=actor.name, created_at=uow.now,
            )  # fmt: skip
            secret = self._give_secret(webhook)
            uow.session.add(webhook)
            audit.record(uow, actor, "webhook.added", f"webhook:{webhook.id}", after=_facts(webhook))
            return NewSecret(webhook.id, secret)

    def change(
        self,
        actor: Actor,
        webhook_id: UUID,
        *,
        events: Iterable[WebhookEvent] | None = None,
        description: str | None = None,
        active: bool | None = None,
    ) -> None:
        """Changes what is given. Switched off, what waited is dropped; switched on, it hears what happens from then on."""
        actor.must_have(Role.ADMIN, to="change webhooks")
        with self._database.begin() as uow:
            webhook = _locked(uow, webhook_id)
            before = _facts(webhook)
            webhook.events = webhook.events if events is None else _chosen(events)
            webhook.description = webhook.description if description is None else _described(description)
            if active is True and not webhook.active:
                webhook.active, webhook.inactive_because, webhook.failures = True, "", 0
                webhook.cursor = _end_of_audit(uow)
            elif active is False and webhook.active:
                switch_off(uow, webhook, f"Switched off by {actor.name}.")
            if _facts(webhook) != before:
                audit.record(
                    uow, actor, "webhook.changed", f"webhook:{webhook.id}", before=before, after=_facts(webhook)
                )

    def renew_secret(self, actor: Actor, webhook_id: UUID) -> NewSecret:
        """Another secret from now on; what is signed with the one before is sent no more."""
        actor.must_have(Role.ADMIN, to="make secrets of webhooks")
        with self._database.begin() as uow:
            webhook = _locked(uow, webhook_id)
            secret = self._give_secret(webhook)
            audit.record(uow, actor, "webhook.secret_renewed", f"webhook:{webhook.id}")
            return NewSecret(webhook.id, secret)

    def send_test(self, actor: Actor, webhook_id: UUID) -> UUID:
        """Queues an event that says it is a test; answers its delivery's id."""
        actor.must_have(Role.ADMIN, to="test webhooks")
        with self._database.begin() as uow:
            webhook = _locked(uow, webhook_id)
            if not webhook.active:
                raise WebhookInactive()
            delivery_id = new_id()
            data = {"event_id": f"test-{delivery_id}", "message": f"{actor.name} tests this webhook."}
            uow.session.add(
                WebhookDelivery(
                    id=delivery_id, webhook_id=webhook.id, event_id=f"test-{delivery_id}", event=TEST_EVENT,
                    payload=payload_of(TEST_EVENT, uow.now.isoformat(), data), state=DeliveryState.WAITING,
                    created_at=uow.now, attempts=0, next_try_at=uow.now, answer="", error="",
                )
            )  # fmt: skip
            audit.record(uow, actor, "webhook.tested", f"webhook:{webhook.id}", after={"delivery": delivery_id})
        self._deliver_now(actor)
        return delivery_id

    def retry(self, actor: Actor, webhook_id: UUID, delivery_id: UUID) -> None:
        """Sends an event once more, whatever became of it: under the same id, so that a receiver may know it."""
        actor.must_have(Role.ADMIN, to="repeat deliveries of webhooks")
        with self._database.begin() as uow:
            webhook = _locked(uow, webhook_id)
            if not webhook.active:
                raise WebhookInactive()
            delivery = uow.session.get(WebhookDelivery, delivery_id, with_for_update=True, populate_existing=True)
            if delivery is None or delivery.webhook_id != webhook.id:
                raise NotFound(kind="delivery", id=delivery_id)
            if delivery.state is DeliveryState.WAITING and delivery.attempts == 0:
                raise DeliveryUnderWay()
            delivery.state, delivery.attempts, delivery.next_try_at = DeliveryState.WAITING, 0, uow.now
            delivery.finished_at = None
            after = {"delivery": delivery_id, "event": delivery.event}
            audit.record(uow, actor, "webhook.retried", f"webhook:{webhook.id}", after=after)
        self._deliver_now(actor)

    def _deliver_now(self, actor: Actor) -> None:
        """Somebody looks at the page: the job need not wait for its minute. If this is lost, it comes with the next."""
        self._schedule.request(DELIVER_WEBHOOKS, self._database.clock.now(), requested_by=actor.name)

    def _give_secret(self, webhook: Webhook) -> str:
        webhook.salt = new_salt()
        secret = webhook_secret(self._settings, webhook.id, webhook.salt)
        webhook.secret_fingerprint = fingerprint(secret)
        return secret


def switch_off(uow: UnitOfWork, webhook: Webhook, why: str) -> None:
    """Nothing is sent to it any more; what waited is dropped, and can be sent again one by one."""
    webhook.active, webhook.inactive_because = False, why[:500]
    uow.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state == DeliveryState.WAITING)
        .values(state=DeliveryState.DROPPED, finished_at=uow.now)
        .execution_options(synchronize_session=False)
    )


def payload_of(event: str, at: str, data: dict[str, Any]) -> dict[str, Any]:
    """The body, in the shape the Standard Webhooks specification recommends."""
    return {"type": event, "timestamp": at, "data": data}


def _locked(uow: UnitOfWork, webhook_id: UUID) -> Webhook:
    webhook = uow.session.get(Webhook, webhook_id, with_for_update=True, populate_existing=True)
    if webhook is None:
        raise NotFound(kind="webhook", id=webhook_id)
    return webhook


def _end_of_audit(uow: UnitOfWork) -> int:
    return uow.session.scalar(select(func.coalesce(func.max(AuditEntry.sequence), 0))) or 0


def _chosen(events: Iterable[WebhookEvent]) -> list[str]:
    chosen = {WebhookEvent(event) for event in events}
    if not chosen:
        raise InvalidInput(field="Events", problem="choose at least one.")
    return [event.value for event in WebhookEvent if event in chosen]


def _described(text: str) -> str:
    line = " ".join(text.split())
    if len(line) > 200 or not line.isprintable():
        raise InvalidInput(field="Description", problem="use at most 200 characters, in one line.")
    return line


def _facts(webhook: Webhook) -> dict[str, Any]:
    """What the audit keeps: where it leads without path and query, which may hold a key."""
    return {
        "host": origin(webhook.url), "description": webhook.description, "events": list(webhook.events),
        "active": webhook.active, **({"because": webhook.inactive_because} if webhook.inactive_because else {}),
    }  # fmt: skip
