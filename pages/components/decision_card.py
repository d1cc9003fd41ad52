"""An open decision card: what will happen, why, the rules, the history, and the buttons."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.actions.cards import Card
from core.actions.rules import ActionState
from pages.components.card_buttons import show_buttons
from pages.components.card_notice import what_others_did
from pages.components.card_story import show_history, show_why
from pages.components.files_field import offer_files
from pages.components.page import Screen
from pages.components.panels_view import show_panels
from pages.components.plan_differences import show_differences
from pages.components.plan_view import show_changes, show_plan
from pages.components.rules_view import show_rules, summary
from pages.components.status import state_badge
from pages.components.way import way
from pages.components.words import ago, count, plain, sentence


def show_card(screen: Screen, card: Card, *, following: UUID | None) -> None:
    """Draws the card; every button is one service call. `following` is the card that `n` opens next."""
    row, now = card.row, screen.app.clock.now()
    st.header(plain(row.title), anchor=False)
    with st.container(horizontal=True, gap="small"):
        if row.state is not ActionState.PENDING:
            state_badge(row.state.value)
        state_badge(row.priority.value)
        state_badge(row.risk.value, words=f"{sentence(row.risk.value)} risk")
        st.badge("Can be undone" if row.reversible else "Cannot be undone", color="gray")
        if row.sample:
            st.badge("Sample", icon=":material/science:", color="violet")
    st.caption(
        f"Proposed by {plain(row.proposer_name)} {ago(row.proposed_at, now)}"
        + (f" · expires {ago(row.expires_at, now)}" if row.state is ActionState.PENDING else "")
    )
    if row.origin is not None and row.origin.get("kind") == "run":
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="origin"):
            step, run = str(row.origin.get("title", "")), str(row.origin.get("run", ""))
            st.markdown(f"Proposed by step “{plain(step)}” of run “{plain(run)}”", width="content")
            way("Open the run", "/runs", {"run": str(row.origin.get("id", ""))})
    overtaken = what_others_did(screen, card)
    if overtaken:
        st.info(overtaken, icon=":material/group:")
    show_buttons(screen, card, following)
    _what_changed(card)
    st.subheader(_PLAN_TITLES.get(row.state, "What was approved"), anchor=False)
    show_plan(card.plan)
    offer_files(screen, card.plan, key="plan")
    if card.decision is not None:
        show_panels(card.decision, screen.zone)
    show_why(card)
    _rules(screen, card)
    show_history(screen, card)


_PLAN_TITLES = {
    ActionState.PENDING: "What will happen",
    ActionState.REJECTED: "What was proposed",
    ActionState.EXPIRED: "What was proposed",
}


def _what_changed(card: Card) -> None:
    """What moved in the other system since it was approved, and what the plan does differently now."""
    if card.drift:
        st.subheader("What moved since it was approved", anchor=False)
        show_changes(card.drift, before="When approved", after="Now")
    if not card.differences:
        return
    words = f"What the plan does differently now · {count(len(card.differences), 'change')}"
    with st.expander(words, icon=":material/difference:", expanded=card.row.state is ActionState.PENDING):
        show_differences(card.differences, before="Before", after="Now")


def _rules(screen: Screen, card: Card) -> None:
    rules = st.expander(
        f"Rules · {summary(card.verdicts, screen.zone).lower()}",
        icon=":material/shield:",
        on_change="rerun",
        key="rules",
    )
    if rules.open:
        with rules:
            show_rules(card.verdicts, screen.app.guardrails_queries.records(f"action:{card.row.id}"), screen.zone)
