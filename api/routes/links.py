"""Links by which somebody without an account, or another program, answers one gate: make, list, withdraw, use."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.auth import App, Decider, Reader
from api.models import Answer, Body
from core.executions.automated.rules import GateKind
from core.invitations.rules import MOST_DAYS, MOST_LABEL

router = APIRouter(tags=["Gates"])

Token = Annotated[str, Path(max_length=200, description="The last part of the link.")]


class NewLinkBody(Body):
    label: str = Field(min_length=1, max_length=MOST_LABEL, description="Who it is for.", examples=["Acme Ltd."])
    days: int = Field(default=7, ge=1, le=MOST_DAYS, description="How long it answers.")


class LinkAnswer(Answer):
    id: UUID
    label: str
    made_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    over: str | None = Field(description="Why it does nothing any more; null while it answers.")


class LinkList(Answer):
    links: list[LinkAnswer]


class NewLinkAnswer(Answer):
    id: UUID
    form_url: str = Field(description="A page for people. Shown this once: whoever has it can answer.")
    callback_url: str = Field(description="The same for programs: GET tells what is asked, POST answers.")
    expires_at: datetime


class FieldAnswer(Answer):
    name: str
    title: str
    kind: str
    required: bool
    choices: list[str]
    help: str


class RequestAnswer(Answer):
    title: str
    label: str
    asked_by: str
    kind: GateKind
    fields: list[FieldAnswer] = Field(description="As the page for people shows them.")
    content: dict[str, Any] = Field(description="What is asked, by kind of gate; see /gates/{gate_id}.")
    expires_at: datetime


class CallbackBody(Body):
    answer: dict[str, Any] = Field(
        description="By kind: clarification {id: {resolution, value}}; form {content}; guide {notes, content}.",
        examples=[{"content": {"goal": "More clients"}}],
    )


class Taken(Answer):
    taken: bool = True


@router.get("/gates/{gate_id}/links", summary="List the links to a gate")
def list_links(app: App, actor: Reader, gate_id: UUID, limit: Annotated[int, Query(ge=1, le=100)] = 100) -> LinkList:
    """Your own; operators and admins see all of them. What opens them is shown nowhere."""
    found = app.invitations_queries.of_gate(actor, gate_id, limit=limit)
    return LinkList(links=[LinkAnswer.model_validate(one) for one in found])


@router.post("/gates/{gate_id}/links", status_code=201, summary="Make a link that answers a gate once")
def make_link(app: App, actor: Decider, gate_id: UUID, body: NewLinkBody) -> NewLinkAnswer:
    """For questions, documents and steps that you may answer yourself; what comes through it counts as yours.

    A vote, an approval or an acceptance cannot be handed on.
    """
    made = app.invitations.make(actor, gate_id, label=body.label, days=body.days)
    base = app.settings.base_url
    return NewLinkAnswer(
        id=made.id, form_url=f"{base}/answer/{made.token}", callback_url=f"{base}/api/hooks/{made.token}",
        expires_at=made.expires_at,
    )  # fmt: skip


@router.delete("/links/{link_id}", status_code=204, summary="Withdraw a link")
def withdraw_link(app: App, actor: Decider, link_id: UUID) -> None:
    app.invitations.revoke(actor, link_id)


@router.get("/hooks/{token}", summary="Read what a link asks")
def read_hook(app: App, token: Token) -> RequestAnswer:
    """Needs no bearer token: the address is the key."""
    return RequestAnswer.model_validate(app.invitations.request(token))


@router.post("/hooks/{token}", summary="Answer through a link")
def answer_hook(app: App, token: Token, body: CallbackBody) -> Taken:
    """Counts once, and the run goes on. What does not fit is refused with 422, and the link stays usable."""
    app.invitations.answer(token, body.answer)
    return Taken()
