"""Sample data: load it, watch it come, remove it with one click."""

from __future__ import annotations

import streamlit as st

from pages.components.page import Screen, perform
from pages.components.words import count

LOAD, REMOVE = "load_sample_data", "remove_sample_data"


def sample_data_card(screen: Screen) -> None:
    """For admins: the state of the sample data and the one thing to do about it."""
    busy = _is_busy(screen)
    st.header("Sample data", anchor=False)
    st.fragment(lambda: _draw(screen, was_busy=busy), run_every=0.5 if busy else None)()


def _draw(screen: Screen, *, was_busy: bool) -> None:
    busy = _is_busy(screen)
    if busy != was_busy:
        st.rerun()
    status = screen.app.sample.status()
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if busy:
            st.markdown(":material/hourglass_top: Working on the sample data; this takes a few seconds.")
        elif status.loaded:
            st.markdown(
                f"{count(status.people, 'made-up person', 'made-up people')} and {count(status.runs, 'run')}. "
                "They are marked everywhere and never mixed into your figures."
            )
            st.button(
                "Remove sample data", icon=":material/delete:", on_click=_request, args=(screen, REMOVE), key="sample"
            )
        else:
            st.markdown("Half a year of a made-up company, to see how everything looks when it is full.")
            st.button(
                "Load sample data", icon=":material/science:", on_click=_request, args=(screen, LOAD), key="sample"
            )


def _is_busy(screen: Screen) -> bool:
    return any(run.is_open for job in (LOAD, REMOVE) for run in screen.app.schedule_queries.runs(job=job, limit=1))


def _request(screen: Screen, job: str) -> None:
    perform(lambda actor: screen.app.schedule.run_now(actor, job))
