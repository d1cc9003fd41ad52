"""Asks a published site what it answers: only its own origin, in bounded time, reading bounded answers."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx2

from core.connectors.transports.addresses import AddressRefused, port_of, resolve
from core.connectors.transports.patience import BoundedTransport
from core.connectors.transports.pinned import pinned

MOST_BYTES = 8_000_000
_MOST_REDIRECTS = 5
_AT_ONCE = 6
_BY_A_FORM = {"origin": "null"}
"""As browsers send it from a page that is in a sandbox, as pages of sites here are."""
_AGENT = "Countersign/1 (verification of this site)"


@dataclass(frozen=True)
class Answer:
    """What came back; `error` says why nothing usable did, as the end of a sentence without its full stop."""

    address: str
    """Where the answer came from, after redirects."""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower case name."""
    body: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
    error: str = ""
    late: bool = False
    """It was not asked, or not answered, in time."""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def trouble(self) -> str:
        """Why this is no page that somebody could read; empty when it is one."""
        return self.error or ("" if self.status == 200 else f"answers {self.status}")


def origin_of(address: str) -> tuple[str, str, int]:
    """Scheme, host and port; what is no web address has an origin that equals no site's."""
    try:
        parts = urlsplit(address)
        return parts.scheme.lower(), (parts.hostname or "").lower(), port_of(parts)
    except ValueError:
        return "", "", 0


class Asker:
    """Asks one origin, for at most `seconds` in all."""

    def __init__(self, address: str, *, seconds: float, each: float = 5.0) -> None:
        self._origin, self._each = origin_of(address), each
        self._until = time.monotonic() + seconds
        self._address = ""
        self._trouble = ""
        try:
            self._address = resolve(self._origin[1], self._origin[2])
        except AddressRefused as refused:
            self._trouble = str(refused).rstrip(".")
        except (OSError, UnicodeError):
            self._trouble = f"is at {self._origin[1]}, a name that is not known here"
        self._client = httpx2.Client(
            follow_redirects=False, trust_env=False, transport=BoundedTransport(), cookies=None,
            headers={"user-agent": _AGENT, "accept-encoding": "identity"},
        )  # fmt: skip

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def ask_all(self, addresses: Iterable[str], *, most: int = MOST_BYTES) -> dict[str, Answer]:
        wanted = list(dict.fromkeys(addresses))
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asking") as pool:
            return dict(zip(wanted, pool.map(lambda one: self.ask(one, most=most), wanted), strict=True))

    def ask(self, address: str, *, form: Mapping[str, str] | None = None, most: int = MOST_BYTES) -> Answer:
        """Follows redirects as long as they stay here. With `form`, posts it as browsers do, and gets what follows."""
        here, began, status = urldefrag(address).url, time.monotonic(), 0
        for _ in range(_MOST_REDIRECTS + 1):
            if origin_of(here) != self._origin:
                return Answer(here, status, error=f"leads to {_shown(here)}, another server, which was not asked")
            answer = self._once(here, form, most)
            status = answer.status
            if answer.error or not 300 <= answer.status < 400 or "location" not in answer.headers:
                return Answer(
                    here,
                    answer.status,
                    answer.headers,
                    answer.body,
                    time.monotonic() - began,
                    answer.error,
                    answer.late,
                )
            if answer.status in (301, 302, 303):
                form = None
            try:
                here = urldefrag(urljoin(here, answer.headers["location"])).url
            except ValueError:
                return Answer(here, answer.status, error="leads to what is no address")
        return Answer(here, error=f"leads on and on: more than {_MOST_REDIRECTS} redirects")

    def _once(self, address: str, form: Mapping[str, str] | None, most: int) -> Answer:
        left = min(self._each, self._until - time.monotonic())
        if self._trouble:
            return Answer(address, error=self._trouble)
        if left <= 0:
            return Answer(address, error="was not asked in time", late=True)
        parts = urlsplit(address)
        try:
            target = httpx2.URL(address).copy_with(host=f"[{self._address}]" if ":" in self._address else self._address)
            with self._client.stream(
                "GET" if form is None else "POST", target, data=form, timeout=left,
                headers={"host": parts.netloc, **(_BY_A_FORM if form is not None else {})},
                extensions={"sni_hostname": self._origin[1]},
            ) as answer:  # fmt: skip
                headers = {name.lower(): value for name, value in answer.headers.items()}
                body = bytearray()
                for piece in answer.iter_raw():
                    body += piece
                    if len(body) > most:
                        return Answer(
                            address, answer.status_code, headers, error=f"answers with more than {most:,} bytes"
                        )
                return Answer(address, answer.status_code, headers, bytes(body))
        except httpx2.TimeoutException:
            return Answer(address, error=f"did not answer within {left:.0f} s", late=True)
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError, UnicodeError, ValueError) as problem:
            return Answer(address, error=f"could not be read: {_short(problem)}")


def is_there(address: str, *, seconds: float) -> str:
    """Asks a page of somebody else's by HEAD, on the internet only; what is wrong with it, or nothing."""
    try:
        with pinned(
            "HEAD", address, headers={"user-agent": _AGENT}, content=None, timeout=seconds, public=True
        ) as answer:
            gone = answer.status_code in (404, 410)
            return f"answers {answer.status_code}" if gone else ""
    except AddressRefused:
        return "leads into a network that is not the internet"
    except httpx2.TimeoutException:
        return f"did not answer within {seconds:.0f} s"
    except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, ValueError) as problem:
        return f"could not be reached: {_short(problem)}"
    except OSError:
        return "is at a name that is not known here"


def _shown(address: str) -> str:
    return f"{address[:80]}…" if len(address) > 80 else address


def _short(problem: Exception) -> str:
    return " ".join((str(problem) or type(problem).__name__).split()).rstrip(".")[:160]
