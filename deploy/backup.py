"""`python -m deploy backup`: the database of one moment, then the files, in one archive, while the installation runs."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from core.bootstrap import database_url
from core.secret import installation_secret
from core.settings import Settings
from core.version import VERSION
from deploy.archive import DATABASE, SECRET, BackupFailed, Writing, may_be_named, written
from deploy.postgres_tools import environment, find_tools, plain, server_version

FOLDERS = ("files", "proofs", "imports", "outbox")
"""In the archive as in VAR_DIR. Files are named by their digest and never change, so that they may come later."""


@dataclass
class Backup:
    """What was backed up, and what was not."""

    path: Path
    taken_at: datetime
    rows: int
    files: int
    bytes: int
    warnings: list[str] = field(default_factory=list)


def back_up(settings: Settings, path: Path, *, with_secret_key: bool = False) -> Backup:
    """Writes the archive at `path`, which must not exist; nothing is left of one that fails."""
    url = database_url(settings)
    warnings: list[str] = []
    with written(path) as writing:
        facts = _add_database(writing, url, path.parent)
        writing.facts.update(facts, version=VERSION, stores=_stores(settings, warnings))
        files = sum(_add_folder(writing, settings, name, warnings) for name in FOLDERS)
        _add_secret(writing, settings, with_secret_key, warnings)
        writing.facts["warnings"] = warnings
    return Backup(
        path,
        datetime.fromisoformat(facts["taken_at"]),
        sum(facts["rows"].values()),
        files,
        path.stat().st_size,
        warnings,
    )


def _add_database(writing: Writing, url: str, folder: Path) -> dict[str, Any]:
    """pg_dump and our own counts look at the same snapshot, so that a restored database can be compared with it."""
    tools = find_tools(server_version(url))
    with closing(psycopg2.connect(plain(url))) as connection, tempfile.TemporaryFile(dir=folder) as dump:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot(), clock_timestamp(), current_setting('server_version')")
            snapshot, taken_at, server = cursor.fetchone() or ("", datetime.now(UTC), "")
            done = subprocess.run(
                [
                    tools.path("pg_dump"), "--format=custom", "--compress=6", "--no-owner", "--no-privileges",
                    "--no-password", "--lock-wait-timeout=60s", f"--snapshot={snapshot}",
                ],
                env=environment(url), stdout=dump, stderr=subprocess.PIPE, check=False,
            )  # fmt: skip
            if done.returncode != 0:
                raise BackupFailed(problem=f"pg_dump said: {done.stderr.decode(errors='replace').strip()[-500:]}.")
            rows = {f"{schema}.{table}": _count(cursor, schema, table) for schema, table in _tables(cursor)}
            cursor.execute("SELECT sequence, hash FROM audit_entries ORDER BY sequence DESC LIMIT 1")
            end = cursor.fetchone()
            cursor.execute("SELECT version_num FROM alembic_version")
            revision = (cursor.fetchone() or (None,))[0]
        size = dump.seek(0, os.SEEK_END)
        dump.seek(0)
        writing.add(DATABASE, dump, size)
    return {
        "taken_at": taken_at.astimezone(UTC).isoformat(), "server": server, "schema": revision, "rows": rows,
        "audit": {"entries": end[0], "hash": end[1]} if end else {"entries": 0, "hash": None},
    }  # fmt: skip


def _tables(cursor: Any) -> list[tuple[str, str]]:
    cursor.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos') ORDER BY 1, 2")
    return list(cursor.fetchall())


def _count(cursor: Any, schema: str, table: str) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table)))
    return int(cursor.fetchone()[0])


def _stores(settings: Settings, warnings: list[str]) -> dict[str, Any]:
    if settings.proofs_s3_bucket is None:
        return {"kind": "folder"}
    prefixes = [settings.files_s3_prefix, settings.proofs_s3_prefix, settings.imports_s3_prefix]
    warnings.append(
        f"Files, proofs and imports lie in the bucket {settings.proofs_s3_bucket} ({', '.join(prefixes)}) and are not "
        "in this archive: turn on its versioning, or copy it after each backup."
    )
    return {"kind": "s3", "bucket": settings.proofs_s3_bucket, "prefixes": prefixes}


def _add_folder(writing: Writing, settings: Settings, folder: str, warnings: list[str]) -> int:
    added = 0
    for path in _files_of(settings.var_dir / folder):
        name = f"{folder}/{path.relative_to(settings.var_dir / folder).as_posix()}"
        if not may_be_named(name):
            continue  # one that is being written at this moment: the database of a moment ago does not know it
        try:
            with path.open("rb") as source:
                digest = writing.add(name, source, os.fstat(source.fileno()).st_size)
        except FileNotFoundError:
            continue  # an event log whose import ended meanwhile
        added += 1
        if folder != "outbox" and digest != path.name:
            warnings.append(f"{name} is damaged: it is not the file that was handed in. It was put in as it is.")
    return added


def _files_of(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _add_secret(writing: Writing, settings: Settings, wanted: bool, warnings: list[str]) -> None:
    writing.facts["secret_key"] = wanted
    if not wanted:
        warnings.append(
            "The secret key is not in this archive. Keep SECRET_KEY (or VAR_DIR/secret_key) elsewhere: without it, "
            "stored connections and the secrets of webhooks cannot be read again."
        )
        return
    with tempfile.TemporaryFile() as held:
        secret = installation_secret(settings).encode()
        held.write(secret)
        held.seek(0)
        writing.add(SECRET, held, len(secret))
    warnings.append("The secret key is in this archive: whoever has it can read stored passwords. Keep it as safe.")
