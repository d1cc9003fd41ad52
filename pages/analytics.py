"""Analytics: what did we save, what works for whom, where do we wait?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from pages.components.analytics_board import Board, Summaries
from pages.components.analytics_sharing import sharing
from pages.components.analytics_tiles import as_of_words
from pages.components.analytics_views import VIEWS
from pages.components.chart import table_switch
from pages.components.deliverable_links import package_of
from pages.components.empty import empty_state
from pages.components.findings import lead
from pages.components.page import open_page
from pages.components.run_filters import filter_chips, run_filters
from pages.components.run_periods import UTC_NOTE
from pages.components.way import way
from pages.components.words import count, plain

screen = open_page(
    title="Analytics", icon=":material/monitoring:", roles=(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=60,
)  # fmt: skip
queries = screen.app.analytics_queries
finding = st.empty()
view = run_filters(screen, with_text=False)

if not view.choice.real_runs and not view.choice.sample_runs:
    finding.markdown("There is nothing to measure yet.")
    empty_state(
        "Figures appear here with the first run. An admin can load sample data on Home to see how it will look.",
        icon=":material/monitoring:",
    )
    st.stop()

summaries = Summaries(
    now=queries.summary(view.filters),
    before=queries.summary(view.before) if view.before else None,
    as_of=queries.as_of(),
)
against = view.comparison.words if view.comparison else ""
with finding.container(gap=None):
    st.markdown(plain(lead(summaries.now, summaries.before, against)))
    st.caption(f"{as_of_words(summaries.as_of, screen.zone)} {UTC_NOTE}")
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="chips"):
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        filter_chips(view)
        way(f"Show {count(summaries.now.runs, 'run')}", view.link())
        way("Make a package", "/deliverables", package_of(view))
    last = st.container(horizontal=True, gap="small", width="content")

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    chosen = st.segmented_control(
        "View", list(VIEWS), default="Overview", key="view", bind="query-params", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    table_switch()
VIEWS.get(chosen or "Overview", VIEWS["Overview"])(Board(screen, view, summaries))
with last:
    # Now every box has been drawn, so the address is whole.
    sharing(screen, view, summaries.now.runs)
