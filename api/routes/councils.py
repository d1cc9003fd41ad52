"""Councils: who decides what, by which rule; found and change them (SPEC D7)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from api.auth import Administrator, App, Reader
from api.etag import IfMatch, etag, needed_version
from api.models import Answer, Body, Line
from api.paging import Cursor, Limit, page_of
from core.actor import Actor
from core.bootstrap import Application
from core.decisions.council_queries import CouncilRow
from core.decisions.councils import MOST_CRITERIA, MOST_DOMAINS, MOST_MEMBERS, Terms
from core.decisions.policy import AtDeadline, Base, Policy, RiskLevel, Rule

router = APIRouter(prefix="/councils", tags=["Councils"])

_ID = r"^[a-z][a-z0-9_-]{1,63}$"
CouncilId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{1,63}$", examples=["finance"])]
Word = Annotated[str, StringConstraints(max_length=80)]


class CouncilRuleBody(Body):
    """When the council has decided."""

    rule: Rule = Rule.ANY_ONE
    n: int = Field(default=1, ge=1, le=MOST_MEMBERS, description="For n_of: how many must approve.")
    base: Base = Field(default=Base.VOTES, description="For majority: more than half of what.")
    quorum: int = Field(default=0, ge=0, le=MOST_MEMBERS, description="How many ballots an approval needs at least.")
    veto: list[UUID] = Field(default=[], max_length=MOST_MEMBERS, description="Members whose one rejection ends it.")
    recusal: bool = Field(default=True, description="Who proposed or edited it does not vote.")
    at_deadline: AtDeadline = AtDeadline.EXPIRE


class ThresholdBody(Body):
    amount: Decimal = Field(ge=0, examples=["500.00"])
    currency: str = Field(min_length=3, max_length=3, examples=["USD"])


class ChangeCouncilBody(Body):
    """The whole council: what is left out is empty afterwards."""

    name: Line
    description: Annotated[str, StringConstraints(max_length=500)] = ""
    policy: CouncilRuleBody = Field(default_factory=CouncilRuleBody)
    members: list[UUID] = Field(max_length=MOST_MEMBERS)
    domains: list[Word] = Field(default=[], max_length=MOST_DOMAINS, examples=[["finance", "email"]])
    criteria: list[Line] = Field(default=[], max_length=MOST_CRITERIA)
    threshold: ThresholdBody | None = Field(default=None, description="Weekly savings above which it reviews.")
    risk_from: RiskLevel | None = Field(default=None, description="The risk from which on it reviews.")
    blocked_operations: list[Word] = Field(
        default=[], max_length=200, description="Never executed while it is active, whoever approves."
    )

    def terms(self) -> Terms:
        rule = self.policy
        policy = Policy(
            council="it", rule=rule.rule, n=rule.n, base=rule.base, quorum=rule.quorum, recusal=rule.recusal,
            veto=frozenset(str(one) for one in rule.veto), at_deadline=rule.at_deadline,
        )  # fmt: skip
        return Terms(
            name=self.name, policy=policy, description=self.description, domains=tuple(self.domains),
            criteria=tuple(self.criteria), risk_from=self.risk_from, blocked_operations=tuple(self.blocked_operations),
            threshold=(self.threshold.amount, self.threshold.currency) if self.threshold else None,
        )  # fmt: skip


class NewCouncilBody(ChangeCouncilBody):
    id: str = Field(pattern=_ID, examples=["finance"])


class MembersBody(Body):
    members: list[UUID] = Field(max_length=MOST_MEMBERS)


class SwitchBody(Body):
    active: bool = Field(description="false: nothing new needs it, and what waits for it is approved by nobody.")


class CouncilRuleAnswer(Answer):
    rule: Rule
    n: int
    base: Base
    quorum: int
    veto: list[UUID]
    recusal: bool
    at_deadline: AtDeadline


class ThresholdAnswer(Answer):
    amount: Decimal
    currency: str


class MemberAnswer(Answer):
    id: UUID
    name: str
    active: bool = Field(description="Who is not active has no vote.")


class CouncilAnswer(Answer):
    id: str
    name: str
    description: str
    policy: CouncilRuleAnswer
    members: list[MemberAnswer]
    domains: list[str]
    criteria: list[str]
    threshold: ThresholdAnswer | None
    risk_from: RiskLevel | None
    blocked_operations: list[str]
    waiting: int = Field(description="Open decisions that need it.")
    active: bool
    sample: bool
    version: int = Field(description="The ETag says the same.")
    updated_at: datetime


class CouncilList(Answer):
    councils: list[CouncilAnswer]
    total: int
    next_cursor: str | None


@router.get("", summary="List councils")
def list_councils(app: App, actor: Reader, limit: Limit = 100, cursor: Cursor = None) -> CouncilList:
    """The installation's own first, then those of the sample data."""
    page = page_of(app.councils_queries.all(actor), lambda row: row.id, limit, cursor)
    return CouncilList(councils=[_answer(row) for row in page.rows], total=page.total, next_cursor=page.next)


@router.get("/{council_id}", summary="Read a council")
def read_council(app: App, actor: Reader, council_id: CouncilId, response: Response) -> CouncilAnswer:
    return _read(app, actor, council_id, response)


@router.post("", status_code=201, summary="Found a council")
def create_council(app: App, actor: Administrator, body: NewCouncilBody, response: Response) -> CouncilAnswer:
    """For admins. Refused where it could never approve: no active member, or more votes needed than it has."""
    app.councils.create(actor, body.id, body.terms(), body.members)
    response.headers["Location"] = f"/api/councils/{body.id}"
    return _read(app, actor, body.id, response)


@router.put("/{council_id}", summary="Change a council")
def change_council(
    app: App,
    actor: Administrator,
    council_id: CouncilId,
    body: ChangeCouncilBody,
    response: Response,
    if_match: IfMatch = None,
) -> CouncilAnswer:
    """For admins; `If-Match` is needed. Decisions that are open go on by the rule they were opened under."""
    version = _version(app, actor, council_id, if_match)
    app.councils.change(actor, council_id, body.terms(), body.members, expected_version=version)
    return _read(app, actor, council_id, response)


@router.put("/{council_id}/members", summary="Say who sits on a council")
def set_members(
    app: App,
    actor: Administrator,
    council_id: CouncilId,
    body: MembersBody,
    response: Response,
    if_match: IfMatch = None,
) -> CouncilAnswer:
    """For admins; `If-Match` is needed. It holds for open decisions too: votes of those who left no longer count."""
    version = _version(app, actor, council_id, if_match)
    app.councils.set_members(actor, council_id, body.members, expected_version=version)
    return _read(app, actor, council_id, response)


@router.patch("/{council_id}", summary="Switch a council off and on")
def switch_council(
    app: App,
    actor: Administrator,
    council_id: CouncilId,
    body: SwitchBody,
    response: Response,
    if_match: IfMatch = None,
) -> CouncilAnswer:
    """For admins; `If-Match` is needed."""
    version = _version(app, actor, council_id, if_match)
    app.councils.set_active(actor, council_id, body.active, expected_version=version)
    return _read(app, actor, council_id, response)


def _version(app: Application, actor: Actor, council_id: str, if_match: str | None) -> int:
    stated = needed_version(if_match)
    return app.councils_queries.read(actor, council_id).version if stated is None else stated


def _read(app: Application, actor: Actor, council_id: str, response: Response) -> CouncilAnswer:
    row = app.councils_queries.read(actor, council_id)
    response.headers["ETag"] = etag(row.version)
    return _answer(row)


def _answer(row: CouncilRow) -> CouncilAnswer:
    policy = row.policy
    threshold = ThresholdAnswer(amount=row.threshold[0], currency=row.threshold[1]) if row.threshold else None
    return CouncilAnswer(
        id=row.id, name=row.name, description=row.description, domains=list(row.domains), criteria=list(row.criteria),
        policy=CouncilRuleAnswer(
            rule=policy.rule, n=policy.n, base=policy.base, quorum=policy.quorum, recusal=policy.recusal,
            veto=[UUID(one) for one in sorted(policy.veto)], at_deadline=policy.at_deadline,
        ),
        members=[MemberAnswer.model_validate(one) for one in row.members], threshold=threshold,
        risk_from=row.risk_from, blocked_operations=list(row.blocked_operations), waiting=row.waiting,
        active=row.active, sample=row.sample, version=row.version, updated_at=row.updated_at,
    )  # fmt: skip
