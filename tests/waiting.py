"""Waiting for another process or thread, bounded, without a fixed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(answer: Callable[[], T | None], *, seconds: float = 10.0, what: str = "the condition") -> T:
    """Asks `answer` until it is true and answers it; fails the test when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not (found := answer()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.02)
    return found
