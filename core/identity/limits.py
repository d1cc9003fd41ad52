"""How often one token may call, and one address may present tokens that open nothing: buckets that refill steadily.

They live in this process: behind a proxy with sticky sessions a program meets one dashboard, and with n dashboards and no
stickiness at most n times the limit. A truth shared by all of them would cost every request a write.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

WINDOW_SECONDS = 60
_MOST_BUCKETS = 20_000
"""The least recently used is forgotten, which is to say full again."""


@dataclass(frozen=True)
class Standing:
    """Where a caller stands after a request; None for `limit` where nothing is limited."""

    allowed: bool
    limit: int | None = None
    remaining: int = 0
    full_in: int = 0
    """Seconds until all of the limit is free again."""
    next_in: int = 0
    """Seconds until one more request is allowed."""


UNLIMITED = Standing(allowed=True)


class Buckets:
    """One bucket a key: it holds `limit`, and refills within WINDOW_SECONDS. A limit of 0 is none."""

    def __init__(self, limit: int, now: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._now = limit, now
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str) -> Standing:
        """Takes one, if there is one."""
        return self._change(key, 1)

    def look(self, key: str) -> Standing:
        """Whether one could be taken; takes nothing."""
        return self._change(key, 0)

    def knows(self, key: str) -> bool:
        return key in self._levels

    def _change(self, key: str, amount: int) -> Standing:
        if not self._limit:
            return UNLIMITED
        with self._lock:
            now = self._now()
            level, at = self._levels.get(key, (float(self._limit), now))
            level = min(self._limit, level + (now - at) * self._limit / WINDOW_SECONDS)
            allowed = level >= 1
            if allowed:
                level -= amount
            if amount:
                self._levels[key] = (level, now)
                self._levels.move_to_end(key)
                if len(self._levels) > _MOST_BUCKETS:
                    self._levels.popitem(last=False)
        each = WINDOW_SECONDS / self._limit
        full_in = math.ceil((self._limit - level) * each)
        return Standing(allowed, self._limit, int(level), full_in, max(0, math.ceil((1 - level) * each)))


class RateLimits:
    def __init__(self, *, calls: int, failures: int, now: Callable[[], float] = time.monotonic) -> None:
        """Both a minute."""
        self.calls = Buckets(calls, now)
        """By the hash of a token that was valid when it was last looked up."""
        self.failures = Buckets(failures, now)
        """By address."""
