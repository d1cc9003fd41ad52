"""Closing a decision with its electoral roll, and replaying it from the stored ballots alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from core.actor import Actor
from core.audit import service as audit
from core.canonical import digest
from core.database.unit_of_work import UnitOfWork
from core.decisions.electorate import as_cast, ballots_of
from core.decisions.policy import Policy
from core.decisions.rules import Cast, DecisionState, Panel, outcome_at_deadline, tally, tally_all
from core.decisions.tables import Ballot, Decision

SETTLED = "decision.settled"
"""The audit event that keeps the result and the digest of roll and ballots."""


class Closing(StrEnum):
    """What closed it."""

    BALLOTS = "ballots"
    DEADLINE = "deadline"
    RULE = "rule"
    """The guardrails approved it; there is no ballot."""
    PART = "part"
    """It is part of what another decision approved; there is no ballot of its own."""
    WITHDRAWN = "withdrawn"
    """Nobody needed it any more."""


def close(
    uow: UnitOfWork,
    actor: Actor,
    decision: Decision,
    state: DecisionState,
    by: Closing,
    panels: Sequence[Panel],
    *,
    why: str = "",
    part_of: Mapping[str, str] | None = None,
) -> None:
    """Writes the result with the roll it was counted on, here and, by its digest, into the audit chain."""
    ballots = ballots_of(uow.session, decision.id)
    decision.state, decision.decided_at = state, uow.now
    decision.outcome = outcome(by, panels, as_cast(ballots), why=why, part_of=part_of)
    uow.session.flush()
    after = {"state": state, "by": by, "evidence": evidence(decision, ballots), **({"why": why} if why else {})}
    audit.record(uow, actor, SETTLED, f"decision:{decision.id}", after=after)


def outcome(
    by: Closing,
    panels: Sequence[Panel],
    ballots: Iterable[Cast],
    *,
    why: str = "",
    part_of: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What is kept of a closed decision: each panel's policy, who could vote, and how it stood.

    `part_of` is {decision, digest} of what approved it as a part of a whole.
    """
    cast, final = tuple(ballots), by is Closing.DEADLINE
    return {
        "by": by.value,
        "panels": [
            {
                "policy": panel.policy.to_json(), "seats": sorted(panel.electorate), "name": panel.name,
                "state": tally(panel.policy, panel.electorate, cast, final=final).value,
            }
            for panel in panels
        ],
        **({"why": why} if why else {}),
        **({"part_of": dict(part_of)} if part_of else {}),
    }  # fmt: skip


def roll_of(outcome: Mapping[str, Any]) -> tuple[Panel, ...]:
    """The panels as they were when it closed."""
    return tuple(
        Panel(Policy.from_json(one["policy"]), frozenset(one["seats"]), one.get("name", ""))
        for one in outcome["panels"]
    )


def replayed(outcome: Mapping[str, Any], ballots: Iterable[Cast]) -> DecisionState:
    """What the stored ballots say on the stored roll, whatever the row claims."""
    cast, panels = tuple(ballots), roll_of(outcome)
    match Closing(outcome["by"]):
        case Closing.BALLOTS:
            return tally_all(panels, cast)
        case Closing.DEADLINE:
            return outcome_at_deadline(panels, cast)
        case Closing.RULE:
            allowed = bool(outcome.get("why")) and not cast and all(one.policy.council is None for one in panels)
            return DecisionState.APPROVED if allowed else DecisionState.OPEN
        case Closing.PART:  # whether the whole is approved is the replay's to find out
            allowed = bool(outcome.get("why")) and not cast and bool(outcome.get("part_of"))
            return DecisionState.APPROVED if allowed else DecisionState.OPEN
        case Closing.WITHDRAWN:
            state = tally_all(panels, cast)
            return DecisionState.EXPIRED if state is DecisionState.OPEN else state


def evidence(decision: Decision, ballots: Iterable[Ballot]) -> str:
    """One digest of what the result rests on: the version, the roll and every ballot."""
    return digest(
        {
            "subject": [decision.subject_kind, decision.subject_id, decision.subject_digest],
            "outcome": decision.outcome,
            "ballots": sorted([str(one.voter_id), str(one.cast_by_id), one.vote.value, one.reason] for one in ballots),
        }
    )  # fmt: skip
