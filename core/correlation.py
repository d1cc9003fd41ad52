"""One id from a click or a request to its receipt: in every log line, queue, attempt and audit entry on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from core.identifiers import new_id

FIELD = "request"
"""The name under which every line of a log has it."""

MOST_LETTERS = 64


def current_request() -> str | None:
    """The id of what is being done in this thread; None outside of any request, click or piece of work."""
    found = structlog.contextvars.get_contextvars().get(FIELD)
    return found if isinstance(found, str) and 0 < len(found) <= MOST_LETTERS else None


@contextmanager
def request_bound(request: str | None = None) -> Iterator[str]:
    """Whatever runs inside belongs to `request`: the one given, else the one it is in already, else a new one."""
    known = request or current_request() or new_id().hex
    with structlog.contextvars.bound_contextvars(**{FIELD: known}):
        yield known


def carried() -> Callable[[], None]:
    """For the threads of a pool that serves one request: called at the start of each, it puts them into it."""
    known = structlog.contextvars.get_contextvars()

    def begin() -> None:
        structlog.contextvars.bind_contextvars(**known)

    return begin
