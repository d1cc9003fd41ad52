"""Workflows: which definitions are here, what do their steps do, and what changed?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.catalog.queries import Definition
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import ago, count, moment, sentence
from pages.components.workflow_definition import SOURCES, show_definition
from pages.components.workflow_import import import_dialog

screen = open_page(
    title="Workflows", icon=":material/account_tree:", roles=(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=15,
)  # fmt: skip
_COLUMNS = (Column("Workflow", wide=True), Column("Kind"), Column("Tier"), Column("Steps", number=True),
            Column("From"), Column("Revision of"))  # fmt: skip


def row_of(one: Definition) -> Row:
    cells = (
        Cell(one.title), Cell("Automated" if one.is_automated else "Guided"), Cell(sentence(one.tier.value)),
        Cell(f"{one.total_steps:,}"), Cell(SOURCES[one.came_from]),
        Cell(ago(one.first_seen_at, screen.app.clock.now()), moment(one.first_seen_at, screen.zone)),
    )  # fmt: skip
    return Row(one.workflow_id, cells, f"/workflows?workflow={one.workflow_id}")


def open_definition(workflow_id: str) -> None:
    st.query_params["workflow"] = workflow_id


def show_list() -> None:
    found = screen.app.catalog_queries.current()
    automated = sum(one.is_automated for one in found)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"{count(len(found), 'workflow')}, {automated} of them automated.")
        if screen.actor.has(Role.OPERATOR, Role.ADMIN):
            st.button(
                "Import…", icon=":material/upload_file:", type="primary", key="import", on_click=import_dialog,
                args=(screen,),
            )  # fmt: skip
    if not found:
        empty_state(
            "No workflow yet. Import a definition, or put one into workflows.json.", icon=":material/account_tree:"
        )
        return
    row_table(_COLUMNS, [row_of(one) for one in found], label="Workflows", key="workflows", on_open=open_definition)


if wanted := st.query_params.get("workflow"):
    show_definition(screen, wanted)
else:
    show_list()
