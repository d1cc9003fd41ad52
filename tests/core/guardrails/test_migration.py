"""An installation of the first version keeps what its admin set, and gets the other guardrails at their defaults."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from core import bootstrap
from core.database.migrate import migrate_database
from core.database.unit_of_work import Database
from core.guardrails.limits import SYSTEM_MODELS
from core.guardrails.rules import ExecutionMode
from core.settings import ROOT, Settings
from tests.core.guardrails.conftest import NOW


def test_what_was_set_is_carried_over(new_database: Callable[[], str], settings: Settings) -> None:
    # Given a database as the first version left it
    url = new_database()
    app = bootstrap.build(settings, url=url)
    database = Database(url, app.clock, pool_size=1)
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(
            text("INSERT INTO guardrails VALUES (1, 'off', '[\"odoo\"]', 5, 48, 'Asha', :at, 7)"), {"at": NOW}
        )
    database.close()

    # When this version migrates it
    migrate_database(url)

    # Then nothing that was set is lost
    found = app.guardrails_queries.current()
    app.close()
    assert not found.damaged
    assert (found.mode, found.mode_by, found.mode_at, found.version) == (ExecutionMode.OFF, "Asha", NOW, 7)
    assert found.channels == {"odoo"} and (found.max_recipients, found.expiry_hours) == (5, 48)
    assert found.denied_models == SYSTEM_MODELS and found.four_eyes and not found.automatic
