"""A built site inside of the dashboard, on a desk and on a phone, before anybody outside sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.page import Screen
from pages.components.words import plain

DESKTOP, PHONE = "Desktop", "Phone"
WIDTHS: Mapping[str, int | Literal["stretch"]] = {DESKTOP: "stretch", PHONE: 390}
_HEIGHTS = {DESKTOP: 720, PHONE: 844}


def site_frame(source: str, width: str) -> None:
    """The page at `source` in a window of this width."""
    with st.container(border=True, key=f"site-frame-{width.lower()}", width="content" if width == PHONE else "stretch"):
        st.iframe(source, width=WIDTHS[width], height=_HEIGHTS[width])


def show_built_site(screen: Screen, content: Mapping[str, Any], *, key: str) -> DeltaGenerator:
    """What a run built, as its document `site_preview` has it; answers where the rest goes: below, or beside a phone."""
    pages = {str(one["path"]).removeprefix("/"): _page_words(one) for one in _pages(content)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page = st.selectbox(
            "Page", list(pages), key=f"look-page-{key}", width=280, format_func=lambda path: pages[path]
        )
        width = st.segmented_control("Width", list(WIDTHS), default=DESKTOP, key=f"look-width-{key}", required=True)
        preview = str(content.get("preview") or "")
        st.link_button("Open in a new tab", preview + (page or ""), icon=":material/open_in_new:")
    chosen = width or DESKTOP
    if chosen == PHONE:
        left, right = st.columns([430, 520], gap="medium")
    else:
        left, right = st.container(), st.container()
    with left:
        site_frame(preview + (page or ""), chosen)
        for note in content.get("notes") or ():
            st.caption(plain(str(note)))
    return right


def _pages(content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = content.get("pages")
    return [one for one in found if isinstance(one, Mapping) and "path" in one] if isinstance(found, list) else []


def _page_words(page: Mapping[str, Any]) -> str:
    title, path = str(page.get("title") or ""), str(page["path"])
    return f"{title} · {path}" if title else path
