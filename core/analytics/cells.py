"""A cell of the performance table as a value: what one run adds to it, and how additions are summed and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from core.analytics.rules import Result, result_of
from core.executions.rules import ExecutionState

UNKNOWN = "unknown"
"""The segment of runs whose owner had no profile when they started."""

Values = dict[tuple[str, str], tuple[int, Decimal]]
"""(metric, unit) → (how many, their sum)."""


class Cell(NamedTuple):
    sample: bool
    workflow_id: str
    market: str
    skill_level: str


@dataclass(frozen=True)
class RunFacts:
    """All that aggregation reads of one run; `values` holds its outcomes that were not rejected."""

    execution_id: UUID
    cell: Cell
    user_id: UUID | None
    state: ExecutionState
    last_activity_at: datetime
    work_ms: int
    values: Values


@dataclass(frozen=True)
class Contribution:
    execution_id: UUID
    cell: Cell
    user_id: UUID | None
    success: bool
    completed: bool
    work_ms: int
    values: Values


def contribution_of(run: RunFacts, now: datetime) -> Contribution | None:
    """What `run` adds to its cell at `now`; None while it is not counted."""
    outcomes = sum(n for n, _ in run.values.values())
    result = result_of(run.state, outcomes=outcomes, last_activity_at=run.last_activity_at, now=now)
    if result is Result.NOT_COUNTED:
        return None
    completed = run.state is ExecutionState.COMPLETED
    return Contribution(
        execution_id=run.execution_id, cell=run.cell, user_id=run.user_id,
        success=result is Result.SUCCESS, completed=completed, work_ms=run.work_ms if completed else 0,
        values=run.values if completed else {},
    )  # fmt: skip


@dataclass
class Tally:
    """The sums of one cell, or a difference between two states of it."""

    ended: int = 0
    successes: int = 0
    completed: int = 0
    completion_ms_total: int = 0
    values: Values = field(default_factory=dict)

    def add(self, part: Contribution, sign: int = 1) -> None:
        """Adds `part`, or with sign −1 takes back what it added."""
        self.ended += sign
        self.successes += sign * part.success
        self.completed += sign * part.completed
        self.completion_ms_total += sign * part.work_ms
        self.merge(part.values, sign)

    def merge(self, values: Values, sign: int = 1) -> None:
        for key, (n, total) in values.items():
            count, before = self.values.get(key, (0, Decimal(0)))
            self.values[key] = (count + sign * n, before + sign * total)
        self.values = {key: pair for key, pair in self.values.items() if pair[0] != 0}


def difference(old: Iterable[Contribution], new: Iterable[Contribution]) -> Mapping[Cell, Tally]:
    """By how much each cell moves when `old` contributions are replaced by `new` ones."""
    moves: dict[Cell, Tally] = {}
    for sign, parts in ((-1, old), (1, new)):
        for part in parts:
            moves.setdefault(part.cell, Tally()).add(part, sign)
    return moves


def values_to_json(values: Values) -> dict[str, Any]:
    """{metric: {unit: {"n", "sum"}}} with sums as text, so that they stay exact."""
    found: dict[str, Any] = {}
    for (metric, unit), (n, total) in sorted(values.items()):
        found.setdefault(metric, {})[unit] = {"n": n, "sum": format(total.quantize(Decimal("0.0001")), "f")}
    return found


def values_from_json(values: Mapping[str, Any]) -> Values:
    return {
        (metric, unit): (int(part["n"]), Decimal(part["sum"]))
        for metric, units in values.items()
        for unit, part in units.items()
    }
