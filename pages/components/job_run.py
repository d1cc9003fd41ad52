"""One run of a job, with everything that is known of it, in a dialog."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from core.schedule.queries import RunView
from pages.components.facts import facts_table
from pages.components.page import Screen
from pages.components.status import state_badge
from pages.components.words import ago, length, moment, plain


def took_words(run: RunView) -> str:
    """How long it took, or has taken until now; empty before it starts."""
    if run.duration is None:
        return ""
    return "under 1 s" if run.duration < timedelta(seconds=1) else length(run.duration)


def next_words(at: datetime, now: datetime) -> str:
    """When a job runs next: `in 12 min`; what is due any second is not `just now`, which would have been."""
    return "in a moment" if at - now < timedelta(seconds=45) else ago(at, now)


def show_run(screen: Screen, run_id: str) -> None:
    """Opens the dialog; closing it takes the run out of the URL."""
    run = screen.app.schedule_queries.run(run_id)
    title = next((job.title for job in screen.app.schedule_queries.jobs() if run and job.name == run.job), "Job run")
    st.dialog(title, on_dismiss=_close)(_draw)(screen, run)


def _draw(screen: Screen, run: RunView | None) -> None:
    if run is None:
        st.info("This run is gone: runs are kept for 90 days.", icon=":material/info:")
        return
    state_badge(run.state.value)
    if run.words:
        st.markdown(plain(run.words))
    asked = "the schedule" if run.requested_by == "schedule" else run.requested_by
    begun = {0: "not yet", 1: ""}.get(run.starts, f"{run.starts} times; a worker ended before the job did")
    facts_table(
        {
            "For": moment(run.slot, screen.zone),
            "Asked for by": asked,
            "Queued": moment(run.enqueued_at, screen.zone),
            "Started": moment(run.started_at, screen.zone) if run.started_at else "not yet",
            "Ended": moment(run.finished_at, screen.zone) if run.finished_at else "not yet",
            "Took": took_words(run),
            "Begun": begun,
        }
    )


def _close() -> None:
    st.query_params.pop("run", None)
