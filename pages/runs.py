"""Runs: what is running, what went wrong, where is it?"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core.actor import Role
from core.analytics.filters import own_only
from core.analytics.runs import RunRow
from core.errors import NotFound
from core.executions.rules import ENDED, OPEN, ExecutionState
from core.identifiers import parse_id
from pages.components.empty import empty_state
from pages.components.export import csv_bytes
from pages.components.page import open_page
from pages.components.run_detail import automated_run, run_detail
from pages.components.run_filters import RunView, run_filters
from pages.components.run_list import run_list
from pages.components.way import way
from pages.components.words import count

screen = open_page(
    title="Runs", icon=":material/list_alt:", roles=(Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=50,
)  # fmt: skip
PER_PAGE = 20
_HEADER = (
    "run", "workflow", "status", "person", "agent", "council", "market", "skill_level", "created_at", "ended_at",
    "steps_completed", "total_steps", "work_seconds", "wait_seconds", "ai_seconds", "estimated_weekly_savings", "currency",
)  # fmt: skip


def open_run(run_id: str) -> None:
    st.query_params["run"] = run_id


def back() -> None:
    for name in ("run", "node"):
        st.query_params.pop(name, None)


def show_run(wanted: str) -> None:
    st.button("All runs", icon=":material/arrow_back:", type="tertiary", key="back", on_click=back)
    run_id = parse_id(wanted)
    try:
        if run_id is None:
            raise NotFound(kind="run", id=wanted[:40])
        found = screen.app.run_queries.detail(screen.actor, run_id)
        if found.row.run.automated:
            automated_run(screen, found)
            return
    except NotFound:
        st.info("There is no such run, or it is not yours to see. Choose one from the list.", icon=":material/info:")
        return
    if found.row.run.user_id == screen.actor.user_id and found.row.run.state in OPEN:
        way("Go on with it", "/run", {"execution": str(run_id)})
    run_detail(screen, found)


def show_list() -> None:
    lead = st.empty()
    view = run_filters(screen, with_text=True)
    queries = screen.app.run_queries
    place = max(1, int(st.session_state.get("page", 1)))
    page = queries.page(screen.actor, view.filters, limit=PER_PAGE, offset=(place - 1) * PER_PAGE)
    lead.markdown(sentence_of(view, page.total))
    if not page.rows:
        words = "No run matches. Change the filters to see others."
        if view.filters.states is None and not view.filters.text and view.filters.workflow_id is None:
            words = "No run in this period. Runs appear here as soon as somebody starts a workflow."
        empty_state(words)
        if screen.actor.has(Role.USER, Role.OPERATOR, Role.ADMIN):
            way("Discover workflows", "/discover")
        return
    run_list(screen, page.rows, key="runs", on_open=open_run)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if page.total > PER_PAGE:
            st.pagination(-(-page.total // PER_PAGE), key="page", bind="query-params")
        st.download_button(
            "Export CSV", icon=":material/download:", type="tertiary", key="export", on_click="ignore",
            data=lambda: csv_bytes(_HEADER, as_rows(queries.every(screen.actor, view.filters))),
            file_name="runs.csv", mime="text/csv",
        )  # fmt: skip


def sentence_of(view: RunView, total: int) -> str:
    """The page's answer: how many there are, how many go on, how many failed."""
    states = screen.app.analytics_queries.states(own_only(screen.actor, view.filters))
    going, failed = sum(number for state, number in states.items() if state not in ENDED), states[ExecutionState.FAILED]
    return f"{count(total, 'run')}: {count(going, 'goes', 'go')} on, {failed:,} failed."


def as_rows(rows: Iterable[RunRow]) -> Iterable[tuple[object, ...]]:
    for row in rows:
        run = row.run
        saved = run.calculated_savings if run.state is ExecutionState.COMPLETED else None
        yield (
            run.id, row.title, run.state.value, row.person, row.agent, row.council, run.market, run.skill_level,
            run.created_at.isoformat(), run.completed_at.isoformat() if run.completed_at else None,
            run.steps_completed, run.total_steps, run.work_ms / 1000, run.wait_ms / 1000, run.ai_ms / 1000,
            saved, run.savings_currency if saved is not None else None,
        )  # fmt: skip


if wanted := st.query_params.get("run"):
    show_run(wanted)
else:
    show_list()
