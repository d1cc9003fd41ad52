"""The guardrails: what the installation allows, the kill switch, and what each rule said of an action (SPEC D5)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.auth import Administrator, App, Decider, Reader
from api.etag import IfMatch, etag, stated_version
from api.models import Answer, Body
from core.guardrails.queries import RecordRow
from core.guardrails.rules import ExecutionMode, Judgement, Limits, Stage
from core.guardrails.values import MOST_DUPLICATE_HOURS, MOST_HOURS, MOST_MINUTES, MOST_RATE, MOST_RECIPIENTS

router = APIRouter(prefix="/guardrails", tags=["Guardrails"])


class SendingRateBody(Body):
    """At most `count` in any `minutes`."""

    count: int = Field(ge=1, le=MOST_RATE)
    minutes: int = Field(ge=1, le=MOST_MINUTES)


class HoursBody(Body):
    """Open from `from` to `to` by the clocks of `zone`; `to` before `from` means on the next day."""

    zone: str = Field(max_length=80, examples=["Europe/Berlin"])
    weekdays: list[int] = Field(min_length=1, max_length=7, description="0 is Monday.")
    opens: str = Field(alias="from", pattern=r"^\d\d:\d\d$", examples=["08:00"])
    closes: str = Field(alias="to", pattern=r"^\d\d:\d\d$", examples=["18:00"])


class GuardrailsBody(Body):
    """What is left out, or null, stays as it is; for `operations`, `models` and `hours` null takes the limit away."""

    mode: ExecutionMode | None = None
    channels: list[str] | None = None
    operations: list[str] | None = Field(default=None, description="null: every operation of an open channel.")
    models: list[str] | None = Field(default=None, description="null: every model that is not denied.")
    denied_models: list[str] | None = Field(default=None, examples=[["ir.*", "res.users"]])
    amounts: dict[str, Decimal] | None = Field(
        default=None, description="The most one action may move, by currency.", examples=[{"USD": "500.00"}]
    )
    max_recipients: int | None = Field(default=None, ge=1, le=MOST_RECIPIENTS)
    allowed_recipients: list[str] | None = Field(default=None, description="Addresses and domains; empty: anybody.")
    denied_recipients: list[str] | None = None
    channel_rates: dict[str, SendingRateBody] | None = Field(
        default=None, description="By channel; what is left out is free."
    )
    recipient_rates: dict[str, SendingRateBody] | None = None
    duplicate_hours: int | None = Field(default=None, ge=0, le=MOST_DUPLICATE_HOURS)
    hours: HoursBody | None = Field(default=None, description="null: any hour.")
    expiry_hours: int | None = Field(default=None, ge=1, le=MOST_HOURS)
    four_eyes: bool | None = None
    automatic: bool | None = None
    automatic_operations: list[str] | None = None

    def changes(self) -> dict[str, Any]:
        given = self.model_dump(mode="json", exclude_unset=True, by_alias=True)
        return {name: value for name, value in given.items() if value is not None or name in _MAY_BE_NULL}


_MAY_BE_NULL = frozenset({"operations", "models", "hours"})


class GuardrailsAnswer(Answer):
    mode: ExecutionMode
    mode_by: str
    mode_at: datetime
    changed_by: str
    changed_at: datetime
    version: int = Field(description="The revision; the ETag says the same.")
    damaged: str = Field(description="Why the stored policy cannot be understood, while everything stops; else empty.")
    policy: dict[str, Any] = Field(description="Every guardrail by name, as PATCH takes them.")


class VerdictAnswer(Answer):
    rule: str
    input: str = Field(description="What the rule saw.")
    judgement: Judgement
    words: str
    until: datetime | None = Field(description="For what waits: when this rule lets it run at the earliest.")


class RecordAnswer(Answer):
    stage: Stage
    at: datetime
    revision: int = Field(description="Of the guardrails that were in force.")
    outcome: Judgement
    until: datetime | None
    actor: str
    verdicts: list[VerdictAnswer]


class RefusalAnswer(RecordAnswer):
    subject: str = Field(description="What was refused, as action:<id>.")


class RefusalsAnswer(Answer):
    refusals: list[RefusalAnswer]


class RecordsAnswer(Answer):
    action_id: UUID
    records: list[RecordAnswer]


@router.get("", summary="Read the guardrails")
def read_guardrails(app: App, actor: Reader, response: Response) -> GuardrailsAnswer:
    """For operators, council members and admins."""
    return _answer(app.guardrails_queries.policy(actor), response)


@router.patch("", summary="Change the guardrails")
def change_guardrails(
    app: App, actor: Administrator, body: GuardrailsBody, response: Response, if_match: IfMatch = None
) -> GuardrailsAnswer:
    """For admins. Work that is queued obeys the new guardrails before this answers."""
    return _answer(app.guardrails.change(actor, body.changes(), stated_version(if_match)), response)


@router.post("/stop", summary="Stop everything")
def stop_execution(app: App, actor: Decider, response: Response) -> GuardrailsAnswer:
    """The kill switch, for operators and admins. Only an admin starts again, with PATCH and `mode`."""
    return _answer(app.guardrails.stop(actor), response)


@router.get("/refusals", summary="Read what the guardrails stopped last")
def read_refusals(app: App, actor: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> RefusalsAnswer:
    """For operators, council members and admins; newest first."""
    found = app.guardrails_queries.refusals(actor, limit=limit)
    return RefusalsAnswer(refusals=[RefusalAnswer.model_validate(one) for one in found])


@router.get("/records/{action_id}", summary="Read what the guardrails said of an action")
def read_records(app: App, actor: Reader, action_id: UUID) -> RecordsAnswer:
    """Each evaluation since it was proposed, oldest first, also those that refused it."""
    app.actions_queries.card(actor, action_id)
    records = app.guardrails_queries.records(f"action:{action_id}")
    return RecordsAnswer(action_id=action_id, records=[_record(one) for one in records])


def _answer(limits: Limits, response: Response) -> GuardrailsAnswer:
    response.headers["ETag"] = etag(limits.version)
    return GuardrailsAnswer(
        mode=limits.mode, mode_by=limits.mode_by, mode_at=limits.mode_at, changed_by=limits.changed_by,
        changed_at=limits.changed_at, version=limits.version, damaged=limits.damaged, policy=limits.to_json(),
    )  # fmt: skip


def _record(row: RecordRow) -> RecordAnswer:
    return RecordAnswer.model_validate(row)
