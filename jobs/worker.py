"""The worker's handlers: which room does which work, and how a job's run is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from core.actions.rules import ACTION_ENDED, EXECUTE_ACTION
from core.bootstrap import Application
from core.canonical import jsonable
from core.database.lasting import lasting
from core.deliverables.rules import BUILD_PACKAGE
from core.engine.queues import Rate, queue_specs
from core.engine.steps import Handler, Steps
from core.engine.worker import Worker
from core.executions.automated.waking import RUN_SEGMENT
from core.imports.rules import IMPORT_RUNS
from core.projects.rules import EXECUTE_ITEM, HAND_OVER_ITEMS
from core.schedule.rules import crash_in_words
from core.schedule.service import RUN_JOB
from core.websites.deployments import PUBLISH_SITE
from core.websites.messages import SEND_SITE_MESSAGE
from jobs.job import Job

log = structlog.get_logger(__name__)


def create_worker(app: Application, jobs: Mapping[str, Job]) -> Worker:
    settings = app.settings
    specs = queue_specs(
        concurrency=settings.worker_concurrency, poll_seconds=settings.worker_poll_seconds,
        run_concurrency=settings.run_concurrency,
        channel_concurrency=settings.channel_concurrency, channel_poll_seconds=settings.channel_poll_seconds,
        rates={kind: Rate(*rate) for kind, rate in settings.channel_rates.items()},
    )  # fmt: skip
    return Worker(app.url, app.database, app.engine, handlers(app, jobs), specs)


def handlers(app: Application, jobs: Mapping[str, Job]) -> dict[str, Handler]:
    """Work by name, as it is enqueued by the rooms."""
    return {
        RUN_JOB: partial(run_job, app, jobs),
        RUN_SEGMENT: app.run_execution.run_segment,
        EXECUTE_ACTION: app.project_execution.execute_action,
        HAND_OVER_ITEMS: app.project_execution.hand_over_items,
        ACTION_ENDED: partial(action_ended, app),
        EXECUTE_ITEM: app.project_execution.execute_item,
        IMPORT_RUNS: app.import_work.carry_on,
        BUILD_PACKAGE: app.package_making.build,
        SEND_SITE_MESSAGE: app.site_messages.deliver,
        PUBLISH_SITE: app.sites.publish_asked,
    }


def action_ended(app: Application, steps: Steps, action_id: str) -> bool:
    """Tells the run that had an action proposed how it ended."""
    return lasting(lambda: app.gates.action_ended(UUID(action_id)))


def run_job(app: Application, jobs: Mapping[str, Job], steps: Steps, run: str) -> None:
    """Runs one job for one slot and writes down how it went; a job that crashes fails and is not repeated."""
    begun = app.schedule.begin(run)
    if begun is None:
        return

    def act() -> dict[str, Any]:
        job = jobs.get(begun.job)
        if job is None:
            return {"error": f"This version has no job named {begun.job}. Nothing was done."}
        try:
            return {"result": jsonable(job.run(app, begun.slot))}
        except Exception as error:  # a loop's edge: whatever a job raises is its result
            log.exception("job.crashed", job=begun.job, run=run)
            return {"error": crash_in_words(error)}

    ended = steps.run("run", act)
    app.schedule.finish(run, result=ended.get("result"), error=ended.get("error"))
    log.info("job.ended", job=begun.job, run=run, **ended)
