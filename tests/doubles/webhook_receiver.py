"""A receiver of webhooks that keeps what it was sent, and can be told to misbehave."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.doubles.serving import serve


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`answers` are given one after the other, the last one for ever: (status, body, headers)."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=lambda: [(200, "ok", {})])
    seconds: float = 0
    arrived: threading.Event = field(default_factory=threading.Event)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.received.append(Received(dict(request.headers), body, request.url.path))
        self.arrived.set()
        await asyncio.sleep(self.seconds)
        status, text, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Response(text, status_code=status, headers=headers)

    def types(self) -> list[str]:
        return [one.json["type"] for one in self.received]


@contextmanager
def running_receiver(**more: Any) -> Iterator[Receiver]:
    """`more` goes to the server, for example a certificate."""
    receiver = Receiver()
    site = Starlette(routes=[Route("/{path:path}", receiver.answer, methods=["GET", "POST"])])
    with serve(site, **more) as url:
        receiver.url = url
        yield receiver
