"""One signed call to a webhook: to an address looked up once, in bounded time, reading a bounded answer."""

from __future__ import annotations

import ssl
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from core.connectors.transports.addresses import AddressRefused
from core.connectors.transports.pinned import pinned
from core.notifications.rules import MAX_ANSWER

_MOST_BYTES = 4 * MAX_ANSWER  # a character has at most four


@dataclass(frozen=True)
class Answered:
    """What came back; `error` says why it did not get through, and is empty when it did."""

    status: int | None = None
    body: str = ""
    error: str = ""


class Poster:
    def __init__(self, *, timeout: float) -> None:
        self._timeout = timeout

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Posts JSON. Redirects are not followed, proxies of the environment not asked, cookies not kept."""
        host = urlsplit(url).hostname or ""
        sent = {**headers, "content-type": "application/json"}
        try:
            with pinned("POST", url, headers=sent, content=body, timeout=self._timeout) as answer:
                return _answered(answer.status_code, _text(answer, self._timeout))
        except AddressRefused as refused:
            return Answered(error=str(refused))
        except httpx2.TimeoutException:
            return Answered(error=f"{host} did not answer within {self._timeout:g} seconds.")
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError) as problem:
            return Answered(error=f"{host} could not be reached: {_short(problem)}.")
        except (OSError, UnicodeError):
            return Answered(error=f"The name {host} is not known here. Check the address.")


def _answered(status: int, body: str) -> Answered:
    if 200 <= status < 300:
        return Answered(status, body)
    if 300 <= status < 400:
        return Answered(status, body, f"It answered {status}: another address, and redirects are not followed.")
    return Answered(status, body, f"It answered {status}.")


def _text(answer: httpx2.Response, timeout: float) -> str:
    """The first characters of the answer, as far as they come in time; what the receiver says is only kept to be read."""
    until, taken = time.monotonic() + timeout, b""
    try:
        for piece in answer.iter_raw():
            taken += piece
            if len(taken) >= _MOST_BYTES or time.monotonic() >= until:
                break
    except httpx2.HTTPError:
        pass  # the status was there before; the rest of the body is no matter
    text = taken[:_MOST_BYTES].decode("utf-8", "replace")
    kept = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)
    return " ".join(kept.split())[:MAX_ANSWER]


def _short(problem: Exception) -> str:
    return " ".join((str(problem) or type(problem).__name__).split()).rstrip(".")[:200]
