"""What webhooks are told of outcomes: what came of a run, and whether somebody verified it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.tables import AuditEntry
from core.notifications.rules import WebhookEvent
from core.notifications.telling.runs import run_facts
from core.notifications.telling.teller import Heard, Teller, by_entry, ids_of
from core.outcomes.tables import Outcome

_EVENTS = {"outcome.logged": WebhookEvent.OUTCOME_LOGGED, "outcome.reviewed": WebhookEvent.OUTCOME_REVIEWED}


class OutcomeTeller(Teller):
    name = "outcome"

    def event_of(self, entry: AuditEntry) -> WebhookEvent | None:
        return _EVENTS.get(entry.event)

    def about(self, session: Session, heard: Heard, base_url: str) -> Mapping[int, Mapping[str, Any]]:
        real = select(Outcome).where(Outcome.id.in_(ids_of(heard)), ~Outcome.sample)
        found = {outcome.id: outcome for outcome in session.scalars(real)}
        runs = run_facts(session, {outcome.execution_id for outcome in found.values()}, base_url)
        facts = {
            outcome.id: {
                "outcome": {
                    "id": str(outcome.id), "metric_type": outcome.metric_type.value, "value": str(outcome.value),
                    "unit": outcome.unit, "proof_type": outcome.proof_type.value,
                },
                "execution": runs[outcome.execution_id],
            }
            for outcome in found.values()
            if outcome.execution_id in runs
        }  # fmt: skip
        return {
            entry.sequence: {**about, "outcome": {**about["outcome"], "review": (entry.after or {}).get("review")}}
            for entry, about in by_entry(heard, facts)
        }


TELLER = OutcomeTeller()
