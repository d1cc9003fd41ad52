"""What counts as a success, how sure a rate is, how agents rank, and how amounts are summed without mixing units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from math import sqrt
from typing import assert_never

from core.executions.rules import ExecutionState

STALE_AFTER = timedelta(days=30)
"""An open run left alone for so long counts as not successful until its owner comes back; one at a gate never does."""

SMALL_N = 20
"""Below this a rate is shown grey: its interval can be wider than 40 points."""

_Z_95 = 1.959963984540054


UNKNOWN = "unknown"
"""As a market or skill level: the runs whose owner had no profile when they started."""


class Dataset(StrEnum):
    """Every figure is computed for one of the two, never for both."""

    REAL = "real"
    SAMPLE = "sample"

    @property
    def sample(self) -> bool:
        return self is Dataset.SAMPLE


class Result(StrEnum):
    """What a run says about its workflow."""

    SUCCESS = "success"
    FAILURE = "failure"
    NOT_COUNTED = "not_counted"


def result_of(
    state: ExecutionState,
    *,
    outcomes: int,
    last_activity_at: datetime,
    now: datetime,
    stale_after: timedelta = STALE_AFTER,
) -> Result:
    """Completed with at least one outcome that was not rejected is a success; abandoned, failed or stale is not.

    Runs that still go on, wait for somebody, or were cancelled (by a person or by a vote) say nothing yet.
    """
    match state:
        case ExecutionState.COMPLETED:
            return Result.SUCCESS if outcomes > 0 else Result.FAILURE
        case ExecutionState.ABANDONED | ExecutionState.FAILED:
            return Result.FAILURE
        case ExecutionState.STARTED | ExecutionState.IN_PROGRESS:
            return Result.FAILURE if last_activity_at <= now - stale_after else Result.NOT_COUNTED
        case (
            ExecutionState.PENDING
            | ExecutionState.WAITING_ACCEPTANCE
            | ExecutionState.WAITING_CLARIFICATION
            | ExecutionState.CANCELLED
        ):
            return Result.NOT_COUNTED
    assert_never(state)


@dataclass(frozen=True)
class Rate:
    """`successes` of `n`, with the 95 % Wilson score interval; all shares from 0 to 1."""

    successes: int
    n: int

    @property
    def share(self) -> float | None:
        return self.successes / self.n if self.n else None

    @property
    def low(self) -> float:
        return wilson_interval(self.successes, self.n)[0]

    @property
    def high(self) -> float:
        return wilson_interval(self.successes, self.n)[1]

    @property
    def small(self) -> bool:
        return self.n < SMALL_N

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.successes + other.successes, self.n + other.n)


def wilson_interval(successes: int, n: int, *, z: float = _Z_95) -> tuple[float, float]:
    """The score interval of E. B. Wilson (JASA 22, 1927, p. 209), which holds near 0 and 1 and for small n."""
    if n == 0:
        return 0.0, 1.0
    p, zz = successes / n, z * z
    centre = (p + zz / (2 * n)) / (1 + zz / n)
    half = z / (1 + zz / n) * sqrt(p * (1 - p) / n + zz / (4 * n * n))
    # At the ends the bound is exact; the square root would leave it a rounding error away.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


SAVINGS_CAP = Decimal(500_000)
VOLUME_CAP = 1_500


def leaderboard_score(*, savings: Decimal, approval_rate: float | None, volume: int) -> float:
    """0.5 · savings/500,000 + 0.3 · approval rate + 0.2 · volume/1,500, each part capped at 1 (A2).

    `savings` is the weekly estimate of the agent's completed runs in one currency; undecided means no middle part.
    """
    saved = float(min(max(savings, Decimal(0)) / SAVINGS_CAP, Decimal(1)))
    return 0.5 * saved + 0.3 * (approval_rate or 0.0) + 0.2 * min(volume / VOLUME_CAP, 1.0)


@dataclass(frozen=True, order=True)
class Total:
    """A sum of `n` values of one metric in one unit; two units are two totals."""

    metric: str
    unit: str
    value: Decimal
    n: int

    @property
    def average(self) -> Decimal:
        return (self.value / self.n).quantize(Decimal("0.0001")) if self.n else Decimal(0)


def totals(values: Iterable[tuple[str, str, Decimal, int]]) -> tuple[Total, ...]:
    """Adds (metric, unit, value, n) by metric and unit, and never across them; largest n first."""
    sums: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for metric, unit, value, n in values:
        before, count = sums.get((metric, unit), (Decimal(0), 0))
        sums[metric, unit] = (before + value, count + n)
    found = [Total(metric, unit, value, n) for (metric, unit), (value, n) in sums.items() if n]
    return tuple(sorted(found, key=lambda total: (-total.n, total.metric, total.unit)))
