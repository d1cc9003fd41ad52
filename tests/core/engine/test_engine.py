"""Work is enqueued with the change it belongs to, runs once, and survives the death of its worker."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from core.bootstrap import Application
from core.engine.failover import EXIT_LOST_LOCK, SESSION_PREFIX
from core.engine.queues import QueueName
from core.settings import ROOT
from tests.waiting import until

StartWorker = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def effects(app: Application) -> Callable[[str], list[tuple[str, int]]]:
    """What work has done so far: (step, pid of the worker), in order."""
    with app.database.begin() as uow:
        uow.session.execute(text("CREATE TABLE effects (id serial, work text, step text, pid int)"))
        uow.session.execute(text("CREATE TABLE gates (work text)"))

    def read(work: str) -> list[tuple[str, int]]:
        with app.database.reading() as session:
            rows = session.execute(text("SELECT step, pid FROM effects WHERE work = :work ORDER BY id"), {"work": work})
            return [(row.step, row.pid) for row in rows]

    return read


@pytest.fixture
def start_worker(app: Application, effects: object) -> Iterator[StartWorker]:
    """Starts workers as processes and waits until they hold their lock."""
    started: list[subprocess.Popen[bytes]] = []

    def start(grace_seconds: int = 10) -> subprocess.Popen[bytes]:
        already = len(app.engine_queries.workers())
        command = [sys.executable, "-m", "tests.core.engine.worker_process", app.url, str(grace_seconds)]
        process = subprocess.Popen(command, cwd=ROOT)
        started.append(process)
        until(lambda: len(app.engine_queries.workers()) > already, seconds=30, what="a living worker")
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_killed_worker_is_replaced_within_five_seconds_and_finished_steps_are_not_repeated(
    app: Application, start_worker: StartWorker, effects: Callable[[str], list[tuple[str, int]]]
) -> None:
    # Given two workers, one of them in the middle of a long step
    processes = {process.pid: process for process in (start_worker(), start_worker())}
    _enqueue(app, "three_steps", "survivor")
    _, first_pid = until(lambda: effects("survivor")[1:], what="the long step")[0]

    # When that one is killed, and what it was waiting for has happened meanwhile
    processes[first_pid].kill()
    _open_gate(app, "survivor")

    # Then the other one finishes the work: the long step again, the finished one not
    until(lambda: _steps(effects("survivor"))["last"], seconds=5, what="the end of the work")
    assert _steps(effects("survivor")) == {"first": 1, "long begun": 2, "last": 1}
    assert {pid for _, pid in effects("survivor")[2:]} == set(processes) - {first_pid}


def test_worker_asked_to_stop_leaves_unfinished_work_to_another(
    app: Application, start_worker: StartWorker, effects: Callable[[str], list[tuple[str, int]]]
) -> None:
    first = start_worker(grace_seconds=1)
    _enqueue(app, "three_steps", "handed-over")
    until(lambda: effects("handed-over")[1:], what="the long step")
    second = start_worker()

    first.send_signal(signal.SIGTERM)

    assert first.wait(timeout=10) == 3
    until(lambda: effects("handed-over")[2:], seconds=5, what="the take-over")
    _open_gate(app, "handed-over")
    until(lambda: _steps(effects("handed-over"))["last"], seconds=5)
    assert _steps(effects("handed-over")) == {"first": 1, "long begun": 2, "last": 1}
    assert {pid for _, pid in effects("handed-over")[2:]} == {second.pid}


def test_idle_worker_stops_cleanly(app: Application, start_worker: StartWorker) -> None:
    process = start_worker()

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=10) == 0
    assert app.engine_queries.workers() == []


def test_worker_that_lost_its_lock_ends_itself(app: Application, start_worker: StartWorker) -> None:
    process = start_worker()
    with app.database.begin() as uow:
        uow.session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, :prefix)"),
            {"prefix": SESSION_PREFIX},
        )

    assert process.wait(timeout=5) == EXIT_LOST_LOCK


def test_living_workers_are_listed_with_their_last_sign_of_life(app: Application, start_worker: StartWorker) -> None:
    process = start_worker()

    (worker,) = app.engine_queries.workers()
    assert f"-{process.pid}-" in worker.executor_id
    assert worker.silent_seconds < 5


def test_enqueue_is_undone_with_the_transaction(app: Application) -> None:
    with app.database.begin() as uow:
        app.engine.enqueue(uow, QueueName.ACTIONS, "one_step", "gone", work_id="gone")
        uow.session.rollback()

    assert not any(app.engine_queries.queue_depth().values())


def test_same_work_id_enqueued_by_twenty_at_once_runs_once(
    app: Application, start_worker: StartWorker, effects: Callable[[str], list[tuple[str, int]]]
) -> None:
    start_worker()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: _enqueue(app, "one_step", "once"), range(20)))
    _enqueue(app, "one_step", "after")

    until(lambda: effects("after"))
    _enqueue(app, "one_step", "once")
    _enqueue(app, "one_step", "at last")
    until(lambda: effects("at last"))
    assert [step for step, _ in effects("once")] == ["only"]


def test_finished_work_is_purged_and_waiting_work_is_kept(
    app: Application, start_worker: StartWorker, effects: Callable[[str], list[tuple[str, int]]]
) -> None:
    process = start_worker()
    _enqueue(app, "one_step", "done")
    until(lambda: effects("done"))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=10)
    _enqueue(app, "one_step", "waiting")

    assert app.engine.purge_finished(ended_before=datetime.now(UTC) - timedelta(days=1)) == 0
    assert app.engine.purge_finished(ended_before=datetime.now(UTC) + timedelta(days=1)) == 1
    assert app.engine.purge_finished(ended_before=datetime.now(UTC) + timedelta(days=1)) == 0
    assert app.engine_queries.queue_depth()["actions"] == 1


def _enqueue(app: Application, work: str, name: str) -> None:
    with app.database.begin() as uow:
        app.engine.enqueue(uow, QueueName.ACTIONS, work, name, work_id=f"test:{name}")


def _open_gate(app: Application, work: str) -> None:
    with app.database.begin() as uow:
        uow.session.execute(text("INSERT INTO gates VALUES (:work)"), {"work": work})


def _steps(effects: list[tuple[str, int]]) -> Counter[str]:
    return Counter(step for step, _ in effects)
