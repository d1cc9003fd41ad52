"""A list of closed cards in which one is open: a list box with a mouse, a thumb, or j and k."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

Tone = Literal["red", "orange", "green", "blue", "violet", "gray"]


@dataclass(frozen=True)
class ClosedCard:
    """One card as it is seen from outside; every field is text, shown as it is."""

    id: str
    title: str
    quiet: str
    """Who and when."""
    facts: tuple[str, ...]
    """Few short words: impact, risk, expiry."""
    tone: Tone
    """The stripe; `word` says the same for whoever does not see colours."""
    word: str


def card_list(
    cards: Sequence[ClosedCard], *, selected: str | None, label: str, key: str, on_select: Callable[[str], Any]
) -> None:
    """Draws the cards; calls `on_select(id)` when another one is opened."""

    def changed() -> None:
        chosen = getattr(st.session_state.get(key), "opened", None)
        if chosen:
            on_select(str(chosen))

    _component()(
        data={"cards": [vars(card) for card in cards], "selected": selected, "label": label},
        key=key,
        on_opened_change=changed,
    )


@cache
def _component() -> Any:
    here = Path(__file__)
    return st.components.v2.component(
        "countersign_card_list",
        html='<div class="list" role="listbox" tabindex="0" aria-label="Cards"></div>',  # until the first drawing
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )
