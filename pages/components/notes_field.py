"""Notes that are saved while one types, a moment after the last key; what is typed is never taken away."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.executions.rules import MOST_NOTES


def notes_field(
    number: int, text: str, *, key: str, on_save: Callable[[int, str], bool], disabled: bool = False
) -> None:
    """Draws the notes of step `number`; calls `on_save(number, text)`, which answers whether they were saved."""
    saved_key = f"{key}-saved"

    def typed() -> None:
        sent = getattr(st.session_state.get(key), "typed", None)
        if isinstance(sent, dict) and isinstance(sent.get("text"), str) and type(sent.get("number")) is int:
            done = on_save(sent["number"], sent["text"])
            st.session_state[saved_key] = {"turn": sent.get("turn"), "done": done}

    _component()(
        data={
            "number": number, "text": text, "most": MOST_NOTES, "disabled": disabled,
            "saved": st.session_state.get(saved_key),
        },
        key=key,
        on_typed_change=typed,
    )  # fmt: skip


@cache
def _component() -> Any:
    here = Path(__file__)
    return st.components.v2.component(
        "countersign_notes_field",
        html=(
            '<label for="notes">Notes</label>'
            '<textarea id="notes" rows="3" aria-describedby="state"></textarea>'
            '<p id="state" role="status"></p>'
        ),
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )
