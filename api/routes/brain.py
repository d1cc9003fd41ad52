"""The operator brain: its rules with their last look, what they noticed, and a look now (SPEC A5)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from api.auth import Administrator, App, Decider, Reader
from api.etag import IfMatch, etag, stated_version
from api.models import Answer, Body
from core.actions.rules import ActionState
from core.brain.queries import Became, RuleView
from core.brain.rules import MOST_PER_DAY, MOST_PER_LOOK, LookState, RuleMode
from core.errors import NotFound

router = APIRouter(prefix="/brain", tags=["Operator brain"])

RuleName = Annotated[str, Path(pattern=r"^[a-z0-9_-]{2,64}$", examples=["waiting_decisions"])]


class BrainRuleBody(Body):
    """What is left out stays as it is."""

    mode: RuleMode | None = None
    per_look: int | None = Field(default=None, ge=1, le=MOST_PER_LOOK, description="Cards a look, at most.")
    per_day: int | None = Field(default=None, ge=1, le=MOST_PER_DAY, description="Cards a day, at most.")
    thresholds: dict[str, int | dict[str, int]] | None = Field(
        default=None, description="Those named change.", examples=[{"first": 5}]
    )

    def changes(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


class BrainLookAnswer(Answer):
    at: datetime
    state: LookState
    words: str
    found: int | None = Field(description="null: its source could not be asked, so nobody knows.")
    proposed: int
    remaining: int
    seen_at: datetime | None = Field(description="When it last saw its source.")


class BrainRuleAnswer(Answer):
    name: str
    title: str
    watches: str
    source: str
    mode: RuleMode
    thresholds: dict[str, Any]
    per_look: int
    per_day: int
    version: int
    look: BrainLookAnswer | None
    cards: int
    waiting: int
    executed: int
    declined: int
    settled: int = Field(description="Of what was executed, what is not so any more.")


class RulesAnswer(Answer):
    rules: list[BrainRuleAnswer]


class BrainFindingAnswer(Answer):
    id: UUID
    rule: str
    title: str
    became: Became
    held: str = Field(description="Why it was not proposed; else empty.")
    action_id: UUID | None
    action_state: ActionState | None
    confidence: Decimal
    impact: dict[str, Any]
    evidence: list[dict[str, Any]] = Field(description="[{fact, source, as_of, url}]")
    worded_by: str = Field(description="The language model; empty: a template.")
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None


class FindingsAnswer(Answer):
    findings: list[BrainFindingAnswer]
    total: int


class LookNowAnswer(Answer):
    run: str = Field(description="The run of the job that looks.")


@router.get("/rules", summary="Read the rules of the operator brain")
def read_rules(app: App, actor: Reader) -> RulesAnswer:
    """For operators and admins."""
    return RulesAnswer(rules=[_rule(one) for one in app.brain_queries.rules(actor)])


@router.get("/rules/{rule}", summary="Read one rule of the operator brain")
def read_rule(app: App, actor: Reader, rule: RuleName, response: Response) -> BrainRuleAnswer:
    """For operators and admins."""
    found = next((one for one in app.brain_queries.rules(actor) if one.rule.name == rule), None)
    if found is None:
        raise NotFound(kind="rule", id=rule)
    response.headers["ETag"] = etag(found.settings.version)
    return _rule(found)


@router.patch("/rules/{rule}", summary="Change a rule of the operator brain")
def change_rule(
    app: App, actor: Administrator, rule: RuleName, body: BrainRuleBody, response: Response, if_match: IfMatch = None
) -> BrainRuleAnswer:
    """For admins."""
    set_ = app.brain.change(actor, rule, body.changes(), stated_version(if_match))
    response.headers["ETag"] = etag(set_.version)
    return _rule(next(one for one in app.brain_queries.rules(actor) if one.rule.name == rule))


@router.get("/findings", summary="Read what the operator brain noticed")
def read_findings(
    app: App,
    actor: Reader,
    rule: Annotated[str, Query(max_length=64)] = "",
    became: Became | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> FindingsAnswer:
    """For operators and admins; the latest cards first, then what was not proposed."""
    rows, total = app.brain_queries.findings(actor, rule=rule, became=became, offset=offset, limit=limit)
    return FindingsAnswer(findings=[BrainFindingAnswer.model_validate(one) for one in rows], total=total)


@router.post("/look", status_code=202, summary="Have the operator brain look now")
def look_now(app: App, actor: Decider) -> LookNowAnswer:
    """For operators and admins. It proposes; people decide."""
    return LookNowAnswer(run=app.brain.look_now(actor))


def _rule(one: RuleView) -> BrainRuleAnswer:
    set_ = one.settings
    return BrainRuleAnswer(
        name=one.rule.name, title=one.rule.title, watches=one.rule.watches, source=one.rule.source, mode=set_.mode,
        thresholds=dict(set_.thresholds), per_look=set_.per_look, per_day=set_.per_day, version=set_.version,
        look=BrainLookAnswer.model_validate(one.look) if one.look else None, cards=one.cards, waiting=one.waiting,
        executed=one.executed, declined=one.declined, settled=one.settled.successes,
    )  # fmt: skip
