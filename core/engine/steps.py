"""What a durable piece of work sees of the engine: named steps whose results are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Steps(Protocol):
    """Given to a handler. A step that finished is never run again; one that was interrupted is (at least once)."""

    def run(self, name: str, act: Callable[[], Any]) -> Any:
        """Runs `act` and keeps its JSON-able result; after a restart the kept result is returned instead."""
        ...


Handler = Callable[..., Any]
"""`handler(steps, *arguments)`; arguments and result are JSON-able."""


class InlineSteps:
    """Steps that run at once and keep nothing, for tests of handlers."""

    def run(self, name: str, act: Callable[[], Any]) -> Any:
        return act()
