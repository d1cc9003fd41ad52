"""Runs: what is running, what went wrong, where is it?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.actor import Role
from core.analytics.filters import SEES_ALL_RUNS, own_only
from core.analytics.run_order import Sort
from core.analytics.run_totals import TotalIs
from core.analytics.runs import RunPage
from core.deliverables.rules import READERS
from core.errors import InvalidInput, NotFound
from core.executions.rules import ENDED, OPEN, RUNNERS, ExecutionState
from core.identifiers import parse_id
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.run_detail import automated_run, run_detail
from pages.components.run_filters import RunView, run_filters
from pages.components.run_list import run_list
from pages.components.run_paging import Place, run_export, run_paging, sort_field
from pages.components.way import way
from pages.components.words import count, plain_label

screen = open_page(
    title="Runs", icon=":material/list_alt:", roles=(Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=50,
)  # fmt: skip
PER_PAGE = 20


def open_run(run_id: str) -> None:
    st.query_params["run"] = run_id


def back() -> None:
    for name in ("run", "node"):
        st.query_params.pop(name, None)


def show_run(wanted: str) -> None:
    top = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    top.button("All runs", icon=":material/arrow_back:", type="tertiary", key="back", on_click=back)
    run_id = parse_id(wanted)
    try:
        if run_id is None:
            raise NotFound(kind="run", id=wanted[:40])
        found = screen.app.run_queries.detail(screen.actor, run_id)
        if screen.actor.has(*READERS):
            with top:
                way("Make a package", "/deliverables", {"new": "1", "source": "execution", "id": str(run_id)})
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
    view = narrowed_to_person(view)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        sort = sort_field()
        run_export(screen, view, sort)
    place = Place.of(view, sort)
    page = listed(view, sort, place)
    lead.markdown(sentence_of(view, page))
    if not page.rows:
        words = "No run matches. Change the filters to see others."
        if view.filters.states is None and not view.filters.text and view.filters.workflow_id is None:
            words = "No run in this period. Runs appear here as soon as somebody starts a workflow."
        empty_state(words)
        if screen.actor.has(*RUNNERS):
            way("Discover workflows", "/discover")
        return
    run_list(screen, page.rows, key="runs", on_open=open_run, sort=sort)
    run_paging(place, page)


def everybody() -> None:
    st.query_params.pop("person", None)


def listed(view: RunView, sort: Sort, place: Place) -> RunPage:
    """The page at `place`; the first one, where the address holds a place that no page gave."""
    queries = screen.app.run_queries
    try:
        return queries.page(
            screen.actor, view.filters, sort=sort, limit=PER_PAGE, after=place.after, before=place.before
        )  # fmt: skip
    except InvalidInput:
        place.forget()
        return queries.page(screen.actor, view.filters, sort=sort, limit=PER_PAGE)


def narrowed_to_person(view: RunView) -> RunView:
    """Only the runs of the person whom the address names, with a click that lets them go."""
    person_id = parse_id(st.query_params.get("person", ""))
    if person_id is None or not screen.actor.has(*SEES_ALL_RUNS):
        return view
    name = screen.app.run_queries.person(screen.actor, person_id) or "a person who is not known"
    st.button(
        plain_label(f"Runs of {name}"), icon=":material/close:", icon_position="right", key="chip-person",
        on_click=everybody,
    )  # fmt: skip
    return replace(view, filters=replace(view.filters, user_id=person_id))


def sentence_of(view: RunView, page: RunPage) -> str:
    """The page's answer: how many there are, how many go on, how many failed."""
    if page.total_is is TotalIs.ESTIMATE and (
        view.filters.text or view.filters.user_id or view.filters.waits_for_people
    ):
        return f"About {count(page.total, 'run')}: narrow the search to have them counted."
    states = screen.app.analytics_queries.states(own_only(screen.actor, view.filters))
    going, failed = sum(number for state, number in states.items() if state not in ENDED), states[ExecutionState.FAILED]
    total = page.total if page.total_is is TotalIs.EXACT else sum(states.values())
    return f"{count(total, 'run')}: {count(going, 'goes', 'go')} on, {failed:,} failed."


if wanted := st.query_params.get("run"):
    show_run(wanted)
else:
    show_list()
