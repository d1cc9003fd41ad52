"""The ballot: each criterion of the voter's councils as a checklist, a reason, and the three ways to vote."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.actions.cards import Card
from core.actions.rules import ActionState
from core.actor import Actor
from core.decisions.rules import DecisionState, Vote
from core.decisions.views import DecisionView
from pages.components.checklist import criteria_of, show_checklist, ticked
from pages.components.page import Screen, carried_out, say, show_messages
from pages.components.rules_view import verdict_words
from pages.components.words import ago, plain

PLACE = "ballot"
_VOTED = {Vote.APPROVE: "You approved this", Vote.REJECT: "You rejected this", Vote.ABSTAIN: "You abstained"}
_SAID = {
    Vote.APPROVE: "Your approval is counted.",
    Vote.REJECT: "Your rejection is counted.",
    Vote.ABSTAIN: "You abstain; that is counted.",
}


def show_ballot(screen: Screen, card: Card, decision: DecisionView, *, following: UUID | None) -> None:
    """Draws the ballot of who may vote; each button casts it for the version that is shown.

    Who has voted stays with what became of it, and goes on to `following` by a click of its own: a second click on
    the same spot must not vote on a plan that nobody has read.
    """
    show_messages(PLACE)
    mine = next((one for one in decision.ballots if one.mine), None)
    if mine is not None:
        seat = f" for {plain(mine.on_behalf_of)}" if mine.on_behalf_of else ""
        st.markdown(f"{_VOTED[mine.vote]}{seat} {ago(mine.cast_at, screen.app.clock.now())}.")
    elif decision.why_not_vote and decision.state is DecisionState.OPEN:
        st.info(f"You cannot vote: {plain(decision.why_not_vote)}", icon=":material/info:")
    if mine is not None or decision.state is not DecisionState.OPEN:
        if following is not None:
            st.button(
                "Next decision", icon=":material/arrow_forward:", shortcut="n", key="next-review", on_click=_open,
                args=(following,),
            )  # fmt: skip
        return
    if not decision.why_not_vote:
        _fields(screen, card, decision)


def _fields(screen: Screen, card: Card, decision: DecisionView) -> None:
    if decision.votes_for:
        st.caption(f":material/swap_horiz: You vote for {plain(decision.votes_for)}, who gave you their seat.")
    stop = next((verdict for verdict in card.verdicts if verdict.stops), None)
    if stop:
        st.info(plain(verdict_words(stop, screen.zone)), icon=":material/shield:")
    mark = f"{decision.id}-{decision.digest[:12]}"
    criteria = criteria_of(decision)
    show_checklist(criteria, mark)
    st.text_area(
        "Reason", key=f"reason-{mark}", max_chars=2000, height=88,
        placeholder="Needed to reject; the others and the proposer read it",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small", key="vote"):
        for vote, label, icon in (
            (Vote.APPROVE, "Approve", ":material/check:"),
            (Vote.REJECT, "Reject", ":material/close:"),
            (Vote.ABSTAIN, "Abstain", ":material/remove:"),
        ):
            st.button(
                label, icon=icon, type="primary" if vote is Vote.APPROVE else "secondary", key=f"vote-{vote.value}-{mark}",
                disabled=vote is Vote.APPROVE and stop is not None, on_click=_cast,
                args=(screen, card, decision, vote, mark, criteria),
            )  # fmt: skip


def _cast(screen: Screen, card: Card, decision: DecisionView, vote: Vote, mark: str, criteria: list[str]) -> None:
    reason = str(st.session_state.get(f"reason-{mark}") or "")
    if vote is Vote.REJECT and not reason.strip():
        say("error", "Say why; the proposer learns from it. Your vote is not cast yet.", place=PLACE)
        return
    found, states = ticked(criteria, mark), list[ActionState]()

    def act(actor: Actor) -> None:
        states.append(
            screen.app.actions.vote(
                actor, card.row.id, digest=decision.digest, vote=vote, reason=reason, checklist=found
            )
        )

    st.query_params["decision"] = str(decision.id)
    if carried_out(act, place=PLACE):
        after = {ActionState.APPROVED: " It is approved and runs now.", ActionState.REJECTED: " It is rejected."}
        say("done", _SAID[vote] + after.get(states[0], " The others have not finished yet."))


def _open(decision_id: UUID) -> None:
    st.query_params["decision"] = str(decision_id)
