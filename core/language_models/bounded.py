"""The road to a model's server: certificates checked, no proxy, no redirect, no stranger's header, answers bounded in size."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from functools import cache

import httpx2

MOST_BYTES = 4_000_000

_SENT = frozenset({
    "host", "content-type", "content-length", "accept", "authorization", "anthropic-version",
})  # fmt: skip
"""What goes out. The libraries add more: facts about this machine, and whatever the environment tells them to."""


class TooLarge(Exception):
    """The answer is larger than anybody asked for."""


class Encoded(Exception):
    """The answer is compressed, though that was not offered: a small one may become any size."""


def client(*, timeout: float, key: str) -> httpx2.AsyncClient:
    """For one call. `key` is empty where the server asks for none: then no authorization is sent at all."""
    return httpx2.AsyncClient(
        transport=_BoundedTransport(keyed=bool(key)), timeout=timeout, follow_redirects=False, trust_env=False
    )


class _BoundedTransport(httpx2.AsyncBaseTransport):
    def __init__(self, *, keyed: bool) -> None:
        self._keyed = keyed
        self._road = httpx2.AsyncHTTPTransport(verify=_certificates(), trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        for name in list(request.headers):
            if name.lower() not in _SENT or (name.lower() == "authorization" and not self._keyed):
                del request.headers[name]
        request.headers["user-agent"] = "Countersign/1"
        request.headers["accept-encoding"] = "identity"
        answer = await self._road.handle_async_request(request)
        encoding = answer.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            await answer.aclose()
            raise Encoded
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        answer.stream = _Bounded(answer.stream)
        return answer

    async def aclose(self) -> None:
        await self._road.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for piece in self._stream:
            seen += len(piece)
            if seen > MOST_BYTES:
                raise TooLarge
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()
