"""What a run was given, what it gave back, and who did what to it."""

from __future__ import annotations

import streamlit as st

from core.analytics.one_run import RunDetail
from pages.components.audit_entry import event_words
from pages.components.automated_document import content_html
from pages.components.page import Screen
from pages.components.words import moment, plain

_MOST = 200


def run_contents(found: RunDetail) -> None:
    run = found.row.run
    for title, key, content in (("Inputs", "inputs", run.inputs), ("Outputs", "outputs", run.outputs)):
        if content:
            with st.container(border=True, gap="xsmall", key=f"run-{key}"):
                st.subheader(title, anchor=False)
                st.html(f'<article class="document">{content_html(dict(content))}</article>')


def run_history(screen: Screen, found: RunDetail) -> None:
    with st.expander("History", icon=":material/history:"):
        for one in screen.app.tree_queries.events(screen.actor, found.row.id, limit=_MOST):
            words = event_words(one.event).removeprefix("Run ")
            st.caption(f"{moment(one.at, screen.zone)} · {plain(one.who)} · {plain(words[:1].upper() + words[1:])}")
