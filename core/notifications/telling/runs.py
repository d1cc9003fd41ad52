"""What webhooks are told of runs: that one began, waits for people, or ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.tables import AuditEntry
from core.catalog.tables import WorkflowRevision
from core.executions.automated.rules import ANSWERED, DECIDED
from core.executions.rules import VIEWS, ExecutionState
from core.executions.tables import Execution
from core.notifications.rules import WebhookEvent
from core.notifications.telling.teller import Heard, Teller, by_entry, ids_of

_STARTED = "run.started"
_GATE_OPENED = "gate.opened"
_FOR_PEOPLE = frozenset(kind.value for kind in ANSWERED | DECIDED)
_ENDS = {
    "run.completed": WebhookEvent.EXECUTION_COMPLETED,
    "run.failed": WebhookEvent.EXECUTION_FAILED,
    "run.cancelled": WebhookEvent.EXECUTION_CANCELLED,
    "run.abandoned": WebhookEvent.EXECUTION_CANCELLED,
}


class RunTeller(Teller):
    name = "run"

    def event_of(self, entry: AuditEntry) -> WebhookEvent | None:
        after = entry.after or {}
        if entry.event == _STARTED:
            return WebhookEvent.EXECUTION_STARTED
        if entry.event == _GATE_OPENED:
            return WebhookEvent.DECISION_WAITING if after.get("kind") in _FOR_PEOPLE else None
        return _ENDS.get(entry.event)

    def about(self, session: Session, heard: Heard, base_url: str) -> Mapping[int, Mapping[str, Any]]:
        known = run_facts(session, ids_of(heard), base_url)
        return {
            entry.sequence: {"execution": {**facts, **_ended(entry)}, **_gate(entry, base_url)}
            for entry, facts in by_entry(heard, known)
        }


def run_facts(session: Session, run_ids: Iterable[UUID], base_url: str) -> Mapping[UUID, Mapping[str, Any]]:
    """Whose, of what type and where to read it, by the run's id; sample runs have none."""
    real = (
        select(Execution.id, Execution.workflow_id, Execution.user_id, Execution.agent_id, WorkflowRevision.title)
        .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
        .where(Execution.id.in_(set(run_ids)), ~Execution.sample)
    )
    return {
        row.id: {
            "id": str(row.id), "workflow_type_id": row.workflow_id, "title": row.title,
            "user_id": str(row.user_id) if row.user_id else None, "agent_id": row.agent_id,
            "url": f"{base_url}/runs?run={row.id}", "api_url": f"{base_url}/api/workflows/{row.id}",
        }
        for row in session.execute(real)
    }  # fmt: skip


def gate_facts(gate_id: str, base_url: str) -> dict[str, Any]:
    return {"id": gate_id, "api_url": f"{base_url}/api/gates/{gate_id}"}


def _ended(entry: AuditEntry) -> dict[str, Any]:
    after = entry.after or {}
    try:
        status = VIEWS[ExecutionState(str(after.get("state", "")))].api.value
    except ValueError:
        return {}
    return {"status": status, "error": after.get("error"), "reason": after.get("reason") or None}


def _gate(entry: AuditEntry, base_url: str) -> dict[str, Any]:
    after = entry.after or {}
    if entry.event != _GATE_OPENED:
        return {}
    said = {"kind": after.get("kind"), "title": after.get("title"), "digest": after.get("digest")}
    return {"gate": {**gate_facts(str(after.get("gate")), base_url), **said}}


TELLER = RunTeller()
