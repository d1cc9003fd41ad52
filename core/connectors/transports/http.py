"""HTTP APIs of outside systems: bounded in time and size, never redirected, every answer told by one visible table."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

import httpx2

from core.connectors.transports.calls import Lost, Missing, NotReached, Refused, Throttled, sentence
from core.connectors.transports.patience import BoundedTransport

MOST_BYTES = 5_000_000


class Means(Enum):
    """What an HTTP status says about what was asked."""

    DONE = "done"
    REFUSED = "refused"
    """Not done, and asking again is useless."""
    SIGN_IN = "sign-in"
    """Not done: the key is wrong, expired, or lacks a right."""
    MISSING = "missing"
    """What was named is not there."""
    LATER = "later"
    """Not done now."""
    UNSURE = "unsure"
    """It may have been done."""


ANSWERS: Mapping[int, Means] = {
    401: Means.SIGN_IN,
    408: Means.UNSURE,
    425: Means.LATER,
    429: Means.LATER,
}
"""What holds for most APIs. Everything else: 2xx done, 3xx and 4xx refused, 5xx unsure."""


def meaning(status: int, answers: Mapping[int, Means]) -> Means:
    known = answers.get(status)
    if known is not None:
        return known
    return Means.DONE if 200 <= status < 300 else Means.REFUSED if status < 500 else Means.UNSURE


class Answer:
    """A whole answer, read."""

    def __init__(self, status: int, headers: httpx2.Headers, content: bytes) -> None:
        self.status, self.headers, self.content = status, headers, content

    def json(self) -> Any:
        """The body; Lost if it is not JSON, because then nobody knows who answered."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise Lost("the answer could not be read") from None

    def object(self) -> Mapping[str, Any]:
        """The body as a JSON object; {} for an empty one or another kind."""
        try:
            found = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, Mapping) else {}


class HttpApi:
    """One account of one HTTP API. `answers` is what its statuses mean beside ANSWERS, `words` what an error says.

    `codes` is asked first: what a system's own code in the body means, whatever the status; None where it says nothing.

    `send` is for what changes something: an answer that does not come is Lost. `ask` only reads: then it is NotReached.
    """

    def __init__(
        self,
        base: str,
        *,
        headers: Mapping[str, str],
        timeout: float,
        answers: Mapping[int, Means] | None = None,
        words: Callable[[Answer], str] | None = None,
        codes: Callable[[Answer], Means | None] | None = None,
    ) -> None:
        self.base, self._timeout = base, timeout
        self._answers = {**ANSWERS, **(answers or {})}
        self._codes = codes or (lambda answer: None)
        self._words = words or (lambda answer: f"it answered {answer.status}")
        self._http = httpx2.Client(
            base_url=base, headers={"user-agent": "Countersign/1", **headers}, timeout=timeout,
            follow_redirects=False, trust_env=False, transport=BoundedTransport(),
        )  # fmt: skip

    def __enter__(self) -> HttpApi:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def send(self, method: str, path: str, **request: Any) -> Answer:
        return self._judged(self._called(method, path, **request))

    def ask(self, path: str, *, method: str = "GET", **request: Any) -> Answer:
        try:
            return self._judged(self._called(method, path, **request))
        except Lost as problem:
            raise NotReached(str(problem)) from None

    def _called(self, method: str, path: str, **request: Any) -> Answer:
        until = time.monotonic() + self._timeout
        try:
            with self._http.stream(method, path, **request) as answer:
                content = bytearray()
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > MOST_BYTES:
                        raise Lost("the answer was larger than 5 MB")
                    if time.monotonic() > until:
                        raise Lost(f"the answer did not end within {self._timeout:g} seconds")
                return Answer(answer.status_code, answer.headers, bytes(content))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol) as problem:
            raise NotReached(_short(problem)) from None
        except httpx2.TimeoutException:
            raise Lost(f"no answer within {self._timeout:g} seconds") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
            raise Lost(_short(problem)) from None

    def _judged(self, answer: Answer) -> Answer:
        match self._codes(answer) or meaning(answer.status, self._answers):
            case Means.DONE:
                return answer
            case Means.LATER:
                raise Throttled(sentence(self._words(answer)), retry_after=retry_after(answer.headers))
            case Means.UNSURE:
                raise Lost(sentence(self._words(answer)))
            case Means.MISSING:
                raise Missing(sentence(self._words(answer)))
            case Means.SIGN_IN:
                raise Refused(sentence(self._words(answer)), signed_in=False)
            case _:
                raise Refused(sentence(self._words(answer)))


_RESETS = ("x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
_EPOCH = 1_000_000_000
"""Numbers above are seconds since 1970, below seconds from now: systems differ."""


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds to wait: `Retry-After` (seconds or a date, RFC 9110), or when the rate limit is reset.

    A reset is told in seconds since 1970 (X, Bluesky), seconds from now, or as an ISO 8601 time (Mastodon).
    """
    now = now or datetime.now(UTC)
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked[:9])
    if asked:
        return _until(parsedate_to_datetime, asked, now)
    reset = next((headers[name].strip() for name in _RESETS if headers.get(name)), "")
    if reset.isdecimal():
        seconds = float(reset[:12])
        return max(seconds - now.timestamp(), 0.0) if seconds > _EPOCH else seconds
    return _until(datetime.fromisoformat, reset, now) if reset else None


def _until(read: Callable[[str], datetime], text: str, now: datetime) -> float | None:
    try:
        at = read(text)
    except ValueError:
        return None
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp(), 0.0)


def _short(problem: Exception) -> str:
    return " ".join((str(problem) or type(problem).__name__).split()).rstrip(".")[:200]
