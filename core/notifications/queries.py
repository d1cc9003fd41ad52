"""Reading webhooks, their deliveries, and how often somebody is told what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.connectors.transports.addresses import shown_url
from core.database.unit_of_work import Database
from core.errors import NotFound
from core.notifications.rules import DeliveryState, WebhookEvent
from core.notifications.slots import DigestState, Preference, default_for
from core.notifications.tables import Digest, DigestPreference, Webhook, WebhookDelivery


@dataclass(frozen=True)
class WebhookView:
    """A webhook without its secret; `url` without what follows a `?`."""

    id: UUID
    url: str
    description: str
    events: tuple[WebhookEvent, ...]
    active: bool
    inactive_because: str
    failures: int
    last_success_at: datetime | None
    created_by: str
    created_at: datetime
    waiting: int
    """Deliveries that are still to be made."""
    last: DeliveryView | None


@dataclass(frozen=True)
class DeliveryView:
    id: UUID
    event_id: str
    event: str
    state: DeliveryState
    created_at: datetime
    attempts: int
    last_try_at: datetime | None
    next_try_at: datetime | None
    """None when no further try is made."""
    finished_at: datetime | None
    status: int | None
    answer: str
    error: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class PreferenceView:
    """What holds for somebody, and whether they chose it themselves."""

    preference: Preference
    chosen: bool


@dataclass(frozen=True)
class DigestView:
    slot: datetime
    made_at: datetime
    state: DigestState
    items: int
    road: str
    words: str


class NotificationQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def webhooks(self, actor: Actor) -> Sequence[WebhookView]:
        """Those in use first, then by age."""
        actor.must_have(Role.ADMIN, to="see webhooks")
        with self._database.reading() as session:
            found = session.scalars(select(Webhook).order_by(Webhook.active.desc(), Webhook.created_at, Webhook.id))
            return [_webhook(session, webhook) for webhook in found.all()]

    def webhook(self, actor: Actor, webhook_id: UUID) -> WebhookView:
        actor.must_have(Role.ADMIN, to="see webhooks")
        with self._database.reading() as session:
            return _webhook(session, _found(session, webhook_id))

    def deliveries(
        self, actor: Actor, webhook_id: UUID, *, offset: int = 0, limit: int = 20
    ) -> tuple[Sequence[DeliveryView], int]:
        """One page of a webhook's deliveries, the newest first, and how many there are."""
        actor.must_have(Role.ADMIN, to="see deliveries of webhooks")
        of_webhook = WebhookDelivery.webhook_id == webhook_id
        query = select(WebhookDelivery).where(of_webhook).order_by(*_NEWEST).offset(offset).limit(limit)
        with self._database.reading() as session:
            _found(session, webhook_id)
            total = session.scalar(select(func.count()).select_from(WebhookDelivery).where(of_webhook)) or 0
            return [_delivery(one) for one in session.scalars(query)], total

    def preference(self, actor: Actor) -> PreferenceView:
        """How often this person is told what waits for them."""
        with self._database.reading() as session:
            row = session.get(DigestPreference, actor.user_id) if actor.user_id else None
        if row is None:
            return PreferenceView(default_for(actor.roles), chosen=False)
        return PreferenceView(Preference(row.every, row.hour, row.zone), chosen=True)

    def delivery(self, actor: Actor, webhook_id: UUID, delivery_id: UUID) -> DeliveryView:
        actor.must_have(Role.ADMIN, to="see deliveries of webhooks")
        with self._database.reading() as session:
            row = session.get(WebhookDelivery, delivery_id)
            if row is None or row.webhook_id != webhook_id:
                raise NotFound(kind="delivery", id=delivery_id)
            return _delivery(row)

    def last_digest(self, actor: Actor) -> DigestView | None:
        """The digest that was made last for this person, whatever became of it; the empty ones left out."""
        query = (
            select(Digest)
            .where(Digest.user_id == actor.user_id, Digest.state != DigestState.EMPTY)
            .order_by(Digest.slot.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            row = session.scalar(query) if actor.user_id else None
            return DigestView(row.slot, row.made_at, row.state, row.items, row.road, row.words) if row else None


_NEWEST = (WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc())


def _found(session: Session, webhook_id: UUID) -> Webhook:
    webhook = session.get(Webhook, webhook_id)
    if webhook is None:
        raise NotFound(kind="webhook", id=webhook_id)
    return webhook


def _webhook(session: Session, webhook: Webhook) -> WebhookView:
    of_webhook = WebhookDelivery.webhook_id == webhook.id
    waiting = select(func.count()).where(of_webhook, WebhookDelivery.state == DeliveryState.WAITING)
    last = session.scalar(
        select(WebhookDelivery)
        .where(of_webhook)
        .order_by(WebhookDelivery.last_try_at.desc().nulls_last(), *_NEWEST)
        .limit(1)
    )
    return WebhookView(
        id=webhook.id, url=shown_url(webhook.url), description=webhook.description,
        events=tuple(WebhookEvent(event) for event in webhook.events), active=webhook.active,
        inactive_because=webhook.inactive_because, failures=webhook.failures, last_success_at=webhook.last_success_at,
        created_by=webhook.created_by, created_at=webhook.created_at, waiting=session.scalar(waiting) or 0,
        last=_delivery(last) if last else None,
    )  # fmt: skip


def _delivery(one: WebhookDelivery) -> DeliveryView:
    going = one.state is DeliveryState.WAITING
    return DeliveryView(
        one.id, one.event_id, one.event, one.state, one.created_at, one.attempts, one.last_try_at,
        one.next_try_at if going else None, one.finished_at, one.status, one.answer, one.error, one.payload,
    )  # fmt: skip
