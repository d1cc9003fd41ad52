"""Bringing a database to this version's schema, forward only; several processes may call it at once."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from core.clock import SystemClock
from core.database.unit_of_work import Database
from core.settings import ROOT

_MIGRATION_LOCK = 0x4D696772


def migrate_database(url: str) -> None:
    database = Database(url, SystemClock(), pool_size=1)
    try:
        with database.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            config = Config()
            config.set_main_option("script_location", str(ROOT / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()
