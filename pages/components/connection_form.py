"""Adding a connection and changing one: the form follows from the system's own fields, secrets are never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.connections.queries import ConnectionView, SystemView
from pages.components.dialogs import dialog
from pages.components.operation_form import Filled, operation_form
from pages.components.page import Screen, carried_out, perform, show_messages
from pages.components.words import plain

_PLACE = "connection-form"


@dialog("Add a connection", width="medium")
def add_connection(screen: Screen) -> None:
    show_messages(_PLACE)
    systems = {one.name: one for one in screen.app.connections_queries.systems()}
    chosen = st.selectbox(
        "What is to be connected?", list(systems), index=None, placeholder="Choose a system", key="connection-system",
        format_func=lambda name: systems[name].title,
    )  # fmt: skip
    if chosen is None:
        return
    system = systems[chosen]
    # In a form, because Streamlit loses a password that is left with the Tab key outside of one.
    with st.form(f"add-connection-{chosen}", border=False):
        name = st.text_input(
            "Name", _free_name(screen, system), key=f"connection-name-{chosen}", max_chars=40,
            help="Approvals are bound to it, so it never changes: letters, digits and hyphens.",
        )  # fmt: skip
        filled = operation_form(system.schema, {}, key=f"add-{chosen}")
        _where(system)
        submitted = st.form_submit_button("Add and test", type="primary")
    if submitted and not filled.problems:
        with st.spinner(f"Signing in to {system.title}…"):
            made = perform(
                lambda actor: screen.app.connections.add(actor, system=chosen, name=name, values=filled.values),
                place=_PLACE,
            )
            if made:
                test(screen, made)
        if made:
            st.query_params.update({"connection": made, "family": system.family})
        st.rerun(scope="app" if made else "fragment")


@dialog("Change the connection", width="medium")
def change_connection(screen: Screen, connection: ConnectionView, system: SystemView) -> None:
    show_messages(_PLACE)
    if connection.secrets:
        st.caption("A secret that is left empty stays as it is; for another server it is entered again.")
    with st.form("change-connection", border=False):
        filled = operation_form(_without_needed_secrets(system, connection), connection.values, key="change")
        _where(system)
        submitted = st.form_submit_button("Save and test", type="primary")
    if submitted and not filled.problems:
        with st.spinner(f"Signing in to {system.title}…"):
            saved = _save(screen, connection, filled)
            if saved:
                test(screen, connection.name)
        st.rerun(scope="app" if saved else "fragment")


def test(screen: Screen, name: str) -> None:
    """Tries the connection; what was found, or what is wrong, is kept and shown with it."""
    perform(lambda actor: screen.app.connections.test(actor, name))


def _save(screen: Screen, connection: ConnectionView, filled: Filled) -> bool:
    return carried_out(
        lambda actor: screen.app.connections.change(
            actor, connection.name, filled.values, expected_version=connection.version
        ),
        place=_PLACE,
    )


def _free_name(screen: Screen, system: SystemView) -> str:
    """The system's name, with a number if that is taken."""
    taken = {one.name for one in screen.app.connections_queries.all(screen.actor)}
    tries = (system.name if number == 1 else f"{system.name}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in tries if name not in taken)


def _without_needed_secrets(system: SystemView, connection: ConnectionView) -> Mapping[str, Any]:
    """The form as it is for somebody who need not type again what is kept."""
    required = [one for one in system.schema.get("required", ()) if one not in connection.secrets]
    return {**system.schema, "required": required}


def _where(system: SystemView) -> None:
    if system.where:
        st.caption(plain(system.where))
