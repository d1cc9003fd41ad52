"""Unconfirmed: what may have happened and nobody knows, until a person has looked."""

from __future__ import annotations

import streamlit as st

from core.actions.cards import Resolved
from core.actor import Role
from core.identifiers import parse_id
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.unconfirmed_card import show_unconfirmed
from pages.components.words import ago, count, moment

screen = open_page(title="Unconfirmed", icon=":material/help:", roles=(Role.OPERATOR, Role.ADMIN), position=47)
queries, now = screen.app.actions_queries, screen.app.clock.now()
_COLUMNS = (Column("Action", wide=True), Column("Found"), Column("How they know", wide=True), Column("When"))


def row_of(one: Resolved) -> Row:
    found = Cell("It happened", "", "green") if one.happened else Cell("It did not happen", "", "gray")
    when = Cell(ago(one.at, now), f"{moment(one.at, screen.zone)}, {one.by}")
    said = Cell(one.evidence, f"{one.by}: {one.evidence}")
    return Row(
        f"{one.action_id}-{one.at.timestamp()}", (Cell(one.title), found, said, when), f"/inbox?card={one.action_id}"
    )


waiting = queries.unconfirmed(screen.actor)
if waiting:
    st.markdown(
        f"{count(len(waiting), 'action')} may have happened, and nobody knows. "
        "Nothing is repeated until somebody has looked in the other system."
    )
    first = parse_id(st.query_params.get("card", ""))
    for one in sorted(waiting, key=lambda one: one.id != first):
        with st.container(border=True, key=f"unconfirmed-{one.id}"):
            show_unconfirmed(screen, one)
else:
    st.markdown("Everything that was begun is known to have happened, or not to have.")
    empty_state(
        "When a connection breaks in the middle of a call, the action comes here. You look in the other system "
        "and say what you found, so that nothing is done twice.",
        icon=":material/task_alt:",
    )
if history := queries.resolved():
    st.subheader("Found out before", anchor=False)
    row_table(_COLUMNS, [row_of(one) for one in history], label="Found out before", key="resolved", on_open=None)
