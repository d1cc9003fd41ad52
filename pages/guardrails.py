"""Guardrails: what this installation lets happen, and the switch that stops everything."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.guardrails.rules import ExecutionMode, Limits
from pages.components.page import open_page, perform
from pages.components.words import ago, count, moment, plain

screen = open_page(title="Guardrails", icon=":material/shield:", roles=(Role.ADMIN,), position=100)
rails: Limits = screen.app.actions_queries.guardrails()

MODES = {
    ExecutionMode.OFF: ("Stopped", "Nothing is executed, approved or not.", ":material/block:"),
    ExecutionMode.PREVIEW: (
        "Preview",
        "Only what stays on this machine is executed, such as messages to the outbox folder.",
        ":material/visibility:",
    ),
    ExecutionMode.ON: ("Live", "What people approve is executed in the connected systems.", ":material/bolt:"),
}
changed = f"Set by {rails.changed_by} {ago(rails.changed_at, screen.app.clock.now())}."
st.markdown(f"{MODES[rails.mode][1]} :gray[{plain(changed)}]")


def set_mode(mode: ExecutionMode) -> None:
    perform(lambda actor: screen.app.actions.set_mode(actor, mode), done=f"{MODES[mode][0]}: {MODES[mode][1]}")


@st.dialog("Go live")
def confirm_live() -> None:
    st.write("From now on, approving a card sends the message or writes to the connected system for real.")
    channels = ", ".join(sorted(rails.channels)) or "none"
    st.write(f"Open channels: {plain(channels)}. At most {count(rails.max_recipients, 'recipient')} a message.")
    if st.button("Go live", type="primary", on_click=set_mode, args=(ExecutionMode.ON,)):
        st.rerun()


st.header("Execution", anchor=False)
for mode, column in zip(MODES, st.columns(3), strict=True):
    name, words, icon = MODES[mode]
    with column, st.container(border=True, height="stretch"):
        st.markdown(f"**{icon} {name}**")
        st.write(words)
        if mode is rails.mode:
            st.badge("In force", icon=":material/check:", color="green")
        elif mode is ExecutionMode.ON:
            st.button("Go live…", on_click=confirm_live, key="go-live")
        else:
            label = "Stop everything" if mode is ExecutionMode.OFF else "Back to preview"
            st.button(label, on_click=set_mode, args=(mode,), key=f"mode-{mode.value}")

st.header("Limits", anchor=False)
known = sorted(rails.channels.union(screen.app.actions_queries.channels()))
with st.form("limits", border=True):
    left, middle, right = st.columns([2, 1, 1])
    channels = left.pills("Open channels", known, default=sorted(rails.channels), selection_mode="multi")
    recipients = middle.number_input("Recipients a message, at most", 1, 1000, rails.max_recipients)
    hours = right.number_input("Cards expire after, in hours", 1, 24 * 90, rails.expiry_hours)
    if st.form_submit_button("Save limits", type="primary"):
        saved = perform(
            lambda actor: screen.app.actions.change_guardrails(
                actor, channels=frozenset(channels), max_recipients=int(recipients), expiry_hours=int(hours),
                expected_version=rails.version,
            ),
            done="Limits saved. Queued work obeys them from now on.",
        )  # fmt: skip
        st.rerun()

st.caption(
    f"Rules are checked when an action is proposed, when it is approved, and again right before it runs. "
    f"In force since {moment(rails.changed_at, screen.zone)}."
)
