"""One look per state: a word, an icon and a colour, so that colour is never the only sign."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from pages.components.words import sentence

Colour = Literal["red", "orange", "green", "blue", "violet", "gray"]

_LOOKS: dict[str, tuple[str, Colour]] = {
    "pending": ("schedule", "gray"),
    "queued": ("schedule", "gray"),
    "approved": ("how_to_reg", "blue"),
    "started": ("play_arrow", "blue"),
    "running": ("sync", "blue"),
    "executing": ("sync", "blue"),
    "in_progress": ("play_arrow", "blue"),
    "waiting": ("front_hand", "orange"),
    "waiting_acceptance": ("how_to_vote", "orange"),
    "waiting_clarification": ("contact_support", "orange"),
    "clarifying": ("contact_support", "orange"),
    "qa_checking": ("rule", "blue"),
    "remediating": ("build", "blue"),
    "paused": ("pause", "gray"),
    "executed": ("check_circle", "green"),
    "completed": ("check_circle", "green"),
    "succeeded": ("check_circle", "green"),
    "verified": ("verified", "green"),
    "rejected": ("block", "gray"),
    "expired": ("timer_off", "gray"),
    "cancelled": ("block", "gray"),
    "abandoned": ("logout", "gray"),
    "failed": ("error", "red"),
    "unknown": ("help", "orange"),
    "critical": ("priority_high", "red"),
    "high": ("keyboard_double_arrow_up", "orange"),
    "attention": ("notifications", "orange"),
    "medium": ("drag_handle", "gray"),
    "low": ("keyboard_arrow_down", "gray"),
    "info": ("info", "blue"),
    "automated": ("smart_toy", "gray"),
}

_WORDS = {
    "waiting": "Waits",
    "waiting_acceptance": "Waits for a decision",
    "waiting_clarification": "Waits for an answer",
    "clarifying": "Waits for answers",
    "qa_checking": "Being checked",
    "remediating": "Being corrected",
}
"""Where the state's own name is no word for people."""


def look(state: str) -> tuple[str, str, Colour]:
    """(word, icon, colour) for a state's value."""
    icon, colour = _LOOKS.get(state.lower(), ("circle", "gray"))
    return _WORDS.get(state.lower()) or sentence(state.lower()), f":material/{icon}:", colour


def state_badge(state: str, *, words: str | None = None, help: str | None = None) -> None:
    word, icon, colour = look(state)
    st.badge(words or word, icon=icon, color=colour, help=help)
