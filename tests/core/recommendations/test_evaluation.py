"""On a history with real differences between segments, borrowing foretells better than either extreme."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from core.recommendations.evaluation import HIERARCHY, SeenRun, Shown, evaluate, worth

START = datetime(2026, 1, 1, tzinfo=UTC)


def invented(rng: Random) -> list[SeenRun]:
    chances = {(market, skill): rng.betavariate(6, 6) for market in "abcde" for skill in "xyz"}
    runs = []
    for day in range(200):
        for _ in range(3):
            segment = rng.choice(list(chances))
            success = rng.random() < chances[segment]
            runs.append(SeenRun(START + timedelta(days=day), "w", segment, str(rng.randrange(40)), success))
    return runs


def test_shrunken_rates_beat_the_baselines_on_runs_they_have_not_seen() -> None:
    scores: dict[str, float] = {}
    for seed in range(20):
        for quality in evaluate(invented(Random(seed)), START + timedelta(days=80)):
            scores[quality.method] = scores.get(quality.method, 0) + quality.brier
    assert min(scores, key=lambda method: scores[method]) == HIERARCHY
    assert max(scores, key=lambda method: scores[method]) == "coin"


def test_without_later_runs_there_is_nothing_to_judge() -> None:
    assert evaluate([], START) == []


def test_first_places_given_to_learn_do_not_count_against_the_rule_without_them() -> None:
    shown = [Shown(0.8, False, True)] * 40 + [Shown(0.8, False, False)] * 40 + [Shown(0.05, True, False)] * 20
    as_shown, alone = worth(shown)
    assert (as_shown.n, as_shown.rate) == (100, 0.4)
    assert (alone.n, alone.rate) == (80, 0.5)


def test_places_that_were_unlikely_weigh_more() -> None:
    often, seldom = [Shown(0.9, False, False)] * 90, [Shown(0.1, False, True)] * 10
    assert worth(often + seldom)[1].rate == pytest.approx(0.5)
    assert worth([])[1].rate is None
