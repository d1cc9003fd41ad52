"""What an operation is about to do and what came of it, as values: the plan that is approved and its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.canonical import digest, jsonable


class Effect(StrEnum):
    """What an operation does to the world, at worst."""

    READ = "read"
    REVERSIBLE = "reversible"
    IRREVERSIBLE = "irreversible"
    FINANCIAL = "financial"


class AttemptOutcome(StrEnum):
    """How one attempt to execute ended (C7)."""

    CONFIRMED = "confirmed"
    """The system says it was done."""
    REJECTED = "rejected"
    """It was not done, and trying the same again is useless until something is changed."""
    DEFERRED = "deferred"
    """It was not done, and may be tried again after a while."""
    UNKNOWN = "unknown"
    """It may have been done: nobody knows yet."""


@dataclass(frozen=True)
class Change:
    """One value that will differ afterwards; `before` is None where nothing was there."""

    field: str
    label: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Amount:
    """A sum of money that an operation moves or commits to."""

    value: Decimal
    currency: str
    """ISO 4217."""


@dataclass(frozen=True)
class Message:
    """A message word for word, as its recipients will read it."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str | None = None


@dataclass(frozen=True)
class Plan:
    """Everything an execution will do. Approval binds to `digest`; `execute` does this and nothing else."""

    operation: str
    account: str
    """Which system and as whom, for example `Odoo at https://odoo.example.com as asha`."""
    summary: str
    """One sentence with a verb and an object."""
    request: Mapping[str, Any]
    """The checked parameters, spelled one way."""
    changes: tuple[Change, ...] = ()
    message: Message | None = None
    preconditions: Mapping[str, Any] = field(default_factory=dict)
    """What was read when planning and must still be true when executing."""
    leaves_machine: bool = True
    """Whether its effect is outside this machine: preview mode lets nothing of that kind happen."""
    reversible: bool = False
    warnings: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What is stored and digested; without amounts it spells as it did before plans had any."""
        spelled = dict(jsonable(asdict(self)))
        if not self.amounts:
            del spelled["amounts"]
        return spelled

    @property
    def digest(self) -> str:
        return digest(self.to_json())

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Plan:
        message = stored["message"]
        return cls(
            operation=stored["operation"],
            account=stored["account"],
            summary=stored["summary"],
            request=stored["request"],
            changes=tuple(Change(**change) for change in stored["changes"]),
            message=Message(**{**message, "recipients": tuple(message["recipients"])}) if message else None,
            preconditions=stored["preconditions"],
            leaves_machine=stored["leaves_machine"],
            reversible=stored["reversible"],
            warnings=tuple(stored["warnings"]),
            amounts=tuple(Amount(Decimal(one["value"]), one["currency"]) for one in stored.get("amounts", ())),
        )


def differences(before: Plan, after: Plan) -> tuple[Change, ...]:
    """What another version of a plan does differently, by field; `before` is what the earlier version would have done.

    A message differs by sender, recipients (tuples of addresses), subject, text and HTML (whole texts).
    """
    found = [Change("account", "Account", before.account, after.account)]
    old, new = before.message, after.message
    for name, label in (
        ("sender", "From"),
        ("recipients", "To"),
        ("subject", "Subject"),
        ("text", "Message"),
        ("html", "HTML version"),
    ):
        was = getattr(old, name) if old else None
        now = getattr(new, name) if new else None
        found.append(Change(f"message.{name}", label, was, now))
    values = {one.field: one for one in before.changes}
    later = {one.field: one for one in after.changes}
    for name in dict.fromkeys((*values, *later)):
        was, now = values.get(name), later.get(name)
        label = (now or was or Change(name, name, None, None)).label
        found.append(Change(name, label, was.after if was else None, now.after if now else None))
    if not (old or new or values or later):
        found.append(Change("request", "Parameters", dict(before.request), dict(after.request)))
    return tuple(one for one in found if one.before != one.after)


@dataclass(frozen=True)
class Receipt:
    """What the outside system answered, in a person's words; never with a secret or a traceback."""

    outcome: AttemptOutcome
    message: str
    reference: str | None = None
    """The system's own name for what was done."""
    url: str | None = None
    """Where to see it in that system."""
    retry_after: float | None = None
    """Seconds to wait, for a deferred attempt."""
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return dict(jsonable(asdict(self)))


@dataclass(frozen=True)
class DriftFound:
    """What was planned on is no longer so: `before` is what was approved on, `after` what is there now."""

    moved: tuple[Change, ...]

    @property
    def words(self) -> str:
        parts = (f"{one.label} was {_shown(one.before)}, is now {_shown(one.after)}" for one in self.moved)
        return f"Changed since it was approved: {'; '.join(parts)}. Nothing was done; look at the new plan."


def _shown(value: Any) -> str:
    return "empty" if value in (None, "", False, []) else f"“{value}”"


def confirmed(message: str, *, reference: str, url: str | None = None, **details: Any) -> Receipt:
    return Receipt(AttemptOutcome.CONFIRMED, message, reference=reference, url=url, details=details)


def rejected(message: str, **details: Any) -> Receipt:
    return Receipt(AttemptOutcome.REJECTED, message, details=details)


def deferred(message: str, *, retry_after: float = 60.0, **details: Any) -> Receipt:
    return Receipt(AttemptOutcome.DEFERRED, message, retry_after=retry_after, details=details)


def unknown(message: str, **details: Any) -> Receipt:
    return Receipt(AttemptOutcome.UNKNOWN, message, details=details)
