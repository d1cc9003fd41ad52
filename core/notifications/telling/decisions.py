"""What webhooks are told of decisions: that people, or a deadline, closed one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actions.tables import Action
from core.audit.tables import AuditEntry
from core.decisions.closing import SETTLED, Closing
from core.decisions.tables import Decision
from core.executions.automated.tables import RunGate
from core.identifiers import parse_id
from core.notifications.rules import WebhookEvent
from core.notifications.telling.runs import gate_facts, run_facts
from core.notifications.telling.teller import Heard, Teller, by_entry, ids_of

_DECIDED = frozenset({Closing.BALLOTS.value, Closing.DEADLINE.value})
"""A rule, or the approval of a whole, is no decision that anybody took just now; what was withdrawn is none at all."""


class DecisionTeller(Teller):
    name = "decision"

    def event_of(self, entry: AuditEntry) -> WebhookEvent | None:
        by = (entry.after or {}).get("by")
        return WebhookEvent.DECISION_CLOSED if entry.event == SETTLED and by in _DECIDED else None

    def about(self, session: Session, heard: Heard, base_url: str) -> Mapping[int, Mapping[str, Any]]:
        query = select(Decision.id, Decision.subject_kind, Decision.subject_id).where(Decision.id.in_(ids_of(heard)))
        subjects = {row.id: (row.subject_kind, row.subject_id) for row in session.execute(query)}
        told = _subjects(session, set(subjects.values()), base_url)
        facts: dict[UUID, Mapping[str, Any]] = {one: told[of] for one, of in subjects.items() if of in told}
        return {
            entry.sequence: {"decision": _decision(entry, base_url), **about} for entry, about in by_entry(heard, facts)
        }


def _decision(entry: AuditEntry, base_url: str) -> dict[str, Any]:
    after = entry.after or {}
    decision_id = entry.subject.partition(":")[2]
    return {
        "id": decision_id, "result": after.get("state"), "by": after.get("by"), "evidence": after.get("evidence"),
        "api_url": f"{base_url}/api/decisions/{decision_id}",
    }  # fmt: skip


def _subjects(
    session: Session, subjects: set[tuple[str, str]], base_url: str
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """What was decided on: an action, or a gate and its run."""
    of: dict[str, set[UUID]] = {}
    for kind, text in subjects:
        if (found := parse_id(text)) is not None:
            of.setdefault(kind, set()).add(found)
    actions = select(Action.id, Action.title).where(Action.id.in_(of.get("action", set())), ~Action.sample)
    told: dict[tuple[str, str], Mapping[str, Any]] = {
        ("action", str(row.id)): {
            "action": {
                "id": str(row.id), "title": row.title, "url": f"{base_url}/inbox?card={row.id}",
                "api_url": f"{base_url}/api/actions/{row.id}",
            }
        }
        for row in session.execute(actions)
    }  # fmt: skip
    gates = session.execute(
        select(RunGate.id, RunGate.execution_id, RunGate.kind, RunGate.title).where(
            RunGate.id.in_(of.get("gate", set()))
        )
    ).all()
    runs = run_facts(session, {gate.execution_id for gate in gates}, base_url)
    for gate in gates:
        if gate.execution_id in runs:
            said = {**gate_facts(str(gate.id), base_url), "kind": gate.kind.value, "title": gate.title}
            told["gate", str(gate.id)] = {"execution": runs[gate.execution_id], "gate": said}
    return told


TELLER = DecisionTeller()
