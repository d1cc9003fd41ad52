"""The inbox's filters in one row, kept in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.actions.inbox import InboxFilter, InboxPage, InboxSort
from core.actions.rules import ActionState, Priority, Risk
from pages.components import address
from pages.components.page import Screen
from pages.components.words import sentence

PER_PAGE = 20
WAITING, ALL_WAITING, SNOOZED = "waiting", "all waiting", "snoozed"

_SHOWN: dict[str, tuple[str, frozenset[ActionState]]] = {
    WAITING: ("Waiting for me", frozenset({ActionState.PENDING})),
    ALL_WAITING: ("All waiting", frozenset({ActionState.PENDING})),
    SNOOZED: ("Snoozed", frozenset({ActionState.PENDING})),
    "needs care": ("Needs care", frozenset({ActionState.FAILED, ActionState.UNKNOWN})),
    "in progress": ("In progress", frozenset({ActionState.APPROVED, ActionState.EXECUTING})),
    "executed": ("Executed", frozenset({ActionState.EXECUTED})),
    "rejected or expired": ("Rejected or expired", frozenset({ActionState.REJECTED, ActionState.EXPIRED})),
}
_SORTS = {
    InboxSort.PRIORITY: "Priority",
    InboxSort.EXPIRY: "Deadline",
    InboxSort.OLDEST: "Oldest",
    InboxSort.NEWEST: "Newest",
}
_NARROWING = ("priority", "risk", "operation", "by", "today")
"""What is folded away; how many of these are set stands on the button."""


@dataclass(frozen=True)
class InboxView:
    filter: InboxFilter
    sort: InboxSort
    show: str
    page: int

    @property
    def words(self) -> str:
        return _SHOWN[self.show][0]

    @property
    def narrowed(self) -> bool:
        """Whether anything but `show` leaves cards out."""
        return bool(self.filter.text) or any(st.session_state.get(name) for name in _NARROWING)


def inbox_view(screen: Screen, today_ends: datetime) -> InboxView:
    """What the address and the widgets say, before anything is drawn: labels need the counts of what is found."""
    state = st.session_state
    address.text("q")
    address.choice("show", _SHOWN, WAITING)
    address.choices("priority", [one.value for one in Priority])
    address.choices("risk", [one.value for one in Risk])
    address.choice("operation", screen.app.actions_queries.operations(), None)
    address.text("by")
    address.flag("today")
    address.choice("sort", [one.value for one in _SORTS], InboxSort.PRIORITY.value)
    address.number("page")
    show = state["show"] if state["show"] in _SHOWN else WAITING
    return InboxView(
        InboxFilter(
            text=state["q"],
            priorities=frozenset(Priority(one) for one in state["priority"]),
            risks=frozenset(Risk(one) for one in state["risk"]),
            operations=frozenset({state["operation"]} if state["operation"] else ()),
            proposer=state["by"] or "",
            states=_SHOWN[show][1],
            snoozed=show == SNOOZED,
            mine=show == WAITING,
            expires_before=today_ends if state["today"] else None,
        ),
        InboxSort(state["sort"] or InboxSort.PRIORITY),
        show,
        state["page"],
    )


def show_filters(screen: Screen, view: InboxView, found: InboxPage) -> None:
    """Draws the row."""
    state = st.session_state
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Search", key="q", type="search", icon=":material/search:", placeholder="Title, person, text",
            label_visibility="collapsed", on_change=_changed, args=("q",),
        )  # fmt: skip
        st.selectbox(
            "Show", list(_SHOWN), key="show", format_func=lambda one: _SHOWN[one][0], label_visibility="collapsed",
            width=190, on_change=_changed, args=("show", WAITING),
        )  # fmt: skip
        active = sum(bool(state.get(name)) for name in _NARROWING)
        words = f"Filter and sort · {active}" if active else "Filter and sort"
        folded = st.popover(words, icon=":material/tune:", key="narrow", on_change="rerun")
    if folded.open:
        with folded:
            _narrowing(screen, found, active)


def paging(page: int, total: int) -> None:
    """The way through a list that is longer than a page."""
    pages = -(-total // PER_PAGE)
    key = f"paging-{page}-{pages}"
    st.pagination(pages, default=min(page, pages), key=key, on_change=_turn, args=(key,))


def _turn(key: str) -> None:
    st.session_state["page"] = st.session_state[key]
    address.note("page", "1")


def _narrowing(screen: Screen, found: InboxPage, active: int) -> None:
    """What is folded away; drawn only while it is open, since the address holds what is chosen."""
    titles, people = screen.app.actions_queries.operations(), screen.app.actions_queries.proposers()
    for name in (*_NARROWING, "sort"):
        st.session_state[name] = st.session_state[name]  # labels carry counts: says anew which of them are chosen
    if st.session_state["by"] not in people:
        st.session_state["by"] = None
    counted = {one.value: f"{sentence(one.value)} · {found.by_priority[one]}" for one in Priority}
    st.pills(
        "Priority", list(counted), key="priority", format_func=counted.__getitem__, selection_mode="multi",
        on_change=_changed, args=("priority",),
    )  # fmt: skip
    st.pills(
        "Risk", [one.value for one in Risk], key="risk", format_func=sentence, selection_mode="multi",
        on_change=_changed, args=("risk",),
    )  # fmt: skip
    st.selectbox(
        "Operation", list(titles), key="operation", format_func=lambda one: titles[one], index=None,
        placeholder="Any", on_change=_changed, args=("operation",),
    )  # fmt: skip
    st.selectbox(
        "Proposed by", list(people), key="by", index=None, placeholder="Anybody", on_change=_changed, args=("by",),
    )  # fmt: skip
    st.toggle(f"Expires today · {found.expiring_today}", key="today", on_change=_changed, args=("today",))
    st.segmented_control(
        "Sort by", [one.value for one in _SORTS], key="sort", format_func=lambda one: _SORTS[InboxSort(one)],
        required=True, on_change=_changed, args=("sort", InboxSort.PRIORITY.value),
    )  # fmt: skip
    if active:
        st.button(
            "Clear filters", icon=":material/filter_alt_off:", on_click=address.forget, args=((*_NARROWING, "page"),)
        )


def _changed(name: str, default: str | None = None) -> None:
    """Another filter is another list: it starts at its first page."""
    address.note(name, default)
    address.forget(("page",))
