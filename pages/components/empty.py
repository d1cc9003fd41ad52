"""An empty state teaches: one line, and the way to fill it."""

from __future__ import annotations

import streamlit as st

from pages.components.words import plain


def empty_state(
    line: str, *, icon: str = ":material/inbox:", page: str | None = None, label: str | None = None
) -> None:
    """`line` says what will be here and how it comes; `page` (a file of pages/) and `label` make the way there."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"{icon}&ensp;{plain(line)}")
        # A button rather than a page link, which needs the whole navigation to be drawn around it.
        if page and label and st.button(label, icon=":material/arrow_forward:", type="primary", key=f"empty-{page}"):
            st.switch_page(page)
