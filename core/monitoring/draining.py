"""Whether this process is on its way out: it answers what it has, and balancers must send nothing new."""

from __future__ import annotations

import threading

_leaving = threading.Event()


def begin() -> None:
    _leaving.set()


def is_draining() -> bool:
    return _leaving.is_set()


def end() -> None:
    """For tests: a process that drains ends."""
    _leaving.clear()
