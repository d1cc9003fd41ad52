"""Tasks that a card gave to this person or their roles, each ticked off where it stands."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.brain.queries import TaskRow
from pages.components.page import Screen, carried_out, show_messages
from pages.components.way import way
from pages.components.words import ago

PLACE = "tasks"


def show_tasks(screen: Screen) -> None:
    """Draws nothing where there is no task."""
    tasks = screen.app.brain_queries.tasks(screen.actor)
    show_messages(PLACE)
    if not tasks:
        return
    st.header("Tasks for you", anchor=False)
    for task in tasks:
        _task(screen, task)


def _task(screen: Screen, task: TaskRow) -> None:
    with st.container(border=True, key=f"task-{task.id}"):
        about, act = st.columns([7, 2], gap="medium", vertical_alignment="center")
        given = ago(task.given_at, screen.app.clock.now())
        whose = "for you" if task.mine_alone else "for everybody with your role"
        details = f'<p class="quiet">{escape(task.details)}</p>' if task.details else ""
        about.html(
            f'<p class="summary"><strong>{escape(task.title)}</strong></p>{details}'
            f'<p class="quiet">{escape(f"Given {given}, {whose}")}</p>'
        )
        with act:
            if task.link:
                path, _, query = task.link.partition("?")
                way("Go there", f"{path}?{query}" if query else path)
            st.button("Done", icon=":material/check:", key=f"done-{task.id}", width="stretch",
                      on_click=_done, args=(screen, task))  # fmt: skip


def _done(screen: Screen, task: TaskRow) -> None:
    carried_out(lambda actor: screen.app.brain.finish_task(actor, task.id), done="Ticked off.", place=PLACE)
