"""Somebody who wants to know: what came since they last looked, held in a bound, and a way to be woken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from types import TracebackType

from core.changes.rules import ANYTHING, Change, concerns

MOST_HELD = 256
"""More than these at once are held as one: anything may have changed. So a slow reader costs no more than a quick one."""


class Listener:
    """Made by `Changes.listen`; a context manager. `wake` is called from another thread, and must not wait."""

    def __init__(
        self, watched: Collection[Change], wake: Callable[[], None] | None, leave: Callable[[Listener], None]
    ) -> None:
        self.watched = tuple(watched)
        self._wake, self._leave = wake, leave
        self._condition = threading.Condition()
        self._held: dict[tuple[object, object], Change] = {}
        self._closed = False

    def tell(self, change: Change) -> None:
        """Keeps `change` if it is wanted: of one row only the latest."""
        if not any(concerns(change, one) for one in self.watched):
            return
        with self._condition:
            if self._closed:
                return
            if (None, None) not in self._held:
                self._held[change.kind, change.id] = change
            if change == ANYTHING or len(self._held) > MOST_HELD:
                self._held = {(None, None): ANYTHING}
            self._condition.notify_all()
        if self._wake is not None:
            self._wake()

    def take(self) -> list[Change]:
        """What came since the last time, and forgets it."""
        with self._condition:
            taken, self._held = list(self._held.values()), {}
            return taken

    def wait(self, seconds: float) -> list[Change]:
        """As `take`, after waiting until there is something: for callers that have a thread of their own."""
        with self._condition:
            self._condition.wait_for(lambda: bool(self._held) or self._closed, timeout=seconds)
            taken, self._held = list(self._held.values()), {}
            return taken

    @property
    def closed(self) -> bool:
        """The process is ending: nothing more will come."""
        return self._closed

    def close(self) -> None:
        self._leave(self)
        self.end()

    def end(self) -> None:
        """Says that nothing more will come."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        if self._wake is not None:
            self._wake()

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
