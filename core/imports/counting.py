"""What an import would bring or has brought, counted while its cases go by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.executions.rules import StepState
from core.imports.cases import PastRun
from core.imports.refusals import Refused


@dataclass
class Counts:
    """Of cases; `refused` by reason."""

    cases: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    """By state."""
    steps: int = 0
    outcomes: int = 0
    with_user: int = 0
    named: int = 0
    """Runs whose person the file names."""
    without_work: int = 0
    """Runs of which nobody knows how long the work took."""
    without_segment: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    first: str = ""
    last: str = ""

    def take(self, found: PastRun | Refused) -> None:
        self.cases += 1
        if isinstance(found, Refused):
            self.refused[found.reason.value] += 1
            return
        self.runs[found.state.value] += 1
        self.steps += sum(step.state is not StepState.PENDING for step in found.steps)
        self.outcomes += found.outcome is not None
        self.named += bool(found.person)
        self.without_work += not found.work_ms
        self.without_segment += found.market is None or found.skill_level is None
        self.first = min(filter(None, (self.first, _day(found.began))))
        self.last = max(self.last, _day(found.last))

    @property
    def total(self) -> int:
        """Runs in all."""
        return sum(self.runs.values())

    def facts(self) -> dict[str, Any]:
        return {**vars(self), "runs": dict(self.runs), "refused": dict(self.refused)}


def counts_from(facts: Mapping[str, Any] | None) -> Counts:
    told = dict(facts or {})
    told["runs"], told["refused"] = Counter(told.get("runs", {})), Counter(told.get("refused", {}))
    return Counts(**told)


def _day(moment: datetime) -> str:
    return moment.isoformat()
