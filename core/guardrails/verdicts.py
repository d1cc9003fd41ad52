"""What a rule sees and what it says: facts and usage in, verdicts out, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.canonical import jsonable
from core.guardrails.values import mailbox, normal_recipient


class Judgement(StrEnum):
    PASS = "pass"  # noqa: S105 - no password
    WAIT = "wait"
    """Not now, but by itself later: rates and business hours."""
    STOP = "stop"


class Stage(StrEnum):
    """When an action is judged; each time leaves a record."""

    PROPOSAL = "proposal"
    EDIT = "edit"
    APPROVAL = "approval"
    RETRY = "retry"
    EXECUTION = "execution"


@dataclass(frozen=True)
class Facts:
    """What the rules look at in one action."""

    operation: str
    channel: str
    effect: str
    """`read`, `reversible`, `irreversible` or `financial`; what only reads is free of most rules."""
    model: str | None
    """What kind of record it writes, for example `crm.lead`."""
    leaves_machine: bool
    recipients: tuple[str, ...]
    amounts: tuple[tuple[Decimal, str], ...]
    """[(value, currency)] of everything that it moves."""
    risk: str
    same_as: str
    """Digest of operation, parameters and account: two actions with the same one do the same thing."""
    expires_at: datetime
    now: datetime
    automatic: bool = False
    """No person approves it: a rule does."""
    blocked_by: tuple[str, ...] = ()
    """Names of active councils that block the operation."""
    missing_reviews: tuple[str, ...] = ()
    """Names of councils whose review it needs and lacks."""
    starts_others: bool = False
    """It does nothing outside itself; every piece of work that it starts is judged on its own."""
    being_executed: bool = False
    """Not only looked at: it would happen now."""

    @property
    def only_reads(self) -> bool:
        """It changes nothing anywhere: whom, how much and when is free then."""
        return self.effect == "read"

    @property
    def normal_recipients(self) -> tuple[str, ...]:
        """Each recipient once, in one spelling."""
        return tuple(dict.fromkeys(normal_recipient(one) for one in self.recipients))

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """Whom it reaches, each once: a tag behind a + makes no other recipient."""
        return tuple(dict.fromkeys(mailbox(one) for one in self.normal_recipients))


@dataclass(frozen=True)
class Usage:
    """What was done before, as far as it counts against the limits; what stays on this machine counts as well."""

    channel: datetime | None = None
    """When the piece of work was done that is as many back as the channel's rate allows; None: there are fewer."""
    recipients: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """The same for each recipient, by mailbox."""
    same: datetime | None = None
    """When the same content last went to the same account."""


NOTHING_DONE = Usage()


@dataclass(frozen=True)
class Verdict:
    rule: str
    input: str
    """The fact the rule saw."""
    judgement: Judgement
    words: str
    until: datetime | None = None
    """For what waits: when this rule lets it run at the earliest."""

    @property
    def stops(self) -> bool:
        return self.judgement is Judgement.STOP

    def to_json(self) -> dict[str, Any]:
        return dict(jsonable(vars(self) | {"stops": self.stops}))


@dataclass(frozen=True)
class Evaluation:
    """Every rule's verdict, under one revision of the guardrails."""

    verdicts: tuple[Verdict, ...]
    revision: int
    allows_automatic: bool = False
    """Whether it may be approved by rule: all rules pass now, and an admin allows it for this operation."""

    @property
    def stop(self) -> Verdict | None:
        return first_stop(self.verdicts)

    @property
    def wait_until(self) -> datetime | None:
        """When it may run, if nothing stops it but it has to wait."""
        waits = [verdict.until for verdict in self.verdicts if verdict.until is not None]
        return max(waits) if waits and self.stop is None else None

    @property
    def judgement(self) -> Judgement:
        if self.stop is not None:
            return Judgement.STOP
        return Judgement.WAIT if self.wait_until is not None else Judgement.PASS


def first_stop(verdicts: Iterable[Verdict]) -> Verdict | None:
    return next((verdict for verdict in verdicts if verdict.stops), None)


def passed(rule: str, saw: str, words: str) -> Verdict:
    return Verdict(rule, saw, Judgement.PASS, words)


def stopped(rule: str, saw: str, words: str) -> Verdict:
    return Verdict(rule, saw, Judgement.STOP, words)


def waits(rule: str, saw: str, words: str, until: datetime) -> Verdict:
    return Verdict(rule, saw, Judgement.WAIT, words, until)
