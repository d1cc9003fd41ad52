"""Idempotency-Key on every POST: the first request is done, every repeat of it is answered the same.

The middleware follows a keyed POST from its body to its answer; `scoped` (api/auth.py) takes the key as soon as it knows that
the caller may call at all, so that nobody is answered what only another token may ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import anyio
import structlog
from anyio import to_thread
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.digests import body_digest, request_digest
from core.actor import Actor
from core.bootstrap import Application
from core.idempotency.requests import Claim, KeptAnswer
from core.idempotency.rules import MOST_ANSWER, RENEWED, RequestUnderWay

log = structlog.get_logger(__name__)

REPLAYED = "Idempotency-Replayed"
KEY = "idempotency-key"
KEPT_HEADERS = ("content-type", "location", "etag", "link", "content-disposition", "preference-applied")
SECRET_NAMES = frozenset({"secret", "token", "password", "form_url", "callback_url"})
"""Fields of answers that are shown once, addresses that are keys among them; an answer that has one is not kept."""
_LOOK_EVERY_SECONDS = 0.1
_LOOKS = 50
"""How often a repeat looks whether the first request has ended, before it is told that it has not."""


class Replayed(HTTPException):
    """The request was answered before. An HTTPException, because FastAPI lets only this kind through while it reads."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__(kept.status)
        self.kept = kept


class Repeat:
    """One keyed POST on its way through."""

    def __init__(self, app: Application, actor: Actor, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        self._app = app
        self._receive = receive
        self._asked: tuple[str, str, bytes] = (scope["method"], scope["path"], scope.get("query_string", b""))
        self._streams = headers.get("content-type", "").startswith("multipart/")
        self._digest = body_digest(headers.get("content-type", ""))
        self._ahead: list[Message] = []
        self._read_whole = False
        self._waits_for_body = False
        self.answers_secret = True
        self.claim = Claim(actor, headers[KEY])

    @property
    def is_claimed(self) -> bool:
        return self.claim.resource_id is not None

    async def receive(self) -> Message:
        """What the route reads: pieces of the body, digested as they pass."""
        message = self._ahead.pop(0) if self._ahead else await self._next()
        if self._waits_for_body and self._read_whole:
            self._waits_for_body = False
            await self._take()
        return message

    async def begin(self, route: object) -> None:
        """Takes the key before `route` does anything; of an upload that streams, before its last piece is handed on."""
        self.answers_secret = not isinstance(route, APIRoute) or holds_secret(route.response_model)
        while not self._read_whole and not self._streams:
            self._ahead.append(await self._next())
        if self._read_whole:
            await self._take()
        else:
            self._waits_for_body = True

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._digest.add(message.get("body", b""))
            self._read_whole = not message.get("more_body", False)
        elif message["type"] == "http.disconnect":
            self._read_whole = True
        return message

    async def _take(self) -> None:
        asked = request_digest(*self._asked, await to_thread.run_sync(self._digest.text))
        for look in range(_LOOKS + 1):
            try:
                kept = await to_thread.run_sync(self._app.requests.claim, self.claim, asked)
            except RequestUnderWay:
                if look == _LOOKS:
                    raise
                await anyio.sleep(_LOOK_EVERY_SECONDS)
            else:
                if kept is not None:
                    raise Replayed(kept)
                return


class Repeats:
    """ASGI middleware, inside `Callers`: it needs to know who calls."""

    def __init__(self, app: ASGIApp, get_app: Callable[[], Application]) -> None:
        self._app, self._get_app = app, get_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        actor = scope.get("state", {}).get("actor")
        if scope["type"] != "http" or scope["method"] != "POST" or actor is None or KEY not in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        app = self._get_app()
        repeat = Repeat(app, actor, scope, receive)
        scope["state"]["repeat"] = repeat
        renewing = asyncio.create_task(_renew(app, repeat))
        try:
            with app.requests.working_for(repeat.claim):
                await self._app(scope, repeat.receive, _Answer(app, repeat, scope["state"], send).send)
        except Exception:
            if repeat.is_claimed:
                await to_thread.run_sync(app.requests.give_up, repeat.claim)
            raise
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing


class _Answer:
    """Holds an answer back until it is kept: whoever has read it will be answered the same."""

    def __init__(self, app: Application, repeat: Repeat, state: Mapping[str, Any], send: Send) -> None:
        self._app, self._repeat, self._state, self._send = app, repeat, state, send
        self._held: list[Message] = []
        self._size = 0
        self._passes = False

    async def send(self, message: Message) -> None:
        if self._passes:
            await self._send(message)
            return
        self._held.append(message)
        self._size += len(message.get("body", b""))
        over = message["type"] == "http.response.body" and not message.get("more_body", False)
        if over or self._size > MOST_ANSWER:
            if self._repeat.is_claimed and not self._state.get("crashed"):
                await to_thread.run_sync(self._keep)
            self._passes = True
            for held in self._held:
                await self._send(held)

    def _keep(self) -> None:
        status: int = self._held[0]["status"]
        told = Headers(raw=self._held[0]["headers"])
        headers = {name: told[name] for name in KEPT_HEADERS if name in told}
        body = b"".join(message.get("body", b"") for message in self._held[1:])
        hidden = status < 300 and self._repeat.answers_secret
        self._app.requests.answer(self._repeat.claim, status, headers, None if hidden else body)


async def _renew(app: Application, repeat: Repeat) -> None:
    while True:
        await anyio.sleep(RENEWED.total_seconds())
        if repeat.is_claimed:
            try:
                await to_thread.run_sync(app.requests.renew, repeat.claim)
            except Exception:  # a loop's edge: the next turn tries again, and the mark in each commit is the guard
                log.exception("request.not_renewed")


def answer_repeats(api: FastAPI) -> None:
    """Makes `Replayed` the answer that was kept."""

    @api.exception_handler(Replayed)
    async def replayed(_request: Request, found: Replayed) -> Response:
        answer = Response(found.kept.body, status_code=found.kept.status)
        for name, value in found.kept.headers.items():
            answer.headers[name] = value
        answer.headers[REPLAYED] = "true"
        return answer


@cache
def holds_secret(answer: Any) -> bool:
    """Whether an answer of this model may hold what is shown once; what is not known may."""
    if answer is None:
        return False
    try:
        schema = TypeAdapter(answer).json_schema(mode="serialization")
    except PydanticSchemaGenerationError:
        return True
    models = [schema, *schema.get("$defs", {}).values()]
    return any(SECRET_NAMES & model.get("properties", {}).keys() for model in models)
