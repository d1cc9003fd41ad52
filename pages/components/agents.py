"""Agents and API tokens: add an agent, make a token (shown once), revoke it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.identity.queries import Agent, ApiToken
from core.identity.rules import Scope
from pages.components.first_call import first_call
from pages.components.page import Screen, carried_out, show_messages
from pages.components.token_register import show_register
from pages.components.tokens import new_token, token_list
from pages.components.words import count, plain

AGENT_SCOPES = (Scope.READ, Scope.PROPOSE)
"""Agents read and propose; people decide."""


def agents_sentence(screen: Screen) -> str:
    agents = screen.app.identity_queries.agents()
    tokens = screen.app.identity_queries.tokens(screen.actor)
    valid = [token for token in tokens if token.agent_id and token.revoked_at is None]
    return f"{count(len(agents), 'agent')} with {count(len(valid), 'token')} in force. Agents propose and never decide."


def show_agents(screen: Screen) -> None:
    agents = screen.app.identity_queries.agents()
    tokens = screen.app.identity_queries.tokens(screen.actor)
    with st.container(horizontal=True):
        st.button(
            "Add an agent", icon=":material/smart_toy:", type="primary", key="add-agent", on_click=_add, args=(screen,)
        )
        st.link_button("API documentation", "/api/docs", icon=":material/api:", type="tertiary")
    for agent in agents:
        _agent(screen, agent, [token for token in tokens if token.agent_id == agent.id])
    first_call(screen)
    st.header("All tokens", anchor=False)
    st.markdown("Of agents and people, made last first. A row opens it to revoke it.")
    show_register(screen)
    if st.button("New token for yourself", icon=":material/key:", key="token-own"):
        new_token(screen, tuple(scope for scope in Scope if scope is not Scope.ADMIN))


def _agent(screen: Screen, agent: Agent, tokens: Sequence[ApiToken]) -> None:
    with st.container(border=True, key=f"agent-{agent.id}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                st.markdown(f"**{plain(agent.name)}** :small[{plain(agent.id)}]")
                if agent.sample:
                    st.badge("Sample", icon=":material/science:", color="violet")
            if st.button("New token", icon=":material/key:", key=f"token-{agent.id}"):
                new_token(screen, AGENT_SCOPES, agent_id=agent.id, agent_name=agent.name)
        if agent.description:
            st.markdown(f":small[{plain(agent.description)}]")
        token_list(screen, tokens)


@st.dialog("Add an agent")
def _add(screen: Screen) -> None:
    show_messages("add-agent")
    agent_id = st.text_input(
        "Id", key="agent-id", max_chars=64, placeholder="invoice_scout",
        help="Lower-case letters, digits, - and _. It stands in runs and in the audit for good.",
    )  # fmt: skip
    name = st.text_input("Name", key="agent-name", max_chars=120)
    description = st.text_input("What it does", key="agent-description", max_chars=500)
    if st.button("Add", type="primary", key="agent-save"):
        added = carried_out(
            lambda actor: screen.app.tokens.add_agent(actor, agent_id, name, description),
            done=f"{name} is added. Make it a token next.", place="add-agent",
        )  # fmt: skip
        st.rerun(scope="app" if added else "fragment")
