"""The time that is left until something closes, counting by itself between two drawings."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


def countdown(until: datetime, now: datetime, *, before: str, over: str, key: str) -> None:
    """`before` stands in front of what is left (`Closes in 2 h 5 min`), `over` in its place once nothing is."""
    left = max(0, round((until - now).total_seconds() * 1000))
    _component()(data={"left": left, "before": before, "over": over}, key=key)


@cache
def _component() -> Any:
    here = Path(__file__)
    return st.components.v2.component(
        "countersign_countdown",
        html='<span role="timer"></span>',
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )
