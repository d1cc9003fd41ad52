"""Delivering to webhooks: the audit chain says what happened, a row says what is to be sent, a try is counted before it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.actor import SYSTEM
from core.audit import service as audit
from core.audit.tables import AuditEntry
from core.canonical import canonical_json
from core.database.unit_of_work import Database, UnitOfWork
from core.identifiers import new_id
from core.notifications.leaving import may_leave
from core.notifications.posting import Answered, Poster
from core.notifications.rules import DeliveryState, WebhookEvent, gives_up, next_try, switches_off
from core.notifications.signing import SecretUnreadable, headers, secret_of
from core.notifications.tables import Webhook, WebhookDelivery
from core.notifications.telling import tellers
from core.notifications.webhooks import payload_of, switch_off
from core.settings import Settings

log = structlog.get_logger(__name__)

_ENTRIES_AT_ONCE = 1000
LONGEST_RUN = timedelta(seconds=45)
"""A run leaves what is left to the next one, a minute later, so that other jobs get their turn."""


@dataclass(frozen=True)
class DeliveryReport:
    """What one run did."""

    collected: int = 0
    delivered: int = 0
    failed: int = 0
    waits: bool = False
    """Execution is not on: nothing left this machine, and what is to be sent waits."""


@dataclass(frozen=True)
class _Try:
    """One try as it was claimed."""

    delivery_id: UUID
    webhook_id: UUID
    number: int
    url: str
    salt: str
    fingerprint: str
    body: bytes
    at: datetime


@dataclass
class _Run:
    delivered: int = 0
    failed: int = 0
    waits: bool = False
    resting: set[UUID] = field(default_factory=set)
    """Webhooks that failed in this run: the others need not wait for their timeouts."""


class WebhookDeliveries:
    def __init__(self, database: Database, settings: Settings, poster: Poster | None = None) -> None:
        self._database, self._settings = database, settings
        self._poster = poster or Poster(timeout=min(settings.call_timeout_seconds, 10.0))

    def deliver_due(self) -> DeliveryReport:
        """Collects what happened and sends what is due. Any number of workers may do it at once."""
        collected, run = self.collect(), _Run()
        until = time.monotonic() + LONGEST_RUN.total_seconds()
        while time.monotonic() < until:
            claimed = self._claim(run)
            if claimed is None:
                break
            self._try(claimed, run)
        return DeliveryReport(collected, run.delivered, run.failed, run.waits)

    # -- what happened --------------------------------------------------------------------------------------------

    def collect(self) -> int:
        """Writes a delivery for each event that a webhook has not been told of; answers how many."""
        with self._database.reading() as session:
            webhooks = session.scalars(select(Webhook.id).where(Webhook.active).order_by(Webhook.id)).all()
        return sum(self._collect_for(webhook_id) for webhook_id in webhooks)

    def _collect_for(self, webhook_id: UUID) -> int:
        """The cursor moves in the transaction that writes the deliveries, so each event becomes one of them, once."""
        made = 0
        while True:
            with self._database.begin() as uow:
                mine = select(Webhook).where(Webhook.id == webhook_id, Webhook.active)
                webhook = uow.session.scalar(mine.with_for_update(skip_locked=True))
                if webhook is None:
                    return made  # switched off, or another worker is at it
                query = select(AuditEntry).where(AuditEntry.sequence > webhook.cursor).order_by(AuditEntry.sequence)
                entries = uow.session.scalars(query.limit(_ENTRIES_AT_ONCE)).all()
                if entries:
                    made += self._write(uow, webhook, entries)
                    webhook.cursor = entries[-1].sequence
                if len(entries) < _ENTRIES_AT_ONCE:
                    return made

    def _write(self, uow: UnitOfWork, webhook: Webhook, entries: Sequence[AuditEntry]) -> int:
        rows = [
            {
                "id": new_id(), "webhook_id": webhook.id, "event_id": str(entry.sequence), "event": event.value,
                "payload": payload_of(event.value, entry.at.isoformat(), {**_told_of(entry), **about}),
                "state": DeliveryState.WAITING, "created_at": uow.now, "attempts": 0, "next_try_at": uow.now,
                "answer": "", "error": "",
            }
            for entry, event, about in self._told(uow, frozenset(webhook.events), entries)
        ]  # fmt: skip
        if rows:
            uow.session.execute(insert(WebhookDelivery).values(rows).on_conflict_do_nothing())
        return len(rows)

    def _told(
        self, uow: UnitOfWork, wanted: frozenset[str], entries: Sequence[AuditEntry]
    ) -> Sequence[tuple[AuditEntry, WebhookEvent, Mapping[str, Any]]]:
        """What of `entries` is told, in their order."""
        told = []
        for kind, teller in tellers().items():
            mine = [entry for entry in entries if entry.subject.startswith(f"{kind}:")]
            heard = [(entry, event) for entry, event in teller.heard(mine) if event.value in wanted]
            about = teller.about(uow.session, heard, self._settings.base_url) if heard else {}
            told += [(entry, event, about[entry.sequence]) for entry, event in heard if entry.sequence in about]
        return sorted(told, key=lambda one: one[0].sequence)

    # -- one try --------------------------------------------------------------------------------------------------

    def _claim(self, run: _Run) -> _Try | None:
        """The next delivery that is due and may leave, its try counted and its next one set.

        A worker that dies now leaves a delivery that is tried again at its time, under the same id.
        """
        with self._database.begin() as uow:
            due = (
                select(WebhookDelivery, Webhook)
                .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
                .where(
                    WebhookDelivery.state == DeliveryState.WAITING, WebhookDelivery.next_try_at <= uow.now,
                    Webhook.active, Webhook.id.not_in(run.resting),
                )
                .order_by(WebhookDelivery.next_try_at, WebhookDelivery.id)
                .limit(1)
                .with_for_update(of=WebhookDelivery, skip_locked=True)
            )  # fmt: skip
            found = uow.session.execute(due).first()
            if found is None:
                return None
            if not may_leave(uow, self._settings):
                run.waits = True
                return None
            delivery, webhook = found
            delivery.attempts += 1
            delivery.last_try_at, delivery.next_try_at = uow.now, next_try(delivery.attempts, uow.now)
            return _Try(
                delivery.id, webhook.id, delivery.attempts, webhook.url, webhook.salt, webhook.secret_fingerprint,
                canonical_json(delivery.payload).encode(), uow.now,
            )  # fmt: skip

    def _try(self, one: _Try, run: _Run) -> None:
        answered = self._send(one)
        if answered.error:
            run.failed += 1
            run.resting.add(one.webhook_id)
        else:
            run.delivered += 1
        self._record(one, answered)

    def _send(self, one: _Try) -> Answered:
        message_id = f"msg_{one.delivery_id.hex}"
        try:
            secret = secret_of(self._settings, one.webhook_id, one.salt, one.fingerprint)
        except SecretUnreadable as problem:
            return Answered(error=str(problem))
        try:
            signed = headers(secret, message_id, int(one.at.timestamp()), one.body)
            return self._poster.post(one.url, one.body, signed)
        except Exception:  # one webhook's trouble, whatever it is, must not keep the others waiting
            log.exception("webhook.try_failed", webhook=str(one.webhook_id), delivery=str(one.delivery_id))
            return Answered(error="The call ended unexpectedly; the worker's log has the reason.")

    def _record(self, one: _Try, answered: Answered) -> None:
        with self._database.begin() as uow:
            webhook = uow.session.get_one(Webhook, one.webhook_id, with_for_update=True, populate_existing=True)
            delivery = uow.session.get_one(
                WebhookDelivery, one.delivery_id, with_for_update=True, populate_existing=True
            )
            if delivery.attempts != one.number or delivery.state is DeliveryState.DELIVERED:
                return  # another try has begun since
            delivery.status, delivery.answer, delivery.error = answered.status, answered.body, answered.error
            if not answered.error:
                delivery.state, delivery.finished_at = DeliveryState.DELIVERED, uow.now
                webhook.failures, webhook.last_success_at = 0, uow.now
                return
            webhook.failures += 1
            if delivery.state is not DeliveryState.WAITING or not gives_up(one.number, answered.status):
                return
            delivery.state, delivery.finished_at = DeliveryState.FAILED, uow.now
            if webhook.active and switches_off(
                gave_up=True, status=answered.status, waiting_since=delivery.created_at,
                last_success=webhook.last_success_at,
            ):  # fmt: skip
                switch_off(uow, webhook, _why_off(webhook.failures, answered))
                after = {"because": webhook.inactive_because, "failures": webhook.failures}
                audit.record(uow, SYSTEM, "webhook.switched_off", f"webhook:{webhook.id}", after=after)

    def forget(self, *, ended_before: datetime) -> int:
        """Deletes deliveries that ended before then; answers how many."""
        with self._database.begin() as uow:
            gone = delete(WebhookDelivery).where(WebhookDelivery.finished_at < ended_before)
            return len(uow.session.scalars(gone.returning(WebhookDelivery.id)).all())


def _told_of(entry: AuditEntry) -> dict[str, Any]:
    return {"event_id": str(entry.sequence), "by": {"kind": entry.actor_kind.value, "name": entry.actor_name}}


def _why_off(failures: int, answered: Answered) -> str:
    tries = f"{failures} tries in a row failed" if failures > 1 else "It asked for that"
    return f"Switched off by the installation: {tries}. {answered.error}"
