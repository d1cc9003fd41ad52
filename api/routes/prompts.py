"""Prompts: what roles and tasks are told, as their files say or as somebody edited them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from api.auth import Administrator, App, Reader
from api.etag import IfMatch, etag, needed_version
from api.models import Answer, Body
from api.paging import Cursor, Limit, page_of
from core.actor import Actor
from core.bootstrap import Application
from core.errors import NotFound
from core.language_models.prompts import KnownPrompt, PromptKind
from core.language_models.uses import uses_in

router = APIRouter(prefix="/prompts", tags=["Prompts"])

PromptName = Annotated[
    str, Path(min_length=1, max_length=200, pattern=r"^[^/\x00-\x1f\x7f]+$", examples=["Product manager"])
]


class PromptBody(Body):
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000)] = Field(
        examples=["You are a careful product manager. Write what is known, and say what is not."]
    )


class PromptLine(Answer):
    """A prompt in a list."""

    kind: PromptKind
    name: str
    source: Literal["file", "edited", "default"]
    used_by: list[str] = Field(description="Titles of workflows.")
    version: int = Field(description="Of the last edit, 0 without any; the ETag says the same.")
    saved_by: str
    saved_at: datetime | None


class PromptVersionAnswer(Answer):
    version: int
    text: str | None = Field(description="null: the edits were taken back here.")
    saved_by: str
    saved_at: datetime


class PromptAnswer(PromptLine):
    text: str | None = Field(description="null where a default is made from the step that uses it.")
    versions: list[PromptVersionAnswer] = Field(description="Every edit, newest first.")


class PromptPage(Answer):
    prompts: list[PromptLine]
    total: int
    next_cursor: str | None


@router.get("", summary="List prompts, roles first")
def list_prompts(app: App, actor: Reader, limit: Limit = 100, cursor: Cursor = None) -> PromptPage:
    """For operators and admins."""
    page = page_of(_known(app, actor), lambda one: f"{one.kind}:{one.name}", limit, cursor)
    return PromptPage(
        prompts=[PromptLine.model_validate(one) for one in page.rows], total=page.total, next_cursor=page.next
    )


@router.get("/{kind}/{name}", summary="Read a prompt with its edits")
def read_prompt(app: App, actor: Reader, kind: PromptKind, name: PromptName, response: Response) -> PromptAnswer:
    """For operators and admins."""
    return _read(app, actor, kind, name, response)


@router.put("/{kind}/{name}", summary="Edit a prompt, or write a new one")
def save_prompt(
    app: App, actor: Administrator, kind: PromptKind, name: PromptName, body: PromptBody, response: Response,
    if_match: IfMatch = None,
) -> PromptAnswer:  # fmt: skip
    """For operators and admins; it holds from the next call on. `If-Match` is needed: `"0"` for one never edited."""
    app.prompts.save(actor, name, kind, body.text, expected_version=needed_version(if_match))
    return _read(app, actor, kind, name, response)


@router.delete("/{kind}/{name}", summary="Take the edits of a prompt back")
def restore_prompt(
    app: App, actor: Administrator, kind: PromptKind, name: PromptName, response: Response, if_match: IfMatch = None
) -> PromptAnswer:
    """For operators and admins: back to its file, or to the default. `If-Match` is needed; the edits stay readable."""
    app.prompts.restore(actor, name, kind, expected_version=needed_version(if_match))
    return _read(app, actor, kind, name, response)


def _known(app: Application, actor: Actor) -> list[KnownPrompt]:
    return list(app.prompts.known(actor, uses_in(app.catalog_queries.current())))


def _read(app: Application, actor: Actor, kind: PromptKind, name: str, response: Response) -> PromptAnswer:
    asked = " ".join(name.split(" ")).strip()
    found = next((one for one in _known(app, actor) if (one.kind, one.name) == (kind, asked)), None)
    if found is None:
        raise NotFound(kind=f"prompt of a {kind}", id=name[:200])
    response.headers["ETag"] = etag(found.version)
    versions = [PromptVersionAnswer.model_validate(one) for one in app.prompts.versions(actor, kind, asked)]
    return PromptAnswer(**PromptLine.model_validate(found).model_dump(), text=found.text, versions=versions)
