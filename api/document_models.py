"""What the API says about the documents of a run, version by version, and about the calls of language models."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field

from api.models import Answer
from core.executions.automated.rules import CallOutcome
from core.executions.automated.run_documents import DocumentLine, DocumentView, Version


class DocumentVersionAnswer(Answer):
    id: UUID
    version: int
    digest: str
    made_by: str
    created_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None
    path: str | None

    @classmethod
    def of(cls, version: Version) -> DocumentVersionAnswer:
        return cls.model_validate(version)


class DocumentAnswer(Answer):
    doc_type: str
    name: str
    scope: str
    scope_id: str = Field(description="The ids of the items around it joined by /; empty at the root.")
    place: str
    current: UUID = Field(description="The version that counts: the accepted one, else the latest.")
    versions: list[DocumentVersionAnswer]

    @classmethod
    def of(cls, line: DocumentLine) -> DocumentAnswer:
        return cls(
            doc_type=line.doc_type, name=line.name, scope=line.scope, scope_id=line.scope_id, place=line.place,
            current=line.current.id, versions=[DocumentVersionAnswer.of(one) for one in line.versions],
        )  # fmt: skip


class DocumentPage(Answer):
    documents: list[DocumentAnswer]
    total: int
    limit: int
    offset: int


class RunEventAnswer(Answer):
    at: datetime
    who: str
    event: str = Field(examples=["run.started"])
    facts: dict[str, Any]


class RunEventsAnswer(Answer):
    events: list[RunEventAnswer]


class DocumentContent(DocumentVersionAnswer):
    doc_type: str
    scope: str
    scope_id: str
    current: bool
    content: Any
    findings: list[dict[str, Any]] = Field(description="What it passed with as warnings.")

    @classmethod
    def at(cls, view: DocumentView) -> DocumentContent:
        version, line = view.version, view.document
        return cls(
            id=version.id, version=version.version, digest=version.digest, made_by=version.made_by,
            created_at=version.created_at, accepted_at=version.accepted_at, accepted_by=version.accepted_by,
            path=version.path, doc_type=line.doc_type, scope=line.scope, scope_id=line.scope_id,
            current=line.current.id == version.id, content=view.content, findings=[dict(one) for one in view.findings],
        )  # fmt: skip


class ModelCallAnswer(Answer):
    id: UUID
    path: str
    generation: int
    number: int
    model: str
    prompts: dict[str, Any]
    request: dict[str, Any] | None
    response: str | None
    outcome: CallOutcome
    findings: list[dict[str, Any]]
    tokens_in: int
    tokens_out: int
    cost: Decimal | None
    currency: str | None
    latency_ms: int
    called_at: datetime


class CallPage(Answer):
    calls: list[ModelCallAnswer]
    total: int
    limit: int
    offset: int
