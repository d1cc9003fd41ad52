"""A reader of one event stream: the ASGI app driven by an event loop of its own, events taken out one by one."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from starlette.types import ASGIApp, Message

LONG = 20.0


@dataclass(frozen=True)
class Event:
    name: str
    data: Any
    id: str | None


class EventReader:
    """`with EventReader(asgi, path, token) as stream: stream.next()`; leaving the block closes the connection."""

    def __init__(self, asgi: ASGIApp, path: str, authorization: str, *, last_event_id: str | None = None) -> None:
        self._asgi, self._path = asgi, path
        self._headers = [(b"authorization", authorization.encode()), (b"accept", b"text/event-stream")]
        if last_event_id is not None:
            self._headers.append((b"last-event-id", last_event_id.encode()))
        self._arrived: queue.Queue[Message | BaseException | None] = queue.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hang_up: asyncio.Event | None = None
        self._rest = ""
        self.reads = threading.Event()
        self.reads.set()
        self.status = 0
        self.headers: dict[str, str] = {}

    def __enter__(self) -> EventReader:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        started = self._message()
        assert started is not None and started["type"] == "http.response.start", started
        self.status = started["status"]
        self.headers = {name.decode(): value.decode() for name, value in started["headers"]}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._hang_up is not None and self._thread.is_alive():
            with suppress(RuntimeError):  # its loop has just ended by itself
                self._loop.call_soon_threadsafe(self._hang_up.set)
        self._thread.join(LONG)
        assert not self._thread.is_alive()

    def next(self, seconds: float = LONG) -> Event | None:
        """The next event; None at the end of the stream. Comments and `retry` are passed over."""
        while True:
            while "\n\n" in self._rest:
                block, _, self._rest = self._rest.partition("\n\n")
                fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
                if "data" in fields:
                    return Event(fields.get("event", "message"), json.loads(fields["data"]), fields.get("id"))
            message = self._message(seconds)
            if message is None:
                return None
            self._rest += message.get("body", b"").decode()

    def until(self, name: str, seconds: float = LONG) -> Event:
        while (event := self.next(seconds)) is not None:
            if event.name == name:
                return event
        raise AssertionError(f"the stream ended without an event {name}")

    def text(self, seconds: float) -> str:
        """What arrives next as it is, comments included."""
        message = self._message(seconds)
        return message.get("body", b"").decode() if message else ""

    def _message(self, seconds: float = LONG) -> Message | None:
        found = self._arrived.get(timeout=seconds)
        if isinstance(found, BaseException):
            raise found
        return found

    async def _serve(self) -> None:
        self._loop, self._hang_up = asyncio.get_running_loop(), asyncio.Event()
        path = self._path
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
            "root_path": "", "scheme": "http", "query_string": b"", "headers": self._headers,
            "server": ("testserver", 80), "client": ("testclient", 1), "state": {},
        }  # fmt: skip
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            assert self._hang_up is not None
            await self._hang_up.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            while not self.reads.is_set():
                await asyncio.sleep(0.01)
            self._arrived.put(message)

        try:
            await self._asgi(scope, receive, send)
            self._arrived.put(None)
        except BaseException as error:
            self._arrived.put(error)
