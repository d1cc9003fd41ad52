"""What a request asks, as one digest: the same body spelled otherwise, or cut at another boundary, is the same request."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from core.canonical import digest

if TYPE_CHECKING:  # where alone the library has it
    from python_multipart.multipart import MultipartCallbacks


class BodyDigest(Protocol):
    def add(self, piece: bytes) -> None: ...

    def text(self) -> str: ...


def body_digest(content_type: str) -> BodyDigest:
    kind, options = parse_options_header(content_type)
    if kind == b"multipart/form-data" and options.get(b"boundary"):
        return _Form(options[b"boundary"])
    return _Whole()


def request_digest(method: str, path: str, query: bytes, body: str) -> str:
    return digest({"method": method, "path": path, "query": query.decode("latin-1"), "body": body})


class _Whole:
    """JSON in its canonical spelling; whatever cannot be read so, byte by byte."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def text(self) -> str:
        body = b"".join(self._pieces)
        try:
            return f"json:{digest(json.loads(body))}"
        except (ValueError, RecursionError):
            return f"bytes:{hashlib.sha256(body).hexdigest()}"


class _Form:
    """The parts of a form as they stream by, without the boundary, which every sending chooses anew."""

    def __init__(self, boundary: bytes) -> None:
        self._hash = hashlib.sha256()
        self._size = 0
        callbacks: MultipartCallbacks = {
            "on_part_begin": lambda: self._mark(b"part"),
            "on_header_field": lambda data, start, end: self._take(data[start:end].lower()),
            "on_header_value": lambda data, start, end: self._take(data[start:end]),
            "on_header_end": lambda: self._mark(b"header"),
            "on_headers_finished": lambda: self._mark(b"content"),
            "on_part_data": lambda data, start, end: self._take(memoryview(data)[start:end]),
            "on_part_end": lambda: self._mark(b"end"),
        }
        self._parser: MultipartParser | None = MultipartParser(boundary, callbacks)

    def add(self, piece: bytes) -> None:
        if self._parser is None:
            self._take(piece)
            return
        try:
            self._parser.write(piece)
        except FormParserError:  # its route refuses it; no two of these are told to be the same
            self._parser = None
            self._mark(b"broken")
            self._take(piece)

    def text(self) -> str:
        return f"form:{self._hash.hexdigest()}"

    def _take(self, piece: bytes | memoryview) -> None:
        self._size += len(piece)
        self._hash.update(piece)

    def _mark(self, name: bytes) -> None:
        """What ended, and how long it was: so that no two forms run together to the same bytes."""
        self._hash.update(b"\0%d:%b\0" % (self._size, name))
        self._size = 0
