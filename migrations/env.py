"""Alembic's entry: runs on the connection it is handed (core.database.migrate), or on DATABASE_URL from the shell."""

from __future__ import annotations

import importlib
from pathlib import Path

from alembic import context

from core.database.base import Base

ROOT = Path(__file__).resolve().parent.parent
for tables in sorted((ROOT / "core").rglob("tables.py")):
    importlib.import_module(".".join(tables.relative_to(ROOT).with_suffix("").parts))


def include(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    return not (kind == "table" and name in {"dbos_migrations"})


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection, target_metadata=Base.metadata, include_object=include, compare_server_default=False
    )
    context.run_migrations()


run()
