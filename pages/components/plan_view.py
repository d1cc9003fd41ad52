"""What exactly will happen: the plan word for word, as it was digested and as it will run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from core.connectors.plan import Change, Message, Plan
from pages.components.words import count, money, plain


def show_plan(plan: Plan) -> None:
    """The summary, the warnings, the whole message and every value that changes."""
    st.html(f'<p class="summary">{escape(plan.summary)}<br><span class="quiet">{escape(plan.account)}</span></p>')
    for warning in plan.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    if plan.amounts:
        sums = ", ".join(f"**{plain(money(one.value, one.currency))}**" for one in plan.amounts)
        st.markdown(f"Moves or commits to {sums}.")
    if plan.message:
        st.html(_message(plan.message))
        if plan.message.html:
            with st.expander("The HTML version, word for word"):
                st.code(plan.message.html, language="html", wrap_lines=True)
    if plan.changes:
        show_changes(plan.changes)


def show_changes(changes: Sequence[Change], *, before: str = "Before", after: str = "After") -> None:
    """A table of values before and after; added, removed and changed are said by sign and word, not by colour alone.

    Where nothing was there before, a column that only says so is left out: on a phone the values need its room.
    """
    moved = [change for change in changes if _shown(change.before) != _shown(change.after)]
    same = [change for change in changes if change not in moved]
    all_new = not any(_shown(change.before) for change in moved)
    rows = "".join(_new_row(change) if all_new else _row(change) for change in moved)
    heads = ("Field", "Added") if all_new else ("Field", before, after)
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    table = f'<table class="diff"><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>' if moved else ""
    st.html(table + _folded(same))


def _new_row(change: Change) -> str:
    return f'<tr><th scope="row">{escape(change.label)}</th><td><ins>+ {escape(_shown(change.after))}</ins></td></tr>'


def _row(change: Change) -> str:
    before, after = _shown(change.before), _shown(change.after)
    word = "changed" if before and after else "added" if after else "removed"
    old = f"<del>− {escape(before)}</del>" if before else '<span class="none">empty</span>'
    new = f"<ins>+ {escape(after)}</ins>" if after else '<span class="none">empty</span>'
    return (
        f'<tr><th scope="row">{escape(change.label)}<span class="how">{word}</span></th>'
        f"<td>{old}</td><td>{new}</td></tr>"
    )


def _folded(same: Sequence[Change]) -> str:
    if not same:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(one.label)}</th><td>{escape(_shown(one.after)) or "empty"}</td></tr>'
        for one in same
    )
    words = count(len(same), "unchanged field")
    return (
        f'<details class="same"><summary>{words}</summary><table class="diff"><tbody>{rows}</tbody></table></details>'
    )


def _message(message: Message) -> str:
    head = "".join(
        f"<dt>{name}</dt><dd>{escape(value)}</dd>"
        for name, value in (
            ("From", message.sender),
            ("To", ", ".join(message.recipients)),
            ("Subject", message.subject),
        )
    )
    return f'<article class="letter"><dl>{head}</dl><pre>{escape(message.text)}</pre></article>'


def _shown(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(item) for item in value)
    return str(value)
