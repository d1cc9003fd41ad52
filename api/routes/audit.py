"""The audit chain: who did what, when, and how it was before and after (SPEC X2)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from api.auth import App, Reader
from api.models import Answer
from core.actor import ActorKind, Role

router = APIRouter(prefix="/audit", tags=["Audit"])


class AuditEntryAnswer(Answer):
    sequence: int = Field(description="Its place in the chain; none is ever missing.")
    at: datetime
    actor_kind: ActorKind
    actor_id: str
    actor_name: str
    event: str = Field(examples=["action.approved"])
    subject: str = Field(description="What it is about, as kind:id.")
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None = Field(description="The click or request in which it was written, as in the logs.")
    previous_hash: str = Field(description="SHA-256 of the entry before, in hexadecimal digits.")
    hash: str


class AuditPage(Answer):
    entries: list[AuditEntryAnswer]
    total: int = Field(description="Entries in the whole chain.")
    next_cursor: int | None


class AuditEventsAnswer(Answer):
    events: list[str]


@router.get("", summary="List entries of the audit chain, newest first")
def list_audit_entries(
    app: App,
    actor: Reader,
    text: Annotated[str, Query(max_length=200, description="Part of who, event or subject.")] = "",
    event: Annotated[str, Query(max_length=80, description="Exactly this event.")] = "",
    subject: Annotated[str, Query(max_length=120, description="Exactly this subject, as kind:id.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int | None, Query(ge=1, le=2**62, description="`next_cursor` of the page before.")] = None,
) -> AuditPage:
    """For admins. The job `verify_audit` reads the chain whole and recomputes every hash."""
    actor.must_have(Role.ADMIN, to="read the audit")
    found = app.audit_queries.entries(text=text, event=event, subject=subject, before=cursor, limit=limit + 1)
    following = found[limit - 1].sequence if len(found) > limit else None
    return AuditPage(
        entries=[AuditEntryAnswer.model_validate(one) for one in found[:limit]],
        total=app.audit_queries.count(),
        next_cursor=following,
    )


@router.get("/events", summary="List every kind of event there is in the audit chain")
def list_audit_events(app: App, actor: Reader) -> AuditEventsAnswer:
    """For admins."""
    actor.must_have(Role.ADMIN, to="read the audit")
    return AuditEventsAnswer(events=app.audit_queries.events())
