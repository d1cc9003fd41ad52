"""How well the shrunken rate foretells runs it has not seen, next to simpler ways of guessing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

from core.recommendations.rules import Counts, Segment, estimate


@dataclass(frozen=True)
class SeenRun:
    at: datetime
    workflow_id: str
    segment: Segment
    person: str
    success: bool


@dataclass(frozen=True)
class Quality:
    """Lower is better in both; `n` runs were foretold."""

    method: str
    n: int
    brier: float
    log_loss: float


Cells = Mapping[Segment, Counts]
Method = Callable[[Cells, Segment], float]

_HALF = 0.5
_EDGE = 0.005
"""No method may be surer than this, or one surprise would decide the log loss."""


def evaluate(runs: Sequence[SeenRun], cutoff: datetime) -> list[Quality]:
    """Learns from the runs before `cutoff`, foretells those after it; the best Brier score first."""
    learned = _count([run for run in runs if run.at < cutoff])
    later = [run for run in runs if run.at >= cutoff]
    found = []
    for name, method in METHODS.items():
        pairs = [
            (min(max(method(learned.get(run.workflow_id, {}), run.segment), _EDGE), 1 - _EDGE), run.success)
            for run in later
        ]
        if pairs:
            brier = sum((chance - success) ** 2 for chance, success in pairs) / len(pairs)
            loss = -sum(log(chance if success else 1 - chance) for chance, success in pairs) / len(pairs)
            found.append(Quality(name, len(pairs), brier, loss))
    return sorted(found, key=lambda quality: quality.brier)


def _count(runs: Sequence[SeenRun]) -> dict[str, dict[Segment, Counts]]:
    people: dict[tuple[str, Segment], set[str]] = {}
    found: dict[str, dict[Segment, Counts]] = {}
    for run in runs:
        cells = found.setdefault(run.workflow_id, {})
        cells[run.segment] = cells.get(run.segment, Counts()) + Counts(int(run.success), 1)
        people.setdefault((run.workflow_id, run.segment), set()).add(run.person)
    return {
        workflow: {
            segment: Counts(counts.successes, counts.n, len(people[workflow, segment]))
            for segment, counts in cells.items()
        }
        for workflow, cells in found.items()
    }


def _shrunken(cells: Cells, segment: Segment) -> float:
    return estimate(cells, _HALF, *segment).chance


def _raw_cell(cells: Cells, segment: Segment) -> float:
    counts = cells.get(segment, Counts())
    return counts.successes / counts.n if counts.n else _whole_workflow(cells, segment)


def _whole_workflow(cells: Cells, segment: Segment) -> float:
    everyone = sum(cells.values(), Counts())
    return everyone.successes / everyone.n if everyone.n else _HALF


def _coin(cells: Cells, segment: Segment) -> float:
    return _HALF


METHODS: Mapping[str, Method] = {
    "shrunken cell": _shrunken,
    "raw cell": _raw_cell,
    "workflow only": _whole_workflow,
    "coin": _coin,
}
