"""One job: what it is for, when it runs, how it went last, and the button that runs it now."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.schedule.queries import Bar, JobView, RunView
from pages.components.job_run import next_words, took_words
from pages.components.job_spark import sparkline
from pages.components.page import Screen, perform, show_messages
from pages.components.status import state_badge
from pages.components.words import ago, moment


def job_card(screen: Screen, job: JobView, bars: Sequence[Bar] = ()) -> None:
    with st.container(border=True, key=f"job-{job.name}"):
        about, last, act = st.columns([6, 5, 2], gap="medium", vertical_alignment="center")
        with about:
            st.html(_about(screen, job))
        with last:
            _last(screen, job.last)
            if len(bars) > 1:
                st.html(sparkline(bars))
        with act:
            going = job.last is not None and job.last.is_open
            st.button(
                "Running…" if going else "Run now", icon=":material/play_arrow:", key=f"run-{job.name}",
                disabled=going, width="stretch", on_click=_run_now, args=(screen, job),
            )  # fmt: skip
        show_messages(_place(job))


def _run_now(screen: Screen, job: JobView) -> None:
    perform(
        lambda actor: screen.app.schedule.run_now(actor, job.name),
        done=f"{job.title} is queued. A worker takes it within a second.",
        place=_place(job),
    )


def _place(job: JobView) -> str:
    return f"job-{job.name}"


def _about(screen: Screen, job: JobView) -> str:
    """Title, purpose and schedule; the exact time on hover."""
    when, exact = "Only when you run it", ""
    if job.schedule:
        when = job.schedule[0].upper() + job.schedule[1:]
        if job.next_run_at:
            when += f", next {next_words(job.next_run_at, screen.app.clock.now())}"
            exact = moment(job.next_run_at, screen.zone)
    return (
        f'<p class="summary"><strong>{escape(job.title)}</strong></p><p class="quiet">{escape(job.purpose)}</p>'
        f'<p class="quiet" title="{escape(exact)}">{escape(when)}</p>'
    )


def _last(screen: Screen, run: RunView | None) -> None:
    if run is None:
        st.html('<p class="quiet">Has not run yet</p>')
        return
    when = run.started_at or run.enqueued_at
    took = f", took {took_words(run)}" if run.finished_at and run.started_at else ""
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            state_badge(run.state.value)
            said = escape(f"{ago(when, screen.app.clock.now())}{took}")
            st.html(f'<p class="quiet" title="{escape(moment(when, screen.zone))}">{said}</p>', width="content")
        if run.words:
            st.html(f'<p class="quiet">{escape(run.words)}</p>')
