"""An open decision card: what will happen, why, the rules, the history, and the buttons."""

from __future__ import annotations

import time
from uuid import UUID

import streamlit as st

from core.actions.cards import Card, InboxRow
from core.actions.rules import ActionAlreadyDecided, ActionState
from core.actor import Actor
from pages.components.card_dialogs import OWN_TIME, SNOOZES, edit_dialog, reject_dialog, snooze
from pages.components.card_story import show_history, show_receipt, show_why
from pages.components.page import Screen, perform, say, show_messages
from pages.components.plan_view import show_plan
from pages.components.status import state_badge
from pages.components.words import ago, moment, plain, sentence

LIVE = frozenset({ActionState.APPROVED, ActionState.EXECUTING})
"""States a worker is about to change: the page looks again by itself."""

PLACE = "card"
REFRESH = "_decided"
"""Set when a decision was made here, so that the list beside the card follows."""

PATIENCE_SECONDS = 0.2


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
    overtaken = _what_others_did(screen, card)
    if overtaken:
        st.info(overtaken, icon=":material/group:")
    _buttons(screen, card, following)
    st.subheader("What will happen" if row.state is ActionState.PENDING else "What was approved", anchor=False)
    show_plan(card.plan)
    show_why(card)
    _rules(card)
    show_history(screen, card)


# -- what others did while it was open ------------------------------------------------------------------------------

_SEEN, _NOTICE = "_card_seen", "_card_notice"


def _what_others_did(screen: Screen, card: Card) -> str:
    """Who was first, or who changed the plan, since this browser drew the same card; "" when nobody."""
    row = card.row
    seen, seen_state, seen_digest = st.session_state.get(_SEEN, (None, None, None))
    if (
        seen == row.id
        and seen_state is ActionState.PENDING
        and (row.state, row.plan_digest) != (seen_state, seen_digest)
    ):
        st.session_state[_NOTICE] = (row.id, row.state is ActionState.PENDING)
    st.session_state[_SEEN] = (row.id, row.state, row.plan_digest)
    noticed, edited = st.session_state.get(_NOTICE, (None, False))
    if noticed != row.id:
        st.session_state.pop(_NOTICE, None)
        return ""
    if row.state is ActionState.PENDING:
        return "The plan was changed while you had it open. You see it as it is now." if edited else ""
    if row.state is ActionState.EXPIRED:
        return "It expired while you had it open. Nothing was done."
    did = "rejected" if row.state is ActionState.REJECTED else "approved"
    when = moment(row.decided_at, screen.zone) if row.decided_at else "just now"
    return (
        f"{plain(row.decided_by or 'Somebody')} {did} this while you had it open, {when}. There is nothing left to do."
    )


def forget_what_was_seen() -> None:
    """What changes next is the reader's own doing."""
    for name in (_SEEN, _NOTICE):
        st.session_state.pop(name, None)


# -- buttons --------------------------------------------------------------------------------------------------------


def _buttons(screen: Screen, card: Card, following: UUID | None) -> None:
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
        case ActionState.REJECTED:
            who = plain(row.decided_by or "Somebody")
            st.markdown(f"Rejected by **{who}**: {plain(card.decision_reason)}")
        case ActionState.EXPIRED:
            st.markdown(f"Expired {moment(row.expires_at, screen.zone)} without a decision. Nothing was done.")
        case _:
            pass


def _decide(screen: Screen, card: Card) -> None:
    row = card.row
    stop = next((verdict.words for verdict in card.verdicts if verdict.stops), None)
    refusal = card.decision.why_not_vote if card.decision else row.why_not_decide
    if refusal:
        st.info(f"You cannot decide this: {plain(refusal)}", icon=":material/info:")
    elif stop:
        st.info(plain(stop), icon=":material/shield:")
    with st.container(horizontal=True, gap="small", key="decide"):
        st.button(
            "Approve & Execute" if row.council_id is None else "Vote to approve",
            type="primary", icon=":material/check:", shortcut="a", key=f"approve-{row.id}",
            disabled=bool(refusal or stop), on_click=_approve, args=(screen, row),
        )  # fmt: skip
        if st.button("Edit", icon=":material/edit:", shortcut="e", key="edit", disabled=bool(refusal)):
            edit_dialog(screen, card)
        if st.button("Reject :gray[R]", icon=":material/close:", key="reject", disabled=bool(refusal)):
            reject_dialog(screen, row)
        choice = st.menu_button(
            "Snooze", [*SNOOZES, OWN_TIME], icon=":material/snooze:", key="snooze", disabled=bool(refusal)
        )
        if choice:
            snooze(screen, row, choice)


def _open(action_id: UUID) -> None:
    st.query_params["card"] = str(action_id)
    st.session_state[REFRESH] = True


def _approve(screen: Screen, row: InboxRow) -> None:
    """A second click of the same person finds it approved by themselves, which is no news."""
    st.query_params["card"] = str(row.id)
    state = perform(lambda actor: _approve_once(screen, actor, row), place=PLACE, gently=(ActionAlreadyDecided,))
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
    try:
        return screen.app.actions.approve(actor, row.id, row.plan_digest)
    except ActionAlreadyDecided as decided:
        if decided.facts["who"] == actor.name and decided.facts["did"] == "approved":
            return None
        raise


def _retry(screen: Screen, row: InboxRow) -> None:
    perform(lambda actor: screen.app.actions.retry(actor, row.id), place=PLACE)


# -- below the buttons ----------------------------------------------------------------------------------------------


def _rules(card: Card) -> None:
    lines = [f"{':red[✕ stops]' if one.stops else ':green[✓ passes]'}&ensp;{plain(one.words)}" for one in card.verdicts]
    rules = st.expander(
        f"Rules · {len(card.verdicts)} checked", icon=":material/shield:", on_change="rerun", key="rules"
    )
    if rules.open:
        rules.markdown("  \n".join(lines) or "No rule applies.")
