"""Files too large to hold in memory: taken in and given out as streams, by their SHA-256."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from core.errors import CountersignError
from core.files.storage import FileDamaged, FileMissing, FileStoreFull, FileStoreUnavailable, checked_digest

_CHUNK = 1 << 20


class FileOverLimit(CountersignError):
    """The file has more than {most:,} bytes. Nothing was saved."""

    http_status = 413


@dataclass(frozen=True)
class Taken:
    sha256: str
    size: int


class LargeFiles(Protocol):
    def take(self, source: BinaryIO, *, most: int) -> Taken:
        """Keeps what `source` still gives; FileOverLimit, and nothing kept, where that is more than `most` bytes."""
        ...

    def open(self, sha256: str) -> Any:
        """A context manager that answers the file, to be read and sought in (FileMissing)."""
        ...

    def remove(self, sha256: str) -> None:
        """Forgets the file; one that is not there is no error."""
        ...


class LargeFolder:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, source: BinaryIO, *, most: int) -> Taken:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with spooled(source, most=most, folder=self._folder) as (beside, taken):
                path = self._path(taken.sha256)
                path.parent.mkdir(exist_ok=True)
                os.replace(beside, path)
                return taken
        except OSError as error:
            raise _told(error) from error

    @contextmanager
    def open(self, sha256: str) -> Iterator[BinaryIO]:
        try:
            file = self._path(sha256).open("rb")
        except FileNotFoundError:
            raise FileMissing(sha256=sha256) from None
        with file:
            yield cast(BinaryIO, file)

    def remove(self, sha256: str) -> None:
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        checked_digest(sha256)
        return self._folder / sha256[:2] / sha256


@contextmanager
def spooled(source: BinaryIO, *, most: int, folder: Path | None = None) -> Iterator[tuple[Path, Taken]]:
    """`source` written to a file of this machine, on the disk when this answers; what is left of it then goes."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            seen, size = hashlib.sha256(), 0
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise FileOverLimit(most=most)
                seen.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Path(name), Taken(seen.hexdigest(), size)
    finally:
        Path(name).unlink(missing_ok=True)


def checked_copy(sha256: str, copy: BinaryIO) -> BinaryIO:
    """`copy` from its beginning, if it is still what was taken; FileDamaged if not."""
    copy.seek(0)
    if hashlib.file_digest(cast(Any, copy), "sha256").hexdigest() != sha256:
        raise FileDamaged(sha256=sha256)
    copy.seek(0)
    return copy


def _told(error: OSError) -> CountersignError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FileStoreFull()
    return FileStoreUnavailable(problem=f"{error.strerror}.")
