"""How many streams there may be at once: of one person or agent, and in this process."""

from __future__ import annotations

import threading
from collections import Counter
from typing import ClassVar

from core.actor import Actor
from core.errors import CountersignError

MOST_OF_AN_OWNER = 250
"""Over all their tokens: whoever makes more of these gets no more places."""
MOST_HERE = 2_000


class TooManyStreams(CountersignError):
    """{count} event streams are open{whose}, and no more are allowed. Close one, or connect again in a while."""

    http_status: ClassVar[int] = 429


class Places:
    """Counted for this process: several dashboards allow as many each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def take(self, actor: Actor) -> Place:
        """A place for one more, or TooManyStreams."""
        key = actor.key
        with self._lock:
            if self._taken[key] >= MOST_OF_AN_OWNER:
                raise TooManyStreams(count=MOST_OF_AN_OWNER, whose=" with your tokens")
            if self._taken.total() >= MOST_HERE:
                raise TooManyStreams(count=MOST_HERE, whose=" here")
            self._taken[key] += 1
        return Place(self, key)

    def leave(self, key: str) -> None:
        with self._lock:
            self._taken[key] -= 1
            if self._taken[key] <= 0:
                del self._taken[key]


class Place:
    """One stream's; given back once, however often it is left."""

    def __init__(self, places: Places, key: str) -> None:
        self._places, self._key, self._left = places, key, False

    def leave(self) -> None:
        if not self._left:
            self._left = True
            self._places.leave(self._key)
