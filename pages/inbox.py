"""The inbox: what waits for me, and what exactly will happen."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta
from uuid import UUID

import streamlit as st

from core.actions.cards import Card
from core.actions.inbox import InboxPage
from core.actions.rules import ActionState
from core.actor import Actor, Role
from core.errors import NotFound
from core.executions.automated.gate_views import GateRow, GateView
from core.identifiers import parse_id
from pages.components import address
from pages.components.batch import batch_bar
from pages.components.card_buttons import LIVE, REFRESH
from pages.components.card_list import card_list
from pages.components.decision_card import show_card
from pages.components.empty import empty_state
from pages.components.gate_card import gate_card, show_gate
from pages.components.inbox_filters import ALL_WAITING, PER_PAGE, WAITING, inbox_view, paging, show_filters
from pages.components.inbox_rows import closed_card
from pages.components.live import keep_current
from pages.components.page import current_actor, open_page
from pages.components.shortcuts import shortcuts_button
from pages.components.way import way
from pages.components.words import count

screen = open_page(
    title="Inbox",
    icon=":material/inbox:",
    roles=(Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=40,
)
queries, now = screen.app.actions_queries, screen.app.clock.now()
midnight = now.astimezone(screen.zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
pulse = queries.pulse()  # before anything is read: what is committed from here on is noticed
view = inbox_view(screen, midnight)


def read_page(actor: Actor) -> InboxPage:
    offset = (view.page - 1) * PER_PAGE
    return queries.inbox(actor, view.filter, sort=view.sort, offset=offset, limit=PER_PAGE, today_ends=midnight)


def read_card(actor: Actor, wanted: UUID | None) -> Card | None:
    try:
        return queries.card(actor, wanted) if wanted else None
    except NotFound:
        return None


def read_gates(actor: Actor) -> tuple[list[GateRow], int]:
    """Where runs wait for this person; they stand before the cards, on the first page of what waits."""
    if view.show != WAITING or view.narrowed:
        return [], 0
    rows, total = screen.app.gates_queries.waiting(actor, limit=PER_PAGE)
    return list(rows) if view.page == 1 else [], total


def read_gate(actor: Actor, wanted: UUID | None) -> GateView | None:
    try:
        return screen.app.gates_queries.gate(actor, wanted) if wanted else None
    except NotFound:
        return None


def lead() -> str:
    waits = found.total + gates_waiting
    if view.show != WAITING:
        return f"{count(found.total, 'card')}: {view.words.lower()}."
    today = f", {count(found.expiring_today, 'expires', 'expire')} today" if found.expiring_today else ""
    said = f"{count(waits, 'decision')} {'waits' if waits == 1 else 'wait'} for you{today}"
    where = "a run" if gates_waiting == 1 else "runs"
    share = f", in {where}" if gates_waiting == waits else f", {gates_waiting:,} of them in {where}"
    return f"{said}{share if gates_waiting else ''}."


def open_other(card_id: str) -> None:
    kind, _, gate_id = card_id.partition("gate-")
    if gate_id and not kind:
        st.query_params.pop("card", None)
        st.query_params["gate"] = gate_id
    else:
        st.query_params.pop("gate", None)
        st.query_params["card"] = card_id


def following() -> UUID | None:
    """What to decide after the open card: the one below it, or the one that took its place in the list."""
    ids = [row.id for row in found.rows]
    open_ones = [row.id for row in found.rows if row.state is ActionState.PENDING and row.id != chosen]
    place = ids.index(chosen) if chosen in ids else int(st.session_state.get("_place", 0))
    return next((one for one in open_ones if ids.index(one) >= place), open_ones[0] if open_ones else None)


def drawn(page: InboxPage, card: Card | None, gates: list[GateRow], gate: GateView | None) -> Hashable:
    """What would have to differ for the page to be worth drawing again."""
    rows = tuple((row.id, row.version) for row in page.rows)
    stops = tuple(verdict.words for verdict in card.verdicts if verdict.stops) if card else ()
    waits = tuple((row.id, row.paused) for row in gates), gate.row.state if gate else None
    return rows, page.total, page.expiring_today, (card.row.version if card else None), stops, waits


def as_it_is_now() -> Hashable:
    actor = current_actor()
    if actor is None:
        return None
    with screen.app.database.reading():
        return drawn(read_page(actor), read_card(actor, chosen), read_gates(actor)[0], read_gate(actor, chosen_gate))


def keep_open() -> None:
    """The card that is being read stays open, whatever the list does."""
    if chosen_gate is not None:
        st.query_params["gate"] = str(chosen_gate)
    elif chosen is not None:
        st.query_params["card"] = str(chosen)


def draw_open_card() -> None:
    card = looked_at.pop() if looked_at else read_card(screen.actor, chosen)
    if card is None:
        st.info("This card is gone, or it was never yours to see. Choose another one.", icon=":material/info:")
        return
    if st.session_state.pop(REFRESH, False) or (card.row.state in LIVE) != looking_again:
        st.rerun()  # a click in here redraws only the card: the list, the counts and the looking must follow
    show_card(screen, card, following=following())


def draw_open_gate() -> None:
    if st.session_state.pop(REFRESH, False):
        st.rerun()  # a click in here redraws only the gate: the list and the counts must follow
    gate = read_gate(screen.actor, chosen_gate)
    if gate is None:
        st.info("This is not asked any more, or it was never yours to see.", icon=":material/info:")
        return
    show_gate(screen, gate, in_inbox=True)


found = read_page(screen.actor)
gates, gates_waiting = read_gates(screen.actor)
if found.total and not found.rows:
    address.forget(("page",))  # the page in the address is not there, or not any more
    st.rerun()
wanted = st.query_params.get("card")
wanted_gate = st.query_params.get("gate") if not wanted else None
chosen_gate = parse_id(wanted_gate) if wanted_gate else None
if gates and not wanted and chosen_gate is None:
    chosen_gate = gates[0].id
opens_first = bool(found.rows) and not wanted and chosen_gate is None
chosen = (parse_id(wanted) if wanted else None) or (found.rows[0].id if opens_first else None)
first_look = read_card(screen.actor, chosen)
looked_at = [first_look] if first_look else []
looking_again = first_look is not None and first_look.row.state in LIVE
places = [place for place, row in enumerate(found.rows) if row.id == chosen]
if places:
    st.session_state["_place"] = places[0]

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.markdown(lead())
    shortcuts_button()
show_filters(screen, view, found)
if not found.rows and not gates and chosen is None and chosen_gate is None and not wanted:
    nothing = "Nothing waits for you. New proposals appear here as soon as people, agents or jobs make them."
    plainly = view.show == WAITING and not view.narrowed
    empty_state(nothing if plainly else "No card matches. Change the filters to see others.")
    if plainly:
        way("Show what waits for others", "/inbox", {"show": ALL_WAITING})
else:
    left, right = st.columns([5, 8], gap="medium")
    with left, st.container(key="decisions"):
        if found.rows or gates:
            cards = [*(gate_card(row, now) for row in gates), *(closed_card(row, now) for row in found.rows)]
            selected = f"gate-{chosen_gate}" if chosen_gate else str(chosen) if chosen else None
            named = bool(wanted or wanted_gate)
            card_list(cards, selected=selected, label="Decisions", key="cards", on_select=open_other, arrive=named)
        else:
            empty_state("The list is empty. What you decided last is beside it.")
        batch_bar(screen, found.rows, key="cards")
        if found.total > PER_PAGE:
            paging(view.page, found.total)
    with right, st.container(border=True, key="open-card"):
        if chosen_gate is not None:
            st.fragment(draw_open_gate)()
        else:
            st.fragment(draw_open_card, run_every=0.12 if looking_again else None)()
shown = drawn(found, first_look, gates, read_gate(screen.actor, chosen_gate))
keep_current(screen, pulse, shown, as_it_is_now, before=keep_open)
