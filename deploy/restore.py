"""`python -m deploy restore`: an installation as it was, on an empty place, with everything that acts held back."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from core import bootstrap
from core.actor import SYSTEM
from core.audit import service as audit
from core.errors import CountersignError
from core.guardrails.rules import ExecutionMode
from core.settings import Settings
from deploy.archive import DATABASE, MANIFEST, SECRET, members, verified
from deploy.backup import FOLDERS
from deploy.postgres_tools import Tools, environment, find_tools, plain, server_version

_SCHEMAS = ("public", "dbos")

# In the transaction that restores: from its first moment, nothing in this database begins a call. The rows of the
# engine stay, and whoever takes them finds that the call may have been made (see `ActionExecution`).
_HOLD = """
UPDATE public.guardrails SET mode = 'off';
UPDATE public.attempts SET called_at = coalesce(called_at, clock_timestamp()) WHERE finished_at IS NULL;
"""


class NotEmpty(CountersignError):
    """There is an installation already: {what}. Nothing was changed. Restore elsewhere, or use --replace, which renames
    what is there.
    """


class StillRunning(CountersignError):
    """{count} other sessions use the database. Nothing was changed. Stop every dashboard, worker and scheduler first."""


class RestoreFailed(CountersignError):
    """The database could not be restored: {problem} It is as it was before."""


class NotTheSame(CountersignError):
    """What was restored is not what was backed up: {problem} Do not start it; restore another backup."""


@dataclass
class Restored:
    taken_at: datetime
    held: int
    """Actions that people must look into."""
    mode_before: str
    files: int
    renamed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def restore(settings: Settings, path: Path, *, replace: bool = False) -> Restored:
    """Reads the archive twice: once to know that it is whole, once to restore."""
    manifest = verified(path)
    url = bootstrap.database_url(settings)
    tools = find_tools(server_version(url))
    stamp = datetime.fromisoformat(manifest["taken_at"]).strftime("%Y%m%dT%H%M%S") + f"_{os.getpid()}"
    _nobody_else(url)
    there = _what_is_there(settings, url)
    if there and not replace:
        raise NotEmpty(what=", ".join(there))
    with tempfile.TemporaryDirectory(dir=_made(settings.var_dir), prefix=".restoring-") as beside:
        files = _unpack(path, Path(beside))
        _restore_database(url, tools, Path(beside) / DATABASE, f"before_{stamp.lower()}" if there else None)
        renamed = _set_folders_aside(settings, stamp) if there else []
        renamed += [f"schema {name}_before_{stamp.lower()}" for name in _SCHEMAS] if there else []
        _move_in(settings, Path(beside))
    found = Restored(datetime.fromisoformat(manifest["taken_at"]), 0, "", files, renamed)
    _compare(url, manifest)
    _settle(settings, url, manifest, found)
    return found


def _settle(settings: Settings, url: str, manifest: Mapping[str, Any], found: Restored) -> None:
    """Brings the schema to this version and leaves to people what nobody can know; each part can be done again."""
    bootstrap.migrate(url)
    app = bootstrap.build(settings, url=url)
    try:
        report = app.audit_queries.verify()
        if report.fault is not None:
            raise NotTheSame(problem=f"{report.fault.problem}.")
        found.held = app.actions.hold_after_restore(found.taken_at)
        app.guardrails.set_mode(SYSTEM, ExecutionMode.OFF)
        with app.database.begin() as uow:
            after = {"taken_at": manifest["taken_at"], "held": found.held, "entries": manifest["audit"]["entries"]}
            audit.record(uow, SYSTEM, "installation.restored", "installation:1", after=after)
    finally:
        app.close()
    if not manifest["secret_key"] and settings.secret_key is None and not (settings.var_dir / SECRET).exists():
        found.warnings.append(
            "This place has no secret key: put the old one into SECRET_KEY (or VAR_DIR/secret_key) before you start, or "
            "enter the passwords of connections and webhooks anew."
        )
    if manifest["stores"]["kind"] == "folder" and (missing := _missing(url, settings)):
        found.warnings.append(f"{missing} files are on record and not there, for example deleted before the backup.")
    found.warnings += [words for words in manifest["warnings"] if "bucket" in words or "damaged" in words]


def _missing(url: str, settings: Settings) -> int:
    with closing(psycopg2.connect(plain(url))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 'files', sha256 FROM files UNION SELECT 'proofs', sha256 FROM proofs")
        return sum(not (settings.var_dir / folder / one[:2] / one).is_file() for folder, one in cursor)


def _what_is_there(settings: Settings, url: str) -> list[str]:
    with closing(psycopg2.connect(plain(url))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
        tables = (cursor.fetchone() or (0,))[0]
    found = [f"{tables} tables"] if tables else []
    return found + [f"the folder {name}" for name in FOLDERS if _holds_files(settings.var_dir / name)]


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


def _nobody_else(url: str) -> None:
    with closing(psycopg2.connect(plain(url))) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        count = (cursor.fetchone() or (0,))[0]
    if count:
        raise StillRunning(count=count)


def _unpack(path: Path, beside: Path) -> int:
    """Everything beside its place, on the same disk: one that is too small is found before anything is changed."""
    count = 0
    for name, _, source in members(path):
        if name == MANIFEST:
            continue
        target = beside / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        count += name not in (DATABASE, SECRET)
    return count


def _set_folders_aside(settings: Settings, stamp: str) -> list[str]:
    renamed = []
    for name in FOLDERS:
        folder = settings.var_dir / name
        if _holds_files(folder):
            folder.rename(settings.var_dir / f"{name}.before-{stamp}")
            renamed.append(f"{name}.before-{stamp}")
    return renamed


def _restore_database(url: str, tools: Tools, dump: Path, aside: str | None) -> None:
    """One transaction from the first table to the hold: killed at any point, the database is as it was."""
    with ExitStack() as opened:
        script = opened.enter_context(tempfile.TemporaryFile(dir=dump.parent))
        said = opened.enter_context(tempfile.TemporaryFile())
        script.write(_before(url, aside).encode())
        script.flush()
        reading = subprocess.run(
            [tools.path("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)],
            stdout=script, stderr=subprocess.PIPE, env=environment(url), check=False,
        )  # fmt: skip
        if reading.returncode != 0:
            raise RestoreFailed(problem=f"pg_restore said: {reading.stderr.decode(errors='replace').strip()[-500:]}.")
        script.seek(0, os.SEEK_END)
        script.write(_HOLD.encode())
        script.seek(0)
        writing = subprocess.run(
            [tools.path("psql"), "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"],
            stdin=script, stdout=subprocess.DEVNULL, stderr=said, env=environment(url), check=False,
        )  # fmt: skip
        if writing.returncode != 0:
            said.seek(0)
            raise RestoreFailed(problem=f"psql said: {said.read().decode(errors='replace').strip()[-500:]}.")


def _before(url: str, aside: str | None) -> str:
    """What is there goes aside under another name; then the schema that every dump takes for granted is there again."""
    if aside is None:
        return ""
    with closing(psycopg2.connect(plain(url))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", (list(_SCHEMAS),))
        lines = [
            sql.SQL("ALTER SCHEMA {} RENAME TO {};\n").format(sql.Identifier(name), sql.Identifier(f"{name}_{aside}"))
            for (name,) in cursor.fetchall()
        ]
        return sql.Composed([*lines, sql.SQL("CREATE SCHEMA public;\n")]).as_string(connection)


def _move_in(settings: Settings, beside: Path) -> None:
    for name in FOLDERS:
        if (beside / name).is_dir():
            shutil.rmtree(settings.var_dir / name, ignore_errors=True)  # empty, or it would have been set aside
            (beside / name).rename(settings.var_dir / name)
    secret = beside / SECRET
    if secret.exists():
        here = settings.var_dir / SECRET
        if here.exists() and here.read_bytes() != secret.read_bytes():
            here.rename(settings.var_dir / f"{SECRET}.before-{os.getpid()}")
        secret.replace(here)


def _compare(url: str, manifest: Mapping[str, Any]) -> None:
    """Every table has the rows that were counted in the snapshot of the backup."""
    with closing(psycopg2.connect(plain(url))) as connection, connection.cursor() as cursor:
        for name, rows in manifest["rows"].items():
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*name.split(".", 1))))
            found = (cursor.fetchone() or (0,))[0]
            if found != rows:
                raise NotTheSame(problem=f"{name} has {found} rows instead of {rows}.")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
