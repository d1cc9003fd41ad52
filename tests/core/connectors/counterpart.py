"""What the contract suite must know of an outside system's double: how to reach it, trouble it, and see what it holds.

Each system has a module in `counterparts/` with a context manager `running()` that yields a Counterpart, or several
in `RUNNING` by name. A new one is found by its place.
"""

from __future__ import annotations

import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from enum import Enum
from importlib import import_module
from typing import Any, ClassVar

from core.connectors.plan import Plan

PLACE = "tests.core.connectors.counterparts"
WAIT = 7
"""Seconds that a throttled answer asks to wait."""


class Trouble(Enum):
    """What befalls the next call that would change something, once."""

    REFUSED = "refused"
    """A validation error in the system's own shape; nothing is done."""
    THROTTLED = "throttled"
    """The system's own "too many requests", asking to wait WAIT seconds; nothing is done."""
    LOST_BEFORE = "lost before"
    """The connection is cut before anything is done."""
    LOST_AFTER = "lost after"
    """It is done, and the connection is cut before the answer."""
    SILENT = "silent"
    """Nothing is done, and no answer comes for longer than the time-out (1 s)."""
    GATEWAY = "gateway"
    """Something in between answers 502 with HTML."""


class Counterpart(ABC):
    system: ClassVar[str | None]
    """The System's name; None: the operation works without an account."""
    troubles: ClassVar[frozenset[Trouble]] = frozenset(Trouble)
    """Those that this system can be in."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """Must never be seen in a plan, a receipt, a log or a representation."""

    def settings(self) -> Mapping[str, Any]:
        """What an operator sets for it, where it is no account."""
        return {}

    @abstractmethod
    def account(self) -> Mapping[str, Any]:
        """What an admin enters under Connections."""

    @abstractmethod
    def wrong_account(self) -> Mapping[str, Any] | None:
        """The same with a key that is not accepted; None where there is no key."""

    @abstractmethod
    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        """operation → one good call of it, without `account`."""

    @abstractmethod
    def effects(self) -> int:
        """How many changes it has seen since it runs."""

    @abstractmethod
    def holds(self, plan: Plan) -> bool:
        """Whether what it holds now is exactly what `plan` shows: every text, value and recipient."""

    @abstractmethod
    def befall(self, trouble: Trouble) -> None: ...

    def state(self) -> Any:
        """Everything it holds, to be compared before a call and after its undoing; None where nothing is undone."""
        return None


Running = Callable[[], AbstractContextManager[Counterpart]]


def all_counterparts() -> Mapping[str, Running]:
    """By the name of their module, or those that it gives them."""
    found: dict[str, Running] = {}
    for module in pkgutil.iter_modules(import_module(PLACE).__path__):
        loaded = import_module(f"{PLACE}.{module.name}")
        several: Mapping[str, Running] = getattr(loaded, "RUNNING", None) or {module.name: loaded.running}
        found.update(several)
    return found
