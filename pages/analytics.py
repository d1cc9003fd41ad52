"""Analytics: what did we save, what works for whom, where do we wait?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from pages.components.analytics_board import Board
from pages.components.analytics_tiles import tiles
from pages.components.analytics_views import VIEWS
from pages.components.chart import table_switch
from pages.components.empty import empty_state
from pages.components.findings import lead
from pages.components.page import open_page
from pages.components.run_filters import run_filters
from pages.components.words import plain

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

before = view.filters.before()
now_figures = queries.summary(view.filters)
before_figures = queries.summary(before) if before else None
finding.markdown(plain(lead(now_figures, before_figures, view.period)))
board = Board(screen, view)
tiles(view.period, now_figures, before_figures, queries.savings(view.filters))

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    chosen = st.segmented_control(
        "View", list(VIEWS), default="Overview", key="view", bind="query-params", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    table_switch()
VIEWS.get(chosen or "Overview", VIEWS["Overview"])(board)
