"""Operator brain: what it watches, what it found, and what became of what it proposed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.actor import Role
from core.brain.queries import Became, RuleView
from core.brain.rules import LookState, RuleMode
from core.identifiers import parse_id
from pages.components.brain_finding import FINDING_COLUMNS, finding_row, show_finding
from pages.components.brain_rule import BECAME_WORDS, rule_card
from pages.components.empty import empty_state
from pages.components.page import open_page, perform
from pages.components.row_table import row_table
from pages.components.words import ago, count, plain

screen = open_page(title="Operator brain", icon=":material/psychology:", roles=(Role.OPERATOR, Role.ADMIN), position=44)
queries = screen.app.brain_queries
PER_PAGE = 15


def sentence_of(rules: Sequence[RuleView]) -> str:
    """The page's answer: what it saw last, and what waits for a decision."""
    looking = [one for one in rules if one.settings.mode is not RuleMode.OFF]
    if not looking:
        return "Every rule is off, so nothing is watched."
    looked = [one.look for one in looking if one.look]
    if not looked:
        return "It has not looked yet. It looks once an hour, and when you ask it to."
    blind = sum(one.state in (LookState.NOT_LOOKED, LookState.FAILED) for one in looked)
    waiting = sum(one.waiting for one in rules)
    when = ago(max(one.at for one in looked), screen.app.clock.now())
    words = f"{count(len(looked) - blind, 'rule')} looked {when}"
    if blind:
        words += f", {blind} could not: what {'it watches was' if blind == 1 else 'they watch was'} out of reach"
    cards = count(waiting, "card waits", "cards wait") if waiting else "no card of theirs waits"
    return f"{words}; {cards} for a decision."


def look_now() -> None:
    perform(screen.app.brain.look_now, done="It looks as soon as a worker is free. Its findings appear here.")


def draw_findings(rules: Sequence[RuleView]) -> None:
    st.header("What it noticed", anchor=False)
    titles = {one.rule.title: one.rule.name for one in rules}
    words = {BECAME_WORDS[one]: one for one in Became}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        title = st.selectbox("Rule", ["All rules", *titles], key="rule", bind="query-params",
                             label_visibility="collapsed", width=230)  # fmt: skip
        became = st.selectbox("Became", ["Whatever became of it", *words], key="became", bind="query-params",
                              label_visibility="collapsed", width=230)  # fmt: skip
    rule, wanted = titles.get(title or "", ""), words.get(became or "")
    place = st.session_state.get("findings-page", 1)
    found, total = queries.findings(
        screen.actor, rule=rule, became=wanted, offset=(place - 1) * PER_PAGE, limit=PER_PAGE
    )
    if not found and place > 1:
        found, total = queries.findings(screen.actor, rule=rule, became=wanted, limit=PER_PAGE)
    if not found:
        empty_state("Nothing of this kind. Choose another rule or result above.", icon=":material/psychology:")
        return
    st.caption(f"{count(total, 'thing')} noticed, the latest cards first")
    rows = [finding_row(screen, one) for one in found]
    row_table(FINDING_COLUMNS, rows, label="What it noticed", key="findings", on_open=open_finding)
    if total > PER_PAGE:
        st.pagination(-(-total // PER_PAGE), key="findings-page")


def open_finding(finding_id: str) -> None:
    st.query_params["finding"] = finding_id


all_rules = queries.rules(screen.actor)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.markdown(plain(sentence_of(all_rules)))
    st.button("Look now", icon=":material/visibility:", type="primary", key="look-now", on_click=look_now)
st.caption("It looks and proposes; people decide, and nothing is executed without them.")
noticed = queries.findings(screen.actor, limit=1)[1]
if noticed:
    draw_findings(all_rules)
st.header("What it watches", anchor=False)
for view in all_rules:
    rule_card(screen, view)
if not noticed:
    empty_state(
        "It has noticed nothing yet. What a rule notices appears here with its evidence, proposed or not.",
        icon=":material/psychology:",
    )
if opened := parse_id(st.query_params.get("finding", "")):
    show_finding(screen, opened)
