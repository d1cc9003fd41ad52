"""Runs an ASGI app as a real server on loopback, for the length of a test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.responses import Response


@contextmanager
def serve(app: Any, **more: Any) -> Iterator[str]:
    """Serves `app` on a free port; yields its URL. `more` is uvicorn's (certificates, for one)."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none", **more))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


class Lost(Response):
    """Closes the connection without an answer; in an app that is `droppable`."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["connection"].abort()


def droppable(app: Any) -> Any:
    """Hands the app its own connection (uvicorn's), so that it can be cut."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        scope["connection"] = send.__self__.transport
        await app(scope, receive, send)

    return wrapped
