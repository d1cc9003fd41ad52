"""Home: what to do next, and whether the system is well."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from pages.components.page import open_page

screen = open_page(
    title="Home",
    icon=":material/home:",
    roles=(Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=0,
)
st.write("…")
