"""How often I am told by e-mail what waits for me, and how the last one went."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import streamlit as st

from core.actor import Role
from core.guardrails.limits import ExecutionMode
from core.notifications.slots import DigestState, Every
from pages.components.page import Screen, perform, show_messages
from pages.components.words import count, moment, plain

_PLACE = "digest"
_WORDS = {Every.OFF: "Off", Every.HOURLY: "Hourly", Every.DAILY: "Daily"}


def notify_choice(screen: Screen) -> None:
    """For those who may decide; nobody else has anything that waits."""
    if not screen.actor.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN):
        return
    said = screen.app.notifications_queries.preference(screen.actor)
    present = said.preference
    st.header("Tell me what waits", anchor=False)
    st.markdown(
        "An e-mail with what is new for you to decide and what expires within a day. With no news, there is no e-mail."
    )
    show_messages(_PLACE)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        every = st.segmented_control(
            "How often", list(Every), default=present.every, format_func=_WORDS.__getitem__, key="digest-every",
            required=True, on_change=_save, args=(screen,),
        )  # fmt: skip
        if every is Every.DAILY:
            st.selectbox(
                "At", range(24), index=present.hour, format_func=lambda hour: f"{hour:02d}:00", key="digest-hour",
                width=120, on_change=_save, args=(screen,),
            )  # fmt: skip
    st.caption(_note(screen, present.every, present.zone if said.chosen or present.every is Every.DAILY else "UTC"))
    _last(screen)


def _save(screen: Screen) -> None:
    every = Every(st.session_state["digest-every"])
    hour = int(st.session_state.get("digest-hour", 8))
    done = {
        Every.OFF: "You get no e-mail about what waits.",
        Every.HOURLY: "You are told once an hour, when there is news.",
        Every.DAILY: f"You are told daily at {hour:02d}:00, {_zone(screen)}, when there is news.",
    }[every]
    perform(
        lambda actor: screen.app.notifications.choose(actor, every, hour=hour, zone=_zone(screen)),
        done=done, place=_PLACE,
    )  # fmt: skip


def _zone(screen: Screen) -> str:
    return screen.zone.key if isinstance(screen.zone, ZoneInfo) else "UTC"


def _note(screen: Screen, every: Every, zone: str) -> str:
    if every is Every.OFF:
        return "Nothing is sent to you."
    times = f"Times are in the zone {zone}. " if every is Every.DAILY else ""
    if screen.app.guardrails_queries.current().mode is not ExecutionMode.ON:
        return f"{times}Execution is not on, so these e-mails are written to the outbox folder of this machine for now."
    if not screen.app.settings.smtp_host:
        return f"{times}No mail server is set, so these e-mails are written to the outbox folder of this machine."
    return times.strip() or "On the hour."


def _last(screen: Screen) -> None:
    last = screen.app.notifications_queries.last_digest(screen.actor)
    if last is None:
        return
    when = moment(last.made_at, screen.zone)
    if last.state is DigestState.SENT:
        st.caption(f"The last one, {when}: {count(last.items, 'card')}, by {plain(last.road)}.")
    elif last.state is not DigestState.SENDING:
        st.warning(f"The last one, {when}, may not have reached you. {plain(last.words)}", icon=":material/mail_off:")
