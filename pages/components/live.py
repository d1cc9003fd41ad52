"""Looks by itself whether what is on the page still holds, and draws the page anew only when it does not."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta

import streamlit as st

from pages.components.dialogs import dialog_is_open
from pages.components.page import Screen, current_actor

LOOK_SECONDS = 1.2
"""With the drawing, what others do is seen within two seconds."""

SLOW = timedelta(seconds=30)
"""Time moves cards too (they wake, they expire), and leaves no entry to notice."""


def keep_current(
    screen: Screen, pulse: int, drawn: Hashable, look: Callable[[], Hashable], *, before: Callable[[], None]
) -> None:
    """Draws the page again when `look()` differs from what is `drawn`; `before()` is called right before that.

    `pulse` is `actions_queries.pulse()` from before the page was read. Nothing is drawn again under an open dialog;
    what happened meanwhile is seen when it closes.
    """
    seen = _Seen(pulse, screen.app.clock.now())

    def look_again() -> None:
        if seen.first:
            seen.first = False
            return
        if dialog_is_open():
            return
        if current_actor() is None:
            st.rerun()
        pulse, now = screen.app.actions_queries.pulse(), screen.app.clock.now()
        if pulse == seen.pulse and now - seen.at < SLOW:
            return
        seen.pulse, seen.at = pulse, now
        if look() != drawn:
            before()
            st.rerun()

    st.fragment(look_again, run_every=LOOK_SECONDS)()


class _Seen:
    """What this drawing of the page knows; it lives as long as the drawing does."""

    def __init__(self, pulse: int, at: datetime) -> None:
        self.pulse, self.at, self.first = pulse, at, True
