"""The keys of the inbox, one key away: `?`."""

from __future__ import annotations

import streamlit as st

from pages.components.dialogs import dialog

_KEYS = (
    ("J", "next card in the list"),
    ("K", "card before"),
    ("A", "approve and execute, or vote to approve"),
    ("R", "reject, with a reason"),
    ("E", "edit the plan"),
    ("N", "open what comes next, after a decision"),
    ("X", "select for deciding together"),
    ("/", "search"),
    ("?", "these keys"),
    ("Esc", "close what is open"),
)


def shortcuts_button() -> None:
    if st.button("Keys :gray[?]", icon=":material/keyboard:", type="tertiary", key="keys"):
        _shortcuts()


@dialog("Keys")
def _shortcuts() -> None:
    rows = "".join(f"<dt><kbd>{key}</kbd></dt><dd>{what}</dd>" for key, what in _KEYS)
    st.html(f'<dl class="keys">{rows}</dl>')
