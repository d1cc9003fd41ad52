"""Turning to older entries of a list whose cursor stands in the address, and back to the newest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.errors import InvalidInput

T = TypeVar("T")


def page_of(read: Callable[[str], T]) -> T:
    """What `read` answers for the cursor of the address; for the newest where somebody wrote that by hand."""
    try:
        return read(st.query_params.get("after", ""))
    except InvalidInput:
        turn_to("")
        return read("")


def older_pages(next_cursor: str | None) -> None:
    """Draws nothing where all there is stands on the page."""
    if next_cursor is None and "after" not in st.query_params:
        return
    with st.container(horizontal=True, gap="xsmall"):
        if "after" in st.query_params:
            st.button(
                "Newest", icon=":material/first_page:", type="tertiary", key="newest", on_click=turn_to, args=("",)
            )
        st.button(
            "Older", icon=":material/chevron_right:", icon_position="right", type="tertiary", key="older",
            disabled=next_cursor is None, on_click=turn_to, args=(next_cursor or "",),
        )  # fmt: skip


def turn_to(cursor: str) -> None:
    if cursor:
        st.query_params["after"] = cursor
    else:
        st.query_params.pop("after", None)
