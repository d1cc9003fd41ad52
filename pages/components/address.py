"""Choices kept in the address: a link shows the list as its sender saw it, and going back goes back.

Streamlit's own binding writes an option's label into the address; labels here carry counts, which change.
"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

_KNOWN = "_address"
_SEPARATOR = ","


def choice(name: str, options: Iterable[str], default: str | None) -> None:
    """Before the widget with the key `name` is drawn: gives it what the address says, if that is one of `options`."""
    said = _news(name)
    if said is not None:
        wanted = _spelled(said)
        st.session_state[name] = next((one for one in options if _spelled(one) == wanted), default)


def choices(name: str, options: Iterable[str]) -> None:
    """As `choice`, for a widget in which several can be chosen."""
    said = _news(name)
    if said is not None:
        wanted = {_spelled(part) for part in said.split(_SEPARATOR)}
        st.session_state[name] = [one for one in options if _spelled(one) in wanted]


def text(name: str, most: int = 200) -> None:
    """As `choice`, for what is typed."""
    said = _news(name)
    if said is not None:
        st.session_state[name] = said[:most].replace("\0", "")


def number(name: str) -> None:
    """As `choice`, for a page's number, which is 1 or more."""
    said = _news(name)
    if said is not None:
        st.session_state[name] = max(1, int(said)) if said.isascii() and said.isdigit() and len(said) < 7 else 1


def flag(name: str) -> None:
    """As `choice`, for what is on or off."""
    said = _news(name)
    if said is not None:
        st.session_state[name] = said == "yes"


def note(name: str, default: str | None = None) -> None:
    """For the widget's `on_change`: writes what is chosen into the address; the default is not worth a word."""
    chosen = st.session_state.get(name)
    if isinstance(chosen, list | tuple):
        words = _SEPARATOR.join(str(one) for one in chosen)
    else:
        words = "yes" if chosen is True else str(chosen or "")
    if words and words != default:
        st.query_params[name] = words
    else:
        st.query_params.pop(name, None)
    st.session_state.setdefault(_KNOWN, {})[name] = st.query_params.get(name, "")


def forget(names: Iterable[str]) -> None:
    """Takes these choices back, in the address and in their widgets."""
    for name in names:
        st.query_params.pop(name, None)
        st.session_state.pop(name, None)


def _news(name: str) -> str | None:
    """What the address says of `name`, if the widget does not know it yet; "" when it says nothing."""
    said = str(st.query_params.get(name, ""))
    known = st.session_state.setdefault(_KNOWN, {})
    if name in st.session_state and known.get(name) == said:
        return None
    known[name] = said
    return said


def _spelled(word: str) -> str:
    return word.strip().casefold().replace("+", " ").replace("_", " ")
