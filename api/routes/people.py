"""People and what they may do: for admins, as on the page People."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from api.auth import Administrator, App, Reader
from api.models import Answer, Body
from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.errors import NotAllowed, NotFound
from core.identity.queries import PersonRow
from core.identity.rules import MAX_PASSWORD, MIN_PASSWORD, MOST_GROUP, MOST_GROUPS

router = APIRouter(prefix="/people", tags=["People"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Email = Annotated[str, StringConstraints(min_length=3, max_length=254)]
Password = Annotated[str, StringConstraints(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]
Group = Annotated[str, StringConstraints(min_length=1, max_length=MOST_GROUP)]


class NewPersonBody(Body):
    email: Email = Field(examples=["ravi@example.com"])
    name: Name = Field(examples=["Ravi Menon"])
    password: Password = Field(description="To sign in with; tell it to nobody else.", examples=["a long pass phrase"])
    roles: list[Role] = Field(max_length=len(Role), examples=[["user", "operator"]])
    tier: Tier = Field(default=Tier.STARTER, examples=["pro"])


class ChangePersonBody(Body):
    """What is left out, or null, stays as it is."""

    roles: list[Role] | None = Field(default=None, max_length=len(Role), examples=[["user"]])
    tier: Tier | None = None
    active: bool | None = Field(default=None, description="false ends every session and token at once.")
    groups: list[Group] | None = Field(
        default=None, max_length=MOST_GROUPS, description="Who accepts what, as definitions name it.", examples=[["pm"]]
    )


class PasswordBody(Body):
    password: Password = Field(examples=["another long pass phrase"])


class PersonAnswer(Answer):
    id: UUID
    email: str
    name: str
    roles: list[Role]
    groups: list[str]
    tier: Tier
    active: bool
    sample: bool
    created_at: datetime
    market: str | None = Field(description="From the profile, as is the next; null without one.")
    skill_level: str | None


class PeoplePage(Answer):
    people: list[PersonAnswer]
    total: int
    limit: int
    offset: int


class PeopleGroupsAnswer(Answer):
    groups: list[str]


@router.get("", summary="List people, by name")
def list_people(
    app: App,
    actor: Reader,
    text: Annotated[str, Query(max_length=200, description="Part of a name or an e-mail address.")] = "",
    sample: Annotated[bool | None, Query(description="Only sample people, or only real ones; default: both.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> PeoplePage:
    """For admins."""
    actor.must_have(Role.ADMIN, to="see people")
    found, total = app.identity_queries.people(text=text, sample=sample, offset=offset, limit=limit)
    return PeoplePage(people=[_answer(one) for one in found], total=total, limit=limit, offset=offset)


@router.get("/groups", summary="List the groups that somebody is in")
def list_groups(app: App, actor: Reader) -> PeopleGroupsAnswer:
    """For admins."""
    actor.must_have(Role.ADMIN, to="see people")
    return PeopleGroupsAnswer(groups=list(app.identity_queries.groups()))


@router.post("", status_code=201, summary="Add a person")
def add_person(app: App, actor: Administrator, body: NewPersonBody, response: Response) -> PersonAnswer:
    """For admins. 409 where the e-mail address has an account already."""
    made = app.identity.add_user(
        actor, email=body.email, name=body.name, password=body.password, roles=frozenset(body.roles), tier=body.tier
    )
    response.headers["Location"] = f"/api/people/{made}"
    return _read(app, actor, made)


@router.get("/{user_id}", summary="Read a person")
def read_person(app: App, actor: Reader, user_id: UUID) -> PersonAnswer:
    """For admins."""
    actor.must_have(Role.ADMIN, to="see people")
    return _read(app, actor, user_id)


@router.patch("/{user_id}", summary="Change what a person may do")
def change_person(app: App, actor: Administrator, user_id: UUID, body: ChangePersonBody) -> PersonAnswer:
    """For admins. Counts from the next request of that person on; the last active admin stays one (409)."""
    app.identity.change_user(
        actor, user_id, roles=None if body.roles is None else frozenset(body.roles), tier=body.tier,
        active=body.active, groups=body.groups,
    )  # fmt: skip
    return _read(app, actor, user_id)


@router.post("/{user_id}/password", status_code=204, summary="Set another person's password")
def set_password(app: App, actor: Administrator, user_id: UUID, body: PasswordBody) -> None:
    """For admins; ends that person's sessions. One's own is changed in the browser only: a token is not enough for it."""
    actor.must_have(Role.ADMIN, to="set another person's password")
    if actor.user_id == user_id:
        raise NotAllowed(who=actor.name, what="change their own password with a token", needs="user, in the browser")
    app.identity.reset_password(actor, user_id, body.password)


def _read(app: Application, actor: Actor, user_id: UUID) -> PersonAnswer:
    person = app.identity_queries.person(user_id)
    if person is None:
        raise NotFound(kind="person", id=user_id)
    return _answer(PersonRow(person, app.identity_queries.profile(user_id)))


def _answer(row: PersonRow) -> PersonAnswer:
    user, profile = row.user, row.profile
    return PersonAnswer(
        id=user.id, email=user.email, name=user.name, roles=[Role(one) for one in user.roles], groups=user.groups,
        tier=user.tier, active=user.active, sample=user.sample, created_at=user.created_at,
        market=profile.market if profile else None, skill_level=profile.skill_level if profile else None,
    )  # fmt: skip
