"""The inbox's filters in one row, kept in the URL."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.actions.queries import InboxFilter, Sort
from core.actions.rules import ActionState, Priority, Risk
from pages.components.words import sentence

PER_PAGE = 20

_SHOWN: dict[str, frozenset[ActionState]] = {
    "waiting": frozenset({ActionState.PENDING}),
    "snoozed": frozenset({ActionState.PENDING}),
    "needs care": frozenset({ActionState.FAILED, ActionState.UNKNOWN}),
    "in progress": frozenset({ActionState.APPROVED, ActionState.EXECUTING}),
    "executed": frozenset({ActionState.EXECUTED}),
    "rejected or expired": frozenset({ActionState.REJECTED, ActionState.EXPIRED}),
}


@dataclass(frozen=True)
class InboxView:
    filter: InboxFilter
    sort: Sort
    show: str


def inbox_filters() -> InboxView:
    """Draws the row; answers what it says."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Search", key="q", bind="query-params", type="search", icon=":material/search:",
            placeholder="Title, person, text", label_visibility="collapsed",
        )  # fmt: skip
        shown = st.selectbox(
            "Show", list(_SHOWN), key="show", bind="query-params", format_func=sentence,
            label_visibility="collapsed", width=190,
        )  # fmt: skip
        with st.popover("Filter and sort", icon=":material/tune:"):
            priorities = st.pills(
                "Priority", [one.value for one in Priority], key="priority", bind="query-params",
                format_func=sentence, selection_mode="multi",
            )  # fmt: skip
            risks = st.pills(
                "Risk", [one.value for one in Risk], key="risk", bind="query-params",
                format_func=sentence, selection_mode="multi",
            )  # fmt: skip
            order = st.segmented_control(
                "Sort by", [one.value for one in Sort], key="sort", bind="query-params",
                default=Sort.PRIORITY.value, format_func=sentence,
            )  # fmt: skip
    shown = shown if shown in _SHOWN else "waiting"
    return InboxView(
        InboxFilter(
            text=(text or "")[:200],
            priorities=frozenset(Priority(one) for one in priorities),
            risks=frozenset(Risk(one) for one in risks),
            states=_SHOWN[shown],
            snoozed=shown == "snoozed",
        ),
        Sort(order) if order else Sort.PRIORITY,
        shown,
    )
