"""The little the theme cannot say: spacing, focus, touch targets, cards on a phone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st


def apply_style() -> None:
    st.html(_sheet())


@cache
def _sheet() -> str:
    return f"<style>{Path(__file__).with_name('style.css').read_text()}</style>"
