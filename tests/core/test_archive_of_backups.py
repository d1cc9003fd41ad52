"""A backup is whole or not there, and one that was changed, cut or made by somebody else is refused in words."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from core.settings import ROOT
from deploy.archive import BackupDamaged, BackupExists, BackupFailed, Writing, verified, written
from deploy.postgres_tools import NoTools, environment, find_tools

NAME = "files/ab/" + "ab" * 32


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "one.backup"
    with written(path) as writing:
        _add(writing, "database.dump", b"rows" * 1000)
        _add(writing, NAME, b"a file")
    return path


def test_what_was_written_is_read_and_private(archive: Path) -> None:
    assert set(verified(archive)["members"]) == {"database.dump", NAME}
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in archive.parent.iterdir()] == [archive.name]


@pytest.mark.parametrize("what", [b"rowsrows", b"a file", b'"members"', b'"format"', b"database.dump", NAME.encode()])
def test_one_changed_byte_is_found(archive: Path, what: bytes) -> None:
    whole = bytearray(archive.read_bytes())
    whole[whole.index(what) + 2] ^= 1
    archive.write_bytes(bytes(whole))
    with pytest.raises(BackupDamaged):
        verified(archive)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.6])
def test_one_that_was_cut_is_refused(archive: Path, share: float) -> None:
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BackupDamaged):
        verified(archive)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "/etc/passwd", "files/../../x", "files/ab/short", "other", "outbox/../x", "outbox/a/b",
        "outbox/..", "outbox/.",
    ],
)  # fmt: skip
def test_members_that_no_backup_has_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bad.backup"
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(BackupDamaged, match="which no backup does"):
        verified(path)


def test_member_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.backup"
    with tarfile.open(path, "w") as tar:
        for _ in range(2):
            tar.addfile(tarfile.TarInfo(NAME), io.BytesIO())
    with pytest.raises(BackupDamaged, match="twice"):
        verified(path)


def test_links_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.backup"
    with tarfile.open(path, "w") as tar:
        link = tarfile.TarInfo(NAME)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(BackupDamaged):
        verified(path)


def test_a_full_disk_leaves_nothing_and_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="No space left"), written(tmp_path / "one.backup"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_there_is_never_written_over(archive: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(BackupExists), written(archive):
        pass
    assert archive.read_bytes() == before


def test_one_that_somebody_else_wrote_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    with pytest.raises(BackupExists), written(path):
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"


@pytest.mark.processes
def test_killed_half_way_there_is_no_backup(tmp_path: Path) -> None:
    script = (
        "import io, sys, time; from pathlib import Path; from deploy.archive import written\n"
        "with written(Path(sys.argv[1])) as writing:\n"
        "    writing.add('database.dump', io.BytesIO(b'x' * 100_000), 100_000)\n"
        "    print('half', flush=True); time.sleep(60)\n"
    )
    path = tmp_path / "one.backup"
    process = subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"half\n"
        process.kill()
        process.wait()

    assert not path.exists()
    (left,) = tmp_path.iterdir()
    with pytest.raises(BackupDamaged):
        verified(left)


def test_programs_are_at_least_as_new_as_the_server() -> None:
    found = find_tools(14)
    assert found.version >= 14 and Path(found.path("psql")).exists()
    with pytest.raises(NoTools, match="PostgreSQL 99"):
        find_tools(99)


def test_the_password_stands_on_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "somebody else's")
    given = environment("postgresql+psycopg2://app:hunter2@db.example:6432/countersign?sslmode=require")
    assert {given[name] for name in ("PGUSER", "PGPASSWORD", "PGHOST", "PGPORT", "PGDATABASE", "PGSSLMODE")} == {
        "app", "hunter2", "db.example", "6432", "countersign", "require",
    }  # fmt: skip


def _add(writing: Writing, name: str, data: bytes) -> None:
    writing.add(name, io.BytesIO(data), len(data))
