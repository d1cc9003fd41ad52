"""Estimated, measured and proven side by side, each unit by itself: they are never one figure."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.outcomes.queries import Figures, Total
from pages.components.words import count, money, plain, quantity

_SHOWN = 4


def outcome_figures(figures: Figures) -> None:
    """Three tiles; the smaller units of a long list are folded."""
    estimates = [
        (money(one.weekly, one.currency), f"a week, {count(one.count, 'completed run')}") for one in figures.estimated
    ]
    tiles = (
        ("Estimated", "What completed runs should save, before anybody measured it.", estimates),
        ("Measured", "What people logged and nobody rejected.", _totals(figures.measured)),
        ("Proven", "The part of it whose proof somebody else verified.", _totals(figures.proven)),
    )
    for column, (name, meaning, lines) in zip(st.columns(3), tiles, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"**{name}**", help=meaning)
            if not lines:
                st.markdown(":gray[Nothing yet]")
            for figure, n in lines[:_SHOWN]:
                st.metric(n, figure)
            if len(lines) > _SHOWN:
                with st.expander(f"{len(lines) - _SHOWN} more units"):
                    for figure, n in lines[_SHOWN:]:
                        st.markdown(f"{plain(figure)} :gray[{n}]")


def _totals(totals: Sequence[Total]) -> list[tuple[str, str]]:
    return [(quantity(one.value, one.unit), count(one.count, "outcome")) for one in totals]
