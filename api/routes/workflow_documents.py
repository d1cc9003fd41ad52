"""What automated runs make and what it took: documents in versions, nodes, and calls of language models (SPEC R2, W7)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.auth import App, Reader
from api.document_models import (
    CallPage,
    DocumentAnswer,
    DocumentContent,
    DocumentPage,
    ModelCallAnswer,
    RunEventAnswer,
    RunEventsAnswer,
)
from api.workflow_models import NodeAnswer, NodePage
from core.actor import Role
from core.executions.automated.rules import NodeState

router = APIRouter(prefix="/workflows", tags=["Workflows"])

Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Path = Annotated[str | None, Query(max_length=1000, description="Of one step, as in `nodes`.")]


@router.get("/{workflow_id}/documents", summary="List the documents of a run, with their versions")
def list_workflow_documents(
    app: App,
    actor: Reader,
    workflow_id: UUID,
    doc_type: Annotated[str | None, Query(max_length=200)] = None,
    scope_id: Annotated[str | None, Query(max_length=2000, description="Empty: those of the root.")] = None,
    limit: Limit = 1000,
    offset: Offset = 0,
) -> DocumentPage:
    """Oldest first, without their contents. A guided run has none."""
    found = app.tree_queries.documents(actor, workflow_id, doc_type=doc_type, scope_id=scope_id)
    shown = [DocumentAnswer.of(one) for one in found[offset : offset + limit]]
    return DocumentPage(documents=shown, total=len(found), limit=limit, offset=offset)


@router.get("/{workflow_id}/documents/{document_id}", summary="Read one version of a document")
def read_workflow_document(
    app: App, actor: Reader, workflow_id: UUID, document_id: UUID, response: Response
) -> DocumentContent:
    """It never changes: its `ETag` is the digest of its content."""
    found = app.tree_queries.document(actor, workflow_id, document_id)
    response.headers["ETag"] = f'"{found.version.digest}"'
    return DocumentContent.at(found)


@router.get("/{workflow_id}/events", summary="List what happened to a run, the latest first")
def list_workflow_events(
    app: App, actor: Reader, workflow_id: UUID, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> RunEventsAnswer:
    """The latest `limit` of them, for whoever may see the run."""
    found = app.tree_queries.events(actor, workflow_id, limit=limit)
    return RunEventsAnswer(events=[RunEventAnswer.model_validate(one) for one in found])


@router.get("/{workflow_id}/nodes", summary="List the steps and items of a run")
def list_workflow_nodes(
    app: App,
    actor: Reader,
    workflow_id: UUID,
    state: NodeState | None = None,
    parent: Annotated[str | None, Query(max_length=1000, description="Of what lies below this one.")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> NodePage:
    """In the order of the definition, what is still to come included; per-item results are those of one iteration."""
    tree = app.tree_queries.tree(actor, workflow_id)
    found = [node for step in tree.steps for node in step.walk()]
    chosen = [
        one for one in found if (state is None or one.state is state) and (parent is None or one.parent == parent)
    ]
    shown = chosen[offset : offset + limit]
    return NodePage(nodes=[NodeAnswer.of(one) for one in shown], total=len(chosen), limit=limit, offset=offset)


@router.get("/{workflow_id}/calls", summary="List the calls of language models of a run")
def list_workflow_calls(
    app: App, actor: Reader, workflow_id: UUID, path: Path = None, limit: Limit = 100, offset: Offset = 0
) -> CallPage:
    """Word for word, for operators and admins."""
    actor.must_have(Role.OPERATOR, Role.ADMIN, to="read what was said to language models")
    found, total = app.tree_queries.calls(actor, workflow_id, path=path, offset=offset, limit=limit)
    return CallPage(
        calls=[ModelCallAnswer.model_validate(one) for one in found], total=total, limit=limit, offset=offset
    )
