"""What every operation on an outside system must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from core.clock import Clock
from core.connectors.plan import DriftFound, Effect, Plan, Receipt
from core.errors import CountersignError
from core.settings import Settings


class Unreachable(CountersignError):
    """{system} cannot be asked now: {problem} Nothing was changed. Try again, or check it under Connections."""

    http_status = 502


@dataclass(frozen=True)
class ConnectorContext:
    """What a connector is made from."""

    settings: Settings
    clock: Clock


@dataclass(frozen=True)
class Undoing:
    """The operation that puts something back, and its parameters; it is planned, approved and executed like any."""

    operation: str
    params: Mapping[str, Any]


P = TypeVar("P", bound=BaseModel)


class Operation(ABC, Generic[P]):
    """One thing that can be done in an outside system, and how to know that it was.

    Every call to the outside has a timeout. What the system answers is a Receipt, never an exception; `plan`, `drift`
    and `verify` raise Unreachable when the system cannot be read.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    channel: ClassVar[str]
    """The kind of road it takes out (`email`, `odoo`): guardrails open and close channels."""
    effect: ClassVar[Effect]
    params: type[P]
    """Field titles and descriptions become the edit form."""

    @property
    @abstractmethod
    def repeatable(self) -> bool:
        """Whether executing twice with the same key does what executing once does."""

    @abstractmethod
    def plan(self, params: P) -> Plan:
        """Reads what is there and answers exactly what would happen; changes nothing."""

    def drift(self, plan: Plan) -> DriftFound | None:
        """Reads the plan's preconditions again; None while they hold."""
        return None

    @abstractmethod
    def execute(self, plan: Plan, key: str) -> Receipt:
        """Does what `plan` says, once for one `key` if the system allows it."""

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        """Reads back whether it happened: confirmed, rejected (it certainly did not), or None (nobody can tell)."""
        return None

    def undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        """What would put back what `plan` did, given its receipt as JSON; None where nothing can."""
        return None

    def effect_of(self, plan: Plan) -> Effect:
        """What this very plan does to the world, at worst; what moves money is financial whatever the operation is."""
        return Effect.FINANCIAL if plan.amounts else self.effect

    def where_to_look(self, plan: Plan, key: str) -> str:
        """For a person who must find out whether it happened: where to look and what to look for."""
        return f"Look in {plan.account} for what the plan says."

    def close(self) -> None:
        """Gives back connections that are kept between calls."""


AnyOperation = Operation[Any]
