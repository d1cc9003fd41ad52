"""The bar of a run: which step, how long so far, how much is left; it ticks in the browser and asks the server nothing."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.executions.rules import TimerKind
from core.executions.walk import Walk


def step_bar(walk: Walk, now: datetime, *, key: str) -> None:
    """Draws the bar from what the server says; between two drawings it counts by itself."""
    timer = walk.timer.read(now)
    working = timer.kind in {TimerKind.WORK, TimerKind.AI}
    _component()(
        data={
            "step": walk.progress.current,
            "total": walk.progress.total,
            "done": walk.progress.done,
            "elapsed": timer.work_ms + timer.ai_ms,
            "running": working,
            "paused": walk.paused,
            "left": walk.minutes_left(),
        },
        key=key,
    )


@cache
def _component() -> Any:
    here = Path(__file__)
    return st.components.v2.component(
        "countersign_step_bar",
        html='<div class="bar"></div>',
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )
