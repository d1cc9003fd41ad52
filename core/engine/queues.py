"""The durable queues, and how eagerly each is looked at (an idle look costs about 0.7 ms of a core)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QueueName(StrEnum):
    ACTIONS = "actions"
    """Approved actions: a person is looking at the button."""
    JOBS = "jobs"
    """Scheduled and requested jobs: nobody waits for a tenth of a second."""


@dataclass(frozen=True)
class QueueSpec:
    name: QueueName
    worker_concurrency: int
    poll_seconds: float


def queue_specs(*, concurrency: int, poll_seconds: float) -> tuple[QueueSpec, ...]:
    return (
        QueueSpec(QueueName.ACTIONS, concurrency, poll_seconds),
        QueueSpec(QueueName.JOBS, 2, max(1.0, poll_seconds)),
    )
