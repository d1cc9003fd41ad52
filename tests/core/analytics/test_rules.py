"""What counts as a success, how sure a rate is, and that amounts in different units never meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analytics.rules import STALE_AFTER, Result, leaderboard_score, result_of, totals, wilson_interval
from core.executions.rules import ExecutionState

NOW = datetime(2026, 3, 1, tzinfo=UTC)
S = ExecutionState


@pytest.mark.parametrize(
    ("state", "outcomes", "idle", "expected"),
    [
        (S.COMPLETED, 1, timedelta(days=90), Result.SUCCESS),
        (S.COMPLETED, 0, timedelta(0), Result.FAILURE),
        (S.ABANDONED, 1, timedelta(0), Result.FAILURE),
        (S.FAILED, 0, timedelta(0), Result.FAILURE),
        (S.IN_PROGRESS, 0, STALE_AFTER - timedelta(seconds=1), Result.NOT_COUNTED),
        (S.IN_PROGRESS, 0, STALE_AFTER, Result.FAILURE),
        (S.STARTED, 0, STALE_AFTER, Result.FAILURE),
        (S.WAITING_ACCEPTANCE, 0, timedelta(days=90), Result.NOT_COUNTED),
        (S.CANCELLED, 0, timedelta(days=90), Result.NOT_COUNTED),
        (S.PENDING, 0, timedelta(days=90), Result.NOT_COUNTED),
    ],
)
def test_success_is_completed_with_an_outcome(
    state: ExecutionState, outcomes: int, idle: timedelta, expected: Result
) -> None:
    assert result_of(state, outcomes=outcomes, last_activity_at=NOW - idle, now=NOW) is expected


def test_wilson_interval_agrees_with_the_published_example() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263 and 15 of 148.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_interval_holds_the_share_and_stays_between_nought_and_one(successes: int, failures: int) -> None:
    n = successes + failures
    low, high = wilson_interval(successes, n)
    assert 0 <= low <= high <= 1
    if n:
        assert low <= successes / n <= high


def test_leaderboard_weighs_savings_approval_and_volume_and_caps_each() -> None:
    assert leaderboard_score(savings=Decimal(250_000), approval_rate=0.5, volume=750) == pytest.approx(0.5)
    assert leaderboard_score(savings=Decimal(9_000_000), approval_rate=1.0, volume=9_000) == pytest.approx(1.0)
    assert leaderboard_score(savings=Decimal(0), approval_rate=None, volume=0) == 0


amounts = st.tuples(
    st.sampled_from(["revenue", "time_saved"]),
    st.sampled_from(["USD", "INR", "hours", "minutes"]),
    st.decimals(0, 10**9, places=4),
    st.integers(1, 5),
)


@given(st.lists(amounts, max_size=30))
def test_totals_add_within_a_unit_and_never_across(values: list[tuple[str, str, Decimal, int]]) -> None:
    found = totals(values)
    assert len({(total.metric, total.unit) for total in found}) == len(found)
    for total in found:
        mine = [value for value in values if value[:2] == (total.metric, total.unit)]
        assert total.value == sum(value[2] for value in mine)
        assert total.n == sum(value[3] for value in mine)
    assert sum(total.n for total in found) == sum(value[3] for value in values)
