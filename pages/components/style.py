"""The little the theme cannot say: spacing, focus, touch targets, cards on a phone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st


def apply_style() -> None:
    st.html(_sheet(st.context.theme.type == "dark"))


@cache
def _sheet(dark: bool) -> str:
    """Streamlit tells the page's main part alone that it is dark; dialogs stand outside of it."""
    scheme = f":root {{ color-scheme: {'dark' if dark else 'light'}; }}"
    return f"<style>{scheme}\n{Path(__file__).with_name('style.css').read_text()}</style>"
