"""Connections: the accounts through which approved work leaves (SPEC C7). No answer ever holds a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from api.auth import Administrator, App, Reader
from api.etag import IfMatch, etag, stated_version
from api.models import Answer, Body
from api.paging import Cursor, Limit, page_of
from core.connections.queries import ConnectionView

router = APIRouter(prefix="/connections", tags=["Connections"])

Name = Annotated[str, StringConstraints(max_length=40)]
ConnectionName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$", examples=["odoo-main"])]


class NewConnectionBody(Body):
    system: Name = Field(examples=["odoo"], description="One of `GET /api/connections/systems`.")
    name: Name = Field(examples=["odoo-main"], description="Letters, digits and hyphens; it never changes.")
    values: dict[str, Any] = Field(max_length=50, description="As the system's schema says, secrets included.")
    usual: bool = Field(default=False, description="Used where no connection is named; the first of its family is.")


class ChangeConnectionBody(Body):
    """What is left out, or null, stays as it is."""

    values: dict[str, Any] | None = Field(
        default=None,
        max_length=50,
        description="All fields but secrets; a secret that is left out stays, unless the server is another.",
    )
    enabled: bool | None = Field(default=None, description="false stops queued work through it at once.")
    because: str = Field(default="", max_length=300, description="Why it is switched off.")
    usual: bool | None = Field(default=None, description="true makes it the one that is used where none is named.")


class ConnectionCallAnswer(Answer):
    at: datetime
    passed: bool
    words: str


class ConnectionAnswer(Answer):
    name: str
    system: str
    family: str
    identity: str = Field(description="Which system and as whom, as plans say it.")
    values: dict[str, Any]
    secrets: list[str] = Field(description="The names of the secrets that are kept.")
    usual: bool
    enabled: bool
    disabled_because: str
    test: ConnectionCallAnswer | None
    use: ConnectionCallAnswer | None
    changed_by: str
    changed_at: datetime | None
    version: int


class ConnectionList(Answer):
    connections: list[ConnectionAnswer]
    total: int
    next_cursor: str | None


class SystemAnswer(Answer):
    name: str
    title: str
    family: str
    where: str = Field(description="Where a person finds what the schema asks for.")
    form: dict[str, Any] = Field(description="JSON Schema of `values`; secrets have the format `password`.")


class SystemList(Answer):
    systems: list[SystemAnswer]


class TestAnswer(Answer):
    passed: bool
    words: str


@router.get("", summary="List connections")
def list_connections(app: App, actor: Reader, limit: Limit = 100, cursor: Cursor = None) -> ConnectionList:
    """For admins."""
    page = page_of(app.connections_queries.all(actor), lambda one: one.name, limit, cursor)
    found = [ConnectionAnswer.model_validate(one) for one in page.rows]
    return ConnectionList(connections=found, total=page.total, next_cursor=page.next)


@router.get("/systems", summary="List what can be connected")
def list_systems(app: App, actor: Reader) -> SystemList:
    found = app.connections_queries.systems()
    return SystemList(
        systems=[
            SystemAnswer(name=one.name, title=one.title, family=one.family, where=one.where, form=dict(one.schema))
            for one in found
        ]
    )


@router.post("", status_code=201, summary="Add a connection")
def add_connection(app: App, actor: Administrator, body: NewConnectionBody, response: Response) -> ConnectionAnswer:
    name = app.connections.add(actor, system=body.system, name=body.name, values=body.values, usual=body.usual)
    response.headers["Location"] = f"/api/connections/{name}"
    return _answer(app.connections_queries.one(actor, name), response)


@router.get("/{name}", summary="Read a connection")
def read_connection(app: App, actor: Reader, name: ConnectionName, response: Response) -> ConnectionAnswer:
    return _answer(app.connections_queries.one(actor, name), response)


@router.patch("/{name}", summary="Change a connection, or switch it off and on")
def change_connection(
    app: App, actor: Administrator, name: ConnectionName, body: ChangeConnectionBody, response: Response,
    if_match: IfMatch = None,
) -> ConnectionAnswer:  # fmt: skip
    expected = stated_version(if_match)
    if body.values is not None:
        app.connections.change(actor, name, body.values, expected_version=expected)
        expected = None  # whoever came first is known; what follows is one's own
    if body.usual:
        app.connections.make_usual(actor, name, expected_version=expected)
        expected = None
    if body.enabled is not None:
        app.connections.switch(actor, name, on=body.enabled, because=body.because, expected_version=expected)
    return _answer(app.connections_queries.one(actor, name), response)


@router.delete("/{name}", status_code=204, summary="Remove a connection with its secrets")
def remove_connection(app: App, actor: Administrator, name: ConnectionName, if_match: IfMatch = None) -> None:
    """For admins. With `If-Match`, only the version you read."""
    app.connections.remove(actor, name, expected_version=stated_version(if_match))


@router.post("/{name}/test", summary="Test a connection")
def test_connection(app: App, actor: Administrator, name: ConnectionName) -> TestAnswer:
    """Signs in and reads something harmless."""
    passed, words = app.connections.test(actor, name)
    return TestAnswer(passed=passed, words=words)


def _answer(view: ConnectionView, response: Response) -> ConnectionAnswer:
    response.headers["ETag"] = etag(view.version)
    return ConnectionAnswer.model_validate(view)
