"""The migrations make exactly the schema that the tables describe, and keep what is there."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core.bootstrap import Application
from core.database.base import Base


def test_migrated_schema_is_the_one_the_tables_describe(app: Application) -> None:
    with app.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _, name, kind, *__: not (kind == "table" and name in _NOT_OURS)},
        )
        assert compare_metadata(context, Base.metadata) == []


_NOT_OURS = {"alembic_version", "dbos_migrations"}
