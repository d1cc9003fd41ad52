"""What webhooks are told of actions: that a card waits, and each state it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actions.tables import Action
from core.actor import ActorKind
from core.audit.tables import AuditEntry
from core.notifications.rules import WebhookEvent, action_event
from core.notifications.telling.teller import Heard, Teller, by_entry, ids_of


class ActionTeller(Teller):
    name = "action"

    def heard(self, entries: Sequence[AuditEntry]) -> Heard:
        """Without the waiting of what was approved by rule the moment it was proposed: it never waited for anybody."""
        by_rule = {(entry.subject, entry.at) for entry in entries if _is_by_rule(entry)}
        return [
            (entry, event)
            for entry, event in super().heard(entries)
            if not (event is WebhookEvent.DECISION_WAITING and (entry.subject, entry.at) in by_rule)
        ]

    def event_of(self, entry: AuditEntry) -> WebhookEvent | None:
        return action_event(entry.event, entry.after)

    def about(self, session: Session, heard: Heard, base_url: str) -> Mapping[int, Mapping[str, Any]]:
        real = select(Action.id, Action.title).where(Action.id.in_(ids_of(heard)), ~Action.sample)
        facts = {
            row.id: {
                "id": str(row.id), "title": row.title, "url": f"{base_url}/inbox?card={row.id}",
                "api_url": f"{base_url}/api/actions/{row.id}",
            }
            for row in session.execute(real)
        }  # fmt: skip
        return {
            entry.sequence: {"action": {**known, **_as_it_was(entry.after or {})}}
            for entry, known in by_entry(heard, facts)
        }


def _as_it_was(after: Mapping[str, Any]) -> dict[str, Any]:
    """What the entry says: the row may have moved on since."""
    said = {
        "summary": after.get("summary"), "status": after.get("state"), "plan_digest": after.get("plan_digest"),
        "error": after.get("error"),
    }  # fmt: skip
    return {**said, **({"title": after["title"]} if "title" in after else {})}


def _is_by_rule(entry: AuditEntry) -> bool:
    return entry.event == WebhookEvent.ACTION_APPROVED and entry.actor_kind is not ActorKind.PERSON


TELLER = ActionTeller()
