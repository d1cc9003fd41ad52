"""What became of a run of an official type: where its site or its posts are, or where a site can be looked at until then."""

from __future__ import annotations

import streamlit as st

from core.executions.automated.run_views import RunTree
from core.websites.kind import find_types
from core.websites.rules import DeploymentState
from pages.components.page import Screen
from pages.components.site_words import site_state
from pages.components.way import way
from pages.components.words import count, plain

MOST_POSTS = 20


def site_of_run(screen: Screen, tree: RunTree) -> None:
    """A line with the address and the ways to it; nothing for runs of other kinds."""
    if tree.head.workflow_id not in find_types():
        return
    _posts(tree.head.outputs.get("posts"))
    site = screen.app.sites_queries.of_run(screen.actor, tree.head.id)
    if site is None or not site.versions:
        return
    published = any(one.doc_type == "site_deployment" for one in tree.documents)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="site-of-run"):
        word, colour = site_state(site.state if published else None)
        st.markdown(f"**{plain(site.name)}**", width="content")
        st.badge(word, color=colour)
        if published and site.address:
            st.markdown(plain(site.address), width="stretch")
            live = site.state is DeploymentState.LIVE
            st.link_button(
                "Open the site", site.address, icon=":material/open_in_new:", type="primary" if live else "secondary"
            )
            way("Report and versions", "/sites", {"site": str(site.id), "view": "Report"})
        else:
            st.markdown("Built; nobody outside sees it before the council has agreed.", width="stretch")
            way("See the preview", "/sites", {"site": str(site.id)})


def _posts(addresses: object) -> None:
    found = [str(one) for one in addresses] if isinstance(addresses, list) else []
    if not found:
        return
    with st.container(border=True, gap="xsmall", key="posts-of-run"):
        st.markdown(f"**{count(len(found), 'post')} published**")
        for address in found[:MOST_POSTS]:
            st.markdown(plain(address))
        if len(found) > MOST_POSTS:
            st.caption(f"And {len(found) - MOST_POSTS:,} more, each at its step.")
