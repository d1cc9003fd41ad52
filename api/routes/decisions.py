"""Decisions, whatever they are about: what waits for you, who decides, and your ballot (SPEC D1, D7)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from api.auth import App, Decider, Reader
from api.models import Answer, Body, Note
from core.actor import Actor
from core.bootstrap import Application
from core.decisions.checklist import Finding
from core.decisions.closing import Closing
from core.decisions.policy import AtDeadline, Base, Rule
from core.decisions.rules import DecisionState, Vote
from core.decisions.views import DecisionView, PanelView
from core.errors import NotFound

router = APIRouter(prefix="/decisions", tags=["Decisions"])


class BallotBody(Body):
    vote: Vote
    digest: str = Field(min_length=1, max_length=64, description="Of the version you saw; another one is refused.")
    reason: Note = Field(default="", description="Needed to reject.")
    checklist: dict[Annotated[str, StringConstraints(max_length=200)], Finding] | None = Field(
        default=None, max_length=100, description="What you found of each criterion.",
        examples=[{"The amount is agreed": "met"}],
    )  # fmt: skip


class DecisionPanelAnswer(Answer):
    """One group that must approve."""

    council_id: str | None
    council_name: str | None
    roles: list[str] = Field(description="Who decides where no council does.")
    groups: list[str] = Field(description="Groups of people who decide, as an admin assigns them.")
    rule: Rule
    n: int
    base: Base
    quorum: int
    at_deadline: AtDeadline
    escalated: bool
    seats: int = Field(description="How many may vote; 0: nobody can approve it at present.")
    approve: int
    reject: int
    abstain: int
    state: DecisionState
    missing: int | None = Field(description="How many more approvals decide it at the fewest.")
    criteria: list[str]
    mine: bool = Field(description="Whether the seat you vote with sits here.")


class BallotAnswer(Answer):
    voter: str
    on_behalf_of: str | None
    vote: Vote
    reason: str
    checklist: dict[str, Finding] | None
    cast_at: datetime


class DecisionAnswer(Answer):
    id: UUID
    kind: str
    subject_id: str
    digest: str
    state: DecisionState
    opened_at: datetime
    deadline: datetime | None
    decided_at: datetime | None
    decided_by: Closing | None = Field(description="What closed it.")
    panels: list[DecisionPanelAnswer]
    ballots: list[BallotAnswer]
    why_not_vote: str | None = Field(description="Why you may not vote; null when you may.")
    votes_for: str | None = Field(description="Whose seat you would vote with, where it is not your own.")


class DecisionPage(Answer):
    decisions: list[DecisionAnswer]
    total: int
    limit: int
    offset: int


@router.get("", summary="List decisions that wait for you, or all")
def list_decisions(
    app: App,
    actor: Reader,
    mine: Annotated[bool, Query(description="Only what waits for your vote, what closes first at the top.")] = True,
    state: Annotated[DecisionState | None, Query(description="With mine=false.")] = None,
    kind: Annotated[str | None, Query(max_length=40, description="With mine=false; for example action.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> DecisionPage:
    """All are those you may read: every one for operators, council members and admins, else yours."""
    queries = app.decisions_queries
    if mine:
        found, total = queries.waiting(actor, limit=limit, offset=offset)
    else:
        found, total = queries.all(actor, state=state, kind=kind, limit=limit, offset=offset)
    return DecisionPage(decisions=[_answer(one) for one in found], total=total, limit=limit, offset=offset)


@router.get("/{decision_id}", summary="Read a decision with its panels and ballots")
def read_decision(app: App, actor: Reader, decision_id: UUID) -> DecisionAnswer:
    return _read(app, actor, decision_id)


@router.post("/{decision_id}/ballots", status_code=201, summary="Cast your ballot")
def cast_ballot(app: App, actor: Decider, decision_id: UUID, body: BallotBody) -> DecisionAnswer:
    """Counts at once, and once: for your own seat, or for one that was given to you. Approved, the work is queued."""
    app.decisions.vote(
        actor, decision_id, digest=body.digest, vote=body.vote, reason=body.reason,
        checklist={name: finding.value for name, finding in (body.checklist or {}).items()},
    )  # fmt: skip
    return _read(app, actor, decision_id)


def _read(app: Application, actor: Actor, decision_id: UUID) -> DecisionAnswer:
    found = app.decisions_queries.decision(actor, decision_id)
    if found is None:
        raise NotFound(kind="decision", id=decision_id)
    return _answer(found)


def _answer(view: DecisionView) -> DecisionAnswer:
    return DecisionAnswer(
        id=view.id, kind=view.kind, subject_id=view.subject_id, digest=view.digest, state=view.state,
        opened_at=view.opened_at, deadline=view.deadline, decided_at=view.decided_at, decided_by=view.by,
        panels=[_panel(one) for one in view.panels],
        ballots=[BallotAnswer.model_validate(one) for one in view.ballots],
        why_not_vote=view.why_not_vote, votes_for=view.votes_for,
    )  # fmt: skip


def _panel(panel: PanelView) -> DecisionPanelAnswer:
    policy = panel.policy
    return DecisionPanelAnswer(
        council_id=panel.council_id, council_name=panel.council_name, roles=sorted(policy.roles),
        groups=sorted(policy.groups), rule=policy.rule,
        n=policy.n, base=policy.base, quorum=policy.quorum, at_deadline=policy.at_deadline,
        escalated=policy.escalated, seats=panel.seats, approve=panel.approve, reject=panel.reject,
        abstain=panel.abstain, state=panel.state, missing=panel.missing, criteria=list(panel.criteria),
        mine=panel.mine,
    )  # fmt: skip
