"""Where the bytes of files are kept: named by their SHA-256, so that nothing is kept twice and no name is a path."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

from core.errors import CountersignError

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileMissing(CountersignError):
    """The file is not where it was kept ({sha256}). Restore it from the backup; the record is unchanged."""

    http_status = 404


class FileDamaged(CountersignError):
    """The file is not the one that was handed in ({sha256}). Restore it from the backup."""

    http_status = 500


class FileStoreFull(CountersignError):
    """There is no room left for the file. Nothing was saved; an admin has to free space where files are kept."""

    http_status = 507


class FileStoreUnavailable(CountersignError):
    """The store of the files does not answer: {problem} Nothing was saved; try again in a minute."""

    http_status = 503


class FileStore(Protocol):
    def put(self, sha256: str, data: bytes) -> None:
        """Keeps `data`; again with the same digest is the same file. Kept for good when this returns."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes whose digest this is (FileMissing, FileDamaged)."""
        ...


class FolderStore:
    """Files in a folder of this machine, `ab/abcd…`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, sha256: str, data: bytes) -> None:
        path = self._path(sha256)
        if path.exists():
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, data)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise FileStoreFull() from error
            raise FileStoreUnavailable(problem=f"{error.strerror}.") from error

    def get(self, sha256: str) -> bytes:
        try:
            return same(sha256, self._path(sha256).read_bytes())
        except FileNotFoundError:
            raise FileMissing(sha256=sha256) from None
        except OSError as error:
            raise FileStoreUnavailable(problem=f"{error.strerror}.") from error

    def _path(self, sha256: str) -> Path:
        checked_digest(sha256)
        return self._folder / sha256[:2] / sha256


def checked_digest(sha256: str) -> str:
    """`sha256` if it is one: what is stored under it becomes part of a path or a key."""
    if not _DIGEST.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 digest: {sha256!r}")
    return sha256


def same(sha256: str, data: bytes) -> bytes:
    """`data`, if it is still what was stored."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileDamaged(sha256=sha256)
    return data


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, also when the power goes: written beside, forced to disk, then renamed."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
