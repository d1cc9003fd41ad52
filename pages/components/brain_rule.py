"""One rule of the operator brain: what it watches, how its last look went, what became of its cards, and its settings."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from core.actor import Role
from core.brain.queries import Became, LastLook, RuleView
from core.brain.rule import Threshold
from core.brain.rules import MOST_PER_DAY, MOST_PER_LOOK, LookState, RuleMode
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.page import Screen, perform, show_messages
from pages.components.status import Colour
from pages.components.way import way
from pages.components.words import ago, count, moment, percent, plain

PLACE = "brain-settings"

BECAME_WORDS = {
    Became.WAITING: "Waits for a decision",
    Became.EXECUTED: "Executed",
    Became.DECLINED: "Rejected or expired",
    Became.NOT_PROPOSED: "Not proposed",
    Became.WITHDRAWN: "Taken back",
}

_LOOKS: dict[LookState, tuple[str, str, Colour]] = {
    LookState.LOOKED: ("Looked", "check_circle", "green"),
    LookState.PARTLY: ("Looked in part", "error", "orange"),
    LookState.NOT_LOOKED: ("Not looked", "visibility_off", "orange"),
    LookState.FAILED: ("Failed", "error", "red"),
}

_MODES = {
    RuleMode.PROPOSE: "Looks and proposes",
    RuleMode.WATCH: "Only watches",
    RuleMode.OFF: "Off",
}


def rule_card(screen: Screen, view: RuleView) -> None:
    with st.container(border=True, key=f"rule-{view.rule.name}"):
        about, last, act = st.columns([6, 5, 2], gap="medium", vertical_alignment="center")
        with about:
            st.html(_about(view))
        with last:
            _last(screen, view)
        with act:
            if screen.actor.has(Role.ADMIN) and st.button(
                "Settings", icon=":material/tune:", key=f"settings-{view.rule.name}", width="stretch"
            ):
                _settings(screen, view)


def _about(view: RuleView) -> str:
    set_ = view.settings
    said = [_MODES[set_.mode]]
    if set_.mode is not RuleMode.OFF:
        said += [_threshold_words(one, set_.thresholds[one.name]) for one in view.rule.thresholds]
    if set_.mode is RuleMode.PROPOSE:
        said.append(f"at most {count(set_.per_look, 'card')} a look and {set_.per_day} a day")
    return (
        f'<p class="summary"><strong>{escape(view.rule.title)}</strong></p>'
        f'<p class="quiet">{escape(view.rule.watches)}</p>'
        f'<p class="quiet">{escape("; ".join(one for one in said if one))}.</p>'
    )


def _threshold_words(one: Threshold, value: Any) -> str:
    if one.by_name:
        return ", ".join(f"{name} {days} {one.unit}" for name, days in value.items())
    return f"{one.label[0].lower()}{one.label[1:]} {value} {one.unit}"


def _last(screen: Screen, view: RuleView) -> None:
    if view.settings.mode is RuleMode.OFF:
        st.html('<p class="quiet">Off: it does not look.</p>')
        return
    if view.look is None:
        st.html('<p class="quiet">Has not looked yet</p>')
        return
    _look(screen, view.look)
    if view.cards:
        st.html(f'<p class="quiet">{escape(_became(view))}</p>')


def _look(screen: Screen, look: LastLook) -> None:
    word, icon, colour = _LOOKS[look.state]
    now = screen.app.clock.now()
    words = look.words
    if look.found is None and look.seen_at:
        words += f" It last saw its source {ago(look.seen_at, now)}."
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(word, icon=f":material/{icon}:", color=colour)
            exact = escape(moment(look.at, screen.zone))
            st.html(f'<p class="quiet" title="{exact}">{escape(ago(look.at, now))}</p>', width="content")
        st.html(f'<p class="quiet">{escape(words)}</p>')
        if look.state is LookState.NOT_LOOKED and "Connections" in words and screen.actor.has(Role.ADMIN):
            way("Open Connections", "/connections")


def _became(view: RuleView) -> str:
    """Of its cards so far: how many wait, were executed or declined, and what came of it."""
    parts = [f"{view.waiting} wait" if view.waiting else "", f"{view.executed} executed" if view.executed else "",
             f"{view.declined} rejected or expired" if view.declined else ""]  # fmt: skip
    words = f"{count(view.cards, 'card')} so far: {', '.join(one for one in parts if one) or 'all taken back'}"
    share = view.settled.share
    if share is not None:
        words += f"; {percent(share)} settled after it (n = {view.settled.n})"
    return words


@dialog("Settings of the rule", width="medium")
def _settings(screen: Screen, view: RuleView) -> None:
    close_when_done()
    show_messages(PLACE)
    rule, set_ = view.rule, view.settings
    st.markdown(f"**{plain(rule.title)}**  \n{plain(rule.watches)}")
    prefix = f"brain-{rule.name}-"
    st.segmented_control(
        "Mode",
        list(RuleMode),
        default=set_.mode,
        format_func=lambda one: _MODES[one],
        key=f"{prefix}mode",
        required=True,
    )
    for one in rule.thresholds:
        value = set_.thresholds[one.name]
        if one.by_name:
            lines = "\n".join(f"{name}: {number}" for name, number in value.items())
            st.text_area(f"{one.label}, in {one.unit}", lines, key=f"{prefix}{one.name}", help=one.help, height=90)
        else:
            st.number_input(f"{one.label}, {one.unit}", one.least, one.most, value, key=f"{prefix}{one.name}")
    look, day = st.columns(2)
    look.number_input("Cards a look, at most", 1, MOST_PER_LOOK, set_.per_look, key=f"{prefix}per_look")
    day.number_input("Cards a day, at most", 1, MOST_PER_DAY, set_.per_day, key=f"{prefix}per_day")
    if view.changed_at:
        st.caption(f"Changed by {plain(view.changed_by or '')} {moment(view.changed_at, screen.zone)}.")
    st.button("Save", type="primary", key=f"{prefix}save", on_click=_save, args=(screen, view, prefix))


def _save(screen: Screen, view: RuleView, prefix: str) -> None:
    typed = st.session_state
    changes = {
        "mode": typed[f"{prefix}mode"], "per_look": int(typed[f"{prefix}per_look"]),
        "per_day": int(typed[f"{prefix}per_day"]),
        "thresholds": {one.name: _read(one, typed[f"{prefix}{one.name}"]) for one in view.rule.thresholds},
    }  # fmt: skip
    saved = perform(
        lambda actor: screen.app.brain.change(actor, view.rule.name, changes, view.settings.version),
        done=f"Saved. {view.rule.title} looks with it from now on.", place=PLACE,
    )  # fmt: skip
    if saved is not None:
        done_with_dialog()


def _read(one: Threshold, typed: Any) -> Any:
    """A number, or one a line; what is no number is left for the service to refuse."""
    if not one.by_name:
        return int(typed)
    found: dict[str, Any] = {}
    for line in str(typed).splitlines():
        if line.strip():
            name, _, number = line.rpartition(":")
            number = number.strip()
            found[name.strip()] = int(number) if number.isascii() and number.isdecimal() else number
    return found
