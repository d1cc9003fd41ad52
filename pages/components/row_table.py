"""A dense table whose rows open something: real rows and links, columns on a desk, cards on a phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.components.status import look


@dataclass(frozen=True)
class Column:
    label: str
    number: bool = False
    """Right-aligned, figures under figures."""
    wide: bool = False
    """Takes the room that is left."""


@dataclass(frozen=True)
class Cell:
    """Text as it is; `title` is shown on hover, `tone` draws a dot of that colour before the words."""

    text: str
    title: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Row:
    """`href` is where the row leads when opened in another tab."""

    id: str
    cells: tuple[Cell, ...]
    href: str


def row_table(
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    label: str,
    key: str,
    on_open: Callable[[str], Any] | None,
    selected: str | None = None,
) -> None:
    """Draws the table. The first cell holds the row's link; a click calls `on_open(id)`, or without it follows the link."""

    def opened() -> None:
        chosen = getattr(st.session_state.get(key), "opened", None)
        if chosen and on_open:
            on_open(str(chosen))

    _component()(
        data={
            "columns": [asdict(column) for column in columns],
            "rows": [asdict(row) for row in rows],
            "label": label,
            "selected": selected,
            "follow": on_open is None,
        },
        key=key,
        on_opened_change=opened,
    )


def state_cell(state: str, title: str = "") -> Cell:
    word, _, tone = look(state)
    return Cell(word, title, tone)


@cache
def _component() -> Any:
    here = Path(__file__)
    return st.components.v2.component(
        "countersign_row_table",
        html="<table><caption></caption><thead></thead><tbody></tbody></table>",
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )
