"""Opening an event log: what kind of file it is by its content, unpacked within bounds."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from core.imports.csv_log import CsvLog, csv_layout
from core.imports.row import Log
from core.imports.rules import MOST_UNPACKED, Layout, NoEventLog
from core.imports.xes_log import XesLog

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_XML_MARKS = (b"", b"\xef\xbb\xbf")


def layout_of(file: BinaryIO, name: str) -> Layout:
    """How the file is written, or NoEventLog."""
    file.seek(0)
    head = file.read(4096)
    packed = head.startswith(_GZIP)
    if head.startswith((_ZIP, b"%PDF", b"\xd0\xcf\x11\xe0", b"SQLite format")):
        raise NoEventLog(name=name, problem="it is another kind of file. Save it as CSV, XES or .xes.gz.")
    if not head.strip():
        raise NoEventLog(name=name, problem="it is empty.")
    with _plain(file, name, packed=packed) as plain:
        try:
            start = plain.read(4096)
        except (OSError, EOFError, zlib.error):
            raise NoEventLog(name=name, problem="it is damaged and cannot be unpacked.") from None
        if _is_xml(start):
            return Layout("xes", packed=packed)
    if packed:
        raise NoEventLog(name=name, problem="a packed file must be a XES log. Unpack it, and hand in the CSV.")
    return csv_layout(file)


@contextmanager
def open_log(file: BinaryIO, layout: Layout, name: str) -> Iterator[Log]:
    """The log from its beginning. `file` can be sought in, and stays open."""
    if layout.kind == "csv":
        table = CsvLog(file, layout)
        try:
            yield table
        finally:
            table.close()
        return
    with _plain(file, name, packed=layout.packed) as plain:
        yield XesLog(plain, name)


@contextmanager
def _plain(file: BinaryIO, name: str, *, packed: bool) -> Iterator[BinaryIO]:
    file.seek(0)
    if not packed:
        yield file
        return
    with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
        yield cast(BinaryIO, _Bounded(unpacked, name))


class _Bounded(io.RawIOBase):
    """Reads what was unpacked, and no more of it than `MOST_UNPACKED`."""

    def __init__(self, inner: gzip.GzipFile, name: str) -> None:
        self._inner, self._name, self._left = inner, name, MOST_UNPACKED

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._inner.read(size)
        except (OSError, EOFError, zlib.error):
            raise NoEventLog(name=self._name, problem="it is damaged and cannot be unpacked.") from None
        self._left -= len(data)
        if self._left < 0:
            raise NoEventLog(name=self._name, problem="it unpacks to more than 2 GB.")
        return data


def _is_xml(start: bytes) -> bool:
    for mark in _XML_MARKS:
        if start.removeprefix(mark).lstrip()[:1] == b"<":
            return True
    return start[:4] in (b"\xff\xfe<\x00", b"\xfe\xff\x00<")
