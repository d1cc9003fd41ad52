"""Councils: who decides what, by which rule."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.errors import NotFound
from pages.components.council_card import council_card
from pages.components.council_form import council_form
from pages.components.delegations import delegation_list, for_the_absent
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.words import count

screen = open_page(title="Councils", icon=":material/groups:", roles=(Role.COUNCIL, Role.ADMIN), position=55)
queries = screen.app.councils_queries


def make_one() -> None:
    st.query_params["new"] = "yes"


def lead() -> str:
    active = [one for one in councils if one.active]
    if not active:
        return "No council decides here: any one operator or admin does."
    waiting = sum(one.waiting for one in active)
    waits = (
        f"{count(waiting, 'review')} {'is' if waiting == 1 else 'are'} open" if waiting else "nothing waits for them"
    )
    verb = "decides" if len(active) == 1 else "decide"
    return f"{count(len(active), 'council')} {verb} what operators may not decide alone; {waits}."


def draw_list() -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(lead())
        if screen.actor.has(Role.ADMIN):
            st.button("New council", icon=":material/add:", type="primary", key="new-council", on_click=make_one)
    if not councils:
        empty_state(
            "A council is a few people whose approval some work needs: by what it is about, what it saves or its risk."
            + ("" if screen.actor.has(Role.ADMIN) else " Admins make them."),
            icon=":material/groups:",
        )  # fmt: skip
    operations = queries.operations()
    for council in councils:
        council_card(screen, council, operations)
    draw_delegations()


def draw_delegations() -> None:
    st.header("Seats given away", anchor=False)
    given = screen.app.delegations_queries.all(screen.actor)
    if not given:
        st.markdown("Everybody votes for themself. Who will be away gives their seat to somebody under My profile.")
    delegation_list(screen, given)
    if screen.actor.has(Role.ADMIN):
        for_the_absent(screen)


councils = queries.all(screen.actor)
wanted = st.query_params.get("council")
if screen.actor.has(Role.ADMIN) and st.query_params.get("new") == "yes":
    council_form(screen, None)
elif screen.actor.has(Role.ADMIN) and wanted:
    try:
        council_form(screen, queries.read(screen.actor, wanted.replace("\0", "")[:80]))
    except NotFound:
        st.info("There is no such council. Choose one of these.", icon=":material/info:")
        draw_list()
else:
    draw_list()
