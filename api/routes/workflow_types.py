"""Workflow types: the definitions that runs begin with, their revisions, and importing one (SPEC R2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Administrator, App, Reader
from api.etag import IfNoneMatch, unchanged
from api.models import Answer
from api.problems import DefinitionProblem
from core.actor import Actor, ActorKind, Tier
from core.canonical import digest
from core.catalog.inputs import InputType
from core.catalog.problems import Problem
from core.catalog.published import published_schema
from core.catalog.queries import Definition, RevisionSource, WorkflowKind
from core.catalog.starting import start_fields
from core.errors import NotFound

router = APIRouter(prefix="/workflow-types", tags=["Workflow types"])

TypeId = Annotated[
    str, Path(max_length=80, pattern=r"^[a-z0-9][a-z0-9_-]+(\.[a-z0-9_-]+)?$", examples=["resume_generator"])
]
Revision = Annotated[
    str | None, Query(pattern="^[0-9a-f]{64}$", description="The digest of one revision; without it the current one.")
]


class InputAnswer(Answer):
    name: str
    type: InputType
    title: str
    description: str
    required: bool
    default: Any
    options: list[Any]
    example: Any
    document: bool = Field(description="A document that no step writes: a JSON object or list.")


class WorkflowType(Answer):
    id: str = Field(examples=["resume_generator"])
    title: str
    description: str
    kind: WorkflowKind
    tier: Tier
    entitled: bool = Field(description="Whether the tier of whoever asks is enough to start it.")
    total_steps: int
    revision: str = Field(description="The digest of the current revision.")
    inputs: list[InputAnswer] = Field(description="What a run is started with.")


class RevisionAnswer(Answer):
    revision: str
    title: str
    tier: Tier
    kind: WorkflowKind
    total_steps: int
    current: bool
    source: RevisionSource
    first_seen_at: datetime


class WorkflowTypeDetail(WorkflowType):
    revisions: list[RevisionAnswer] = Field(description="Newest first. A run keeps the one it began with.")
    warnings: list[DefinitionProblem] = Field(description="What could be better, such as a prompt that is not here.")


class WorkflowTypes(Answer):
    workflow_types: list[WorkflowType]


class DefinitionBody(BaseModel):
    """One automated workflow, or `{"workflows": {…}}`; every problem of it is answered, so nothing is refused here."""

    model_config = ConfigDict(extra="allow")

    schema_version: Any = Field(default=None, examples=["workflow.v2"])
    workflow_id: Any = None
    workflows: Any = Field(default=None, description="For a set: definitions by their ids.")


class Checked(Answer):
    valid: bool
    workflow_ids: list[str]
    problems: list[DefinitionProblem] = Field(description="All of them, errors and warnings.")


class ImportedAnswer(Answer):
    status: Literal["imported"] = "imported"
    revisions: dict[str, str] = Field(description="The digest of each workflow's revision, by its id.")
    warnings: list[DefinitionProblem]


async def _content(request: Request) -> bytes:
    """The body as it was sent: a key that stands twice in it is told, not lost."""
    return await request.body()


Content = Annotated[bytes, Depends(_content)]


NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "It is still the one you have."}}


@router.get("", summary="List workflow types", response_model=WorkflowTypes, responses=NOT_MODIFIED)
def list_workflow_types(app: App, actor: Reader, if_none_match: IfNoneMatch = None) -> Response:
    """What can be started now, from the lowest tier up, guided and automated."""
    found = WorkflowTypes(workflow_types=[_type(one, actor) for one in app.catalog_queries.current()])
    return _tagged(found, if_none_match)


@router.get("/schema", summary="Read the JSON Schema of automated workflows")
def read_workflow_schema(app: App, actor: Reader) -> dict[str, Any]:
    """Draft 2020-12, with the kinds of step that this installation has."""
    return published_schema()


@router.post("", status_code=201, summary="Import a definition")
def import_workflow_type(app: App, actor: Administrator, body: DefinitionBody, content: Content) -> ImportedAnswer:
    """For operators and admins. All or nothing: with an error nothing is taken in, and `problems` says all of them."""
    imported = app.catalog.import_file(actor, content)
    return ImportedAnswer(revisions=imported.digests, warnings=_problems(imported.warnings))


@router.post("/validate", summary="Check a definition without importing it")
def validate_workflow_type(app: App, actor: Administrator, body: DefinitionBody, content: Content) -> Checked:
    """For operators and admins. The same checks as an import; nothing is changed."""
    checked = app.catalog.check(actor, content)
    valid = not checked.errors
    return Checked(
        valid=valid, workflow_ids=list(checked.workflows) if valid else [], problems=_problems(checked.problems)
    )


@router.get(
    "/{type_id}", summary="Read one workflow type with its revisions", response_model=WorkflowTypeDetail,
    responses=NOT_MODIFIED,
)  # fmt: skip
def read_workflow_type(app: App, actor: Reader, type_id: TypeId, if_none_match: IfNoneMatch = None) -> Response:
    definition = app.catalog_queries.by_id(type_id)
    revisions = [
        RevisionAnswer(
            revision=one.digest, title=one.title, tier=one.tier, kind=one.kind, total_steps=one.total_steps,
            current=one.current, source=one.came_from, first_seen_at=one.first_seen_at,
        )
        for one in app.catalog_queries.revisions(type_id)
    ]  # fmt: skip
    found = WorkflowTypeDetail(
        **dict(_type(definition, actor)),
        revisions=revisions,
        warnings=_problems(app.catalog_queries.problems(definition)),
    )
    return _tagged(found, if_none_match)


@router.get(
    "/{type_id}/definition", summary="Export a definition", response_model=dict[str, Any], responses=NOT_MODIFIED
)
def read_definition(
    app: App, actor: Reader, type_id: TypeId, revision: Revision = None, if_none_match: IfNoneMatch = None
) -> Response:
    """As it was taken in, with the fields that this installation does not know."""
    queries = app.catalog_queries
    found = queries.by_revision(revision) if revision is not None else queries.by_id(type_id)
    if found.workflow_id != type_id:
        raise NotFound(kind="revision of this workflow", id=revision)
    return _answer(found.source, f'"{found.digest}"', if_none_match)


def _tagged(found: Answer, if_none_match: str | None) -> Response:
    content = found.model_dump(mode="json")
    return _answer(content, f'"{digest(content)[:32]}"', if_none_match)


def _answer(content: dict[str, Any], tag: str, if_none_match: str | None) -> Response:
    if unchanged(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return JSONResponse(content, headers={"ETag": tag})


def _type(found: Definition, actor: Actor) -> WorkflowType:
    fields = start_fields(found.automated) if found.is_automated else ()
    return WorkflowType(
        id=found.workflow_id, title=found.title, description=found.workflow.description, kind=found.kind,
        tier=found.tier, entitled=actor.kind is not ActorKind.PERSON or actor.tier.includes(found.tier),
        total_steps=found.total_steps, revision=found.digest,
        inputs=[
            InputAnswer(
                name=field.name, type=field.asked.type, title=field.title, description=field.asked.description,
                required=field.asked.required, default=field.asked.default, options=list(field.asked.options),
                example=field.asked.example, document=field.document,
            )
            for field in fields
        ],
    )  # fmt: skip


def _problems(found: Iterable[Problem]) -> list[DefinitionProblem]:
    return [DefinitionProblem.model_validate(one) for one in found]
