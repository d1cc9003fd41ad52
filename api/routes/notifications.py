"""How often a person is told by e-mail what waits for them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from api.auth import App, Reader, Runner
from api.models import Answer, Body
from core.actor import Actor
from core.bootstrap import Application
from core.errors import InvalidInput
from core.notifications.slots import DigestState, Every

router = APIRouter(prefix="/notifications", tags=["Profile"])


class NotificationsBody(Body):
    every: Every
    hour: int = Field(default=8, ge=0, le=23, description="By the clocks of `zone`; for daily digests.")
    zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        default="UTC", description="IANA name.", examples=["Europe/Berlin"]
    )


class DigestAnswer(Answer):
    made_at: datetime
    state: DigestState
    items: int = Field(description="How many things it named.")
    words: str = Field(description="What became of it.")


class NotificationsAnswer(Answer):
    every: Every
    hour: int
    zone: str
    chosen: bool = Field(description="false: nobody chose, so this is what people of these roles get.")
    last: DigestAnswer | None = Field(description="The last one that was made for you.")


@router.get("", summary="Read how often you are told what waits for you")
def read_notifications(app: App, actor: Reader) -> NotificationsAnswer:
    return _answer(app, actor)


@router.put("", summary="Choose how often you are told what waits for you")
def choose_notifications(app: App, actor: Runner, body: NotificationsBody) -> NotificationsAnswer:
    """Your own; the first digest comes at the next slot."""
    app.notifications.choose(actor, body.every, hour=body.hour, zone=body.zone)
    return _answer(app, actor)


def _answer(app: Application, actor: Actor) -> NotificationsAnswer:
    if actor.user_id is None:
        raise InvalidInput(field="Notifications", problem="only a person gets them.")
    found = app.notifications_queries.preference(actor)
    last = app.notifications_queries.last_digest(actor)
    return NotificationsAnswer(
        every=found.preference.every, hour=found.preference.hour, zone=found.preference.zone, chosen=found.chosen,
        last=DigestAnswer.model_validate(last) if last else None,
    )  # fmt: skip
