"""Asking the address of a site whether it answers with exactly what was published there."""

from __future__ import annotations

import ssl
import time

import httpx2

from core.connectors.transports.addresses import AddressRefused
from core.connectors.transports.pinned import pinned
from core.websites.built import BuiltSite

PATIENCE_SECONDS = 3.0
"""Dashboards look every half second which version is live; caches in front of other hosts may take a little."""


def fetched(address: str, *, timeout: float, most: int = 30_000_000) -> tuple[int, bytes] | str:
    """Status and body, or why there is none. Redirects are not followed, nothing is sent but the request."""
    try:
        with pinned("GET", address, headers={"cache-control": "no-cache"}, content=None, timeout=timeout) as answer:
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > most:
                    return f"{address} answered with more than {most // 1_000_000} MB."
            return answer.status_code, body
    except AddressRefused as refused:
        return str(refused)
    except httpx2.TimeoutException:
        return f"{address} did not answer within {timeout:g} seconds."
    except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError) as problem:
        return f"{address} could not be reached: {type(problem).__name__}."
    except (OSError, UnicodeError):
        return f"{address} could not be reached."


def answers_with(address: str, built: BuiltSite, *, timeout: float, patience: float = PATIENCE_SECONDS) -> str:
    """Empty when the address answers with the first page of `built`, byte for byte; else what is wrong, in a sentence."""
    until = time.monotonic() + patience
    while True:
        said = _problem(fetched(address, timeout=min(timeout, 10)), address, built)
        if not said or time.monotonic() >= until or not isinstance(said, _Other):
            return str(said)
        time.sleep(0.25)


class _Other(str):
    """It answers, with something else: another look may show what was published."""


def _problem(found: tuple[int, bytes] | str, address: str, built: BuiltSite) -> str:
    if isinstance(found, str):
        return found
    status, body = found
    if status != 200:
        return _Other(f"{address} answered {status}.")
    if body != built.files["index.html"].data:
        return _Other(f"{address} answered with another page than was published.")
    return ""
