"""One request and its answer: the token, idempotency keys, what may be tried again, and errors in the API's own words."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

_TRIES = 4
_LATER = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE = 30.0
_QUIET_SECONDS = 60.0
"""A stream says something every 15 seconds; one that is silent for so long is lost."""


class Refused(Exception):
    """The API said no: `status`, `code` for programs, `detail` for people, `errors` by field."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code") or problem.get("title") or status)
        self.detail = str(problem.get("detail") or "The server gave no reason.")
        self.errors: Sequence[Any] = problem.get("errors") or ()
        super().__init__(f"{status} {self.code}: {self.detail}")


class NotReached(Exception):
    """The server could not be reached, or its answer was lost. What was asked has an idempotency key: ask again."""


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    name: str
    data: Any
    id: str = ""


class _Answer(dict[str, Any]):
    """An answer's body, with what its headers said."""

    etag: str | None = None
    status: int = 200


def etag_of(answer: Mapping[str, Any]) -> str | None:
    """The version of what was read, to be given back as `if_match`."""
    return answer.etag if isinstance(answer, _Answer) else None


def status_of(answer: Mapping[str, Any]) -> int:
    """The HTTP status: 202 where the work goes on."""
    return answer.status if isinstance(answer, _Answer) else 200


@dataclass
class _Sent:
    """A request as it is sent, each time the same."""

    method: str
    url: str
    query: tuple[tuple[str, str | int | float | bool | None], ...]
    headers: dict[str, str]
    body: Any = None
    data: Mapping[str, Any] | None = None
    files: Sequence[tuple[str, tuple[str, bytes]]] = field(default_factory=tuple)

    @property
    def may_repeat(self) -> bool:
        """GET, PUT and DELETE are the same however often; a POST by its key; a PATCH only under a version."""
        return self.method != "PATCH" or "if-match" in {name.lower() for name in self.headers}


class Transport:
    """`http` may be any client with httpx's interface; without one, one is made."""

    def __init__(self, address: str, token: str, *, timeout: float = 60.0, http: httpx2.Client | None = None) -> None:
        self._base = address.rstrip("/").removesuffix("/api") + "/api"
        self._headers = {"authorization": f"Bearer {token}", "user-agent": "countersign-client"}
        self._http = http or httpx2.Client(timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def address(self, path: str, *values: object) -> str:
        """`path` with its `{…}` filled in, each as one segment of the path."""
        pieces = path.split("{")
        rest = [piece.partition("}")[2] for piece in pieces[1:]]
        return (
            self._base
            + pieces[0]
            + "".join(quote(str(value), safe="") + piece for value, piece in zip(values, rest, strict=True))
        )

    def call(self, method: str, url: str, **sent: Any) -> Any:
        """The answer's JSON, None where it has no body; Refused, or NotReached."""
        answer = self._answered(_prepared(method, url, **sent))
        if not answer.content:
            return None
        value = answer.json()
        if not isinstance(value, dict):
            return value
        made = _Answer(value)
        made.etag, made.status = answer.headers.get("etag"), answer.status_code
        return made

    def fetch(self, method: str, url: str, **sent: Any) -> bytes:
        """The answer's bytes."""
        return bytes(self._answered(_prepared(method, url, **sent)).content)

    def events(self, method: str, url: str, **sent: Any) -> Iterator[Event]:
        """Events as they come, until the server ends the stream; after a break it goes on where it stopped."""
        prepared, last, failures = _prepared(method, url, **sent), "", 0
        while True:
            headers = {**self._headers, **prepared.headers, "accept": "text/event-stream"}
            headers |= {"last-event-id": last} if last else {}
            try:
                with self._http.stream(
                    method, url, params=prepared.query, headers=headers, timeout=_QUIET_SECONDS
                ) as answer:
                    if answer.status_code >= 400:
                        answer.read()
                        raise _refused(answer)
                    for event in _events(answer.iter_lines()):
                        last, failures = event.id or last, 0
                        yield event
                    return
            except httpx2.TransportError as problem:
                failures += 1
                if failures >= _TRIES:
                    raise NotReached(str(problem)) from problem
                time.sleep(_pause(failures, None))

    def _answered(self, sent: _Sent) -> httpx2.Response:
        content = _content(sent)
        headers = {**self._headers, **sent.headers}
        if sent.body is not None and sent.data is None:
            headers["content-type"] = "application/json"
        for number in range(1, _TRIES + 1):
            last = number == _TRIES or not sent.may_repeat
            try:
                answer = self._http.request(sent.method, sent.url, params=sent.query, headers=headers, **content)
            except httpx2.TransportError as problem:
                if last:
                    raise NotReached(str(problem) or type(problem).__name__) from problem
                time.sleep(_pause(number, None))
                continue
            if answer.status_code in _LATER and not last:
                time.sleep(_pause(number, answer.headers.get("retry-after")))
                continue
            if answer.status_code >= 400:
                raise _refused(answer)
            return answer
        raise AssertionError("the last try answers or raises")


def _prepared(
    method: str, url: str, *, query: Mapping[str, Any] | None = None, headers: Mapping[str, Any] | None = None,
    body: Any = None, data: Mapping[str, Any] | None = None, files: Sequence[tuple[str, tuple[str, bytes]]] = (),
) -> _Sent:  # fmt: skip
    said = {name: _text(value) for name, value in (headers or {}).items() if value is not None}
    if method == "POST" and not any(name.lower() == "idempotency-key" for name in said):
        said["idempotency-key"] = uuid.uuid4().hex
    asked = tuple(
        (name, _text(one))
        for name, value in (query or {}).items()
        if value is not None
        for one in (value if isinstance(value, list | tuple | set | frozenset) else [value])
    )
    return _Sent(method, url, asked, said, body, data, tuple(files))


def _content(sent: _Sent) -> dict[str, Any]:
    if sent.data is not None:
        fields = {name: _text(value) for name, value in sent.data.items() if value is not None}
        return {"data": fields, "files": list(sent.files)}
    if sent.body is None:
        return {}
    written = json.dumps(sent.body, default=_text, ensure_ascii=False, allow_nan=False).encode()
    return {"content": written}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str | int | float | Decimal | uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _refused(answer: httpx2.Response) -> Refused:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    return Refused(answer.status_code, problem if isinstance(problem, dict) else {})


def _pause(number: int, stated: str | None) -> float:
    """What the server asks for, else longer each time, with some chance in it so that not all come back at once."""
    if stated is not None and stated.isdecimal():
        return min(float(stated), _LONGEST_PAUSE)
    return float(min(0.25 * 2**number, _LONGEST_PAUSE) * random.uniform(0.5, 1.0))  # noqa: S311 - spreads, hides nothing


def _events(lines: Iterator[str]) -> Iterator[Event]:
    """Events of a stream as the HTML standard reads them."""
    name, data, known = "message", list[str](), ""
    for line in lines:
        if not line:
            if data:
                yield Event(name, _value("\n".join(data)), known)
            name, data = "message", []
            continue
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match key:
            case "event":
                name = value
            case "data":
                data.append(value)
            case "id":
                known = value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
