"""Propose: say what should happen, see exactly what would, and put it before those who decide."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from pages.components import address
from pages.components.files_field import keeping
from pages.components.operation_form import operation_form
from pages.components.page import open_page
from pages.components.propose_form import GIVEN, PLACE, about, offer_words, propose_below, take_a_look
from pages.components.way import way

screen = open_page(title="Propose", icon=":material/add_task:", roles=(Role.OPERATOR, Role.ADMIN), position=48)
offers = {one.name: one for one in screen.app.actions_queries.offers()}
address.choice("operation", offers, None)

alone = not screen.app.guardrails_queries.current().four_eyes
st.markdown(
    "You propose it; whoever may decide, you included, approves it in the inbox."
    if alone
    else "You propose it and somebody else decides: nobody approves what they proposed themselves."
)
done = st.session_state.get("_proposed")
if done:
    with st.container(border=True, key="proposed"):
        st.html(f'<p class="summary">{done.words}</p>')
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            way("Open the card", "/inbox", {"card": str(done.id), "show": "all waiting"})
            st.button("Propose another", icon=":material/add:", on_click=st.session_state.pop, args=("_proposed", None))
    st.stop()

chosen = st.selectbox(
    "What should happen?", list(offers), key="operation", index=None, placeholder="Choose an operation",
    format_func=lambda one: offers[one].title, on_change=address.note, args=("operation",),
)  # fmt: skip
if chosen is None:
    st.caption("Nothing is sent or changed here: a proposal waits in the inbox until it is approved.")
    st.stop()
offer = offers[chosen]
st.caption(offer_words(offer))
with st.container(border=True, key="what"):
    form = operation_form(
        screen.app.actions_queries.edit_form(chosen), st.session_state.get(GIVEN, {}).get(chosen, {}),
        key=f"propose-{chosen}", keep=keeping(screen, place=PLACE),
    )  # fmt: skip
with st.container(border=True, key="why"):
    details = about(offer)
look = take_a_look(screen, chosen, form, details)
if look is not None:
    propose_below(screen, look, details)
