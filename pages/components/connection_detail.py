"""One connection: whether it works, what was tried last, and what an admin can do about it."""

from __future__ import annotations

import streamlit as st

from core.connections.queries import ConnectionView, LastCall, SystemView
from pages.components.connection_form import change_connection, test
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.facts import facts_table
from pages.components.page import Screen, carried_out, show_messages
from pages.components.words import ago, moment, plain

_PLACE = "connection"


def state_words(one: ConnectionView) -> tuple[str, str, str]:
    """How it stands in a few words, its colour, and why."""
    if not one.enabled:
        return "Switched off", "gray", one.disabled_because
    last = max((call for call in (one.test, one.use) if call), key=lambda call: call.at, default=None)
    if last is None:
        return "Not tried yet", "gray", ""
    return ("Works", "green", last.words) if last.passed else ("Needs a look", "red", last.words)


def last_words(screen: Screen, last: LastCall | None) -> tuple[str, str]:
    """When, and the exact time."""
    if last is None:
        return "", ""
    return ago(last.at, screen.app.clock.now()), moment(last.at, screen.zone)


def show_connection(screen: Screen, connection: ConnectionView | None) -> None:
    st.button("All connections", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    if connection is None:
        st.info("There is no such connection. Choose one from the list.", icon=":material/info:")
        return
    system = {one.name: one for one in screen.app.connections_queries.systems()}.get(connection.system)
    st.header(plain(connection.system_title if connection.from_environment else connection.name), anchor=False)
    show_messages(_PLACE)
    if not connection.enabled:
        st.warning(plain(connection.disabled_because), icon=":material/power_off:")
    _last(screen, connection)
    _facts(screen, connection, system)
    if connection.from_environment:
        st.caption("It is set in the environment or in .env, and is changed there.")
    else:
        _buttons(screen, connection, system)


def _last(screen: Screen, connection: ConnectionView) -> None:
    """What the last test found; a failed one is said where nobody overlooks it."""
    if connection.test is None:
        return
    when = ago(connection.test.at, screen.app.clock.now())
    if connection.test.passed:
        st.success(f"{plain(connection.test.words)} Tested {when}.", icon=":material/check_circle:")
    else:
        st.error(f"{plain(connection.test.words)} Tested {when}.", icon=":material/error:")


def _facts(screen: Screen, connection: ConnectionView, system: SystemView | None) -> None:
    titles = system.schema["properties"] if system else {}
    shown = {str(titles.get(name, {}).get("title", name)): _said(value) for name, value in connection.values.items()}
    kept = {str(titles.get(name, {}).get("title", name)): "kept encrypted" for name in connection.secrets}
    use = connection.use
    facts_table(
        {
            "System": connection.system_title,
            "Account": connection.identity,
            **shown,
            **kept,
            "Used": "where no connection is named" if connection.usual else "where it is named",
            "Last use": f"{moment(use.at, screen.zone)}: {use.words}" if use else "",
            "Changed": f"{moment(connection.changed_at, screen.zone)} by {connection.changed_by}"
            if connection.changed_at
            else "",
        }
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _buttons(screen: Screen, connection: ConnectionView, system: SystemView | None) -> None:
    name = connection.name
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Test", icon=":material/network_check:", type="primary", key="test", disabled=system is None):
            with st.spinner(f"Signing in to {connection.system_title}…"):
                test(screen, name)
            st.rerun()
        if system is not None:
            st.button(
                "Change…", icon=":material/tune:", key="change", on_click=change_connection,
                args=(screen, connection, system),
            )  # fmt: skip
        if not connection.usual:
            st.button(
                "Use where none is named", icon=":material/star:", key="usual", on_click=_make_usual,
                args=(screen, name),
            )  # fmt: skip
        if connection.enabled:
            st.button(
                "Switch off…", icon=":material/power_off:", key="off", on_click=switch_off, args=(screen, connection)
            )
        else:
            st.button("Switch on", icon=":material/power:", key="on", on_click=_switch_on, args=(screen, name))
        st.button("Remove…", icon=":material/delete:", key="remove", on_click=remove, args=(screen, connection))


def _make_usual(screen: Screen, name: str) -> None:
    carried_out(
        lambda actor: screen.app.connections.make_usual(actor, name),
        done="It is used from now on. Cards that are planned stay with theirs.", place=_PLACE,
    )  # fmt: skip


def _switch_on(screen: Screen, name: str) -> None:
    carried_out(
        lambda actor: screen.app.connections.switch(actor, name, on=True), done="It is used again.", place=_PLACE
    )


@dialog("Switch off")
def switch_off(screen: Screen, connection: ConnectionView) -> None:
    close_when_done()
    st.markdown(f"Nothing goes through {plain(connection.name)} any more, approved work that waits included.")
    because = st.text_input("Why? (optional)", key="off-because", max_chars=300)

    def act() -> None:
        done_with_dialog()
        carried_out(
            lambda actor: screen.app.connections.switch(actor, connection.name, on=False, because=because),
            done="It is switched off.", place=_PLACE,
        )  # fmt: skip

    st.button("Switch off", type="primary", key="off-now", on_click=act)


@dialog("Remove the connection")
def remove(screen: Screen, connection: ConnectionView) -> None:
    close_when_done()
    st.markdown(
        f"{plain(connection.name)} is forgotten with its secrets. Cards that were planned through it cannot be "
        "executed any more; what was executed keeps its receipts."
    )

    def act() -> None:
        done_with_dialog()
        if carried_out(lambda actor: screen.app.connections.remove(actor, connection.name), done="It is removed."):
            _back()

    st.button("Remove", type="primary", key="remove-now", on_click=act)


def _back() -> None:
    st.query_params.pop("connection", None)
    st.query_params.pop("family", None)
