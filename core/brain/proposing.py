"""Proposing one finding: claimed under the id its card will have, so that a worker that dies leaves at most one card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.actions.service import ActionService
from core.actions.tables import Action
from core.brain.keeping import GONE, Candidate, take_back
from core.brain.rewording import Worded
from core.brain.rule import Evidence, Finding, Rule
from core.brain.rules import BRAIN, DAY, RESUME_AFTER, FindingState, RuleMode, joined
from core.brain.tables import BrainFinding, BrainRule
from core.database.unit_of_work import Database
from core.errors import CountersignError
from core.identifiers import new_id

OVER_THE_DAY = "Over the limit of {limit} cards a day. A later look proposes it."
ELSEWHERE = "Another worker is about to propose it."
WATCHES = "The rule only watches."


@dataclass(frozen=True)
class Claim:
    action_id: UUID


@dataclass(frozen=True)
class Held:
    why: str
    for_all: bool
    """The same holds for every other candidate of this look."""


class Proposing:
    def __init__(self, database: Database, actions: ActionService) -> None:
        self._database, self._actions = database, actions

    def claim(self, rule: Rule, candidate: Candidate) -> Claim | Held:
        """Takes it for this worker. The rule's row is locked: the day's limit holds for all workers together."""
        with self._database.begin() as uow:
            set_ = uow.session.get_one(BrainRule, rule.name, with_for_update=True)
            row = uow.session.get(BrainFinding, candidate.row, with_for_update=True)
            if set_.mode is not RuleMode.PROPOSE:
                return Held(WATCHES, for_all=True)
            if row is None or row.state is FindingState.PROPOSED:
                return Held(ELSEWHERE, for_all=False)
            if row.state is FindingState.CLAIMED and row.claimed_at and uow.now - row.claimed_at < RESUME_AFTER:
                return Held(ELSEWHERE, for_all=False)
            counted = select(func.count()).where(
                BrainFinding.rule == rule.name, BrainFinding.claimed_at > uow.now - DAY, BrainFinding.id != row.id
            )
            if (uow.session.scalar(counted) or 0) >= set_.per_day:
                return Held(OVER_THE_DAY.format(limit=set_.per_day), for_all=True)
            row.state, row.claimed_at, row.held = FindingState.CLAIMED, uow.now, ""
            row.action_id = row.action_id or new_id()
            return Claim(row.action_id)

    def propose(self, rule: Rule, candidate: Candidate, claim: Claim, worded: Worded) -> str | None:
        """Makes the card; None if it is there now, else why it could not be made."""
        finding = candidate.finding
        try:
            self._actions.propose(
                BRAIN, finding.operation, {**finding.params, **worded.params}, title=finding.title,
                rationale=rationale_of(finding, worded), sources=[_source(one) for one in finding.evidence],
                priority=finding.priority, risk=finding.risk, confidence=finding.confidence, impact=finding.impact,
                domains=finding.domains, recommended_steps=finding.steps, expires_in=rule.waits,
                action_id=claim.action_id, people_decide=True,
            )  # fmt: skip
        except IntegrityError:
            if not self._is_there(claim.action_id):
                raise
        except CountersignError as problem:
            self._release(candidate.row, str(problem))
            return str(problem)
        self._proposed(candidate.row, worded.by)
        return None

    def _is_there(self, action_id: UUID) -> bool:
        with self._database.reading() as session:
            return session.scalar(select(Action.id).where(Action.id == action_id)) is not None

    def _proposed(self, row_id: UUID, by: str) -> None:
        with self._database.begin() as uow:
            row = uow.session.get_one(BrainFinding, row_id, with_for_update=True)
            if row.state is FindingState.CLAIMED:
                row.state, row.proposed_at, row.worded_by = FindingState.PROPOSED, uow.now, by[:200]
            if row.gone_at is not None:  # another worker's look saw that, while this one found the words
                take_back(uow, row, GONE)

    def _release(self, row_id: UUID, why: str) -> None:
        with self._database.begin() as uow:
            row = uow.session.get_one(BrainFinding, row_id, with_for_update=True)
            if row.state is FindingState.CLAIMED:
                row.state, row.claimed_at, row.held = FindingState.NOTICED, None, why[:2_000]


def rationale_of(finding: Finding, worded: Worded) -> str:
    """Why it is proposed, how sure that is, what it may bring, and who found the words."""
    return joined((worded.rationale, finding.confidence_why, finding.impact_why, worded.said))


def _source(one: Evidence) -> Mapping[str, Any]:
    label = f"{one.fact} ({one.source}, {one.as_of:%Y-%m-%d %H:%M} UTC)"
    return {"label": label, "url": one.url} if one.url else {"label": label}
