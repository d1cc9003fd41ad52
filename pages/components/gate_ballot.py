"""The ballot at a gate: a document accepted, a question approved, a council's vote; with a reason and a checklist."""

from __future__ import annotations

import streamlit as st

from core.actor import Actor
from core.decisions.rules import Rule, Vote
from core.executions.automated.gate_views import GateView
from core.executions.automated.rules import GateKind, GateState
from pages.components.card_buttons import REFRESH
from pages.components.checklist import criteria_of, show_checklist, ticked
from pages.components.page import Screen, carried_out, say
from pages.components.words import plain


def show_gate_ballot(screen: Screen, gate: GateView, *, place: str) -> None:
    """For who may vote; each button casts the ballot for the version that is shown."""
    decision, mark = gate.decision, f"{gate.row.id}-{gate.row.digest[:12]}"
    assert decision is not None
    if decision.votes_for:
        st.caption(f":material/swap_horiz: You vote for {plain(decision.votes_for)}, who gave you their seat.")
    criteria = criteria_of(decision)
    show_checklist(criteria, mark)
    st.text_area(
        "Reason", key=f"gate-reason-{mark}", max_chars=2000, height=88, placeholder=f"Needed to {_no(gate).lower()}"
    )
    several = any(panel.council_id is not None or panel.policy.rule is not Rule.ANY_ONE for panel in decision.panels)
    with st.container(horizontal=True, gap="small"):
        for vote, label, icon in (
            (Vote.APPROVE, "Accept" if gate.row.kind is GateKind.ACCEPTANCE else "Approve", ":material/check:"),
            (Vote.REJECT, _no(gate), ":material/undo:" if _goes_back(gate) else ":material/close:"),
            (Vote.ABSTAIN, "Abstain", ":material/remove:"),
        ):
            if vote is Vote.ABSTAIN and not several:
                continue
            st.button(
                label, icon=icon, type="primary" if vote is Vote.APPROVE else "secondary",
                key=f"gate-vote-{vote.value}-{mark}", on_click=_cast, args=(screen, gate, vote, mark, criteria, place),
            )  # fmt: skip
    said = _consequence(gate)
    if said:
        st.caption(said)


def _goes_back(gate: GateView) -> bool:
    return gate.row.kind is GateKind.ACCEPTANCE and gate.content.get("on_rejection") == "revise"


def _no(gate: GateView) -> str:
    return "Send back" if _goes_back(gate) else "Reject"


def _consequence(gate: GateView) -> str:
    """What a rejection does, before anybody clicks."""
    if gate.row.kind is GateKind.ACCEPTANCE:
        back = "Sent back, it is written again with your reason."
        return back if _goes_back(gate) else "Rejected, this step fails and with it the run."
    return {
        "stop": "Rejected, the run ends here; that is no failure.",
        "skip": "Rejected, the run goes on without this.",
        "fail": "Rejected, this step fails and with it the run.",
    }.get(str(gate.content.get("on_rejection")), "")


def _cast(screen: Screen, gate: GateView, vote: Vote, mark: str, criteria: list[str], place: str) -> None:
    reason = str(st.session_state.get(f"gate-reason-{mark}") or "")
    if vote is Vote.REJECT and not reason.strip():
        say("error", "Say why; whoever wrote it learns from it. Your vote is not cast yet.", place=place)
        return
    found, states = ticked(criteria, mark), list[GateState]()

    def act(actor: Actor) -> None:
        states.append(
            screen.app.gates.vote(actor, gate.row.id, digest=gate.row.digest, vote=vote, reason=reason, checklist=found)
        )

    if carried_out(act, place=place):
        st.session_state[REFRESH] = True
        closed = states[0] is GateState.CLOSED
        say(
            "done", "Your vote is counted. The run goes on." if closed else "Your vote is counted. Others vote as well."
        )
