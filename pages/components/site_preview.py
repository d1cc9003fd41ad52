"""A version as visitors would see it, on a desk and on a phone, before or after it is published."""

from __future__ import annotations

import streamlit as st

from core.websites.views import SiteView, VersionView
from pages.components import address
from pages.components.empty import empty_state
from pages.components.page import Screen
from pages.components.site_look import DESKTOP, WIDTHS, site_frame
from pages.components.words import plain


def site_preview(screen: Screen, view: SiteView) -> None:
    if not view.versions:
        empty_state("Nothing is built yet. The run builds the site at its step “Preview”.", icon=":material/web:")
        return
    version = chosen_version(view)
    address.choice("width", WIDTHS, DESKTOP)
    pages = {path: "/" + path for path in version.pages}
    address.choice("page", pages, next(iter(pages), ""))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Version", [one.number for one in view.versions], key="version", width=180,
            format_func=lambda number: _version_words(view, number), on_change=address.note, args=("version",),
        )  # fmt: skip
        st.selectbox(
            "Page", list(pages), key="page", width=240, format_func=lambda path: pages[path],
            on_change=address.note, args=("page", ""),
        )  # fmt: skip
        st.segmented_control(
            "Width", list(WIDTHS), key="width", required=True, on_change=address.note, args=("width", DESKTOP)
        )
    width = st.session_state["width"]
    source = screen.app.sites.preview_address(version.id) + st.session_state["page"]
    site_frame(source, width)
    for note in version.notes:
        st.caption(plain(note))


def chosen_version(view: SiteView) -> VersionView:
    """The one the address names, else the newest."""
    numbers = {str(one.number): one for one in view.versions}
    address.choice("version", numbers, None)
    said = st.session_state.get("version")
    found = numbers.get(str(said)) or view.versions[0]
    st.session_state["version"] = found.number
    return found


def _version_words(view: SiteView, number: int) -> str:
    live = next((one.is_live for one in view.versions if one.number == number), False)
    return f"{number:,}, live" if live else f"{number:,}"
