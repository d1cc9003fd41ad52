"""HTTP whose answers end in time: a timeout of its own for every read would let a dripping server take days."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2


class BoundedTransport(httpx2.HTTPTransport):
    """From the last letter of a request on, the whole answer has the time that otherwise each read of it would have."""

    def __init__(self) -> None:
        super().__init__(verify=ssl.create_default_context(), trust_env=False)
        self._pool._network_backend = _Backend()  # httpx2 offers no other way to give it one


class _Backend(httpcore2.SyncBackend):
    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        return _Stream(super().connect_tcp(host, port, timeout, local_address, socket_options))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._until: float | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if timeout is None:
            return self._stream.read(max_bytes)
        now = time.monotonic()
        self._until = self._until or now + timeout
        if now >= self._until:
            raise httpcore2.ReadTimeout("the answer did not end in time")
        return self._stream.read(max_bytes, self._until - now)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._until = None
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
