"""Among people whose best workflow is known, the product's first places soon bring more than popular ones."""

from __future__ import annotations

from statistics import fmean

import pytest

from benchmarks.recommending.simulation import run
from benchmarks.recommending.worlds import KINDS


def test_at_a_hundred_people_first_places_bring_clearly_more_than_popular_ones() -> None:
    found = [one for kind in KINDS for one in run(kind, 0, checkpoints=(100,), library=False)]

    def reached(method: str) -> float:
        return fmean(one.reached for one in found if one.method.startswith(method))

    assert reached("ours, trying on") > reached("most runs") + 0.05
    assert reached("most runs") > reached("random")
    assert reached("oracle") == pytest.approx(1)
    held = [one.held for one in found if one.held is not None]
    assert 0.8 < fmean(held) < 0.97


def test_a_simulation_says_the_same_again() -> None:
    assert run(KINDS[1], 3, checkpoints=(20,), library=False) == run(KINDS[1], 3, checkpoints=(20,), library=False)
