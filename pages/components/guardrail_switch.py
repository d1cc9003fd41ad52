"""The execution mode: three states, one of them in force, and the switch that stops everything."""

from __future__ import annotations

import streamlit as st

from core.guardrails.rules import ExecutionMode, Limits
from pages.components.guardrail_words import named
from pages.components.page import Screen, perform
from pages.components.words import ago, count, plain

MODES = {
    ExecutionMode.OFF: (
        "Stopped",
        "Nothing is executed, approved or not, and nothing that is queued.",
        ":material/block:",
    ),
    ExecutionMode.PREVIEW: (
        "Preview",
        "Only what stays on this machine is executed, such as messages to the outbox folder.",
        ":material/visibility:",
    ),
    ExecutionMode.ON: ("Live", "What people approve is executed in the connected systems.", ":material/bolt:"),
}


def mode_sentence(limits: Limits, screen: Screen) -> str:
    """The mode in force, who set it, and how long ago."""
    return f"{MODES[limits.mode][1]} Set by {limits.mode_by} {ago(limits.mode_at, screen.app.clock.now())}."


def show_switch(screen: Screen, limits: Limits) -> None:
    for mode, column in zip(MODES, st.columns(3), strict=True):
        name, words, icon = MODES[mode]
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{icon} {name}**")
            st.write(words)
            if mode is limits.mode:
                colour = {"off": "red", "preview": "orange", "on": "green"}[mode.value]
                st.badge("In force", icon=":material/check:", color=colour)  # type: ignore[arg-type]
            elif mode is ExecutionMode.OFF:
                st.button(
                    "Stop everything", icon=":material/block:", on_click=_set_mode, args=(screen, mode), key="mode-off"
                )
            elif mode is ExecutionMode.PREVIEW:
                st.button("Back to preview", on_click=_set_mode, args=(screen, mode), key="mode-preview")
            elif st.button("Go live…", key="go-live"):
                _confirm_live(screen, limits)


@st.dialog("Go live")
def _confirm_live(screen: Screen, limits: Limits) -> None:
    st.write("From now on, approving a card sends the message or writes to the connected system for real.")
    channels = named(limits.channels) or "none"
    st.write(f"Open channels: {plain(channels)}. At most {count(limits.max_recipients, 'recipient')} a message.")
    if limits.automatic and limits.automatic_operations:
        st.warning(
            f"Approved by rule, without a person: {plain(named(limits.automatic_operations))}.",
            icon=":material/warning:",
        )
    if st.button("Go live", type="primary", key="confirm-live"):
        _set_mode(screen, ExecutionMode.ON)
        st.rerun()


def _set_mode(screen: Screen, mode: ExecutionMode) -> None:
    done = f"{MODES[mode][0]}: {MODES[mode][1]}"
    perform(lambda actor: screen.app.guardrails.set_mode(actor, mode), done=done)
