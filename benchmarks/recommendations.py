"""Foretells the last two months of the sample history from the months before, by each method of guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from core.analytics.rules import Result, result_of
from core.catalog.queries import Definition
from core.catalog.service import revision_digest
from core.catalog.tables import RevisionSource
from core.catalog.validation import check_file
from core.outcomes.rules import ReviewState
from core.recommendations.evaluation import Quality, SeenRun, evaluate
from core.sample.history import beginning, invent_history
from core.sample.people import invent_people, members_of
from core.settings import ROOT

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
HELD_OUT = timedelta(days=60)


def invented_runs(seed: int) -> list[SeenRun]:
    """Half a year of counted runs."""
    checked = check_file((ROOT / "workflows.json").read_bytes())
    definitions = [
        Definition(
            name, revision_digest(name, checked.sources[name]), workflow.title, workflow.tier, len(workflow.steps),
            checked.sources[name], RevisionSource.FILE, True, NOW,
        )
        for name, workflow in checked.workflows.items()
    ]  # fmt: skip
    rng = Random(seed)
    people = invent_people(rng, beginning(NOW))
    history = invent_history(rng, NOW, definitions, people, members_of(people))
    kept = [row["execution_id"] for row in history.outcomes if row["review_state"] is not ReviewState.REJECTED]
    logged = set(kept)
    found = []
    for row in history.executions:
        result = result_of(
            row["state"], outcomes=row["id"] in logged, last_activity_at=row["last_activity_at"], now=NOW
        )
        if result is not Result.NOT_COUNTED:
            segment = (row["market"].value, row["skill_level"].value)
            success = result is Result.SUCCESS
            found.append(SeenRun(row["created_at"], row["workflow_id"], segment, str(row["user_id"]), success))
    return found


def measure(seeds: int = 20) -> None:
    sums: dict[str, list[Quality]] = {}
    for seed in range(seeds):
        for quality in evaluate(invented_runs(seed), NOW - HELD_OUT):
            sums.setdefault(quality.method, []).append(quality)
    print(f"{'method':<16}{'Brier':>9}{'log loss':>10}{'runs':>9}")
    for method, found in sorted(sums.items(), key=lambda item: sum(quality.brier for quality in item[1])):
        n = sum(quality.n for quality in found)
        brier = sum(quality.brier for quality in found) / len(found)
        loss = sum(quality.log_loss for quality in found) / len(found)
        print(f"{method:<16}{brier:>9.4f}{loss:>10.4f}{n:>9,}")


if __name__ == "__main__":
    measure()
