"""What happened to a project and when, from the audit, in words of the report's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.deliverables.content import Moment, Section, Timeline
from core.deliverables.words import Words, term
from core.projects.queries import ProjectEvent

_EVENTS: Mapping[str, str] = {
    "project.created": term("Created"), "project.items_added": term("Items were added"),
    "project.items_removed": term("Items were removed"), "project.item_edited": term("An item was edited"),
    "project.items_left_out": term("Items were left out"), "project.planned_again": term("Items were planned once more"),
    "project.proposed": term("Put before those who decide"), "project.paused": term("Paused"),
    "project.resumed": term("Resumed"), "project.cancelled": term("Cancelled"),
    "project.handed_over_again": term("Handed over to the channels again"), "execution.started": term("Execution began"),
    "execution.disabled": term("Execution was switched off"), "execution.plan_fetched": term("The plan was read"),
    "execution.error": term("An item failed"), "execution.completed": term("Execution was completed"),
    "execution.email_executed": term("First e-mail sent"), "execution.social_executed": term("First post published"),
    "execution.crm_executed": term("First CRM record changed"), "execution.odoo_executed": term("First Odoo record changed"),
    "execution.http_executed": term("First web request made"),
}  # fmt: skip
_COUNTED = ("items", "count", "sent", "failed", "skipped", "waiting")
_LABELS = {
    "items": term("Items"), "count": term("Items"), "sent": term("Sent"), "failed": term("Failed"),
    "skipped": term("Skipped"), "waiting": term("Waiting"),
}  # fmt: skip


def timeline(words: Words, events: Sequence[ProjectEvent]) -> Section | None:
    if not events:
        return None
    moments = tuple(
        Moment(one.at, words.moment(one.at), event_name(words, one.name), _facts(words, one.facts), one.by)
        for one in events
    )
    return Section("timeline", words.say("What happened when"), (Timeline(moments),))


def event_name(words: Words, name: str) -> str:
    """The event's own name where nobody gave it words."""
    return words.say(_EVENTS[name]) if name in _EVENTS else name


def _facts(words: Words, facts: Mapping[str, Any]) -> str:
    """The counts that an entry carries; what else it keeps is for the audit."""
    found = [
        f"{words.say(_LABELS[name])}: {words.number(facts[name])}"
        for name in _COUNTED
        if isinstance(facts.get(name), int) and not isinstance(facts[name], bool)
    ]
    return " · ".join(found)
