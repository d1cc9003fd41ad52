"""What a connection may be called, and why one cannot be used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.connectors.transports.addresses import origin
from core.errors import CountersignError, InvalidInput

ENVIRONMENT = "environment"
"""The name of the account that the environment gives; no row may have it."""

RESERVED = frozenset({ENVIRONMENT, "outbox"})
"""Names that requests give a meaning of their own: `outbox` keeps a letter on this machine, whatever is connected."""

MAX_CONNECTIONS = 200

_SERVER = ("host", "port", "security")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")


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


def receivers(values: Mapping[str, Any]) -> frozenset[str]:
    """Who gets an account's secrets, and how safely they travel, as far as its fields say."""
    addresses = {origin(one).lower() for one in values.values() if isinstance(one, str) and _WEB.match(one)}
    return frozenset(addresses | {f"{name}={values[name]}" for name in _SERVER if name in values})


def checked_name(name: str) -> str:
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        problem = "use a letter first, then letters, digits and hyphens, 2 to 40 of them."
        raise InvalidInput(field="Name", problem=problem)
    if name in RESERVED:
        words = "the account of the environment" if name == ENVIRONMENT else "the outbox folder"
        raise InvalidInput(field="Name", problem=f"this one belongs to {words}.")
    return name
