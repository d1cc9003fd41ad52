"""What an operation is about to do and what came of it, as values: the plan that is approved and its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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

    def to_json(self) -> dict[str, Any]:
        return dict(jsonable(asdict(self)))

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
        )


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
