"""What a webhook is told, how often it is tried, and when it is switched off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.errors import CountersignError

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=7),
    timedelta(hours=12),
)
"""After the first, the second … try: together just under a day."""

MAX_TRIES = len(PAUSES) + 1
MAX_WEBHOOKS = 50
GONE = 410
"""HTTP's way to say: never again."""

MAX_ANSWER = 500
"""Characters of an answer's body that are kept, for whoever looks for the fault."""

TEST_EVENT = "webhook.test"


class WebhookEvent(StrEnum):
    DECISION_WAITING = "decision.waiting"
    """A card, or a card as it is now, waits for somebody's vote; or a run waits for an answer."""
    DECISION_CLOSED = "decision.closed"
    """People, or a deadline, decided."""
    ACTION_APPROVED = "action.approved"
    ACTION_REJECTED = "action.rejected"
    ACTION_EXECUTED = "action.executed"
    ACTION_FAILED = "action.failed"
    ACTION_UNKNOWN = "action.unknown"
    ACTION_EXPIRED = "action.expired"
    EXECUTION_STARTED = "execution.started"
    EXECUTION_COMPLETED = "execution.completed"
    EXECUTION_FAILED = "execution.failed"
    EXECUTION_CANCELLED = "execution.cancelled"
    """By somebody; a guided run that was left counts too."""
    OUTCOME_LOGGED = "outcome.logged"
    OUTCOME_REVIEWED = "outcome.reviewed"
    PACKAGE_COMPLETED = "package.completed"
    PACKAGE_FAILED = "package.failed"
    """Not one file could be made."""

    @property
    def family(self) -> str:
        """What it is about: `action`, `execution`, …"""
        return self.value.partition(".")[0]


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up after the last try."""
    DROPPED = "dropped"
    """The webhook was switched off before it was delivered."""


class WebhookInactive(CountersignError):
    """This webhook is switched off. Switch it on first; nothing was sent."""

    http_status = 409


class TooManyWebhooks(CountersignError):
    """There are {most} webhooks already, which is the most. Nothing was added."""

    http_status = 409


class DeliveryUnderWay(CountersignError):
    """This delivery waits for its next try already. Nothing was changed."""

    http_status = 409


_BY_STATE = {
    "pending": WebhookEvent.DECISION_WAITING,
    "approved": WebhookEvent.ACTION_APPROVED,
    "rejected": WebhookEvent.ACTION_REJECTED,
    "executed": WebhookEvent.ACTION_EXECUTED,
    "failed": WebhookEvent.ACTION_FAILED,
    "unknown": WebhookEvent.ACTION_UNKNOWN,
    "expired": WebhookEvent.ACTION_EXPIRED,
}

_SILENT = frozenset({"action.voted", "action.snoozed"})
"""Entries after which an action is where it was."""


def action_event(entry: str, after: Mapping[str, Any] | None) -> WebhookEvent | None:
    """What the audit entry `entry` (`action.drifted`) means to a webhook: the state it led to, or nothing."""
    if entry == "decision.escalated":
        return WebhookEvent.DECISION_WAITING
    if not entry.startswith("action.") or entry in _SILENT:
        return None
    event = _BY_STATE.get(str((after or {}).get("state", "")))
    if event is WebhookEvent.ACTION_APPROVED and entry != event:
        return None  # retried, deferred or put off: nobody approved anything anew
    return event


def next_try(tries: int, now: datetime) -> datetime:
    """When the try after the `tries`-th may begin, if there is one."""
    return now + PAUSES[min(tries, len(PAUSES)) - 1]


def gives_up(tries: int, status: int | None) -> bool:
    return tries >= MAX_TRIES or status == GONE


def switches_off(*, gave_up: bool, status: int | None, waiting_since: datetime, last_success: datetime | None) -> bool:
    """Whether a webhook is switched off: it said "gone", or nothing at all got through while one delivery was tried."""
    return gave_up and (status == GONE or last_success is None or last_success < waiting_since)
