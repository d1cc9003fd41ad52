"""The triggers that note what changed, among transactions that wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg2
from sqlalchemy import func, select

from core.actor import SYSTEM
from core.analytics.tables import RunChange
from core.bootstrap import Application
from tests.core.analytics.history import History
from tests.waiting import until

LOGGED = (
    "INSERT INTO outcomes (id, execution_id, metric_type, value, unit, note, proof_type, review_state, review_reason, "
    "logged_at, sample) VALUES (gen_random_uuid(), %s, 'revenue', 5, 'USD', '', 'none', 'pending', '', now(), false)"
)
HELD = "SELECT FROM executions WHERE id = %s FOR UPDATE"


def test_change_that_waited_while_a_pass_took_in_the_one_before_is_noted_anew(
    app: Application, history: History
) -> None:
    """Given two outcomes at once, of which the second comes to its run when a pass has locked the note of the first."""
    run = history.run("resume")
    app.analytics.aggregate(SYSTEM)
    with _connections(app, 5) as (first, holder, second, one_pass, eyes):
        first.cursor().execute(LOGGED, (str(run),))
        held = _begin(holder, HELD, run, eyes)
        logged = _begin(second, LOGGED, run, eyes)
        first.commit()
        held.join()
        taken = one_pass.cursor()
        taken.execute("SELECT FROM run_changes FOR UPDATE SKIP LOCKED")
        holder.commit()
        _waits(second, eyes)
        taken.execute("DELETE FROM run_changes")
        one_pass.commit()
        logged.join()
        second.commit()

    with app.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RunChange)) == 1


@contextmanager
def _connections(app: Application, number: int) -> Iterator[list[Any]]:
    made = [psycopg2.connect(app.url.replace("+psycopg2", "")) for _ in range(number)]
    made[-1].autocommit = True
    try:
        yield made
    finally:
        for one in made:
            one.close()


def _begin(connection: Any, statement: str, run: UUID, eyes: Any) -> threading.Thread:
    """Has it wait for a lock, in a thread of its own."""
    thread = threading.Thread(target=lambda: connection.cursor().execute(statement, (str(run),)))
    thread.start()
    _waits(connection, eyes)
    return thread


def _waits(connection: Any, eyes: Any) -> None:
    def waits() -> bool:
        with eyes.cursor() as cursor:
            cursor.execute(
                "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", (connection.info.backend_pid,)
            )
            return bool(cursor.fetchone()[0])

    until(waits, what="the wait for a lock")
