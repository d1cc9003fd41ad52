"""Segments in which a workflow succeeds clearly less often than another one for the same goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.actions.rules import Priority, Risk
from core.actor import Role
from core.analytics.rules import Dataset, Rate
from core.brain.rule import HERE, Evidence, Finding, Rule, Sight, Threshold, Values
from core.brain.sources import Sources
from core.brain.statistics import as_confidence, chance_better
from core.brain.wording import count, name, percent, title
from core.canonical import digest

NAME = "low_success_segments"
LEAST_PEOPLE = 5
"""Nobody may be recognised in a figure."""


@dataclass(frozen=True)
class Cell:
    """One workflow in one segment, with the goals its definition names."""

    workflow_id: str
    called: str
    goals: frozenset[str]
    market: str
    skill_level: str
    rate: Rate
    people: int
    hours: float | None
    """Hands-on time of a completed run."""
    counted_at: datetime

    @property
    def segment(self) -> str:
        return f"{self.market.replace('_', ' ')}, {self.skill_level}"


@dataclass(frozen=True)
class Facts:
    cells: Sequence[Cell]
    url: str


def read(sources: Sources, now: datetime, values: Values) -> Sight[Facts]:
    known = {one.workflow_id: one for one in sources.catalog.current()}
    cells = [
        Cell(
            row.workflow_id, name(known[row.workflow_id].title, 80),
            frozenset(goal.value for goal in known[row.workflow_id].workflow.goals), row.market, row.skill_level,
            row.rate, row.people, row.completion_hours, row.updated_at,
        )
        for row in sources.analytics.performance(Dataset.REAL)
        if row.workflow_id in known
    ]  # fmt: skip
    return Sight(Facts(cells, sources.page("/analytics")), frozenset({HERE}))


def decide(facts: Facts, now: datetime, values: Values) -> list[Finding]:
    """For each segment and workflow, the best other one for a common goal whose interval lies wholly above."""
    by_segment: dict[tuple[str, str], list[Cell]] = {}
    for cell in facts.cells:
        enough = cell.people >= max(LEAST_PEOPLE, values["people"]) and cell.rate.n >= values["runs"]
        if enough and "unknown" not in (cell.market, cell.skill_level):
            by_segment.setdefault((cell.market, cell.skill_level), []).append(cell)
    found = []
    for cells in by_segment.values():
        for low in cells:
            better = [one for one in cells if one.goals & low.goals and one.rate.low > low.rate.high]
            if better:
                found.append(_finding(low, max(better, key=lambda one: (one.rate.low, one.workflow_id)), facts.url))
    return found


def _finding(low: Cell, better: Cell, url: str) -> Finding:
    share, other = low.rate.share or 0.0, better.rate.share or 0.0
    goals = " or ".join(sorted(goal.replace("_", " ") for goal in low.goals & better.goals))
    chance = chance_better(better.rate.successes, better.rate.n, low.rate.successes, low.rate.n)
    confidence = as_confidence(chance)
    gain = Decimal(str(round((other - share) * low.rate.n, 1)))
    hours = (gain * Decimal(str(low.hours))).quantize(Decimal("0.1")) if low.hours else Decimal(0)
    compared = (
        f"Of the segment {low.segment}, {percent(share)} succeed with “{low.called}” and {percent(other)} with "
        f"“{better.called}”, which serves the same goal ({goals})."
    )
    return Finding(
        key=f"{low.market}/{low.skill_level}/{low.workflow_id}", subject=low.workflow_id, scope=HERE,
        version=digest([low.workflow_id, better.workflow_id]),
        title=title(f"Lead the segment {low.segment} from “{low.called}” to “{better.called}”"),
        operation="team_task",
        params={
            "title": title(f"Compare “{low.called}” and “{better.called}” for the segment {low.segment}"),
            "role": Role.OPERATOR.value,
            "details": f"{compared} Find out what the first lacks for them, and recommend the second until then.",
            "link": "/analytics",
        },
        rationale=f"{compared} The two 95 % intervals do not touch.",
        evidence=tuple(
            Evidence(
                f"“{one.called}”: {one.rate.successes} of {one.rate.n} runs succeeded ({percent(one.rate.share or 0)}, "
                f"95 % interval {percent(one.rate.low)} to {percent(one.rate.high)}), {count(one.people, 'person', 'people')}",
                "Performance by segment", one.counted_at, url,
            )
            for one in (low, better)
        ),
        confidence=confidence,
        confidence_why=(
            f"Confidence {confidence}: the chance that the second is truly better, by the difference of the two shares."
        ),
        weight=gain, impact={"time_saved_hours": str(hours)} if hours > 0 else {},
        impact_why=(
            f"The estimate is the work of {gain} runs that would have succeeded besides, of {low.rate.n}."
            if hours > 0 else ""
        ),
        priority=Priority.INFO, risk=Risk.LOW, worded=("details",),
        must_say=(f"“{low.called}”", f"“{better.called}”", low.segment), domains=("workflows",),
    )  # fmt: skip


RULE = Rule(
    name=NAME,
    title="Low-success segments",
    watches=(
        "Segments in which a workflow succeeds clearly less often than another one for the same goal, each with at least "
        f"{LEAST_PEOPLE} people. Proposes a task for the operators."
    ),
    source="This installation",
    nouns=("segment with a better workflow", "segments with a better workflow"),
    thresholds=(
        Threshold("runs", "At least", 10, 5, 10_000, "runs of each of the two"),
        Threshold("people", "At least", LEAST_PEOPLE, LEAST_PEOPLE, 1_000, "people in each of the two"),
    ),
    read=read,
    decide=decide,
    window=timedelta(days=30),
    waits=timedelta(days=7),
    per_look=3,
    per_day=10,
)
