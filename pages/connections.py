"""Connections: the accounts through which approved work leaves, whether each works, and where its key is mended."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.connections.queries import ConnectionView
from pages.components.connection_detail import last_words, show_connection, state_words
from pages.components.connection_form import add_connection
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import count

screen = open_page(title="Connections", icon=":material/cable:", roles=(Role.ADMIN,), position=95)
_COLUMNS = (
    Column("Name"),
    Column("System and account", wide=True),
    Column("State"),
    Column("Last use"),
    Column("Used"),
)


def sentence_of(connections: list[ConnectionView]) -> str:
    """The page's answer: does everything work that approved work needs?"""
    active = [one for one in connections if one.enabled]
    if not active:
        return "Nothing is connected. E-mail is written to the outbox folder on this machine until a mail server is."
    failing = [one.name for one in active if state_words(one)[1] == "red"]
    words = f"{count(len(active), 'connection')} in use"
    off = len(connections) - len(active)
    if off:
        words += f", {off} switched off"
    if failing:
        return f"{words}. Look at {', '.join(failing)}."
    return f"{words}."


def row_of(one: ConnectionView) -> Row:
    state, tone, why = state_words(one)
    used, exact = last_words(screen, one.use)
    usual = "where none is named" if one.usual else "where it is named"
    name = "From the environment" if one.from_environment else one.name
    cells = (Cell(name), Cell(one.identity, one.system_title), Cell(state, why, tone), Cell(used, exact), Cell(usual))
    return Row(f"{one.family}:{one.name}", cells, f"/connections?connection={one.name}&family={one.family}")


def open_connection(row_id: str) -> None:
    family, _, name = row_id.partition(":")
    st.query_params.update({"connection": name, "family": family})


found = list(screen.app.connections_queries.all(screen.actor))
if wanted := st.query_params.get("connection"):
    family = st.query_params.get("family")
    named = [one for one in found if one.name == wanted and family in (None, one.family)]
    show_connection(screen, named[0] if named else None)
else:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(sentence_of(found))
        st.button(
            "Add a connection", icon=":material/add:", type="primary", key="add", on_click=add_connection,
            args=(screen,),
        )  # fmt: skip
    if found:
        row_table(
            _COLUMNS, [row_of(one) for one in found], label="Connections", key="connections", on_open=open_connection
        )
    else:
        offered = ", ".join(one.title for one in screen.app.connections_queries.systems())
        empty_state(f"What can be connected: {offered}.", icon=":material/cable:")
