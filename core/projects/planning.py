"""Planning many items at a time: each gets its plan, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from core.canonical import canonical_json
from core.connectors.plan import Plan
from core.connectors.registry import Connectors
from core.engine.queues import kind_of
from core.errors import CountersignError
from core.projects.tables import ProjectItem
from core.projects.uploads import NewItem

log = structlog.get_logger(__name__)

_AT_ONCE = 8
"""Systems answer several questions at a time; more would only make them angry."""


@dataclass(frozen=True)
class PlannedItem:
    """Exactly one of `plan` and `problem` is set."""

    asked: NewItem
    channel: str
    plan: Plan | None
    problem: str | None

    def values(self) -> dict[str, Any]:
        """The columns of its row, apart from whose it is."""
        return {
            "operation": self.asked.operation, "channel": self.channel, "kind": kind_of(self.channel),
            "params": _storable(self.asked.params), "plan": self.plan.to_json() if self.plan else None,
            "summary": self.plan.summary if self.plan else "",
            "plan_digest": self.plan.digest if self.plan else None, "problem": self.problem, "left_out": False,
        }  # fmt: skip

    def put(self, item: ProjectItem) -> None:
        for name, value in self.values().items():
            setattr(item, name, value)


class Planning:
    def __init__(self, connectors: Connectors) -> None:
        self._connectors = connectors

    def plan_all(self, items: Sequence[NewItem]) -> list[PlannedItem]:
        """In their order; systems are read several at a time, in no transaction of ours."""
        if len(items) < 2:
            return [self._plan(one) for one in items]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="planning") as pool:
            return list(pool.map(self._plan, items))

    def _plan(self, item: NewItem) -> PlannedItem:
        channel = "other"
        try:
            operation = self._connectors.operation(item.operation)
            channel = operation.channel
            if operation.starts_others:
                return PlannedItem(item, channel, None, "A project cannot start another one.")
            return PlannedItem(item, channel, self._connectors.plan(item.operation, item.params), None)
        except CountersignError as refusal:
            return PlannedItem(item, channel, None, str(refusal).replace(" Nothing was saved.", ""))
        except Exception:  # one item's fault must not lose the others
            log.exception("project.plan_failed", operation=item.operation)
            words = "It could not be planned; the log of the dashboard has the reason."
            return PlannedItem(item, channel, None, words)


def _storable(params: Mapping[str, Any]) -> dict[str, Any]:
    """What cannot be kept was refused when it was planned; the row does without it."""
    try:
        text = canonical_json(params)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return {}
    return {} if "\\u0000" in text else dict(params)
