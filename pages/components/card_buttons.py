"""The buttons of a decision card: each is one service call on the version that is shown."""

from __future__ import annotations

import time
from contextlib import suppress
from uuid import UUID

import streamlit as st

from core.actions.cards import Card, InboxRow
from core.actions.rules import ActionAlreadyDecided, ActionState
from core.actor import Actor, Role
from core.decisions.rules import Rule
from pages.components.card_dialogs import OWN_TIME, SNOOZES, edit_dialog, reject_dialog, snooze
from pages.components.card_notice import forget_what_was_seen
from pages.components.card_story import show_receipt
from pages.components.page import Screen, perform, say, show_messages
from pages.components.rules_view import verdict_words
from pages.components.way import way
from pages.components.words import count, moment, plain

LIVE = frozenset({ActionState.APPROVED, ActionState.EXECUTING})
"""States a worker is about to change: the page looks again by itself."""

PLACE = "card"
REFRESH = "_decided"
"""Set when a decision was made here, so that the list beside the card follows."""

PATIENCE_SECONDS = 0.2


def show_buttons(screen: Screen, card: Card, following: UUID | None) -> None:
    row = card.row
    if row.error:
        st.error(plain(row.error), icon=":material/error:")
    show_messages(PLACE)
    if row.state is ActionState.PENDING:
        _decide(screen, card)
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="decided"):
        match row.state:
            case ActionState.APPROVED | ActionState.EXECUTING:
                st.button("Executing…", icon="spinner", type="primary", disabled=True, key="executing")
            case ActionState.EXECUTED:
                st.button("Executed", icon=":material/check:", disabled=True, key="executed")
                if card.can_undo and card.undone_by is None:
                    st.button(
                        "Undo…", icon=":material/undo:", key="undo", on_click=_undo, args=(screen, row),
                        help="Makes a new card that shows what would be put back. Nothing happens until it is approved.",
                    )  # fmt: skip
            case ActionState.FAILED:
                st.button(
                    "Retry", icon=":material/refresh:", type="primary", on_click=_retry, args=(screen, row), key="retry"
                )
            case _:
                pass
        if following is not None:
            st.button(
                "Next decision", icon=":material/arrow_forward:", shortcut="n", key="next", on_click=_open,
                args=(following,),
            )  # fmt: skip
    match row.state:
        case ActionState.EXECUTED:
            show_receipt(screen, card)
            if card.undone_by is not None:
                way("Open the card that undoes it", "/inbox", {"card": str(card.undone_by), "show": "all waiting"})
        case ActionState.UNKNOWN:
            st.warning("This may have happened. Nothing is repeated until somebody has looked.", icon=":material/help:")
            if screen.actor.has(Role.OPERATOR, Role.ADMIN):
                way("Find out what happened", "/unconfirmed", {"card": str(row.id)})
        case ActionState.REJECTED:
            who = plain(row.decided_by or "Somebody")
            st.markdown(f"Rejected by **{who}**: {plain(card.decision_reason)}")
        case ActionState.EXPIRED:
            st.markdown(f"Expired {moment(row.expires_at, screen.zone)} without a decision. Nothing was done.")
        case _:
            pass


def _decide(screen: Screen, card: Card) -> None:
    row, decision = card.row, card.decision
    stop = next((verdict for verdict in card.verdicts if verdict.stops), None)
    wait = next((verdict for verdict in card.verdicts if verdict.until is not None), None)
    refusal = decision.why_not_vote if decision else row.why_not_decide
    if refusal:
        st.info(_why_not(screen, card, refusal), icon=":material/info:")
    elif stop:
        st.info(plain(verdict_words(stop, screen.zone)), icon=":material/shield:")
    elif wait:
        st.info(f"Approved now, it waits: {plain(verdict_words(wait, screen.zone))}", icon=":material/schedule:")
    if decision and decision.votes_for and not refusal:
        st.caption(f"You vote for {plain(decision.votes_for)}, who gave you their seat.")
    alone = decision is None or (len(decision.panels) == 1 and decision.panels[0].policy.rule is Rule.ANY_ONE)
    may_edit = screen.actor.has(Role.OPERATOR, Role.ADMIN)
    with st.container(horizontal=True, gap="small", key="decide"):
        st.button(
            "Approve & Execute" if alone else "Vote to approve",
            type="primary", icon=":material/check:", shortcut="a", key=f"approve-{row.id}",
            disabled=bool(refusal or stop), on_click=_approve, args=(screen, row),
        )  # fmt: skip
        if st.button(
            "Edit", icon=":material/edit:", shortcut="e", key="edit", disabled=not may_edit or row.undo_of is not None
        ):
            edit_dialog(screen, card)
        if st.button("Reject :gray[R]", icon=":material/close:", key="reject", disabled=bool(refusal)):
            reject_dialog(screen, row)
        choice = st.menu_button(
            "Snooze", [*SNOOZES, OWN_TIME], icon=":material/snooze:", key="snooze", disabled=not may_edit
        )
        if choice:
            snooze(screen, row, choice)
    if decision and not refusal and any(panel.mine and panel.criteria for panel in decision.panels):
        way("Review it by your council’s criteria", "/review", {"decision": str(decision.id)})


def _why_not(screen: Screen, card: Card, refusal: str) -> str:
    """Kindly, and with what happens instead."""
    decision = card.decision
    if decision is None or screen.actor.id not in decision.authors:
        return f"You cannot decide this: {plain(refusal)}"
    did = "You proposed this" if screen.actor.name == card.row.proposer_name else "You edited this plan"
    if decision.electorate == 0:
        return (
            f"{did}, so somebody else decides, and there is nobody else yet. "
            "An admin can add an operator under People, or turn four eyes off under Guardrails."
        )
    others = count(decision.electorate, "other person may", "other people may")
    return f"{did}, so somebody else decides: {others}."


def _open(action_id: UUID) -> None:
    st.query_params["card"] = str(action_id)
    st.session_state[REFRESH] = True


def _approve(screen: Screen, row: InboxRow) -> None:
    st.query_params["card"] = str(row.id)
    state = perform(lambda actor: _approve_once(screen, actor, row), place=PLACE)
    if state is None:
        return
    forget_what_was_seen()
    if state is ActionState.APPROVED:
        _wait_for_effect(screen, row.id)
        st.session_state[REFRESH] = True
    elif state is ActionState.PENDING:
        say("info", "Your vote is counted; the others have not finished yet.", place=PLACE)


def _wait_for_effect(screen: Screen, action_id: UUID) -> None:
    """Most effects are there within a tenth of a second: then the next drawing shows the receipt at once."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if screen.app.actions_queries.progress([action_id])[action_id].state not in LIVE:
            return
        time.sleep(0.015)


def _approve_once(screen: Screen, actor: Actor, row: InboxRow) -> ActionState | None:
    """None when it was decided already: the card says by whom, and one's own second click is no news."""
    with suppress(ActionAlreadyDecided):
        return screen.app.actions.approve(actor, row.id, row.plan_digest)
    return None


def _undo(screen: Screen, row: InboxRow) -> None:
    made = perform(lambda actor: screen.app.actions.undo(actor, row.id), place=PLACE)
    if made is not None:
        say("info", "This is what would be put back. Nothing has happened yet.", place=PLACE)
        _open(made)


def _retry(screen: Screen, row: InboxRow) -> None:
    perform(lambda actor: screen.app.actions.retry(actor, row.id), place=PLACE)


# -- below the buttons ----------------------------------------------------------------------------------------------
