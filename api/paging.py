"""Pages of lists that are short enough to be read whole: the place is a row's own name, so inserts move nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Query

from core.errors import InvalidInput

Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")]


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    total: int
    next: str | None
    """Given as `cursor`, the next page begins behind this one's last row; None: there is no more."""


def page_of(rows: Sequence[Row], name: Callable[[Row], object], limit: int, cursor: str | None) -> Page[Row]:
    """Behind the row that `cursor` names; where it is gone, from the place it had."""
    first = 0
    if cursor is not None:
        last, place = _read(cursor)
        found = next((index for index, row in enumerate(rows) if str(name(row)) == last), None)
        first = min(place, len(rows)) if found is None else found + 1
    shown = rows[first : first + limit]
    end = first + len(shown)
    following = _write(str(name(shown[-1])), end - 1) if shown and end < len(rows) else None
    return Page(shown, len(rows), following)


def _write(name: str, place: int) -> str:
    return base64.urlsafe_b64encode(f"{place}~{name}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, int]:
    try:
        said = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        place, mark, name = said.partition("~")
    except (binascii.Error, ValueError):
        place, mark, name = "", "", ""
    if not mark or not place.isascii() or not place.isdecimal() or len(place) > 9:
        raise InvalidInput(field="cursor", problem="use next_cursor of the page before.")
    return name, int(place)
