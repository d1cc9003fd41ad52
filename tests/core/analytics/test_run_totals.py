"""What the planner expects is kept for a moment, for each asker by themselves."""

from __future__ import annotations

import pytest

from core.analytics.run_totals import KEPT_SECONDS, MOST_KEPT, Expectations


def test_expectation_is_kept_a_moment_and_for_each_asker_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("core.analytics.run_totals.time.monotonic", lambda: now)
    known = Expectations()
    assert known.of("Ravi", lambda: 1) == 1
    assert known.of("Meera", lambda: 2) == 2
    now += KEPT_SECONDS - 0.1
    assert known.of("Ravi", lambda: 3) == 1
    now += 0.1
    assert known.of("Ravi", lambda: 3) == 3


def test_no_more_is_kept_than_so_many() -> None:
    known = Expectations()
    for number in range(3 * MOST_KEPT):
        known.of(number, lambda: 0)
    assert len(known._known) <= MOST_KEPT
