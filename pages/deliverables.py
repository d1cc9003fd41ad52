"""Deliverables: what can I hand over?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from pages.components import address
from pages.components.deliverable_detail import show_package
from pages.components.deliverable_list import package_list
from pages.components.deliverable_new import new_package
from pages.components.deliverable_themes import theme_list
from pages.components.page import open_page

screen = open_page(
    title="Deliverables", icon=":material/inventory_2:", roles=(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=64,
)  # fmt: skip
VIEWS = {"Packages": package_list, "Themes": theme_list}


def show_views() -> None:
    """Packages for everybody; admins have themes beside them."""
    address.choice("tab", VIEWS, "Packages")
    if screen.actor.has(Role.ADMIN):
        st.segmented_control(
            "View", list(VIEWS), key="tab", on_change=address.note, args=("tab", "Packages"),
            label_visibility="collapsed", required=True,
        )  # fmt: skip
        VIEWS[st.session_state["tab"]](screen)
    else:
        package_list(screen)


if wanted := st.query_params.get("package"):
    show_package(screen, wanted)
elif st.query_params.get("new"):
    new_package(screen)
else:
    show_views()
