"""Values as Odoo's API spells them: an unset field is False, a relation is [id, name], money is a float."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


def related(value: Any) -> tuple[int, str] | None:
    """(id, name) of a many2one."""
    if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], int):
        return value[0], str(value[1])
    return None


def decimal(value: Any) -> Decimal:
    try:
        found = Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)


def day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def moment(value: Any) -> datetime | None:
    """Odoo's times are UTC and do not say so."""
    try:
        found = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def text(value: Any) -> str:
    return str(value) if value else ""
