"""The ballot: each criterion of the voter's councils as a checklist, a reason, and the three ways to vote."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.actions.cards import Card
from core.actions.rules import ActionState
from core.actor import Actor
from core.decisions.checklist import Finding
from core.decisions.rules import Vote
from core.decisions.views import DecisionView
from pages.components.page import Screen, carried_out, say, show_messages
from pages.components.rules_view import verdict_words
from pages.components.words import count, plain

PLACE = "ballot"
FINDINGS: Mapping[Finding, str] = {
    Finding.MET: "Met",
    Finding.NOT_MET: "Not met",
    Finding.NOT_APPLICABLE: "Does not apply",
}
_SAID = {
    Vote.APPROVE: "Your approval is counted.",
    Vote.REJECT: "Your rejection is counted.",
    Vote.ABSTAIN: "You abstain; that is counted.",
}


def criteria_of(decision: DecisionView) -> list[str]:
    """What the voter looks at: the criteria of every panel where their seat sits, each once."""
    return list(dict.fromkeys(one for panel in decision.panels if panel.mine for one in panel.criteria))


def show_ballot(screen: Screen, card: Card, decision: DecisionView) -> None:
    """Draws the ballot of who may vote; each button casts it for the version that is shown."""
    show_messages(PLACE)
    if decision.why_not_vote:
        st.info(f"You cannot vote: {plain(decision.why_not_vote)}", icon=":material/info:")
        return
    if decision.votes_for:
        st.caption(f":material/swap_horiz: You vote for {plain(decision.votes_for)}, who gave you their seat.")
    stop = next((verdict for verdict in card.verdicts if verdict.stops), None)
    if stop:
        st.info(plain(verdict_words(stop, screen.zone)), icon=":material/shield:")
    mark = f"{decision.id}-{decision.digest[:12]}"
    criteria = criteria_of(decision)
    if criteria:
        _checklist(criteria, mark)
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
                label, icon=icon, type="primary" if vote is Vote.APPROVE else "secondary", key=f"vote-{vote.value}",
                disabled=vote is Vote.APPROVE and stop is not None, on_click=_cast,
                args=(screen, card, decision, vote, mark, criteria),
            )  # fmt: skip


def _checklist(criteria: list[str], mark: str) -> None:
    answered = sum(bool(st.session_state.get(f"criterion-{mark}-{place}")) for place in range(len(criteria)))
    st.markdown(
        f"**What your council looks at** :gray[· {answered} of {count(len(criteria), 'criterion', 'criteria')}]"
    )
    for place, criterion in enumerate(criteria):
        st.segmented_control(
            plain(criterion), list(Finding), format_func=FINDINGS.__getitem__, key=f"criterion-{mark}-{place}"
        )


def _cast(screen: Screen, card: Card, decision: DecisionView, vote: Vote, mark: str, criteria: list[str]) -> None:
    reason = str(st.session_state.get(f"reason-{mark}") or "")
    if vote is Vote.REJECT and not reason.strip():
        say("error", "Say why; the proposer learns from it. Your vote is not cast yet.", place=PLACE)
        return
    found = {
        criterion: Finding(said).value
        for place, criterion in enumerate(criteria)
        if (said := st.session_state.get(f"criterion-{mark}-{place}"))
    }

    states: list[ActionState] = []

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
        st.query_params.pop("decision", None)
