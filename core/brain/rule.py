"""What a rule of the operator brain is: what it looks at, when it speaks, and what a finding says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from core.actions.rules import Priority, Risk
from core.errors import CountersignError

if TYPE_CHECKING:
    from core.brain.sources import Sources

F = TypeVar("F", covariant=True)

Values = Mapping[str, Any]
"""A rule's thresholds by name: whole numbers, or numbers by a name (days by stage)."""

HERE = "here"
"""The scope of what is found in this installation's own data."""


class NotLooked(CountersignError):
    """{problem} Nothing is known of it until the next look."""

    http_status = 502


@dataclass(frozen=True)
class Evidence:
    """One fact, where it comes from and as of when."""

    fact: str
    source: str
    as_of: datetime
    url: str = ""
    """Where a person sees it; empty where there is no page of it."""


@dataclass(frozen=True)
class Finding:
    """One thing noticed, with the card that would be proposed for it."""

    key: str
    """The same thing has the same key at every look: it is proposed once in the rule's window."""
    subject: str
    """What it is about, for the rule's own history: the invoice of three reminders."""
    scope: str
    """The database it was seen in, or HERE."""
    version: str
    """Another one when a fact moved that the card names; a card that waits with an older one is taken back."""
    title: str
    operation: str
    params: Mapping[str, Any]
    rationale: str
    evidence: Sequence[Evidence]
    confidence: Decimal
    """0 to 1."""
    confidence_why: str
    """How it was reckoned, in a sentence."""
    weight: Decimal
    """What comes first among the findings of one rule: larger first."""
    impact: Mapping[str, Any] = field(default_factory=dict)
    """As a card takes it: {revenue_change: {value, currency}, time_saved_hours, …}."""
    impact_why: str = ""
    priority: Priority = Priority.INFO
    risk: Risk = Risk.LOW
    worded: tuple[str, ...] = ()
    """The parameters that a language model may word; operation, recipients and everything else are the rule's."""
    must_say: tuple[str, ...] = ()
    """Names, amounts and dates that must stand, letter for letter, wherever the template has them."""
    domains: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Past:
    """What became of an earlier card of this rule on the same subject."""

    key: str
    executed_at: datetime | None
    """None while it was not really executed."""


@dataclass(frozen=True)
class Sight(Generic[F]):
    """What was read. What is missing in a scope that was seen whole is gone; in any other scope nobody knows."""

    facts: F
    whole: frozenset[str]
    missed: tuple[str, ...] = ()
    """What could not be read, each in a sentence."""


@dataclass(frozen=True)
class Threshold:
    """A number that an admin may change."""

    name: str
    label: str
    default: int
    least: int
    most: int
    unit: str
    help: str = ""
    by_name: bool = False
    """Not one number but one for each name (the stage of a deal); `default` says nothing, there are none."""


@dataclass(frozen=True)
class Rule:
    """One file in `core/brain/watchers` holds one as `RULE`. `read` only reads; `decide` is pure."""

    name: str
    """As the file is called."""
    title: str
    watches: str
    """What it watches and what it proposes, in a sentence."""
    source: str
    """Whose data it reads: `Odoo`, `This installation`."""
    nouns: tuple[str, str]
    """One and many of what it finds: `overdue invoice`, `overdue invoices`."""
    thresholds: tuple[Threshold, ...]
    read: Callable[[Sources, datetime, Values], Sight[Any]]
    decide: Callable[[Any, datetime, Values], list[Finding]]
    window: timedelta
    """For so long after its card ended (executed, rejected, expired, failed) the same thing is not proposed again."""
    waits: timedelta
    """How long its cards wait for a decision."""
    per_look: int = 5
    per_day: int = 20
    still_so: Callable[[Any], Iterable[str]] = lambda facts: ()
    """Subjects that are as they were although nothing is proposed for them now: an invoice between two reminders."""
    check: Callable[[Values], str | None] = lambda values: None
    """What is wrong with thresholds that are each in their bounds; None if nothing."""

    @property
    def defaults(self) -> dict[str, Any]:
        return {one.name: {} if one.by_name else one.default for one in self.thresholds}
