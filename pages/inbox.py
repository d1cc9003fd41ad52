"""The inbox: what waits for me, and what exactly will happen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import streamlit as st

from core.actions.cards import Card, InboxRow
from core.actor import Role
from core.errors import NotFound
from pages.components.card_list import ClosedCard, card_list
from pages.components.decision_card import LIVE, REFRESH, impact_words, opened, show_card
from pages.components.empty import empty_state
from pages.components.inbox_filters import PER_PAGE, inbox_filters
from pages.components.page import open_page
from pages.components.status import look
from pages.components.words import ago, count, sentence

screen = open_page(title="Inbox", icon=":material/inbox:", roles=(Role.OPERATOR, Role.COUNCIL, Role.ADMIN), position=40)
now = screen.app.clock.now()
midnight = now.astimezone(screen.zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
lead = st.empty()
view = inbox_filters()
place = max(1, int(st.session_state.get("page", 1)))
found = screen.app.actions_queries.inbox(
    screen.actor, view.filter, sort=view.sort, offset=(place - 1) * PER_PAGE, limit=PER_PAGE, today_ends=midnight
)
if view.show == "waiting":
    today = f", {count(found.expiring_today, 'expires', 'expire')} today" if found.expiring_today else ""
    lead.markdown(f"{count(found.total, 'decision')} {'waits' if found.total == 1 else 'wait'} for you{today}.")
else:
    lead.markdown(f"{count(found.total, 'card')} {sentence(view.show).lower()}.")


def closed(row: InboxRow) -> ClosedCard:
    word, _, tone = look(row.priority.value)
    expiry = f"expires {ago(row.expires_at, now)}" if view.show in {"waiting", "snoozed"} else look(row.state.value)[0]
    facts = (*impact_words(row.impact)[:1], f"{row.risk.value} risk", expiry)
    return ClosedCard(str(row.id), row.title, f"{row.proposer_name}, {ago(row.proposed_at, now)}", facts, tone, word)


def open_other(card_id: str) -> None:
    st.query_params["card"] = card_id


def next_decision(rows: Sequence[InboxRow]) -> None:
    """After a decision the card is no longer in the list; the next one is one key away."""
    if rows and st.button("Next decision", icon=":material/arrow_forward:", shortcut="n", key="next"):
        open_other(str(rows[0].id))
        st.rerun()


def read_card(wanted: UUID | None) -> Card | None:
    try:
        return screen.app.actions_queries.card(screen.actor, wanted) if wanted else None
    except NotFound:
        return None


def draw_open_card() -> None:
    wanted = opened(st.query_params.get("card"), list(found.rows))
    card = looked_at.pop() if looked_at else read_card(wanted)
    if card is None:
        st.info("This card is gone, or it was never yours to see. Choose another one.", icon=":material/info:")
        return
    if st.session_state.pop(REFRESH, False) or (card.row.state in LIVE) != looking_again:
        st.rerun()  # a click in here redraws only the card: the list, the counts and the looking must follow
    show_card(screen, card)
    if all(row.id != wanted for row in found.rows) and card.row.state not in LIVE:
        next_decision(found.rows)


chosen = opened(st.query_params.get("card"), list(found.rows))
first_look = read_card(chosen)
looked_at = [first_look] if first_look else []
looking_again = first_look is not None and first_look.row.state in LIVE
if not found.rows and chosen is None:
    words = {"waiting": "Nothing waits for you. New proposals appear here as soon as people, agents or jobs make them."}
    empty_state(words.get(view.show, "No card matches. Change the filters to see others."))
else:
    left, right = st.columns([5, 8], gap="medium")
    with left:
        if found.rows:
            selected = str(chosen) if chosen else None
            cards = [closed(row) for row in found.rows]
            card_list(cards, selected=selected, label="Decisions", key="cards", on_select=open_other)
        else:
            empty_state("The list is empty. What you decided last is beside it.")
        if found.total > PER_PAGE:
            st.pagination(-(-found.total // PER_PAGE), key="page", bind="query-params")
    with right, st.container(border=True, key="open-card"):
        st.fragment(draw_open_card, run_every=0.12 if looking_again else None)()
