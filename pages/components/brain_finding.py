"""One thing that the operator brain noticed: a row of the table, and everything about it in a dialog."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import streamlit as st

from core.brain.queries import Became, FindingRow
from pages.components.brain_rule import BECAME_WORDS
from pages.components.card_story import impact_words
from pages.components.facts import facts_table
from pages.components.page import Screen
from pages.components.row_table import Cell, Column, Row
from pages.components.way import way
from pages.components.words import ago, moment, percent, plain, span

FINDING_COLUMNS = (
    Column("Noticed", wide=True),
    Column("Rule"),
    Column("Became"),
    Column("Estimate", number=True),
    Column("Confidence", number=True),
    Column("Last seen"),
)

_TONES = {Became.WAITING: "orange", Became.EXECUTED: "green"}


def finding_row(screen: Screen, one: FindingRow) -> Row:
    now = screen.app.clock.now()
    worth = impact_words(one.impact)
    seen = one.gone_at or one.last_seen_at
    cells = (
        Cell(one.title, one.title), Cell(one.rule_title),
        Cell(_became(one), one.held, _TONES.get(one.became, "gray")),
        Cell(worth[0] if worth else ""), Cell(percent(float(one.confidence))),
        Cell(ago(seen, now), moment(seen, screen.zone)),
    )  # fmt: skip
    return Row(str(one.id), cells, f"/brain?finding={one.id}")


def show_finding(screen: Screen, finding_id: UUID) -> None:
    """Opens the dialog; closing it takes the finding out of the address."""
    found, _ = screen.app.brain_queries.findings(screen.actor, finding_id=finding_id, limit=1)
    st.dialog("What was noticed", width="medium", on_dismiss=_close)(_draw)(screen, found[0] if found else None)


def _draw(screen: Screen, one: FindingRow | None) -> None:
    if one is None:
        st.info("There is nothing noticed under this address any more.", icon=":material/info:")
        return
    st.markdown(f"**{plain(one.title)}**")
    lines = [f"- {_fact(fact)}" for fact in one.evidence]
    st.markdown("\n".join(lines))
    facts_table(
        {
            "Rule": one.rule_title,
            "Became": _became(one),
            "Why not proposed": one.held if one.became is Became.NOT_PROPOSED else "",
            "Estimate": " · ".join(impact_words(one.impact)),
            "Confidence": percent(float(one.confidence)),
            "Worded by": (one.worded_by or "a template") if one.action_id else "",
            "First seen": moment(one.first_seen_at, screen.zone),
            "Last seen": moment(one.last_seen_at, screen.zone),
            "Proposed": _when(screen, one.proposed_at),
            "Decided or executed": _when(screen, one.ended_at),
            "Not so any more since": _when(screen, one.gone_at),
        }
    )
    if one.action_id:
        way("Open its card", "/inbox", {"card": str(one.action_id)})


def _became(one: FindingRow) -> str:
    words = BECAME_WORDS[one.became]
    if one.became is Became.EXECUTED and one.gone_at and one.ended_at and one.gone_at > one.ended_at:
        return f"{words}, settled {span((one.gone_at - one.ended_at).total_seconds() * 1000)} later"
    if one.became is Became.NOT_PROPOSED and one.gone_at:
        return "Not proposed, gone since"
    return words


def _fact(fact: object) -> str:
    """One fact with its source, as of when, and the way to it."""
    assert isinstance(fact, dict)
    as_of = str(fact.get("as_of", ""))[:16].replace("T", " ")
    words = f"{plain(str(fact.get('fact', '')))} :gray[({plain(str(fact.get('source', '')))}, {plain(as_of)} UTC)]"
    url = str(fact.get("url", ""))
    if url.startswith(("http://", "https://")):
        words += f" [Open]({url.replace(')', '%29').replace(' ', '%20')})"
    return words


def _when(screen: Screen, at: datetime | None) -> str:
    return moment(at, screen.zone) if at else ""


def _close() -> None:
    st.query_params.pop("finding", None)
