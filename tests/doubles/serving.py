"""Runs an ASGI app as a real server on loopback, for the length of a test; all of a process share one event loop."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import uvicorn
from starlette.responses import Response


@contextmanager
def serve(app: Any, **more: Any) -> Iterator[str]:
    """Serves `app` on a free port; yields its URL. `more` is uvicorn's (certificates, for one)."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none", **more))
    asyncio.run_coroutine_threadsafe(_start(server, listener), _loop()).result(10)
    try:
        yield url
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), _loop()).result(10)


async def _start(server: uvicorn.Server, listener: socket.socket) -> None:
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listener])


async def _stop(server: uvicorn.Server) -> None:
    """At once: uvicorn's own shutdown waits for clients that keep their connections."""
    for one in server.servers:
        one.close()
    for connection in list(server.server_state.connections):
        if connection.transport is not None:
            connection.transport.abort()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="doubles", daemon=True).start()
    return loop


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
