"""The items of a project in a table: filtered, page by page, exported, and one opened in a dialog."""

from __future__ import annotations

import json
from collections.abc import Iterable

import streamlit as st

from core.actor import Actor, Role
from core.errors import CountersignError, NotFound
from core.projects.queries import ProjectView
from core.projects.report import ItemView
from core.projects.rules import ItemState
from core.spreadsheets import csv_bytes
from pages.components.empty import empty_state
from pages.components.facts import facts_table
from pages.components.page import Screen, carried_out, perform, show_messages
from pages.components.project_words import CHANNELS, ITEM_STATES
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.way import way

PER_PAGE = 20
OPENED = "_item_opened"
_PLACE = "item"
_ALL = "Any state"
_COLUMNS = (Column("What it does", wide=True), Column("State"), Column("Channel"), Column("Key"))
_HEADER = ("key", "channel", "operation", "state", "reference", "message", "action_id")


def item_filters(screen: Screen, view: ProjectView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Search", key="q", bind="query-params", type="search", icon=":material/search:",
            placeholder="Key, text, reason", label_visibility="collapsed",
        )  # fmt: skip
        st.selectbox(
            "State", [_ALL, *(word for word, _ in ITEM_STATES.values())], key="status", bind="query-params",
            label_visibility="collapsed", width=190,
        )  # fmt: skip
        if view.row.items:
            st.download_button(
                "Export CSV", icon=":material/download:", type="tertiary", key="export", on_click="ignore",
                data=lambda: csv_bytes(_HEADER, _every(screen, view)), file_name="items.csv", mime="text/csv",
            )  # fmt: skip


def item_table(screen: Screen, view: ProjectView) -> None:
    place = max(1, int(st.session_state.get("page", 1)))
    word, text = st.session_state.get("status"), str(st.session_state.get("q") or "")[:200]
    state = next((one for one, (said, _) in ITEM_STATES.items() if said == word), None)
    page = screen.app.projects_queries.items(
        screen.actor, view.row.id, state=state, text=text, offset=(place - 1) * PER_PAGE, limit=PER_PAGE
    )
    if not page.rows:
        empty_state("No item matches. Change the filters to see others.", icon=":material/filter_alt_off:")
    else:
        rows = [_row(view, one) for one in page.rows]
        row_table(_COLUMNS, rows, label="Items", key="items", on_open=_open)
    if page.total > PER_PAGE:
        st.pagination(-(-page.total // PER_PAGE), key="page", bind="query-params")


def show_item(screen: Screen, view: ProjectView, key: str) -> None:
    """The dialog of the item that the address names."""
    try:
        item = screen.app.projects_queries.item(screen.actor, view.row.id, key)
    except NotFound:
        return
    st.dialog(f"Item {item.key}", on_dismiss=_close, width="medium")(_draw)(screen, view, item)


def _draw(screen: Screen, view: ProjectView, item: ItemView) -> None:
    word, colour = ITEM_STATES[item.state]
    st.badge(word, color=colour)
    facts_table(
        {
            "What it does": item.summary, "Channel": CHANNELS[item.kind], "Operation": item.operation,
            "Why" if item.state is not ItemState.SENT else "Answer": item.message, "Reference": item.reference or "",
        }
    )  # fmt: skip
    if item.action_id is not None:
        way("Open its card", "/inbox", {"card": str(item.action_id)})
    told = json.dumps(item.params, indent=2, ensure_ascii=False)
    if view.row.run_state is not None or not screen.actor.has(Role.OPERATOR, Role.ADMIN):
        st.code(told, language="json", wrap_lines=True)
        return
    show_messages(_PLACE)
    written = st.text_area("Parameters, as JSON", told, key=f"params-{item.key}", height=220)
    with st.container(horizontal=True):
        if st.button("Plan with these", icon=":material/check:", type="primary", key="plan-item") and _planned(
            screen, view, item, written
        ):
            _close()
            st.rerun()
        if st.button("Remove", icon=":material/delete:", key="remove-item"):
            perform(
                lambda actor: screen.app.projects.remove_items(actor, view.row.id, [item.key]), done="Item removed.",
                place=_PLACE,
            )  # fmt: skip
            _close()
            st.rerun()
    show_messages(_PLACE)


def _planned(screen: Screen, view: ProjectView, item: ItemView, written: str) -> bool:
    def edit(actor: Actor) -> None:
        screen.app.projects.edit_item(actor, view.row.id, item.key, _params(written))

    return carried_out(edit, done="Planned.", place=_PLACE)


class _NotJson(CountersignError):
    """The parameters are not a JSON object. Nothing was saved."""


def _params(written: str) -> dict[str, object]:
    try:
        told = json.loads(written)
    except (ValueError, RecursionError):
        raise _NotJson() from None
    if not isinstance(told, dict):
        raise _NotJson()
    return told


def _row(view: ProjectView, item: ItemView) -> Row:
    word, tone = ITEM_STATES[item.state]
    said = item.summary or item.message
    cells = (Cell(said, item.message), Cell(word, item.message, tone), Cell(CHANNELS[item.kind]), Cell(item.key))
    return Row(item.key, cells, f"/projects?project={view.row.id}&item={item.key}")


def _every(screen: Screen, view: ProjectView) -> Iterable[tuple[object, ...]]:
    after: int | None = 0
    while after is not None:
        page = screen.app.projects_queries.items(screen.actor, view.row.id, after=after, limit=500)
        for one in page.rows:
            yield one.key, one.channel, one.operation, one.state.value, one.reference, one.message, one.action_id
        after = int(page.next) if page.next else None


def _open(key: str) -> None:
    st.query_params["item"] = key
    st.session_state[OPENED] = True


def _close() -> None:
    st.query_params.pop("item", None)
