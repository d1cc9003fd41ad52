"""The step executor: the steps with their state, the step to do, its notes, and the way on."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from core.catalog.times import Span
from core.executions.rules import MOST_REASON, RunEnded, StepState
from core.executions.walk import Walk, WalkStep
from pages.components.notes_field import notes_field
from pages.components.page import Screen, carried_out, perform, show_messages
from pages.components.step_bar import step_bar
from pages.components.words import plain

NOTES = "notes"
"""Where refusals of notes are shown: below the field, whose text stays."""


def show_executor(screen: Screen, walk: Walk) -> None:
    """Draws an open run; every click is one service call."""
    st.html(_sheet())
    step_bar(walk, screen.app.clock.now(), key=f"bar-{walk.id}")
    steps, step = st.columns([4, 9], gap="large")
    with steps, st.container(key="steps", gap=None):
        _steps(screen, walk)
    with step:
        _step(screen, walk, walk.current)


def waiting_words(waiting: Span) -> str:
    """What happens after the hands-on part, when it is somebody else's turn."""
    time = f"up to {Span(waiting.most, waiting.most)}" if waiting.least == 0 else str(waiting)
    return f"then {time} of waiting"


# -- the steps on the left --------------------------------------------------------------------------------------------

_ICONS = {
    StepState.DONE: ":material/check_circle:",
    StepState.ACTIVE: ":material/radio_button_checked:",
    StepState.PENDING: ":material/radio_button_unchecked:",
}
_STATE_WORDS = {StepState.DONE: "done", StepState.ACTIVE: "to do now", StepState.PENDING: "not yet open"}


def _steps(screen: Screen, walk: Walk) -> None:
    for step in walk.steps:
        here = step.number == walk.progress.current
        label = f"{step.number}. {plain(step.title)}"
        st.button(
            f"**{label}**" if here else label, icon=_ICONS[step.state], type="tertiary", width="stretch",
            key=f"step-{step.number}{'-here' if here else ''}", help=_STATE_WORDS[step.state],
            disabled=step.number > walk.progress.furthest or not walk.mine,
            on_click=_show, args=(screen, walk, step.number),
        )  # fmt: skip


# -- the step on the right ------------------------------------------------------------------------------------------


def _step(screen: Screen, walk: Walk, step: WalkStep) -> None:
    st.markdown(f"## {plain(step.title)}")
    times = [f"about {step.estimated_time} of work"] if step.estimated_time else []
    if step.waiting_time and step.waiting_time.most:
        times.append(waiting_words(step.waiting_time))
    reading = step.state is StepState.DONE and not walk.ended
    st.caption(" · ".join([*times, "done; you are reading it again"] if reading else times).capitalize())
    st.markdown(plain(step.description))
    if step.tips:
        st.markdown("**Tips**\n" + "\n".join(f"- {plain(tip)}" for tip in step.tips))
    notes_field(
        step.number, step.notes, key=f"notes-{walk.id}-{step.number}", disabled=not walk.mine,
        on_save=lambda number, text: carried_out(
            lambda actor: screen.app.executions.save_notes(actor, walk.id, number, text), place=NOTES
        ),
    )  # fmt: skip
    show_messages(NOTES)
    if walk.mine:
        _ways_on(screen, walk)


def _ways_on(screen: Screen, walk: Walk) -> None:
    here, last = walk.progress.current, walk.progress.total
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, gap="small", key="ways", width="content"):
            st.button(
                "Previous", icon=":material/arrow_back:", key="previous", disabled=here == 1,
                on_click=_show, args=(screen, walk, here - 1),
            )  # fmt: skip
            if here < last:
                st.button(
                    "Next", icon=":material/arrow_forward:", icon_position="right", type="primary", key="next",
                    on_click=_next, args=(screen, walk),
                )  # fmt: skip
            else:
                st.button(
                    "Complete", icon=":material/check:", type="primary", key="complete",
                    disabled=not walk.progress.on_last_step, on_click=_complete, args=(screen, walk),
                )  # fmt: skip
        with st.container(horizontal=True, gap="small", key="aside", width="content"):
            _asides(screen, walk)


def _asides(screen: Screen, walk: Walk) -> None:
    if walk.paused:
        st.button(
            "Resume", icon=":material/play_arrow:", type="tertiary", key="resume", on_click=_resume, args=(screen, walk)
        )
    else:
        st.button(
            "Pause", icon=":material/pause:", type="tertiary", key="pause", on_click=_pause, args=(screen, walk),
            help="Time from now on counts as waiting, not as work.",
        )  # fmt: skip
    if st.button("Abandon…", icon=":material/logout:", type="tertiary", key="abandon"):
        _abandon_dialog(screen, walk)


def _show(screen: Screen, walk: Walk, number: int) -> None:
    seen = walk.progress.current
    perform(lambda actor: screen.app.executions.go_to(actor, walk.id, number, expected=seen))


def _next(screen: Screen, walk: Walk) -> None:
    perform(lambda actor: screen.app.executions.finish_step(actor, walk.id, walk.progress.current))


def _complete(screen: Screen, walk: Walk) -> None:
    """A second click finds the run completed, which the next drawing shows anyway."""
    carried_out(lambda actor: screen.app.executions.complete(actor, walk.id), gently=(RunEnded,))


def _pause(screen: Screen, walk: Walk) -> None:
    carried_out(lambda actor: screen.app.executions.pause(actor, walk.id))


def _resume(screen: Screen, walk: Walk) -> None:
    carried_out(lambda actor: screen.app.executions.resume(actor, walk.id))


@st.dialog("Abandon this run")
def _abandon_dialog(screen: Screen, walk: Walk) -> None:
    st.write("Your notes and times are kept, and the run takes no more changes. You can start the workflow again.")
    reason = st.text_area("Reason", key=f"abandon-{walk.id}", max_chars=MOST_REASON, help="It shows what to improve.")
    if st.button("Abandon", type="primary", key="confirm-abandon"):
        if carried_out(lambda actor: screen.app.executions.abandon(actor, walk.id, reason), place="dialog"):
            st.rerun()
        show_messages("dialog")


@cache
def _sheet() -> str:
    return f"<style>{Path(__file__).with_suffix('.css').read_text()}</style>"
