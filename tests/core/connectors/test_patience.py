"""A server that never quite ends its answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread

import pytest

from core.connectors.transports.calls import Lost, NotReached
from core.connectors.transports.http import HttpApi


@pytest.fixture(params=["headers", "body"])
def dripping(request: pytest.FixtureRequest) -> Iterator[str]:
    """Its answer gets a little longer every 50 ms, and would for 10 seconds."""
    listener, over = socket.create_server(("127.0.0.1", 0)), Event()

    def answer() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                begins = "HTTP/1.1 200 OK\r\n" + ("content-length: 1000\r\n\r\n" if request.param == "body" else "")
                connection.sendall(begins.encode())
                for number in range(200):
                    connection.sendall(b"x" if request.param == "body" else b"X-%d: a\r\n" % number)
                    if over.wait(0.05):
                        return

    server = Thread(target=answer)
    server.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    server.join()
    listener.close()


def test_dripping_answer_ends_with_its_timeout(dripping: str) -> None:
    began = time.monotonic()
    with HttpApi(dripping, headers={}, timeout=0.5) as api, pytest.raises(Lost):
        api.send("POST", "/orders", json={})
    assert time.monotonic() - began < 5
    with HttpApi(dripping, headers={}, timeout=0.5) as api, pytest.raises(NotReached):
        api.ask("/orders")  # the listener takes nobody else: no answer at all
