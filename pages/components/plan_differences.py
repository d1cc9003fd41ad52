"""What another version of a plan does differently: recipients by name, texts line by line, values side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape

import streamlit as st

from core.connectors.plan import Change
from pages.components.plan_view import show_changes
from pages.components.words import count

_NEAR = 2
"""Unchanged lines shown around a change; further ones are folded."""


def show_differences(changes: Sequence[Change], *, before: str, after: str) -> None:
    """Draws each difference in the form that shows it best; `before` and `after` name the two versions."""
    values = []
    for change in changes:
        if isinstance(change.before or change.after, list | tuple):
            st.html(_section(change.label, _addresses(change)))
        elif _lines(change.before) + _lines(change.after) > 2:
            st.html(_section(change.label, line_difference(str(change.before or ""), str(change.after or ""))))
        else:
            values.append(change)
    if values:
        show_changes(values, before=before, after=after)


def line_difference(before: str, after: str) -> str:
    """HTML of the lines removed (−) and added (+), each with its sign and a word for whoever hears it."""
    old, new = before.splitlines(), after.splitlines()
    parts: list[str] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.extend(_unchanged(old[i1:i2], first=i1 == 0, last=i2 == len(old)))
        else:
            parts.extend(_line("del", "−", "removed", line) for line in old[i1:i2])
            parts.extend(_line("ins", "+", "added", line) for line in new[j1:j2])
    return f'<div class="lines">{"".join(parts)}</div>'


def _unchanged(lines: Sequence[str], *, first: bool, last: bool) -> Iterator[str]:
    head = 0 if first else _NEAR
    tail = 0 if last else _NEAR
    if len(lines) <= head + tail + 1:
        yield from (_line("p", " ", "", line) for line in lines)
        return
    hidden = lines[head : len(lines) - tail]
    yield from (_line("p", " ", "", line) for line in lines[:head])
    inside = "".join(_line("p", " ", "", line) for line in hidden)
    yield f"<details><summary>{count(len(hidden), 'unchanged line')}</summary>{inside}</details>"
    yield from (_line("p", " ", "", line) for line in lines[len(lines) - tail :])


def _line(tag: str, sign: str, word: str, text: str) -> str:
    said = f'<span class="heard">{word}: </span>' if word else ""
    return f'<{tag}><span class="sign" aria-hidden="true">{sign}</span>{said}{escape(text) or "&nbsp;"}</{tag}>'


def _addresses(change: Change) -> str:
    old, new = tuple(change.before or ()), tuple(change.after or ())
    lines = [_line("del", "−", "removed", str(one)) for one in old if one not in new]
    lines += [_line("ins", "+", "added", str(one)) for one in new if one not in old]
    kept = [str(one) for one in new if one in old]
    folded = f"<details><summary>{len(kept)} unchanged</summary>{escape(', '.join(kept))}</details>" if kept else ""
    return f'<div class="lines">{"".join(lines)}{folded}</div>'


def _section(label: str, inside: str) -> str:
    return f'<section class="difference"><p class="field">{escape(label)}</p>{inside}</section>'


def _lines(value: object) -> int:
    text = "" if value is None else str(value)
    return len(text.splitlines())
