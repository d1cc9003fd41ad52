"""A gate as somebody sees it: what is asked, about which version, who opens it, and why it waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actions.tables import Action
from core.decisions.electorate import Electorate
from core.decisions.rules import DecisionState
from core.decisions.views import DecisionView
from core.executions.automated.quality import from_json as findings_of
from core.executions.automated.rules import ANSWERED, DECIDED, GateKind, GateState
from core.executions.automated.tables import RunDocument, RunGate
from core.language_models.findings import Finding


@dataclass(frozen=True)
class GateRow:
    """A gate in a list."""

    id: UUID
    run_id: UUID
    run_title: str
    paused: bool
    path: str
    kind: GateKind
    state: GateState
    title: str
    opened_at: datetime
    due_at: datetime | None
    deadline: datetime | None
    decision_id: UUID | None
    action_id: UUID | None
    digest: str
    answered_by: str | None
    closed_at: datetime | None
    mine: bool
    """Whether it waits for the reader."""


@dataclass(frozen=True)
class GateDocument:
    """The version that is decided on, and the one before it."""

    id: UUID
    doc_type: str
    scope_id: str
    version: int
    content: Any
    digest: str
    made_by: str
    created_at: datetime
    findings: tuple[Finding, ...]
    before: Any = None
    before_version: int | None = None


@dataclass(frozen=True)
class GateAction:
    """The card that decides."""

    id: UUID
    title: str
    state: str
    error: str | None


@dataclass(frozen=True)
class GateView:
    row: GateRow
    step_title: str
    content: Mapping[str, Any]
    """What is asked, by kind (`work.GateSpec`)."""
    answer: Mapping[str, Any] | None
    document: GateDocument | None
    others: tuple[GateDocument, ...]
    """What an approval or a vote is about, version by version."""
    decision: DecisionView | None
    action: GateAction | None
    why_not: str | None
    """Why the reader may not answer or decide it; None when they may."""
    waits_visibly: str | None
    """Why nobody at all can open it at present, and what an admin does about it."""
    may_see_run: bool
    """Whether the reader may see the whole run, or is only asked here."""

    @property
    def is_open(self) -> bool:
        return self.row.state is GateState.OPEN

    @property
    def is_answered(self) -> bool:
        return self.row.kind in ANSWERED

    @property
    def is_decided(self) -> bool:
        return self.row.kind in DECIDED


def document_of(session: Session, document_id: UUID | None) -> GateDocument | None:
    row = session.get(RunDocument, document_id) if document_id is not None else None
    if row is None:
        return None
    before = session.scalar(
        select(RunDocument)
        .where(
            RunDocument.execution_id == row.execution_id, RunDocument.doc_type == row.doc_type,
            RunDocument.scope_id == row.scope_id, RunDocument.version < row.version,
        )
        .order_by(RunDocument.version.desc())
        .limit(1)
    )  # fmt: skip
    return _document(row, before)


def named_documents(session: Session, gate: RunGate) -> tuple[GateDocument, ...]:
    """The versions that an approval or a vote names, found again by their digests."""
    named: Sequence[Mapping[str, Any]] = gate.content.get("documents") or ()
    if gate.kind not in DECIDED or not named:
        return ()
    digests = [str(one.get("digest")) for one in named]
    query = select(RunDocument).where(RunDocument.execution_id == gate.execution_id, RunDocument.digest.in_(digests))
    found = {(one.doc_type, one.scope_id, one.version): one for one in session.scalars(query)}
    wanted = [(one.get("doc_type"), one.get("scope_id"), one.get("version")) for one in named]
    return tuple(_document(found[key]) for key in wanted if key in found)


def action_of(session: Session, action_id: UUID | None) -> GateAction | None:
    row = session.get(Action, action_id) if action_id is not None else None
    return GateAction(row.id, row.title, row.state.value, row.error) if row is not None else None


def nobody_can(session: Session, decision: DecisionView | None) -> str | None:
    """Why a panel has nobody in it, for whoever wonders what it waits for."""
    if decision is None or decision.state is not DecisionState.OPEN:
        return None
    people = Electorate(session)
    for panel in decision.panels:
        if panel.seats:
            continue
        groups = " or ".join(sorted(panel.policy.groups))
        if panel.council_id is not None:
            return f"Nobody sits on the council {panel.council_name}. An admin names its members under Councils."
        if not groups or panel.policy.roles or panel.policy.users:
            if people.people(panel.policy):
                return "Whoever may decide this wrote it, and somebody else must. An admin gives a role under People."
            return "Nobody who may decide this is left. An admin gives somebody the role under People."
        if people.people(panel.policy):
            return f"Everybody in the group {groups} wrote this themselves. An admin adds somebody under People."
        return f"Nobody is in the group {groups}. An admin assigns people under People."
    return None


def _document(row: RunDocument, before: RunDocument | None = None) -> GateDocument:
    return GateDocument(
        id=row.id, doc_type=row.doc_type, scope_id=row.scope_id, version=row.version, content=row.content,
        digest=row.digest, made_by=row.made_by, created_at=row.created_at, findings=findings_of(row.findings),
        before=before.content if before else None, before_version=before.version if before else None,
    )  # fmt: skip
