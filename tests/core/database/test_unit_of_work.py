"""Connections that were lost while nobody used them."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.bootstrap import Application
from core.database import unit_of_work
from core.database.unit_of_work import Database


@pytest.fixture
def database(app: Application) -> Database:
    return Database(app.url, app.clock, pool_size=2)


def lose_connections(app: Application, database: Database) -> None:
    """Ends the server's side of the connection that `database` has in its pool."""
    with database.begin() as uow:
        pid = uow.session.scalar(text("SELECT pg_backend_pid()"))
    with app.database.begin() as uow:
        uow.session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_connection_that_was_lost_while_idle_is_replaced(
    app: Application, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "IDLE_SECONDS", 0.0)
    lose_connections(app, database)

    with database.begin() as uow:
        assert uow.session.scalar(text("SELECT 1")) == 1
    database.close()


def test_connection_in_constant_use_is_not_asked_and_its_loss_is_noticed_once(
    app: Application, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "IDLE_SECONDS", 3600.0)
    lose_connections(app, database)

    with pytest.raises(OperationalError), database.begin() as uow:
        uow.session.scalar(text("SELECT 1"))
    with database.begin() as uow:
        assert uow.session.scalar(text("SELECT 1")) == 1
    database.close()
