"""Going on when the database comes back: what was done outside must not be forgotten because PostgreSQL restarts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

log = structlog.get_logger(__name__)

T = TypeVar("T")

_WAITS = (0.2, 1.0, 3.0, 10.0, 30.0)


def lasting(act: Callable[[], T]) -> T:
    """`act`, repeated while the database is away; it must be safe to repeat."""
    for wait in _WAITS:
        try:
            return act()
        except (OperationalError, InterfaceError) as problem:
            log.warning("database.away", problem=type(problem).__name__, wait=wait)
            time.sleep(wait)
    return act()
