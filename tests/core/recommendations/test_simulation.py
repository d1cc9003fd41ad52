"""Among people whose best workflow is known, the product finds it more often than popularity does, and soon."""

from __future__ import annotations

from statistics import fmean

import pytest

from benchmarks.recommending.simulation import run
from benchmarks.recommending.worlds import KINDS


def test_at_a_hundred_people_the_best_workflow_is_first_clearly_more_often_than_the_popular_one() -> None:
    found = [one for seed in range(4) for one in run(KINDS[0], seed, checkpoints=(100,), library=False)]

    def top(method: str) -> float:
        return fmean(one.top_1 for one in found if one.method.startswith(method))

    assert top("ours, trying on") > top("most runs") + 0.05
    assert top("oracle") == pytest.approx(1)
    held = [one.held for one in found if one.held is not None]
    assert 0.8 < fmean(held) < 0.97


def test_a_simulation_says_the_same_again() -> None:
    assert run(KINDS[1], 3, checkpoints=(20,), library=False) == run(KINDS[1], 3, checkpoints=(20,), library=False)
