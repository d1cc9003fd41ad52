"""Savings: what does it save, and how do we know?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from pages.components.chart import table_switch
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.savings_board import SavingsBoard
from pages.components.savings_calculator import calculator
from pages.components.savings_cards import rate_cards
from pages.components.savings_evidence import evidence
from pages.components.savings_rates import exchange_rates
from pages.components.savings_scenarios import scenarios

screen = open_page(
    title="Savings", icon=":material/savings:", roles=(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=62,
)  # fmt: skip
VIEWS = {
    "Calculator": calculator, "Scenarios": scenarios, "Rate cards": rate_cards, "Exchange rates": exchange_rates,
    "Evidence": evidence,
}  # fmt: skip
OF_EVIDENCE = ("figure", "metric", "unit")


def look_at() -> None:
    """Keeps the view in the address; a figure belongs to the evidence alone."""
    chosen = st.session_state["savings-view"]
    st.query_params["view"] = chosen
    for name in OF_EVIDENCE if chosen != "Evidence" else ():
        st.query_params.pop(name, None)


def view_of_the_address() -> str:
    asked = st.query_params.get("view", "")
    return asked if asked in VIEWS else "Evidence" if "figure" in st.query_params else "Calculator"


board = SavingsBoard(screen, {one.workflow_id: one for one in screen.app.savings_queries.workflows()})
if not board.definitions:
    empty_state("Savings are reckoned for workflows, and there is none yet.", icon=":material/savings:")
    st.stop()
st.markdown(
    "What a workflow should save is reckoned from dated rate cards; what it did save is what people logged and others "
    "verified. The two are never added."
)
view = view_of_the_address()
st.session_state["savings-view"] = view
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.segmented_control(
        "View", list(VIEWS), key="savings-view", on_change=look_at, label_visibility="collapsed", required=True
    )
    if view in ("Calculator", "Scenarios"):
        table_switch()
VIEWS[view](board)
