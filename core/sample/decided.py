"""Actions of the past months that were decided: sent, refused, expired, and one that nobody could confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from core.actions.judging import OPERATORS
from core.actions.rules import ActionState
from core.actor import ActorKind
from core.connectors.plan import AttemptOutcome
from core.connectors.registry import Connectors
from core.decisions.closing import Closing, outcome
from core.decisions.policy import Policy
from core.decisions.rules import Cast, DecisionState, Panel, Vote
from core.sample.cards import Card, decided_invoices, reminder
from core.sample.people import AGENTS, SamplePerson, sample_id

_REFUSALS = (
    "They called this morning; the transfer is under way.",
    "Key customer: I write to them myself.",
    "The amount is disputed, and they are right.",
    "Too early, they always pay at the end of the month.",
)
_NAMES = {key: name for key, name, _ in AGENTS}


@dataclass
class Decided:
    """Rows for the tables, ready to be inserted in this order."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    ballots: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)


def invent_decided(rng: Random, now: datetime, connectors: Connectors, operators: Sequence[SamplePerson]) -> Decided:
    """One action for each invoice, the latest two days ago; its plan is what the connector would have planned."""
    found = Decided()
    invoices = decided_invoices()
    for number, invoice in enumerate(invoices):
        proposed = now - timedelta(days=2 + 3.6 * (len(invoices) - number), hours=rng.uniform(0, 9))
        card = reminder(invoice, rng.choices((1, 2, 3), (5, 3, 2))[0])
        state = rng.choices(
            (ActionState.EXECUTED, ActionState.REJECTED, ActionState.EXPIRED, ActionState.FAILED), (32, 8, 4, 2)
        )[0]
        _add(rng, proposed, card, state, rng.choice(operators), connectors, found)
    return found


def decision_columns(
    proposer: str, policy: Policy, seats: Sequence[str], votes: Mapping[str, Vote], *, expired: bool = False
) -> dict[str, Any]:
    """Who decided and how it came out, as a decision that was really taken would keep it."""
    cast = [Cast(voter, vote, voter) for voter, vote in votes.items()]
    by = Closing.WITHDRAWN if expired else Closing.BALLOTS
    return {
        "proposer_id": proposer, "authors": [proposer], "voted": [], "panels": [policy.to_json()],
        "audience": sorted(policy.audience), "outcome": outcome(by, [Panel(policy, frozenset(seats))], cast),
    }  # fmt: skip


def _add(
    rng: Random,
    proposed: datetime,
    card: Card,
    state: ActionState,
    operator: SamplePerson,
    connectors: Connectors,
    found: Decided,
) -> None:
    plan = connectors.plan(card.operation, card.params)
    action_id, decision_id = sample_id(proposed, rng), sample_id(proposed, rng)
    expires = proposed + timedelta(hours=card.hours)
    decided = min(proposed + timedelta(hours=rng.lognormvariate(1.0, 0.9)), expires - timedelta(minutes=5))
    expired, rejected = state is ActionState.EXPIRED, state is ActionState.REJECTED
    verdict = DecisionState.EXPIRED if expired else DecisionState.REJECTED if rejected else DecisionState.APPROVED
    reason = rng.choice(_REFUSALS) if rejected else ""
    policy, vote = Policy(roles=OPERATORS), Vote.REJECT if rejected else Vote.APPROVE
    voters = {} if expired else {str(operator.id): vote}
    found.decisions.append(
        {
            "id": decision_id, "subject_kind": "action", "subject_id": str(action_id), "subject_digest": plan.digest,
            "opened_at": proposed, "deadline": expires, "decided_at": expires if expired else decided,
            "state": verdict, **decision_columns(card.agent_id, policy, [str(operator.id)], voters, expired=expired),
        }
    )  # fmt: skip
    if not expired:
        found.ballots.append(
            {
                "id": sample_id(decided, rng), "decision_id": decision_id, "voter_id": operator.id,
                "voter_name": operator.name, "cast_by_id": operator.id, "cast_by_name": operator.name, "vote": vote,
                "reason": reason, "cast_at": decided,
            }
        )  # fmt: skip
    attempted = state in {ActionState.EXECUTED, ActionState.FAILED}
    done = decided + timedelta(milliseconds=rng.randrange(300, 2_500))
    reference = f"<{action_id.hex}@sample.example.com>" if state is ActionState.EXECUTED else None
    error = (
        "The mail server refused the address: no such mailbox. Nothing was sent."
        if attempted and not reference
        else None
    )
    found.actions.append(
        {
            "id": action_id, "operation": card.operation, "params": dict(plan.request), "title": card.title,
            "body": card.body, "priority": card.priority, "priority_rank": card.priority.rank, "risk": card.risk,
            "confidence": Decimal(card.confidence), "rationale": card.rationale, "sources": list(card.sources),
            "impact": dict(card.impact), "recommended_steps": list(card.steps), "plan": plan.to_json(),
            "plan_digest": plan.digest, "leaves_machine": plan.leaves_machine, "state": state,
            "decision_id": decision_id, "council_id": None, "domains": [], "proposer_kind": ActorKind.AGENT,
            "proposer_id": card.agent_id, "proposer_name": _NAMES[card.agent_id], "proposed_at": proposed,
            "expires_at": expires, "snoozed_until": None, "decided_by": None if expired else operator.name,
            "decided_at": None if expired else decided, "decision_reason": reason, "error": error,
            "reference": reference, "executed_at": done if reference else None, "attempts": int(attempted),
            "sample": True, "version": 2,
        }
    )  # fmt: skip
    if attempted:
        found.attempts.append(
            {
                "id": sample_id(decided, rng), "action_id": action_id, "number": 1,
                "key": f"{action_id}:{plan.digest[:16]}", "plan_digest": plan.digest, "started_at": decided,
                "called_at": decided, "finished_at": done,
                "outcome": AttemptOutcome.CONFIRMED if reference else AttemptOutcome.REJECTED,
                "reference": reference, "message": error or "Sample: nothing was sent when this row was written.",
                "receipt": None,
            }
        )  # fmt: skip
