"""Workers and schedulers as processes: a slot fires once, a killed worker's job ends once, and stopping is clean."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Row, text

from core.actor import Actor
from core.bootstrap import Application
from core.schedule.queries import RunView
from core.schedule.rules import JobRunState
from core.settings import ROOT
from tests.jobs.job_process import JOBS
from tests.waiting import until

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(app: Application) -> Iterator[Start]:
    """Starts `worker` or `scheduler` processes with the jobs of `job_process`."""
    with app.database.begin() as uow:
        uow.session.execute(text("CREATE TABLE traces (job text, slot timestamptz, pid int)"))
        uow.session.execute(text("CREATE TABLE gates (job text)"))
    app.schedule.introduce([job.described() for job in JOBS.values()])
    started: list[subprocess.Popen[bytes]] = []

    def begin(part: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "tests.jobs.job_process", app.url, part], cwd=ROOT)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_three_schedulers_fire_each_slot_once(app: Application, start: Start) -> None:
    # Given three schedulers and two workers on a job that is due every second
    for part in ("scheduler", "scheduler", "scheduler", "worker", "worker"):
        start(part)

    # When five slots have run
    until(lambda: len(_traces(app, "ticking")) >= 5, seconds=30, what="five slots")

    # Then none ran twice
    slots = Counter(trace.slot for trace in _traces(app, "ticking"))
    assert set(slots.values()) == {1}
    assert app.schedule_queries.scheduler_seen_at() is not None


def test_job_of_a_killed_worker_is_taken_over_and_ends_once(app: Application, admin: Actor, start: Start) -> None:
    processes = {process.pid: process for process in (start("worker"), start("worker"))}
    run = app.schedule.run_now(admin, "patient")
    first_pid = until(lambda: _traces(app, "patient"), seconds=30)[0].pid

    processes[first_pid].kill()
    until(lambda: len(_traces(app, "patient")) == 2, seconds=6, what="the take-over")
    with app.database.begin() as uow:
        uow.session.execute(text("INSERT INTO gates VALUES ('patient')"))

    ended = until(lambda: _ended(app, run))
    assert (ended.state, ended.words, ended.starts) == (JobRunState.SUCCEEDED, "Waited to the end", 2)
    assert len(_traces(app, "patient")) == 2


def test_crashing_job_fails_with_its_error_in_words(app: Application, admin: Actor, start: Start) -> None:
    start("worker")

    run = app.schedule.run_now(admin, "crashing")

    ended = until(lambda: _ended(app, run), seconds=30)
    assert (ended.state, ended.starts) == (JobRunState.FAILED, 1)
    assert "ZeroDivisionError: division by zero" in ended.words
    app.schedule.run_now(admin, "crashing")


def test_python_m_jobs_works_schedules_and_stops_when_asked(app: Application, admin: Actor) -> None:
    environment = os.environ | {"DATABASE_URL": app.url, "LOG_FORMAT": "json"}
    process = subprocess.Popen([sys.executable, "-m", "jobs"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        until(app.schedule_queries.scheduler_seen_at, seconds=30, what="a sign of life")
        run = app.schedule.run_now(admin, "verify_audit")
        ended = until(lambda: _ended(app, run), seconds=15)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=15)
    finally:
        process.kill()

    assert ended.state is JobRunState.SUCCEEDED
    assert process.returncode == 0
    assert b'"event": "worker.stopped"' in said
    assert b"Traceback" not in said


def test_job_processes_do_without_what_only_pages_need() -> None:
    """An idle worker stays small: pandas, plotly and streamlit are never imported."""
    script = (
        "import sys; import jobs.__main__; from jobs.found import all_jobs; all_jobs();"
        "print(sorted({'pandas', 'plotly', 'streamlit', 'fastapi'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert said.strip() == "[]"


def _traces(app: Application, job: str) -> list[Row[tuple[object, ...]]]:
    with app.database.reading() as session:
        return list(session.execute(text("SELECT slot, pid FROM traces WHERE job = :job ORDER BY slot"), {"job": job}))


def _ended(app: Application, run: str) -> RunView | None:
    view = app.schedule_queries.run(run)
    return view if view is not None and not view.is_open else None
