"""Outcomes: what came of it, and can I prove it?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.executions.queries import RunRow
from core.executions.rules import RUNNERS
from core.identifiers import parse_id
from core.outcomes.queries import OutcomePage
from core.outcomes.rules import LOGGABLE, MetricType, ReviewState
from core.spreadsheets import csv_bytes
from pages.components.empty import empty_state
from pages.components.outcome_figures import outcome_figures
from pages.components.outcome_form import LOGGED, outcome_form
from pages.components.outcome_list import outcome_list
from pages.components.page import open_page
from pages.components.words import count, sentence

screen = open_page(
    title="Outcomes", icon=":material/trending_up:", roles=(Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=30,
)  # fmt: skip
PER_PAGE = 20
LOG, MINE, ALL, REVIEW = "log", "mine", "all", "review"
waiting = screen.app.outcomes_queries.waiting_for_review(screen.actor)
names = {LOG: "Log an outcome", MINE: "Mine", ALL: "Everybody's", REVIEW: f"To review · {waiting}"}


def views() -> list[str]:
    """What this person can look at here."""
    actor = screen.actor
    shown = [LOG, MINE] if actor.has(*RUNNERS) else []
    if actor.has(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN):
        shown.append(ALL)
    if actor.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN):
        shown.append(REVIEW)
    return shown


def look_at() -> None:
    """Keeps the view in the address, so that a link leads to it."""
    st.query_params["view"] = st.session_state["outcomes-view"]


def loggable_runs() -> list[RunRow]:
    found = screen.app.executions_queries.page(screen.actor, mine=True, states=LOGGABLE, limit=100).rows
    wanted = parse_id(st.query_params.get("execution", ""))
    return sorted(found, key=lambda run: run.id != wanted)


def show_form() -> None:
    runs = loggable_runs()
    if not runs:
        line = "An outcome belongs to a run, and you have none yet. Choose a workflow to begin."
        empty_state(line, page="pages/discover.py", label="Discover workflows")
        return
    with st.container(border=True, width=720):
        outcome_form(screen, runs, parse_id(st.query_params.get("execution", "")))


def show_list(view: str) -> None:
    if sample(view):
        st.badge("Sample figures", icon=":material/science:", color="violet")
    outcome_figures(screen.app.outcomes_queries.figures(screen.actor, mine=view == MINE, sample=sample(view)))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        metric = st.selectbox(
            "Metric", [None, *MetricType], key="metric", width=200,
            format_func=lambda one: sentence(one.value) if one else "Every metric", label_visibility="collapsed",
        )  # fmt: skip
        state = st.selectbox(
            "Review", [None, *ReviewState], key="review", width=200,
            format_func=lambda one: sentence(one.value) if one else "Every review", label_visibility="collapsed",
        )  # fmt: skip
        st.download_button(
            "Export CSV", icon=":material/download:", type="tertiary", key="export", on_click="ignore",
            data=lambda: as_csv(fetch(view, metric, state, before=None, limit=1_000)),
            file_name="outcomes.csv", mime="text/csv",
        )  # fmt: skip
    place = (view, metric, state)
    if st.session_state.get("_outcomes_place") != place:
        st.session_state["_outcomes_place"], st.session_state["_outcomes_before"] = place, []
    trail: list[str] = st.session_state["_outcomes_before"]
    page = fetch(view, metric, state, before=trail[-1] if trail else None, limit=PER_PAGE)
    if not page.rows:
        filtered = metric is not None or state is not None
        empty_state(
            "No outcome matches. Change the filters." if filtered else "Nothing logged yet. Log what a run brought."
        )
        return
    st.caption(count(page.total, "outcome"))
    outcome_list(screen, page.rows)
    if trail or page.next:
        with st.container(horizontal=True, gap="small"):
            st.button("Newer", icon=":material/arrow_back:", key="newer", disabled=not trail, on_click=newer)
            st.button(
                "Older",
                icon=":material/arrow_forward:",
                key="older",
                disabled=not page.next,
                on_click=older,
                args=(page,),
            )


def sample(view: str) -> bool:
    """Everybody's figures are those of the dataset that analytics shows; one's own are always real."""
    return view == ALL and screen.app.analytics_queries.chosen_dataset().sample


def fetch(
    view: str, metric: MetricType | None, state: ReviewState | None, *, before: str | None, limit: int
) -> OutcomePage:
    return screen.app.outcomes_queries.page(
        screen.actor, mine=view == MINE, metric_type=metric, review_state=state, sample=sample(view),
        before=before, limit=limit,
    )  # fmt: skip


def newer() -> None:
    st.session_state["_outcomes_before"].pop()


def older(page: OutcomePage) -> None:
    st.session_state["_outcomes_before"].append(page.next)


def as_csv(page: OutcomePage) -> bytes:
    header = ["logged_at", "author", "workflow", "metric", "value", "unit", "proof", "review", "note", "outcome", "run"]
    return csv_bytes(
        header,
        (
            (
                row.logged_at.isoformat(), row.author_name, row.workflow_id, row.metric_type.value, row.value, row.unit,
                row.proof_type.value, row.review_state.value, row.note, row.id, row.execution_id,
            )
            for row in page.rows
        ),
    )  # fmt: skip


def show_review() -> None:
    found = screen.app.outcomes_queries.page(screen.actor, reviewable=True, limit=10)
    if not found.rows:
        empty_state(
            "No proof waits for you. Outcomes that people log with a proof appear here.", icon=":material/verified:"
        )
        return
    st.markdown(f"{count(found.total, 'proof')} {'waits' if found.total == 1 else 'wait'} for a second pair of eyes.")
    outcome_list(screen, found.rows, reviewing=True)


shown = views()
if st.session_state.pop(LOGGED, False):
    st.query_params.from_dict({"view": MINE})
asked = st.query_params.get("view")
first = LOG if LOG in shown and st.query_params.get("execution") else (MINE if MINE in shown else shown[0])
view = asked if asked in shown else first
st.session_state["outcomes-view"] = view
st.segmented_control(
    "View", shown, required=True, key="outcomes-view", format_func=names.__getitem__, label_visibility="collapsed",
    on_change=look_at,
)  # fmt: skip
match view:
    case "log":
        show_form()
    case "review":
        show_review()
    case other:
        show_list(str(other))
