"""Projects: which plans with many items are there, and how far is each?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.projects.queries import ProjectRow
from core.projects.rules import RunState
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.empty import empty_state
from pages.components.page import open_page, perform, show_messages
from pages.components.project_detail import show_project
from pages.components.project_words import project_state
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import ago, count, moment

screen = open_page(
    title="Projects", icon=":material/dynamic_feed:", roles=(Role.OPERATOR, Role.COUNCIL, Role.ADMIN), position=49
)
PER_PAGE = 20
PLACE = "new-project"
_COLUMNS = (Column("Project", wide=True), Column("State"), Column("Items", number=True), Column("By"), Column("Made"))


def sentence_of(rows: list[ProjectRow], total: int) -> str:
    if not total:
        return "A project holds many items over several channels: approved once, carried out one by one."
    running = sum(one.run_state is RunState.RUNNING for one in rows)
    return f"{count(total, 'project')}, {running:,} under way." if running else f"{count(total, 'project')}."


def row_of(row: ProjectRow) -> Row:
    word, tone = project_state(row)
    cells = (
        Cell(row.name), Cell(word, "", tone), Cell(f"{row.items:,}"), Cell(row.created_by),
        Cell(ago(row.created_at, screen.app.clock.now()), moment(row.created_at, screen.zone)),
    )  # fmt: skip
    return Row(str(row.id), cells, f"/projects?project={row.id}")


@dialog("New project")
def new_project() -> None:
    close_when_done()
    st.text_input("Name", key="project-name", max_chars=120, placeholder="Winter campaign")
    show_messages(PLACE)
    st.button("Make the project", icon=":material/add:", type="primary", key="make", on_click=make_project)


def make_project() -> None:
    name = str(st.session_state.get("project-name") or "")
    project_id = perform(lambda actor: screen.app.projects.create(actor, name), place=PLACE)
    if project_id is not None:
        st.query_params["project"] = str(project_id)
        done_with_dialog()


def open_project(project_id: str) -> None:
    st.query_params["project"] = project_id


def show_list() -> None:
    place = max(1, int(st.session_state.get("page", 1)))
    rows, total, _ = screen.app.projects_queries.page(screen.actor, offset=(place - 1) * PER_PAGE, limit=PER_PAGE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(sentence_of(list(rows), total))
        if screen.actor.has(Role.OPERATOR, Role.ADMIN):
            st.button("New project…", icon=":material/add:", type="primary", key="new", on_click=new_project)
    if not rows:
        empty_state(
            "No project yet. Make one and add a CSV of e-mails, posts or records.", icon=":material/dynamic_feed:"
        )
        return
    row_table(_COLUMNS, [row_of(one) for one in rows], label="Projects", key="projects", on_open=open_project)
    if total > PER_PAGE:
        st.pagination(-(-total // PER_PAGE), key="page", bind="query-params")


if wanted := st.query_params.get("project"):
    show_project(screen, wanted)
else:
    show_list()
