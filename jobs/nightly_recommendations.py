"""Measures every night whether the recommendations foretell what happens, next to simpler ways of guessing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.bootstrap import Application
from core.recommendations.evaluation import HIERARCHY, Quality
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    dataset = app.analytics_queries.chosen_dataset()
    found = app.recommendations_queries.quality(dataset)
    worth = app.recommendations_queries.worth()
    return {
        "summary": _summary(found),
        "dataset": dataset,
        "methods": [
            {"method": one.method, "n": one.n, "brier": round(one.brier, 4), "log_loss": round(one.log_loss, 4)}
            for one in found
        ],
        "first_places": [
            {"rule": one.rule, "n": one.n, "rate": None if one.rate is None else round(one.rate, 4)} for one in worth
        ],
    }


def _summary(found: list[Quality]) -> str:
    if not found:
        return "No run of the last 30 days has ended yet, so there is nothing to compare"
    ours = next(one for one in found if one.method == HIERARCHY)
    others = [one for one in found if one is not ours]
    better = sum(ours.brier <= one.brier for one in others)
    scores = ", ".join(f"{one.method} {one.brier:.3f}" for one in others)
    return (
        f"Foretold {ours.n} runs at least as well as {better} of {len(others)} simpler ways "
        f"(Brier score {ours.brier:.3f}; {scores})"
    )


JOB = Job(
    name="nightly_recommendations",
    title="Check recommendations",
    purpose="Learns from older runs, foretells those of the last 30 days, and compares with simpler ways of guessing.",
    schedule="30 3 * * *",
    run=run,
)
