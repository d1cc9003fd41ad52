"""What the doubles of social networks share: posts that are kept, and troubles that befall the next change."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.doubles.serving import Lost, droppable, serve

WAIT = 7


@dataclass
class Kept:
    """A post as the network holds it."""

    reference: str
    text: str
    """As people read it."""
    more: dict[str, Any] = field(default_factory=dict)
    """Whatever else was sent with it, in the network's own words."""


class SocialNetwork(ABC):
    """State and shapes of one network. `trouble` befalls the next change, once."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: dict[str, Kept] = {}
        self.changes = 0
        self.trouble: str | None = None
        self.nonsense: bytes | None = None
        """What every request is answered, with 200."""
        self.blind = False
        """Once a change was in trouble, nothing can be read any more."""
        self._struck = False
        self.pictures: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        """Method and path of every request."""

    @abstractmethod
    def is_change(self, request: Request) -> bool: ...

    @abstractmethod
    def signed_in(self, request: Request) -> Response | None:
        """What is answered to a wrong key; None where the key is right."""

    @abstractmethod
    async def answer(self, request: Request) -> Response: ...

    @abstractmethod
    def refused(self) -> Response: ...

    @abstractmethod
    def throttled(self) -> Response: ...

    async def __call__(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.url.path}")
        if self.nonsense is not None:
            return Response(self.nonsense, media_type="application/json")
        wrong = self.signed_in(request)
        if wrong is not None:
            return wrong
        if not self.is_change(request):
            if self.blind and self._struck:
                return Response("<html>Bad gateway</html>", status_code=502)
            return await self.answer(request)
        if self.trouble == "swallowed":  # for good: something in between answers in its stead
            return Response("{}", media_type="application/json")
        trouble, self.trouble = self.trouble, None
        self._struck = trouble is not None
        match trouble:
            case "refused":
                return self.refused()
            case "throttled":
                return self.throttled()
            case "gateway":
                return Response("<html>Bad gateway</html>", status_code=502)
            case "lost before":
                return Lost()
            case "silent":
                await asyncio.sleep(1.5)
                return Lost()
            case "lost after":
                await self.answer(request)
                return Lost()
        return await self.answer(request)

    def keep(self, reference: str, text: str, **more: Any) -> Kept:
        self.posts[reference] = Kept(reference, text, more)
        return self.posts[reference]

    @property
    def latest(self) -> Kept:
        return list(self.posts.values())[-1]


@contextmanager
def running(network: SocialNetwork) -> Iterator[str]:
    async def endpoint(request: Request) -> Response:
        return await network(request)

    methods = ["GET", "POST", "PUT", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", endpoint, methods=methods)])
    with serve(droppable(app)) as url:
        network.url = url
        yield url
