"""The caller's own profile."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from api.auth import App, Reader, Runner
from api.models import Answer, Body
from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.errors import InvalidInput
from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm

router = APIRouter(prefix="/profile", tags=["Profile"])


class ProfileBody(Body):
    goal: Goal
    market: Market
    skill_level: SkillLevel
    country: Annotated[str, StringConstraints(min_length=2, max_length=2)] = Field(
        description="ISO 3166-1 alpha-2.", examples=["IN"]
    )


class ProfileAnswer(Answer):
    user_id: UUID
    name: str
    roles: list[Role]
    tier: Tier
    goal: Goal | None = Field(description="null, as are the next three, until a profile was saved.")
    market: Market | None
    skill_level: SkillLevel | None
    country: str | None
    updated_at: datetime | None


@router.get("", summary="Read your profile")
def read_profile(app: App, actor: Reader) -> ProfileAnswer:
    return _profile(app, actor)


@router.post("", summary="Save your profile")
def save_profile(app: App, actor: Runner, body: ProfileBody) -> ProfileAnswer:
    """Replaces what was there. Running workflows keep the segment they began with."""
    form = ProfileForm(goal=body.goal, market=body.market, skill_level=body.skill_level, country=body.country)
    app.identity.save_profile(actor, form)
    return _profile(app, actor)


def _profile(app: Application, actor: Actor) -> ProfileAnswer:
    if actor.user_id is None:
        raise InvalidInput(field="Profile", problem="only a person has one.")
    profile = app.identity_queries.profile(actor.user_id)
    return ProfileAnswer(
        user_id=actor.user_id, name=actor.name, roles=sorted(actor.roles), tier=actor.tier,
        goal=profile.goal if profile else None, market=profile.market if profile else None,
        skill_level=profile.skill_level if profile else None, country=profile.country if profile else None,
        updated_at=profile.updated_at if profile else None,
    )  # fmt: skip
