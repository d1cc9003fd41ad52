"""A thousand items over three channels: one channel down, two workers killed, and still each at most once."""

from __future__ import annotations

import subprocess
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.actions.tables import Attempt
from core.projects.rules import ItemState, RunState
from core.projects.tables import ProjectItem
from tests.doubles.counting import running_counting_system
from tests.integrity.conftest import AGENT, Installation
from tests.integrity.counting_operations import add_operations
from tests.integrity.test_once import LIVE, subjects
from tests.waiting import until

Install = Callable[..., Installation]

LETTERS, POSTS, RECORDS = 600, 300, 100
RATES = {"email": (120, 3.0), "social": (60, 3.0), "odoo": (60, 3.0)}
WORKER = ("tests.integrity.counting_operations",)


def items() -> list[dict[str, Any]]:
    letters = [
        {"operation": "email_send", "key": f"letter-{n}",
         "params": {"to": [f"reader{n}@example.com"], "subject": f"News {n}", "body": "Hello."}}
        for n in range(LETTERS)
    ]  # fmt: skip
    posts = [{"operation": "test_post", "key": f"post-{n}", "params": {"name": f"post-{n}"}} for n in range(POSTS)]
    records = [{"operation": "test_record", "key": f"rec-{n}", "params": {"name": f"rec-{n}"}} for n in range(RECORDS)]
    return [*letters, *posts, *records]


def begun_within(here: Installation, project: UUID, kind: str, window: timedelta) -> int:
    """The most calls of one kind of channel that began in any such window."""
    query = (
        select(Attempt.called_at)
        .join(ProjectItem, ProjectItem.action_id == Attempt.action_id)
        .where(ProjectItem.project_id == project, ProjectItem.kind == kind, Attempt.called_at.is_not(None))
        .order_by(Attempt.called_at)
    )
    with here.app.database.reading() as session:
        at: list[datetime] = [one for one in session.scalars(query) if one is not None]
    return max(n - bisect_left(at, moment - window) + 1 for n, moment in enumerate(at))


@pytest.mark.timeout(300)
def test_thousand_items_with_one_channel_down_and_two_workers_killed_add_up(install: Install) -> None:
    with running_counting_system() as system:
        # Given a project of 1,000 items over three channels, of which one is down
        rates = ",".join(f"{kind}={count}/{seconds}" for kind, (count, seconds) in RATES.items())
        here = install(
            **LIVE, EXECUTION_CHANNELS="email,social,odoo", CHANNEL_RATES=rates, CHANNEL_POLL_SECONDS="0.1",
            COUNTING_PORT=str(system.port),
        )  # fmt: skip
        add_operations(here.app, system.port)
        system.down.add("odoo")
        project = here.app.projects.create(AGENT, "Winter campaign")
        assert here.app.projects.add_items(AGENT, project, items()) == 0
        card = here.app.projects.propose(AGENT, project)
        digest = here.app.actions_queries.card(here.admin, card).row.plan_digest
        workers: list[subprocess.Popen[bytes]] = [here.start_worker(WORKER), here.start_worker(WORKER)]
        begun = time.monotonic()

        # When it is approved by one click, both workers are killed one after the other, and the channel comes back half-way
        here.app.actions.approve(here.admin, card, digest)

        def over() -> int:
            view = here.app.projects_queries.project(here.admin, project)
            return view.count(ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED)

        for part in (200, 400):
            until(lambda part=part: over() >= part, seconds=120, what=f"{part} items")  # type: ignore[misc]
            doomed = workers.pop(0)
            doomed.kill()
            doomed.wait()
            workers.append(here.start_worker(WORKER))
        until(lambda: over() >= 500, seconds=120, what="half of the items")
        system.down.clear()

        def finished() -> bool:
            return here.app.projects_queries.project(here.admin, project).row.run_state is RunState.COMPLETED

        until(finished, seconds=180, what="the end of the run")
        took = time.monotonic() - begun

        # Then the report adds up, and says of every item what became of it
        report = here.app.projects_queries.report(here.admin, project)
        sent, failed, skipped = report.items_sent_successfully, report.items_failed, report.items_skipped
        assert sent + failed + skipped == report.total_items_processed == LETTERS + POSTS + RECORDS
        assert len({one["key"] for one in report.execution_results}) == 1000
        assert report.channels_used == ["email", "odoo", "social"]
        # what a killed worker had at its call and the system does not know is said to have failed, and not repeated
        assert skipped == 0 and failed <= 2 * 2 * 4, report.errors

        # And nothing was done twice
        letters = subjects(here)
        assert max(letters.values()) == 1 and max(system.put.values()) == 1
        done = {f"letter-{name.partition(' ')[2]}" for name in letters} | {one.split("/")[2] for one in system.put}
        assert done == {one["key"] for one in report.execution_results if one["state"] == "sent"}
        assert Counter(one["state"] for one in report.execution_results)["sent"] == sent

        # And no channel went faster than its rate, apart from what was under way at a window's edge
        for kind, (most, seconds) in RATES.items():
            assert begun_within(here, project, kind, timedelta(seconds=seconds)) <= most + 2 * 4
        events = [one.name for one in here.app.projects_queries.events(here.admin, project)]
        for event in ("started", "plan_fetched", "email_executed", "social_executed", "odoo_executed", "completed"):
            assert events.count(f"execution.{event}") == 1
        assert here.app.audit_queries.verify().fault is None
        print(f"1,000 items in {took:.0f} s, {sent / took:.0f} a second; {failed} failed")
