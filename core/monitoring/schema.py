"""Whether the database is at this version's schema: a process that is ahead of it must not serve."""

from __future__ import annotations

from functools import cache

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from core.database.unit_of_work import Database
from core.settings import ROOT


def is_behind(database: Database) -> bool:
    """True where migrations of ours are missing. A database that is ahead is one of a newer version, being rolled out."""
    with database.reading() as session:
        found = session.scalar(text("SELECT version_num FROM alembic_version"))
    return found != _newest() and (found is None or found in _older())


@cache
def _newest() -> str:
    head = _scripts().get_current_head()
    assert head is not None
    return head


@cache
def _older() -> frozenset[str]:
    return frozenset(one.revision for one in _scripts().walk_revisions()) - {_newest()}


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config)
