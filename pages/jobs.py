"""Jobs: what runs by the clock, how it went, and running one now."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.schedule.queries import JobView, RunView
from core.schedule.rules import JobRunState
from pages.components.empty import empty_state
from pages.components.job_card import job_card
from pages.components.job_run import next_words, show_run, took_words
from pages.components.page import open_page
from pages.components.row_table import Cell, Column, Row, row_table, state_cell
from pages.components.status import look
from pages.components.words import ago, count, moment, plain

screen = open_page(title="Jobs", icon=":material/event_repeat:", roles=(Role.ADMIN,), position=110)
queries = screen.app.schedule_queries
PER_PAGE = 15
LOOK_EVERY_SECONDS = 1.0
_HISTORY = (
    Column("Job"),
    Column("Result", wide=True),
    Column("State"),
    Column("When"),
    Column("Took", number=True),
    Column("Asked by"),
)


def sentence_of(jobs: list[JobView]) -> str:
    """The page's answer: what failed last, what runs, what comes next."""
    failed = [job for job in jobs if job.last and job.last.state is JobRunState.FAILED]
    going = [job for job in jobs if job.last and job.last.is_open]
    coming = [(job.next_run_at, job.title) for job in jobs if job.next_run_at]
    ran = any(job.last for job in jobs)
    well = "Every job that ran ended well" if ran else "No job has run yet"
    parts = [f"{count(len(failed), 'job')} failed last time" if failed else well]
    if going:
        parts.append(f"{count(len(going), 'job runs', 'jobs run')} now")
    if coming:
        at, title = min(coming)
        parts.append(f"next is {title}, {next_words(at, screen.app.clock.now())}")
    return f"{'; '.join(parts)}."


def warn_of_missing_processes() -> None:
    if not queries.scheduler_is_alive():
        seen = queries.scheduler_seen_at()
        since = f"since {moment(seen, screen.zone)}" if seen else "yet"
        st.warning(
            f"No scheduler has given a sign of life {since}. Scheduled jobs do not start; what is missed is made up "
            "once a scheduler runs: `python -m jobs scheduler`.",
            icon=":material/timer_off:",
        )
    if not screen.app.engine_queries.workers():
        st.warning(
            "No worker runs. Jobs and approved actions wait until one does: `python -m jobs worker`.",
            icon=":material/hourglass_disabled:",
        )


def draw_jobs() -> None:
    jobs = queries.jobs()
    if is_anything_open(jobs) != looking_again:
        st.rerun()  # the history, and whether to look again, are outside this fragment
    st.markdown(plain(sentence_of(jobs)))
    bars = queries.recent()
    for job in sorted(jobs, key=lambda one: not one.failed):  # what failed last time stands first
        job_card(screen, job, bars.get(job.name, ()))


def is_anything_open(jobs: list[JobView]) -> bool:
    return any(job.last is not None and job.last.is_open for job in jobs)


def draw_history(titles: dict[str, str]) -> None:
    st.header("History", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        title = st.selectbox(
            "Job", ["All jobs", *titles.values()], key="job", bind="query-params", label_visibility="collapsed",
            width=230, on_change=to_newest,
        )  # fmt: skip
        word = st.selectbox(
            "State", ["Any state", *(look(state.value)[0] for state in JobRunState)], key="state",
            bind="query-params", label_visibility="collapsed", width=160, on_change=to_newest,
        )  # fmt: skip
    job = next((name for name, found in titles.items() if found == title), "")
    state = next((state for state in JobRunState if look(state.value)[0] == word), None)
    before = st.query_params.get("before", "")
    runs = queries.runs(job=job, state=state, before=before, limit=PER_PAGE + 1)
    if not runs:
        empty_state("No run here. A job's runs appear as soon as it is due, or somebody runs it.")
    else:
        rows = [history_row(run, titles) for run in runs[:PER_PAGE]]
        row_table(_HISTORY, rows, label="Job runs", key="history", on_open=open_run)
    with st.container(horizontal=True):
        if before:
            st.button("Newest", icon=":material/first_page:", type="tertiary", on_click=to_newest)
        if len(runs) > PER_PAGE:
            place = runs[PER_PAGE - 1].place
            st.button("Older", icon=":material/chevron_right:", type="tertiary", on_click=to_older, args=(place,))


def history_row(run: RunView, titles: dict[str, str]) -> Row:
    asked = "Schedule" if run.requested_by == "schedule" else run.requested_by
    when = Cell(ago(run.enqueued_at, screen.app.clock.now()), moment(run.enqueued_at, screen.zone))
    cells = (
        Cell(titles.get(run.job, run.job)), Cell(run.words, run.words), state_cell(run.state.value), when,
        Cell(took_words(run)), Cell(asked),
    )  # fmt: skip
    return Row(run.id, cells, f"/jobs?run={run.id}")


def open_run(run: str) -> None:
    st.query_params["run"] = run


def to_newest() -> None:
    st.query_params.pop("before", None)


def to_older(place: str) -> None:
    st.query_params["before"] = place


all_jobs = queries.jobs()
looking_again = is_anything_open(all_jobs)
warn_of_missing_processes()
if all_jobs:
    st.fragment(draw_jobs, run_every=LOOK_EVERY_SECONDS if looking_again else None)()
else:
    empty_state(
        "No process has said which jobs there are. Start one with python -m jobs.", icon=":material/event_busy:"
    )
draw_history({job.name: job.title for job in all_jobs})
if wanted := st.query_params.get("run"):
    show_run(screen, wanted[:200])
