"""The least a Streamlit page can be, served as ours is: what the decisions page is compared with."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

app = st.App(Path(__file__).with_name("empty_script.py"))
