"""The history of packages: what was made, of what, by whom, and how to the next one."""

from __future__ import annotations

import streamlit as st

from core.deliverables.queries import PackagePage, PackageRow
from core.deliverables.rules import UNDER_WAY
from core.deliverables.source import find_sources
from pages.components import address
from pages.components.deliverable_words import (
    format_titles,
    package_name,
    package_state,
    size_words,
    source_title,
)
from pages.components.empty import empty_state
from pages.components.older import older_pages, page_of, turn_to
from pages.components.page import Screen
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import ago, count, moment, plain

PER_PAGE = 20
LOOK_EVERY_SECONDS = 2.0
_EVERY = "every source"
COLUMNS = (
    Column("Package", wide=True), Column("Made of"), Column("Formats"), Column("State"), Column("By"), Column("Asked for"),
    Column("Size", number=True),
)  # fmt: skip


def package_list(screen: Screen) -> None:
    sources = {one.name: one.title for one in find_sources().values()}
    address.choice("of", [_EVERY, *sources], _EVERY)
    chosen = st.session_state["of"]
    page = _page(screen, "" if chosen == _EVERY else chosen)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(plain(_sentence(screen, page, whole=chosen == _EVERY)))
        st.button("New package", icon=":material/add:", type="primary", key="new", on_click=_open_new)
    if not page.total and chosen == _EVERY:
        empty_state(
            "Nothing was handed over yet. A package puts a project, a run or a period into PDF, PowerPoint, HTML and data, "
            "with proof of what was approved.",
            icon=":material/inventory_2:",
        )
        return
    st.selectbox(
        "Made of", [_EVERY, *sources], key="of", on_change=_narrow, label_visibility="collapsed", width=230,
        format_func=lambda one: sources.get(one, "Made of anything"),
    )  # fmt: skip
    if not page.rows:
        empty_state("No package of this kind. Choose another one above.", icon=":material/inventory_2:")
        return
    under_way = any(one.state in UNDER_WAY for one in page.rows)
    st.fragment(_table, run_every=LOOK_EVERY_SECONDS if under_way else None)(screen, page)
    older_pages(page.next_cursor)


def package_row(screen: Screen, row: PackageRow) -> Row:
    word, tone = package_state(row.state)
    cells = (
        Cell(package_name(row)), Cell(source_title(row.source)), Cell(format_titles(row.formats)), Cell(word, "", tone),
        Cell(row.requested_by), Cell(ago(row.created_at, screen.app.clock.now()), moment(row.created_at, screen.zone)),
        Cell(size_words(row.size) if row.size else "–"),
    )  # fmt: skip
    return Row(str(row.id), cells, f"/deliverables?package={row.id}")


def _table(screen: Screen, drawn: PackagePage) -> None:
    if st.session_state.pop(_OPENED, False):
        st.rerun()  # the page is drawn outside of this fragment
    source = st.session_state["of"]
    page = _page(screen, "" if source == _EVERY else source)
    if [(one.id, one.state) for one in page.rows] != [(one.id, one.state) for one in drawn.rows]:
        st.rerun()  # the sentence above has changed too
    rows = [package_row(screen, one) for one in page.rows]
    row_table(COLUMNS, rows, label="Packages", key="packages", on_open=_open)


def _page(screen: Screen, source: str) -> PackagePage:
    queries = screen.app.packages_queries
    return page_of(lambda cursor: queries.page(screen.actor, source=source, cursor=cursor, limit=PER_PAGE))


def _sentence(screen: Screen, page: PackagePage, *, whole: bool) -> str:
    if not page.total:
        return "A package is what you hand over: one content in several formats, numbered, signed, never changed."
    if not whole or "after" in st.query_params:
        return f"{count(page.total, 'package')}."
    latest = page.rows[0]
    when = ago(latest.created_at, screen.app.clock.now())
    return f"{count(page.total, 'package')}, the latest {when}: {latest.label}."


def _narrow() -> None:
    turn_to("")
    address.note("of", _EVERY)


_OPENED = "_package_opened"


def _open(package_id: str) -> None:
    st.query_params["package"] = package_id
    st.session_state[_OPENED] = True


def _open_new() -> None:
    st.query_params.pop("after", None)
    st.query_params["new"] = "1"
