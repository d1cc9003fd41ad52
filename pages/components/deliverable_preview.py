"""The first pages of a package as pictures."""

from __future__ import annotations

import streamlit as st

from core.deliverables.queries import PackageView
from core.errors import NotFound
from pages.components.page import Screen
from pages.components.words import count

_BESIDE = 3


def page_pictures(screen: Screen, view: PackageView) -> None:
    """Three beside each other on a desk, below each other on a phone."""
    total = next((one.facts["pages"] for one in view.files if "pages" in one.facts), view.pages)
    if total > view.pages:
        st.caption(f"The first {count(view.pages, 'page')} of {total:,}.")
    for start in range(1, view.pages + 1, _BESIDE):
        numbers = range(start, min(start + _BESIDE, view.pages + 1))
        for column, number in zip(st.columns(_BESIDE), numbers, strict=False):
            with column.container(border=True, key=f"package-page-{number}"):
                try:
                    st.image(
                        screen.app.packages_queries.preview(screen.actor, view.row.id, number),
                        alt=f"Page {number} of {view.row.label}", width="stretch",
                    )  # fmt: skip
                except NotFound:
                    st.caption("This page is not kept any more.")
