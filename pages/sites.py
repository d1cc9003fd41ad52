"""Sites: what is published, and is it well?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from pages.components.page import open_page
from pages.components.site_detail import show_site
from pages.components.site_list import site_list

screen = open_page(
    title="Sites", icon=":material/language:", roles=(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=63,
)  # fmt: skip

if wanted := st.query_params.get("site"):
    show_site(screen, wanted)
else:
    site_list(screen)
