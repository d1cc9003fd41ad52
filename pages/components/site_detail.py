"""One site: how it looks, what was measured of it, its versions, and what visitors wrote."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFound
from core.identifiers import parse_id
from core.websites.views import SiteView
from pages.components import address
from pages.components.page import Screen, show_messages
from pages.components.site_messages import site_messages
from pages.components.site_preview import site_preview
from pages.components.site_report import site_report
from pages.components.site_versions import PLACE, site_versions
from pages.components.site_words import site_state, target_words
from pages.components.way import way
from pages.components.words import ago, count, moment, plain

VIEWS = {"Preview": site_preview, "Report": site_report, "Versions": site_versions, "Messages": site_messages}


def show_site(screen: Screen, wanted: str) -> None:
    st.button("All sites", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    site_id = parse_id(wanted)
    try:
        if site_id is None:
            raise NotFound(kind="site", id=wanted[:40])
        view = screen.app.sites_queries.one(screen.actor, site_id)
    except NotFound:
        st.info("There is no such site, or it is not yours to see. Choose one from the list.", icon=":material/info:")
        return
    _header(screen, view)
    show_messages(PLACE)
    address.choice("view", VIEWS, "Preview")
    st.segmented_control(
        "View", list(VIEWS), key="view", on_change=address.note, args=("view", "Preview"),
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    VIEWS[st.session_state["view"]](screen, view)


def _header(screen: Screen, view: SiteView) -> None:
    site = view.summary
    word, colour = site_state(site.state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(plain(site.name), anchor=False, width="content")
        st.badge(word, color=colour)
    said = [
        f"served by {target_words(site.target)}" if site.address else "nobody outside can see it yet",
        count(site.versions, "version"),
        count(site.messages, "message"),
        f"begun {ago(site.created_at, screen.app.clock.now())}",
    ]
    st.caption(plain(" · ".join(said)), help=moment(site.created_at, screen.zone))
    with st.container(horizontal=True, vertical_alignment="center"):
        if site.address:
            st.link_button("Open the site", site.address, icon=":material/open_in_new:", help=site.address)
        if site.run_id:
            way("The run that made it", "/runs", {"run": str(site.run_id)})


def _back() -> None:
    for name in ("site", "view", "version", "after"):
        st.query_params.pop(name, None)
