"""Review: what waits for my vote, by the criteria of my council."""

from __future__ import annotations

from collections.abc import Hashable
from uuid import UUID

import streamlit as st

from core.actions.cards import Card, InboxRow
from core.actions.inbox import InboxFilter, InboxSort
from core.actor import Actor, Role
from core.decisions.views import BallotRow, DecisionView
from core.errors import NotFound
from core.identifiers import parse_id
from pages.components.ballot import show_ballot
from pages.components.card_story import show_why
from pages.components.countdown import countdown
from pages.components.dialogs import page_begins
from pages.components.empty import empty_state
from pages.components.files_field import offer_files
from pages.components.live import keep_current
from pages.components.page import current_actor, open_page
from pages.components.panels_view import show_panels
from pages.components.plan_differences import show_differences
from pages.components.plan_view import show_changes, show_plan
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.status import look, state_badge
from pages.components.words import ago, count, moment, plain, sentence

screen = open_page(title="Review", icon=":material/how_to_vote:", roles=(Role.COUNCIL, Role.ADMIN), position=45)
page_begins()
queries, decisions = screen.app.actions_queries, screen.app.decisions_queries
now = screen.app.clock.now()
pulse = queries.pulse()  # before anything is read: what is committed from here on is noticed
MOST = 50
VOTED = {"approve": ("Approved", "green"), "reject": ("Rejected", "red"), "abstain": ("Abstained", "gray")}


def waiting_rows(actor: Actor) -> list[InboxRow]:
    wanted = InboxFilter(mine=True, reviewed=True)
    return list(queries.inbox(actor, wanted, sort=InboxSort.EXPIRY, limit=MOST).rows)


def asked_for() -> Card | None:
    """The card of the decision in the address, or the one that closes first."""
    wanted = parse_id(st.query_params.get("decision", ""))
    view = decisions.decision(screen.actor, wanted) if wanted else None
    subject = parse_id(view.subject_id) if view and view.kind == "action" else None
    chosen = subject or (waiting[0].id if waiting else None)
    try:
        return queries.card(screen.actor, chosen) if chosen else None
    except NotFound:
        return None


def open_other(action_id: str) -> None:
    card = queries.card(screen.actor, UUID(action_id))
    if card.decision is not None:
        st.query_params["decision"] = str(card.decision.id)


def lead() -> str:
    if not waiting:
        return "Nothing waits for your vote."
    soon = [row for row in waiting if (row.expires_at - now).total_seconds() < 86_400]
    closes = f", {count(len(soon), 'closes', 'close')} within a day" if soon else ""
    verb = "waits" if len(waiting) == 1 else "wait"
    return f"{count(len(waiting), 'decision')} {verb} for your vote{closes}."


def draw_list(selected: UUID | None) -> None:
    def row_of(one: InboxRow) -> Row:
        hours = int((one.expires_at - now).total_seconds() // 3600)
        roughly = f"in {hours} h" if 2 <= hours < 48 else ago(one.expires_at, now)
        when = Cell(roughly, f"Closes {moment(one.expires_at, screen.zone)}")
        return Row(str(one.id), (Cell(one.title, one.summary), when), "/review")

    columns = (Column("Decision", wide=True), Column("Closes"))
    row_table(
        columns, [row_of(one) for one in waiting], label="What waits for your vote", key="waiting",
        on_open=open_other, selected=str(selected) if selected else None,
    )  # fmt: skip


def draw_card(card: Card, decision: DecisionView) -> None:
    row = card.row
    st.header(plain(row.title), anchor=False)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if decision.state.value != "open":
            state_badge(row.state.value)
        state_badge(row.risk.value, words=f"{sentence(row.risk.value)} risk")
        st.badge("Can be undone" if row.reversible else "Cannot be undone", color="gray")
        if row.sample:
            st.badge("Sample", icon=":material/science:", color="violet")
    st.caption(f"Proposed by {plain(row.proposer_name)} {ago(row.proposed_at, now)}")
    if decision.state.value == "open" and decision.deadline is not None:
        over = "Its deadline has passed"
        countdown(decision.deadline, now, before="Closes in", over=over, key=f"countdown-{decision.id}")
    st.subheader("What will happen" if decision.state.value == "open" else "What was proposed", anchor=False)
    show_plan(card.plan)
    offer_files(screen, card.plan, key="plan")
    if card.drift:
        st.subheader("What moved since it was approved", anchor=False)
        show_changes(card.drift, before="When approved", after="Now")
    if card.differences:
        with st.expander("What the plan does differently now", icon=":material/difference:", expanded=True):
            show_differences(card.differences, before="Before", after="Now")
    show_why(card)
    show_panels(decision, screen.zone)
    st.subheader("Your ballot", anchor=False)
    show_ballot(screen, card, decision, following=following())


def following() -> UUID | None:
    """The decision to open next: the one that closes first of those that still wait."""
    other = next((row.id for row in waiting if card is None or row.id != card.row.id), None)
    found = queries.card(screen.actor, other).decision if other else None
    return found.id if found else None


def draw_history() -> None:
    voted = [one for one in decisions.voted_by(screen.actor, limit=20) if one.kind == "action"]
    ids = {found for one in voted if (found := parse_id(one.subject_id))}
    if not ids:
        return
    titles = {
        str(row.id): row.title
        for row in queries.inbox(screen.actor, InboxFilter(states=frozenset(), ids=frozenset(ids)), limit=20).rows
    }
    st.header("How you voted", anchor=False)
    columns = (Column("Decision", wide=True), Column("Your vote"), Column("Came out"), Column("When"))
    rows = [_voted_row(one, mine, titles) for one in voted for mine in one.ballots if mine.mine]
    row_table(columns, rows, label="How you voted", key="voted", on_open=open_decision)


def _voted_row(one: DecisionView, mine: BallotRow, titles: dict[str, str]) -> Row:
    word, tone = VOTED[mine.vote.value]
    title = Cell(titles.get(one.subject_id, "A decision that is gone"), mine.reason)
    behalf = f"For {mine.on_behalf_of}" if mine.on_behalf_of else mine.reason
    came = Cell("Still open" if one.state.value == "open" else look(one.state.value)[0])
    when = Cell(ago(mine.cast_at, now), moment(mine.cast_at, screen.zone))
    return Row(str(one.id), (title, Cell(word, behalf, tone), came, when), f"/review?decision={one.id}")


def open_decision(decision_id: str) -> None:
    st.query_params["decision"] = decision_id


def drawn(rows: list[InboxRow], shown: DecisionView | None) -> Hashable:
    view = (shown.id, shown.digest, shown.state, len(shown.ballots)) if shown else None
    return tuple((row.id, row.version) for row in rows), view


def as_it_is_now() -> Hashable:
    actor = current_actor()
    if actor is None:
        return None
    again = decisions.decision(actor, card.decision.id) if card and card.decision else None
    return drawn(waiting_rows(actor), again)


def stay() -> None:
    if card and card.decision:
        st.query_params["decision"] = str(card.decision.id)


waiting = waiting_rows(screen.actor)
card = asked_for()
decision = card.decision if card else None
st.markdown(lead())
if card is None or decision is None:
    empty_state(
        "What your council must approve appears here with its criteria. Councils says what comes before which.",
        icon=":material/how_to_vote:", page="pages/councils.py", label="Who decides what",
    )  # fmt: skip
elif waiting:
    left, right = st.columns([5, 8], gap="medium")
    with left:
        draw_list(card.row.id)
    with right, st.container(border=True, key=f"review-card-{decision.id}"):  # another card begins at its top
        draw_card(card, decision)
else:
    with st.container(border=True, key=f"review-card-{decision.id}"):
        draw_card(card, decision)
draw_history()
keep_current(screen, pulse, drawn(waiting, decision), as_it_is_now, before=stay)
