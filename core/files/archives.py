"""Files in ZIP archives and folders: packed in one spelling, read without trusting what an archive says of itself."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO, Protocol

MOST_MEMBERS = 1_000
MOST_BYTES = 1_000_000_000
"""Of all members unpacked; a bomb of a few kilobytes unfolds to petabytes."""

_CHUNK = 1024 * 1024
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[^\x00-\x1f\x7f/\\:]{1,200}")


class Unreadable(Exception):
    """Its text is a sentence that says why an archive, a folder or a file of it cannot be read."""


class Bundle(Protocol):
    """Files by name, in a folder or in an archive."""

    @property
    def names(self) -> Sequence[str]: ...

    def read(self, name: str) -> Iterator[bytes]:
        """In pieces; Unreadable where it cannot be read."""
        ...


def packed(members: Iterable[tuple[str, bytes]]) -> bytes:
    """The archive of these files: the same files are the same bytes, so that not even the packing can be changed unseen.

    Nothing is compressed: nearly all of it is already, and compressors differ between machines.
    """
    held = BytesIO()
    _pack(held, ((name, lambda data=data: iter((data,))) for name, data in members))  # type: ignore[misc]
    return held.getvalue()


def is_plain_name(name: str) -> bool:
    """Whether it names a file and no place: it becomes part of a path where somebody unpacks it."""
    return _NAME.fullmatch(name) is not None and name not in {".", ".."} and name == name.strip()


class Folder:
    """Files of a folder; links are not followed, and what lies in folders below is not read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def names(self) -> Sequence[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self._path))
        except OSError as error:
            raise Unreadable(f"{self._path} cannot be read: {error.strerror}.") from error

    def read(self, name: str) -> Iterator[bytes]:
        try:
            # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
            handle = os.open(
                self._path / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            )
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Unreadable(f"{name} is no file.")
                while piece := file.read(_CHUNK):
                    yield piece
        except OSError as error:
            raise Unreadable(f"{name} cannot be read: {error.strerror}.") from error


class Archive:
    """Members of a ZIP archive, none of which may be a place, a link, encrypted, there twice, or larger than it says."""

    def __init__(self, file: IO[bytes], *, most_bytes: int | None = None) -> None:
        self._file, self._most = file, MOST_BYTES if most_bytes is None else most_bytes
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise Unreadable("It is not a ZIP archive, or a damaged one.") from error
        self._members = {info.filename: info for info in self._zip.infolist()}
        self._refuse()

    @property
    def names(self) -> Sequence[str]:
        return list(self._members)

    def read(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(self._members[name]) as member:
                while piece := member.read(_CHUNK):
                    yield piece
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            EOFError,
            ValueError,
            OSError,
        ) as error:
            raise Unreadable(f"{name} is damaged inside of the archive.") from error

    def is_as_packed(self) -> bool:
        """Whether it is byte for byte what `packed` makes of its members."""
        with tempfile.TemporaryFile() as again:
            _pack(again, ((name, lambda name=name: self.read(name)) for name in self.names))  # type: ignore[misc]
            return _same(again, self._file)

    def _refuse(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > self._most:
            raise Unreadable(f"It unpacks to more than {MOST_MEMBERS:,} files or {self._most // 1_000_000:,} MB.")
        if infos and min(info.header_offset for info in infos) != 0:
            # Archives are read from their end, so a program, or half of another archive, may stand before one.
            raise Unreadable("It is not a ZIP archive from its beginning.")
        seen: set[str] = set()
        for info in infos:
            # The name as it stands in the archive: `filename` ends where it holds NUL.
            name = info.orig_filename
            if not is_plain_name(name):
                raise Unreadable(f"It holds a file whose name is a place: {name!r}.")
            if name.casefold() in seen:
                raise Unreadable(f"It holds {name} twice.")
            seen.add(name.casefold())
            if info.flag_bits & 0x1:
                raise Unreadable(f"{name} is encrypted.")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise Unreadable(f"{name} is a link or something else that is no file.")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Unreadable(f"{name} is packed in a way that is not read here.")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at `path`; Unreadable where it is none."""
    try:
        with path.open("rb") as file:
            yield Archive(file)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error


def whole(bundle: Bundle, name: str, *, most: int) -> bytes:
    """One file in memory; Unreadable where it has more than `most` bytes."""
    held = bytearray()
    for piece in bundle.read(name):
        held += piece
        if len(held) > most:
            raise Unreadable(f"{name} is larger than any that is made here.")
    return bytes(held)


def _pack(target: IO[bytes], members: Iterable[tuple[str, Callable[[], Iterator[bytes]]]]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, pieces in sorted(members, key=lambda one: one[0]):
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            with archive.open(info, "w") as member:
                for piece in pieces():
                    member.write(piece)


def _same(one: IO[bytes] | BinaryIO, other: IO[bytes]) -> bool:
    one.seek(0)
    other.seek(0)
    while True:
        left, right = one.read(_CHUNK), other.read(_CHUNK)
        if left != right:
            return False
        if not left:
            return True
