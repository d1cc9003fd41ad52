"""What a connection may be called, and why one cannot be used."""

from __future__ import annotations

import re

from core.errors import CountersignError, InvalidInput

ENVIRONMENT = "environment"
"""The name of the account that the environment gives; no row may have it."""

MAX_CONNECTIONS = 200

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class UnknownConnection(CountersignError):
    """There is no connection “{name}” for this. Choose another one, or add it under Connections."""

    http_status = 422


class ConnectionDisabled(CountersignError):
    """The connection “{name}” is switched off: {because}"""

    http_status = 409


class ConnectionUnreadable(CountersignError):
    """What is kept of the connection “{name}” cannot be read: {problem} Enter it again under Connections."""

    http_status = 503


class TooManyConnections(CountersignError):
    """There are {most} connections already. Remove one first; nothing was saved."""

    http_status = 409


def checked_name(name: str) -> str:
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        problem = "use a letter first, then letters, digits and hyphens, at most 40."
        raise InvalidInput(field="Name", problem=problem)
    if name == ENVIRONMENT:
        raise InvalidInput(field="Name", problem="this one belongs to the account of the environment.")
    return name
