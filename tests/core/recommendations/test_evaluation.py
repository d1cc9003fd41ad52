"""On a history with real differences between segments, borrowing foretells better than either extreme."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from core.recommendations.evaluation import SeenRun, evaluate

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
    assert min(scores, key=lambda method: scores[method]) == "shrunken cell"
    assert max(scores, key=lambda method: scores[method]) == "coin"


def test_without_later_runs_there_is_nothing_to_judge() -> None:
    assert evaluate([], START) == []
