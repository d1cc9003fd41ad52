"""What every outside system and every operation on it must be able to say and do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel

from core.clock import Clock
from core.connectors.plan import DriftFound, Effect, Plan, Receipt
from core.errors import CountersignError
from core.files.storage import FileStore
from core.settings import Settings


class Unreachable(CountersignError):
    """{system} cannot be asked now: {problem} Nothing was changed. Try again, or check it under Connections."""

    http_status = 502


A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True)
class Account(Generic[A]):
    """One account of one outside system, with what is needed to sign in."""

    name: str
    """What a plan's request holds: an approval is for this account and no other."""
    system: str
    values: A
    revision: str
    """Another one after every change: what was made from an older one must not be used."""


class System(ABC, Generic[A]):
    """A kind of outside system that accounts are made for; offered on the Connections page.

    `test` raises what `transports.calls` has: NotReached, Lost, Refused, Throttled.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[str]
    """Systems of one family stand in for each other (two ways to send e-mail); it has one usual account."""
    account: type[A]
    """Field titles and descriptions become the form; SecretStr fields are kept encrypted and shown to nobody."""
    where: ClassVar[str] = ""
    """Where a person finds what the form asks for, in a sentence."""

    def environment(self, settings: Settings) -> A | None:
        """The account that the environment names; None where it names none."""
        return None

    @abstractmethod
    def identity(self, account: A) -> str:
        """Which system and as whom, for plans: `Odoo at https://odoo.example.com as asha`. Never a secret."""

    @abstractmethod
    def test(self, account: A, *, timeout: float) -> str:
        """Signs in and reads something harmless; answers in a sentence what it found."""


AnySystem = System[Any]


class Accounts(Protocol):
    """Where operations find the accounts they act through."""

    def find(self, family: str, name: str | None) -> Account[Any] | None:
        """The account of that name, else the family's usual one; None where there is none at all.

        Raises a CountersignError in words for one that is unknown, switched off, or cannot be read.
        """
        ...

    def all(self, family: str) -> Sequence[Account[Any]]:
        """Every account of the family that can be used now."""
        ...

    def names(self, family: str) -> Sequence[str]:
        """What a proposer may choose from; the usual one first."""
        ...

    def used(self, name: str | None, receipt: Receipt) -> None:
        """Notes when an account was used last and how it went; never fails."""
        ...


class NoAccounts:
    """For operations that need none."""

    def find(self, family: str, name: str | None) -> Account[Any] | None:
        return None

    def all(self, family: str) -> Sequence[Account[Any]]:
        return ()

    def names(self, family: str) -> Sequence[str]:
        return ()

    def used(self, name: str | None, receipt: Receipt) -> None:
        """There is nothing to note it on."""


@dataclass(frozen=True)
class ConnectorContext:
    """What a connector is made from."""

    settings: Settings
    clock: Clock
    accounts: Accounts
    files: FileStore
    """Attachments and pictures, by the SHA-256 that a plan names."""


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
    families: ClassVar[Sequence[str]] = ()
    """Through whose accounts it can go."""
    effect: ClassVar[Effect]
    starts_others: ClassVar[bool] = False
    """It does nothing outside itself: every piece of work that it starts is judged on its own, right before its call."""
    params: type[P]
    """Field titles and descriptions become the edit form."""

    @property
    @abstractmethod
    def repeatable(self) -> bool:
        """Whether executing twice with the same key does what executing once does, whatever the plan."""

    def repeatable_for(self, plan: Plan) -> bool:
        """The same of this very plan: some roads hold to it, others do not."""
        return self.repeatable

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

    def model_of(self, plan: Plan) -> str | None:
        """What kind of record it writes, for example `crm.lead`, whatever the parameters call it."""
        model = plan.request.get("model")
        return str(model) if model else None

    def concerns(self, plan: Plan) -> frozenset[str]:
        """What else this plan is about: operations, channels, models and effects of the work that it starts."""
        return frozenset()

    def authors(self, plan: Plan) -> frozenset[str]:
        """Ids of those who wrote what it does, beside whoever proposes it: under four eyes they do not decide on it."""
        return frozenset()

    def where_to_look(self, plan: Plan, key: str) -> str:
        """For a person who must find out whether it happened: where to look and what to look for."""
        return f"Look in {plan.account} for what the plan says."

    def close(self) -> None:
        """Gives back connections that are kept between calls."""


AnyOperation = Operation[Any]
