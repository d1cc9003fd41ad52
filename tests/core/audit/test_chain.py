"""The audit chain records what happened, in order, and shows any tampering."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.actor import SYSTEM, Actor
from core.audit import service as audit
from core.bootstrap import Application


def test_entries_of_concurrent_writers_form_one_unbroken_chain(app: Application) -> None:
    def write(number: int) -> None:
        with app.database.begin() as uow:
            audit.record(uow, SYSTEM, "test.written", f"test:{number}", after={"number": number})
            audit.record(uow, SYSTEM, "test.written", f"test:{number}", before={"number": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))

    report = app.audit_queries.verify()
    assert (report.entries, report.fault) == (80, None)


def test_nothing_is_recorded_when_the_change_is_rolled_back(app: Application) -> None:
    with pytest.raises(RuntimeError), app.database.begin() as uow:
        audit.record(uow, SYSTEM, "test.written", "test:1")
        raise RuntimeError

    assert app.audit_queries.count() == 0


def test_database_refuses_to_change_or_delete_an_entry(app: Application, admin: Actor) -> None:
    for statement in ("UPDATE audit_entries SET event = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"):
        with pytest.raises(DBAPIError, match="append-only"), app.database.begin() as uow:
            uow.session.execute(text(statement))


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("UPDATE audit_entries SET actor_name = 'Somebody' WHERE sequence = 2", "entry 2 was changed"),
        ("DELETE FROM audit_entries WHERE sequence = 2", "entry 2 is missing"),
        ("UPDATE audit_entries SET previous_hash = repeat('1', 64) WHERE sequence = 3", "does not follow"),
    ],
)
def test_tampering_past_the_database_is_found(app: Application, tampering: str, problem: str) -> None:
    for number in range(4):
        with app.database.begin() as uow:
            audit.record(uow, SYSTEM, "test.written", f"test:{number}", after={"amount": "1.10"})
    with app.database.begin() as uow:
        uow.session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        uow.session.execute(text(tampering))

    fault = app.audit_queries.verify().fault
    assert fault is not None and problem in fault.problem
