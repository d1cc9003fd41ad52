"""The report of a project: how many items were sent, failed and were skipped, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.projects.rules import ItemState, errors_of


@dataclass(frozen=True)
class ItemView:
    """One item as it stands now."""

    position: int
    key: str
    channel: str
    kind: str
    operation: str
    state: ItemState
    summary: str
    """What it does, in one sentence of its plan; empty where it cannot be planned."""
    message: str
    """Why it failed, was skipped or cannot be planned; what the other system said when it was sent."""
    reference: str | None
    action_id: UUID | None
    params: dict[str, Any]
    attempts: int

    @property
    def is_over(self) -> bool:
        return self.state in (ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED)


@dataclass(frozen=True)
class Report:
    """Sent, failed and skipped add up to what was processed; what is not over yet is in none of them."""

    project_id: UUID
    total_items_processed: int
    items_sent_successfully: int
    items_failed: int
    items_skipped: int
    channels_used: list[str]
    errors: list[str]
    execution_results: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "project_id": str(self.project_id)}


def report_of(project_id: UUID, items: Iterable[ItemView]) -> Report:
    over = [one for one in items if one.is_over]
    failed = [one for one in over if one.state is ItemState.FAILED]
    skipped = _count(over, ItemState.SKIPPED)
    return Report(
        project_id=project_id, total_items_processed=len(over), items_sent_successfully=_count(over, ItemState.SENT),
        items_failed=len(failed), items_skipped=skipped,
        channels_used=sorted({one.channel for one in over if one.state is not ItemState.SKIPPED}),
        errors=errors_of([(one.channel, one.message) for one in failed]),
        execution_results=[
            {
                "key": one.key, "channel": one.channel, "operation": one.operation, "state": one.state.value,
                "reference": one.reference, "message": one.message,
                "action_id": str(one.action_id) if one.action_id else None,
            }
            for one in over
        ],
    )  # fmt: skip


def _count(items: Sequence[ItemView], state: ItemState) -> int:
    return sum(one.state is state for one in items)
