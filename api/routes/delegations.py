"""Delegations: give one's seat to another person until a date, and take it back (SPEC D6)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from api.auth import App, Decider, Reader
from api.models import Answer, Body, Moment
from api.paging import Cursor, Limit, page_of

router = APIRouter(prefix="/delegations", tags=["Councils"])


class DelegationBody(Body):
    to: UUID = Field(description="A person who is operator, council member or admin.")
    ends_at: Moment = Field(description="At most 365 days after the start.", examples=["2027-01-31T18:00:00Z"])
    starts_at: Moment | None = Field(default=None, description="Default: now.")
    council_id: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="The one council whose seat is given; null: every seat."
    )
    reason: Annotated[str, StringConstraints(max_length=500)] = ""
    of: UUID | None = Field(default=None, description="For admins: the absent person whose seat it is.")


class DelegationAnswer(Answer):
    id: UUID
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    council_id: str | None
    council_name: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    by_admin: bool = Field(description="Somebody else than the person away set it up.")
    in_force: bool


class DelegationList(Answer):
    delegations: list[DelegationAnswer]
    total: int
    next_cursor: str | None


@router.get("", summary="List delegations that hold or are to come")
def list_delegations(
    app: App,
    actor: Reader,
    mine: Annotated[bool, Query(description="Only seats you gave or were given.")] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> DelegationList:
    """All of them for operators, council members and admins; `mine` for anybody."""
    found = app.delegations_queries.mine(actor) if mine else app.delegations_queries.all(actor)
    page = page_of(found, lambda one: one.id, limit, cursor)
    shown = [DelegationAnswer.model_validate(one) for one in page.rows]
    return DelegationList(delegations=shown, total=page.total, next_cursor=page.next)


@router.post("", status_code=201, summary="Give a seat away until a date")
def give_seat(app: App, actor: Decider, body: DelegationBody) -> DelegationAnswer:
    """Your own; with `of`, for admins, that of an absent person. It is not given on, and nobody votes twice."""
    made = app.delegations.give(
        actor, to=body.to, ends_at=body.ends_at, starts_at=body.starts_at, council_id=body.council_id,
        reason=body.reason, of=body.of,
    )  # fmt: skip
    return DelegationAnswer.model_validate(app.delegations_queries.read(actor, made))


@router.get("/{delegation_id}", summary="Read a delegation that holds or is to come")
def read_delegation(app: App, actor: Reader, delegation_id: UUID) -> DelegationAnswer:
    return DelegationAnswer.model_validate(app.delegations_queries.read(actor, delegation_id))


@router.delete("/{delegation_id}", status_code=204, summary="Take a seat back")
def take_seat_back(app: App, actor: Decider, delegation_id: UUID) -> None:
    """At once; what was voted with it stands."""
    app.delegations.revoke(actor, delegation_id)
