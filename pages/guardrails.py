"""Guardrails: what this installation lets happen, and the switch that stops everything."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.actions.queries import InboxFilter
from core.actor import Role
from core.errors import NotFound
from core.identifiers import parse_id
from pages.components.empty import empty_state
from pages.components.facts import facts_table
from pages.components.guardrail_forms import change_group
from pages.components.guardrail_switch import mode_sentence, show_switch
from pages.components.guardrail_words import GROUPS, lines_of
from pages.components.page import open_page
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.rules_view import RULE_NAMES, STAGE_NAMES, show_rules
from pages.components.way import way
from pages.components.words import ago, moment, plain

screen = open_page(title="Guardrails", icon=":material/shield:", roles=(Role.ADMIN,), position=100)
limits = screen.app.guardrails_queries.current()
TRIED, REFUSED = 50, 8


def draw_policy() -> None:
    """Four cards, each with its lines in words and the way to change them."""
    titles = screen.app.actions_queries.operations()
    for pair in (GROUPS[:2], GROUPS[2:]):
        for group, column in zip(pair, st.columns(2), strict=True):
            with column, st.container(border=True, height="stretch"):
                st.markdown(f"**{group.icon} {group.title}**")
                facts_table(lines_of(limits, group, titles))
                if st.button(group.change, icon=":material/edit:", key=f"change-{group.key}"):
                    change_group(screen, limits, group)


@st.fragment
def draw_trial() -> None:
    """A waiting card under the guardrails as they are now."""
    waiting = screen.app.actions_queries.inbox(screen.actor, InboxFilter(), limit=TRIED).rows
    if not waiting:
        empty_state("No card waits now. Proposals show here what each rule says of them.", icon=":material/rule:")
        return
    named = {str(row.id): row.title for row in waiting}
    chosen = st.selectbox(
        "Waiting card", list(named), index=None, format_func=lambda key: named.get(key, key), key="try",
        placeholder="Choose a card to see what every rule says of it now",
    )  # fmt: skip
    if chosen and (action_id := parse_id(chosen)):
        card = screen.app.actions_queries.card(screen.actor, action_id)
        show_rules(card.verdicts, screen.app.guardrails_queries.records(f"action:{chosen}"), screen.zone)


def draw_refusals() -> None:
    """What was stopped last, and by which rule."""
    refused = screen.app.guardrails_queries.refusals(screen.actor, limit=REFUSED)
    if not refused:
        empty_state("Nothing was stopped so far. Every refusal is kept here with its reason.", icon=":material/shield:")
        return
    rows = []
    for place, record in enumerate(refused):
        stop = next(verdict for verdict in record.verdicts if verdict.stops)
        when = Cell(ago(record.at, screen.app.clock.now()), moment(record.at, screen.zone))
        key = record.subject.removeprefix("action:")
        cells = (
            Cell(title_of(parse_id(key))), Cell(RULE_NAMES.get(stop.rule, stop.rule), stop.words, "red"),
            Cell(stop.words), Cell(STAGE_NAMES[record.stage]), when,
        )  # fmt: skip
        rows.append(Row(str(place), cells, f"/inbox?card={key}"))
    columns = (Column("Card"), Column("Rule"), Column("Why", wide=True), Column("Stage"), Column("Time"))
    row_table(columns, rows, label="Last refusals", key="refusals", on_open=None)


def title_of(action_id: UUID | None) -> str:
    try:
        return screen.app.actions_queries.card(screen.actor, action_id).row.title if action_id else "A card"
    except NotFound:
        return "A card that is gone"


st.markdown(plain(mode_sentence(limits, screen)))
if limits.damaged:
    st.error(
        f"The stored guardrails cannot be understood: {plain(limits.damaged)}. Everything stops until you save a group "
        "below; what you do not change is then as in a new installation.",
        icon=":material/error:",
    )
st.header("Execution", anchor=False)
show_switch(screen, limits)

st.header("Policy", anchor=False)
st.caption(
    f"Checked when an action is proposed, when it is approved, and right before it runs. Revision {limits.version}, "
    f"changed by {plain(limits.changed_by)} {moment(limits.changed_at, screen.zone)}."
)
with st.container(key="policy"):
    draw_policy()
way("What changed before", "/audit", {"subject": "guardrails:1"})

st.header("Try it", anchor=False)
draw_trial()

st.header("Last refusals", anchor=False)
draw_refusals()
