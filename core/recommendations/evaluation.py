"""How well the model foretells runs it has not seen, next to simpler ways of guessing, and what the logs can say of showing.

Logs hold only what people chose from what they were shown: they can tell whether a chance was foretold well, and, where
each first place was given with a known probability, what another rule for first places would have brought. They cannot
tell what people would have done whom nobody ever showed a workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

import numpy as np

from core.recommendations.model import solve_chances, together
from core.recommendations.rules import Counts, Segment


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


@dataclass(frozen=True)
class Shown:
    """One first place: with which probability it was given, whether it was to learn, and whether a result came of it."""

    propensity: float
    explored: bool
    success: bool


@dataclass(frozen=True)
class Worth:
    """Results for each first place shown: `rate` by a rule, of `n` places that agree with it."""

    rule: str
    n: int
    rate: float | None


Cells = Mapping[Segment, Counts]
Learned = Mapping[str, Cells]
Foretell = Callable[[str, Segment], float]
Method = Callable[[Learned], Foretell]

HIERARCHY = "hierarchical model"
_HALF = 0.5
_EDGE = 0.005
"""No method may be surer than this, or one surprise would decide the log loss."""


def evaluate(runs: Sequence[SeenRun], cutoff: datetime) -> list[Quality]:
    """Learns from the runs before `cutoff`, foretells those after it; the best Brier score first."""
    learned = _count([run for run in runs if run.at < cutoff])
    later = [run for run in runs if run.at >= cutoff]
    found = []
    for name, method in METHODS.items() if later else ():
        foretell = method(learned)
        pairs = [(min(max(foretell(run.workflow_id, run.segment), _EDGE), 1 - _EDGE), run.success) for run in later]
        brier = sum((chance - success) ** 2 for chance, success in pairs) / len(pairs)
        loss = -sum(log(chance if success else 1 - chance) for chance, success in pairs) / len(pairs)
        found.append(Quality(name, len(pairs), brier, loss))
    return sorted(found, key=lambda quality: quality.brier)


def worth(shown: Sequence[Shown]) -> list[Worth]:
    """What first places brought as they were given, and would have brought had none been given to learn.

    The second weighs each place by one over its probability (self-normalised inverse propensity: Swaminathan and
    Joachims, NIPS 2015), because the days for learning were drawn.
    """
    kept = [one for one in shown if not one.explored and one.propensity > 0]
    total = sum(1 / one.propensity for one in kept)
    pure = sum(one.success / one.propensity for one in kept) / total if kept else None
    plain = sum(one.success for one in shown) / len(shown) if shown else None
    return [Worth("as shown", len(shown), plain), Worth("expected benefit alone", len(kept), pure)]


def _count(runs: Sequence[SeenRun]) -> dict[str, dict[Segment, Counts]]:
    found: dict[str, dict[Segment, Counts]] = {}
    for run in runs:
        cells = found.setdefault(run.workflow_id, {})
        cells[run.segment] = cells.get(run.segment, Counts()) + Counts(int(run.success), 1)
    return found


def _hierarchical(learned: Learned) -> Foretell:
    segments = sorted({segment for cells in learned.values() for segment in cells})
    if not segments:
        return lambda workflow, segment: _HALF
    guess = np.full(len(segments), _HALF)
    solved = {}
    for workflow, cells in learned.items():
        counts = [cells.get(segment, Counts()) for segment in segments]
        successes, n = np.array([(one.successes, one.n) for one in counts], dtype=np.float64).T
        solved[workflow] = solve_chances(segments, successes, n, guess)
    fit = together(segments, solved)
    chances = {(workflow, segment): fit.chance(workflow, segment).mean for workflow in learned for segment in segments}
    whole = _whole_workflow(learned)
    return lambda workflow, segment: chances.get((workflow, segment), whole(workflow, segment))


def _raw_cell(learned: Learned) -> Foretell:
    whole = _whole_workflow(learned)

    def foretell(workflow: str, segment: Segment) -> float:
        counts = learned.get(workflow, {}).get(segment, Counts())
        return counts.successes / counts.n if counts.n else whole(workflow, segment)

    return foretell


def _whole_workflow(learned: Learned) -> Foretell:
    everyone = {workflow: sum(cells.values(), Counts()) for workflow, cells in learned.items()}

    def foretell(workflow: str, segment: Segment) -> float:
        counts = everyone.get(workflow, Counts())
        return counts.successes / counts.n if counts.n else _HALF

    return foretell


def _coin(learned: Learned) -> Foretell:
    return lambda workflow, segment: _HALF


METHODS: Mapping[str, Method] = {
    HIERARCHY: _hierarchical,
    "raw cell": _raw_cell,
    "workflow only": _whole_workflow,
    "coin": _coin,
}
