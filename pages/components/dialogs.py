"""Dialogs that the page waits for: Streamlit closes a dialog when the whole page is drawn again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Literal, ParamSpec

import streamlit as st

P = ParamSpec("P")

_OPEN, _DONE = "_dialog_open", "_dialog_done"


def dialog(
    title: str, *, width: Literal["small", "medium", "large"] = "small"
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """As `st.dialog`; while it is open, `dialog_is_open()` says so."""

    def decorate(draw: Callable[P, None]) -> Callable[P, None]:
        drawn = st.dialog(title, width=width, on_dismiss="rerun")(draw)

        @wraps(draw)
        def show(*args: P.args, **kwargs: P.kwargs) -> None:
            st.session_state[_OPEN] = True
            st.session_state.pop(_DONE, None)
            drawn(*args, **kwargs)

        return show

    return decorate


def dialog_is_open() -> bool:
    return bool(st.session_state.get(_OPEN))


def page_begins() -> None:
    """First thing of every whole run, by the frame: whatever was open is closed by this very run."""
    st.session_state.pop(_OPEN, None)
    st.session_state.pop(_DONE, None)


def done_with_dialog() -> None:
    """For a button's `on_click` in a dialog: it has done what it was opened for."""
    st.session_state[_DONE] = True


def close_when_done() -> None:
    """First thing in a dialog: closes it and draws the page anew once it is done with."""
    if st.session_state.pop(_DONE, False):
        st.rerun()
