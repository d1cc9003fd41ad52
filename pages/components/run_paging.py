"""In which order runs are listed, which page of them is shown, and all of them as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

import streamlit as st

from core.analytics.run_order import Sort
from core.analytics.runs import RunPage
from core.spreadsheets import csv_bytes
from pages.components.analytics_sharing import MOST, SCHEMA, run_line
from pages.components.export import PARQUET, parquet_bytes
from pages.components.page import Screen
from pages.components.run_filters import RunView
from pages.components.words import number

SORTS = {
    "Newest first": Sort.NEWEST,
    "Oldest first": Sort.OLDEST,
    "Last active": Sort.ACTIVE,
    "Longest": Sort.LONGEST,
    "Most savings": Sort.SAVINGS,
}
_KEYS = ("after", "before")
_LIST = "runs-listed"


def sort_field() -> Sort:
    word = st.selectbox("Order", list(SORTS), key="sort", bind="query-params", width=170, label_visibility="collapsed")
    return SORTS.get(word or "", Sort.NEWEST)


@dataclass(frozen=True)
class Place:
    """Where in the list the page stands, as its address holds it: behind one run, or right before one."""

    after: str | None
    before: str | None

    @classmethod
    def of(cls, view: RunView, sort: Sort) -> Place:
        """What the address says, unless another list was on screen before: its places mean nothing in this one."""
        shown = repr((view.filters, sort))
        if st.session_state.get(_LIST, shown) != shown:
            _forget()
        st.session_state[_LIST] = shown
        after, before = (st.query_params.get(name) for name in _KEYS)
        return cls(after, None if after else before)

    def forget(self) -> None:
        _forget()


def run_paging(place: Place, page: RunPage) -> None:
    """Previous and next; nothing where everything is on one page."""
    if page.next_cursor is None and page.previous_cursor is None:
        return
    with st.container(horizontal=True, gap="xsmall", width="content"):
        if place.after or place.before:
            st.button("First page", icon=":material/first_page:", type="tertiary", key="page-first", on_click=_forget)
        st.button(
            "Previous", icon=":material/chevron_left:", type="tertiary", key="page-previous",
            disabled=page.previous_cursor is None, on_click=partial(_go, "before", page.previous_cursor),
        )  # fmt: skip
        st.button(
            "Next", icon=":material/chevron_right:", icon_position="right", type="tertiary", key="page-next",
            disabled=page.next_cursor is None, on_click=partial(_go, "after", page.next_cursor),
        )  # fmt: skip


def run_export(screen: Screen, view: RunView, sort: Sort) -> None:
    with st.popover("Export", icon=":material/download:", type="tertiary"):
        st.caption(f"These runs in this order, the first {number(MOST, 0)} at most.")
        for word, kind, mime in (("CSV", "csv", "text/csv"), ("Parquet", "parquet", PARQUET)):
            st.download_button(
                word, icon=":material/download:", key=f"export-{kind}", on_click="ignore", mime=mime,
                data=partial(_file, screen, view, sort, kind), file_name=f"runs.{kind}",
            )  # fmt: skip


def _file(screen: Screen, view: RunView, sort: Sort, kind: str) -> bytes:
    rows: Iterator[tuple[object, ...]] = (
        run_line(row) for row in islice(screen.app.run_queries.every(screen.actor, view.filters, sort=sort), MOST)
    )  # fmt: skip
    return csv_bytes(SCHEMA.names, rows) if kind == "csv" else parquet_bytes(SCHEMA, rows)


def _go(name: str, cursor: str | None) -> None:
    _forget()
    if cursor is not None:
        st.query_params[name] = cursor


def _forget() -> None:
    for name in _KEYS:
        st.query_params.pop(name, None)
