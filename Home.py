"""Streamlit's entry: who is signed in, and which pages they have. It runs before every page, at every click."""

from __future__ import annotations

import streamlit as st

from pages.components.frame import draw_frame

st.set_page_config(page_title="Countersign", page_icon="/app/static/mark.svg", layout="wide")
draw_frame()
