"""The documents of a run by scope: which version counts, what a step may see of them, and keeping a new version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from core.canonical import digest
from core.catalog.automated import AnyStep, AutomatedWorkflow, Input
from core.database.unit_of_work import UnitOfWork
from core.executions.automated.items import scope_id
from core.executions.automated.rules import GateState
from core.executions.automated.tables import RunDocument, RunGate
from core.executions.automated.tree import Place, Tree, ids_in_scope
from core.executions.automated.work import Named
from core.identifiers import new_id

Key = tuple[str, str]
"""(document type, scope id)"""


@dataclass(frozen=True)
class Version:
    """The version of a document that counts: the accepted one, else the latest."""

    id: UUID
    doc_type: str
    scope_id: str
    number: int
    digest: str
    accepted: bool


Shelf = Mapping[Key, Version]


class Missing(Exception):
    """What a step needs and cannot have, in `words`."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def shelf_of(session: Session, execution_id: UUID) -> dict[Key, Version]:
    """Every document of the run, in the version that counts."""
    table = RunDocument
    query = (
        select(table.id, table.doc_type, table.scope_id, table.version, table.digest, table.accepted_at)
        .where(table.execution_id == execution_id)
        .order_by(table.accepted_at.is_not(None), table.version)
    )
    return {
        (row.doc_type, row.scope_id): Version(
            row.id, row.doc_type, row.scope_id, row.version, row.digest, row.accepted_at is not None
        )
        for row in session.execute(query)
    }


def content_of(session: Session, version: Version) -> Any:
    return session.connection().execute(_CONTENT, {"document": version.id}).scalar_one()


def is_decided_on(session: Session, version: Version) -> bool:
    """Whether people have this version before them, or have accepted it already; as the database knows, not a worker."""
    accepted = select(RunDocument.id).where(RunDocument.id == version.id, RunDocument.accepted_at.is_not(None))
    asked = select(RunGate.id).where(RunGate.document_id == version.id, RunGate.state == GateState.OPEN)
    return session.scalar(accepted.union_all(asked).limit(1)) is not None


_CONTENT = select(RunDocument.content).where(RunDocument.id == bindparam("document"))
_KEEP = insert(RunDocument)


def keep(
    uow: UnitOfWork,
    execution_id: UUID,
    doc_type: str,
    scope: str,
    scope_id: str,
    content: Any,
    *,
    before: Version | None,
    path: str | None,
    made_by: str,
    made_by_user: UUID | None = None,
    findings: list[dict[str, str]] | None = None,
) -> Version:
    """The content as the next version."""
    version = Version(new_id(), doc_type, scope_id, before.number + 1 if before else 1, digest(content), accepted=False)
    facts = {
        "id": version.id, "execution_id": execution_id, "doc_type": doc_type, "scope": scope, "scope_id": scope_id,
        "version": version.number, "content": content, "digest": version.digest, "path": path,
        "made_by": made_by[:200], "made_by_user": made_by_user, "findings": findings or [], "created_at": uow.now,
    }  # fmt: skip
    uow.session.connection().execute(_KEEP, facts)
    return version


def inputs_of(session: Session, tree: Tree, shelf: Shelf, step: AnyStep, place: Place) -> tuple[Named, ...]:
    """What the step asks for, from the scopes it may see; Missing if something it requires is not there."""
    found = []
    for asked in step.inputs:
        named = (
            _document(session, tree.workflow, shelf, asked, place) if asked.doc_type else _entity(tree, asked, place)
        )
        if named is not None:
            found.append(named)
        elif asked.required:
            what = asked.doc_type or asked.entity_type
            wanted = f"It needs {what!r} of the scope {asked.scope!r}"
            raise Missing(f"{wanted}, and nothing before it made one that counts.")
    return tuple(found)


def _document(session: Session, workflow: AutomatedWorkflow, shelf: Shelf, asked: Input, place: Place) -> Named | None:
    assert asked.doc_type is not None
    version = nearest(shelf, workflow, asked.doc_type, place)
    if version is None:
        return None
    title = workflow.document_types[asked.doc_type].name
    return Named(asked.doc_type, title, content_of(session, version), version.digest, asked.required)


def nearest(shelf: Shelf, workflow: AutomatedWorkflow, doc_type: str, place: Place) -> Version | None:
    """The document of that type in the instance of its scope that `place` sees, or in the next one above.

    Above lies what the run was started with, and what was made where no iteration opens the scope. What must be
    accepted and is not, whoever gave it, is not there.
    """
    ids = ids_in_scope(workflow, place, workflow.document_types[doc_type].scope)
    found = (shelf.get((doc_type, scope_id(ids[:count]))) for count in range(len(ids), -1, -1))
    version = next((one for one in found if one is not None), None)
    must_be_accepted = workflow.document_types[doc_type].acceptance_required
    return None if version is not None and must_be_accepted and not version.accepted else version


def _entity(tree: Tree, asked: Input, place: Place) -> Named | None:
    """The item one is in; without one around, all items of that type that the scope knows."""
    assert asked.entity_type is not None
    title = tree.workflow.entity_types[asked.entity_type].name
    for one in reversed(place.around):
        if one.step.iterate_over.entity_type == asked.entity_type:
            return Named(asked.entity_type, title, one.content, digest(one.content), asked.required)
    inside = scope_id(ids_in_scope(tree.workflow, place, asked.scope))
    known = [
        node.content
        for node in tree.nodes.values()
        if node.item is not None and node.item["entity_type"] == asked.entity_type
        and (not inside or node.scope_id == inside or node.scope_id.startswith(f"{inside}/"))
    ]  # fmt: skip
    return Named(asked.entity_type, title, known, digest(known), asked.required) if known else None
