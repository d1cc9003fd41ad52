"""Home: what should I do next, and is the system well?"""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.actor import Role
from pages.components.brain_tasks import show_tasks
from pages.components.next_steps import next_steps, show_steps
from pages.components.page import open_page
from pages.components.sample_data import sample_data_card
from pages.components.words import count, plain

screen = open_page(
    title="Home",
    icon=":material/home:",
    roles=(Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=0,
    heading=False,
)
app, actor = screen.app, screen.actor

first_name = actor.name.split()[0]
st.title(f"Hello, {plain(first_name)}", anchor=False)
steps = next_steps(screen)
st.markdown(steps[0].line if steps else "Nothing waits for you. Look around, or start something new.")
show_steps(steps)
show_tasks(screen)

if actor.has(Role.ADMIN, Role.OPERATOR):
    st.header("Is the system well?", anchor=False)
    workers = app.engine_queries.workers()
    waiting = sum(app.engine_queries.queue_depth().values())
    failures = app.schedule_queries.recent_failures(app.clock.now() - timedelta(days=1))
    with st.container(horizontal=True, gap="small"):
        if workers:
            st.badge(f"{count(len(workers), 'worker')} running", icon=":material/check:", color="green")
        else:
            st.badge("No worker runs: approved actions wait", icon=":material/error:", color="red")
        if app.schedule_queries.scheduler_is_alive():
            st.badge("Scheduler running", icon=":material/check:", color="green")
        else:
            st.badge("No scheduler runs: jobs do not start", icon=":material/error:", color="red")
        if waiting:
            st.badge(f"{count(waiting, 'piece', 'pieces')} of work queued", icon=":material/schedule:", color="blue")
        if failures:
            st.badge(f"{count(len(failures), 'job')} failed since yesterday", icon=":material/error:", color="red")
    if not workers:
        st.caption("Start one with `python -m jobs`. Nothing is lost meanwhile; it runs as soon as a worker is there.")

if actor.has(Role.ADMIN):
    sample_data_card(screen)
