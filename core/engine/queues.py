"""The durable queues, how eagerly each is looked at (an idle look costs about 0.7 ms of a core), and how fast it may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class QueueName(StrEnum):
    ACTIONS = "actions"
    """Approved actions: a person is looking at the button."""
    RUNS = "runs"
    """Segments of automated runs: a person has just decided, or started one."""
    JOBS = "jobs"
    """Scheduled and requested jobs: nobody waits for a tenth of a second."""
    IMPORTS = "imports"
    """Event logs that are read and written: minutes each, so they have a place of their own."""
    PACKAGES = "packages"
    """Deliverables that are made: somebody looks at the bar, and each is seconds of a whole core."""
    SITES = "sites"
    """Sites that are published again: somebody looks at the button, and a web host takes seconds to minutes."""
    EMAIL = "channel_email"
    SOCIAL = "channel_social"
    CRM = "channel_crm"
    ODOO = "channel_odoo"
    HTTP = "channel_http"
    OTHER = "channel_other"
    """The items of projects, by kind of channel: each goes at its own pace, and none waits for another."""


_CHANNELS = {queue.value.removeprefix("channel_"): queue for queue in QueueName if queue.value.startswith("channel_")}
_NETWORKS = frozenset({"linkedin", "instagram", "x", "mastodon", "bluesky"})

CHANNEL_KINDS = frozenset(_CHANNELS)


def kind_of(channel: str) -> str:
    """`email`, `social`, `crm`, `odoo`, `http`, or `other` for what has no queue of its own."""
    if channel in _NETWORKS:
        return "social"
    return channel if channel in _CHANNELS else "other"


def queue_of(kind: str) -> QueueName:
    return _CHANNELS[kind]


@dataclass(frozen=True)
class Rate:
    """At most `count` pieces of work begin in any `seconds`, over all workers."""

    count: int
    seconds: float


@dataclass(frozen=True)
class QueueSpec:
    name: QueueName
    worker_concurrency: int
    poll_seconds: float
    rate: Rate | None = None


def queue_specs(
    *,
    concurrency: int,
    poll_seconds: float,
    run_concurrency: int = 8,
    channel_concurrency: int = 4,
    channel_poll_seconds: float = 0.5,
    rates: Mapping[str, Rate] | None = None,
) -> tuple[QueueSpec, ...]:
    """`rates` by kind of channel; one that is not named goes as fast as it can."""
    return (
        QueueSpec(QueueName.ACTIONS, concurrency, poll_seconds),
        QueueSpec(QueueName.RUNS, run_concurrency, poll_seconds),
        QueueSpec(QueueName.JOBS, 2, max(1.0, poll_seconds)),
        QueueSpec(QueueName.IMPORTS, 1, max(0.5, poll_seconds)),
        QueueSpec(QueueName.PACKAGES, 1, max(0.3, poll_seconds)),
        QueueSpec(QueueName.SITES, 2, max(0.3, poll_seconds)),
        *(
            QueueSpec(queue, channel_concurrency, channel_poll_seconds, (rates or {}).get(kind))
            for kind, queue in _CHANNELS.items()
        ),
    )
