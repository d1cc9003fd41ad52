"""What holds for every job there is: a schedule that parses, a sentence as result, and no harm in running again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from core import bootstrap
from core.bootstrap import Application
from core.canonical import canonical_json
from core.engine.steps import InlineSteps
from core.errors import CountersignError
from core.schedule.rules import JobRunState
from core.schedule.service import JobDescription
from core.settings import Settings
from jobs.found import all_jobs
from jobs.job import Job
from jobs.timetable import last_due
from jobs.verify_audit import DecisionDoesNotReplay
from jobs.worker import handlers, run_job

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
every_job = pytest.mark.parametrize("job", all_jobs().values(), ids=lambda job: job.name)


def test_jobs_are_found_by_their_place() -> None:
    assert set(all_jobs()) >= {
        "nightly_aggregation", "nightly_recommendations", "tend_actions", "purge_finished_work", "verify_audit",
        "load_sample_data", "remove_sample_data",
    }  # fmt: skip


@every_job
def test_job_says_what_it_is_for(job: Job) -> None:
    assert job.title[0].isupper()
    assert job.purpose.endswith(".")
    assert len(job.purpose) <= 500
    assert "cron" not in job.schedule_in_words
    if job.schedule is not None:
        due = last_due(job.schedule, NOW)
        assert due is not None
        assert NOW - due <= timedelta(days=8)


@every_job
def test_job_answers_a_sentence_and_bears_being_run_again(app: Application, job: Job) -> None:
    for slot in (NOW, NOW, NOW + timedelta(days=1)):
        result = job.run(app, slot)

        assert result["summary"][0].isupper()
        canonical_json(result)


def test_aggregation_recommendations_and_audit_work_on_sample_data(app: Application) -> None:
    jobs = all_jobs()

    assert "runs of" in jobs["load_sample_data"].run(app, NOW)["summary"]
    assert "Brier" in jobs["nightly_recommendations"].run(app, NOW)["summary"]
    assert "unchanged" in jobs["verify_audit"].run(app, NOW)["summary"]
    assert jobs["verify_audit"].run(app, NOW)["decisions"] > 100
    with app.database.begin() as uow:
        uow.session.execute(text("UPDATE ballots SET vote = 'abstain'"))
    with pytest.raises(DecisionDoesNotReplay, match="its ballots say"):
        jobs["verify_audit"].run(app, NOW)
    assert jobs["remove_sample_data"].run(app, NOW)["summary"].startswith("Removed")
    assert not app.sample.is_loaded()


def test_broken_chain_fails_the_job_in_words(app: Application) -> None:
    app.schedule.introduce([JobDescription("verify_audit", "Verify", "Verifies.", "")])
    app.schedule.request("verify_audit", NOW)
    app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")
    with app.database.begin() as uow:
        connection = uow.session.connection()
        connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
        connection.exec_driver_sql("UPDATE audit_entries SET actor_name = 'Somebody' WHERE sequence = 1")

    (run,) = app.schedule_queries.runs()
    run_job(app, all_jobs(), InlineSteps(), run.id)

    (ended,) = app.schedule_queries.runs()
    assert ended.state is JobRunState.FAILED
    assert "entry 1 was changed after it was written" in ended.words


def test_run_of_a_job_this_version_lacks_fails_in_words(app: Application) -> None:
    app.schedule.request("retired", NOW)

    run_job(app, all_jobs(), InlineSteps(), app.schedule_queries.runs()[0].id)

    assert "no job named retired" in app.schedule_queries.runs()[0].words


def test_worker_has_a_handler_for_all_work_the_rooms_enqueue(app: Application) -> None:
    assert set(handlers(app, all_jobs())) == {
        "run_job", "execute_action", "execute_item", "hand_over_items", "run_segment", "action_ended",
        "import_runs", "build_package", "send_site_message", "publish_site",
    }  # fmt: skip


def test_database_that_is_away_is_no_result(settings: Settings) -> None:
    """A job whose database is gone raises to the engine's edge, and is failed by `settle_lost` when it is back."""
    away = bootstrap.build(settings, url="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Exception, match="refused") as raised:
        run_job(away, all_jobs(), InlineSteps(), "verify_audit:2026-01-05T09:00:00Z")
    assert not isinstance(raised.value, CountersignError)
    away.close()
