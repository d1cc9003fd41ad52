"""A list of closed cards: one is open, several can be picked; with a mouse, a thumb, or j, k and x."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """Who, and since when it waits."""
    facts: tuple[str, ...]
    """Few short words: risk, expiry."""
    tone: Tone
    """The stripe; `word` says the same for whoever does not see colours."""
    word: str
    figure: str = ""
    """What it is about in one figure: the amount, else the most telling estimate."""
    waits: str = ""
    """The councils it waits for."""
    locked: str = ""
    """Why the reader may not decide it."""
    failed: str = ""
    """Why the last attempt failed."""
    alone: bool = False
    """It is decided by itself, never together with others."""


def card_list(
    cards: Sequence[ClosedCard], *, selected: str | None, label: str, key: str, on_select: Callable[[str], Any],
    arrive: bool = False,
) -> None:  # fmt: skip
    """Draws the cards; calls `on_select(id)` when another one is opened. Which are picked, `picked(key)` answers.

    With `arrive` the address named the selected card: on a phone, where it lies below the list, it is scrolled to.
    """

    def changed() -> None:
        did = getattr(st.session_state.get(key), "done", None)
        if not isinstance(did, Mapping):
            return
        st.session_state[f"{key}-turn"] = int(did.get("turn") or 0)
        st.session_state[f"{key}-picked"] = tuple(str(one) for one in did.get("picked") or ())
        chosen = did.get("open")
        if chosen and chosen != selected:
            on_select(str(chosen))

    _component()(
        data={
            "cards": [vars(card) for card in cards],
            "selected": selected,
            "picked": picked(key),
            "label": label,
            "arrive": arrive,
            "turn": st.session_state.get(f"{key}-turn", 0),
        },
        key=key,
        on_done_change=changed,
    )


def picked(key: str) -> tuple[str, ...]:
    """The ids of the cards that are picked in the list `key`; some may be gone since."""
    return tuple(st.session_state.get(f"{key}-picked", ()))


def pick(key: str, ids: Sequence[str]) -> None:
    """Picks these cards instead of those that are, for use in `on_click`."""
    st.session_state[f"{key}-picked"] = tuple(ids)


@cache
def _component() -> Any:
    here = Path(__file__)
    return st.components.v2.component(
        "countersign_card_list",
        # until the first drawing
        html='<div class="list" role="listbox" tabindex="0" aria-label="Cards"></div>',
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )
