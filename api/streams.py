"""Server-sent events: how something stands, then again after each change, until it is over or not for the caller to see."""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import structlog
from anyio import to_thread
from fastapi import Request
from fastapi.sse import format_sse_event
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from api.auth import actor_with, bearer_of
from api.etag import unchanged
from api.live_models import EndAnswer, EndReason
from api.stream_places import Place, Places
from core.actor import Actor
from core.bootstrap import Application
from core.canonical import digest
from core.changes.listener import Listener
from core.changes.rules import Change, Kind
from core.errors import CountersignError
from core.identity.rules import Scope as TokenScope

log = structlog.get_logger(__name__)

MEDIA_TYPE = "text/event-stream"
RETRY_MS = 2_000
HEARTBEAT_SECONDS = 15.0
RECHECK_SECONDS = 30.0
"""So often who asks is looked at again although nobody told of a change."""
BETWEEN_LOOKS_SECONDS = 0.1
"""A run that changes a hundred times a second is told of ten times."""
SLOW_SECONDS = 20.0
"""A reader who takes nothing for so long is dropped."""
LOOKS_AT_ONCE = 2
"""So that many listeners of one change keep neither connections nor threads from everybody else."""
GATHER_SECONDS = 0.004
"""Listeners that are woken together and hold the same token look once."""


@dataclass(frozen=True)
class State:
    """How something stands: `body` is told, and told again when it differs."""

    body: BaseModel
    over: bool = False

    @functools.cached_property
    def tag(self) -> str:
        return digest(self.body.model_dump(mode="json"))[:16]


@dataclass(frozen=True)
class Watch:
    """What one caller watches. `look` is asked anew each time, with whoever the token stands for by then."""

    app: Application
    token: str
    event: str
    about: tuple[Change, ...]
    look: Callable[[Actor], State]
    key: str

    def see(self) -> State:
        return self.look(actor_with(self.app, self.token, TokenScope.READ))


def watched(
    request: Request,
    app: Application,
    actor: Actor,
    *,
    event: str,
    about: Change,
    look: Callable[[Actor], State],
    if_none_match: str | None,
    last_event_id: str | None,
) -> Response:
    """A stream for whoever accepts one, else the state as JSON with its `ETag` (304 while it is the one they have)."""
    if MEDIA_TYPE not in request.headers.get("accept", ""):
        state = look(actor)
        headers = {"ETag": f'"{state.tag}"'}
        if unchanged(if_none_match, state.tag):
            return Response(status_code=304, headers=headers)
        return JSONResponse(state.body.model_dump(mode="json"), headers=headers)
    token = bearer_of(request) or ""
    place = _places(app).take(actor)
    watch = Watch(app, token, event, (about, Change(Kind.ACCESS)), look, f"{event} {about.id}")
    stream = EventStream(watch, place)
    try:
        state = look(actor)
    except BaseException:
        stream.release()
        raise
    if state.over and last_event_id == state.tag:
        stream.release()
        return Response(status_code=204)  # an EventSource that is told this does not come again
    stream.state, stream.known = state, last_event_id
    return stream


class EventStream(Response):
    """While nothing changes it holds no thread and no connection of the database: two tasks and a listener."""

    media_type = MEDIA_TYPE

    def __init__(self, watch: Watch, place: Place) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self.state: State | None = None
        self.known: str | None = None
        self._watch = watch
        self._waker = waker = _Waker()
        self._listener = watch.app.changes.listen(watch.about, waker.wake)
        self.release = weakref.finalize(self, _let_go, self._listener, place)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._waker.loop = asyncio.get_running_loop()
        self._waker.wake()  # for what came before there was a loop to wake
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_until_gone, receive, tasks.cancel_scope)
                await self._tell_until_refused(send)
                tasks.cancel_scope.cancel()
        finally:
            self.release()

    async def _tell_until_refused(self, send: Send) -> None:
        try:
            await self._tell(send)
        except HTTPException as refused:
            await self._end(send, EndReason.REFUSED, str(refused.detail))
        except CountersignError as gone:
            await self._end(send, EndReason.GONE, str(gone))
        except _SlowReader:
            log.warning("events.slow_reader_dropped", event_name=self._watch.event)

    async def _tell(self, send: Send) -> None:
        assert self.state is not None
        said = f"retry: {RETRY_MS}\n\n".encode()
        if self.state.tag != self.known:
            said += _event(self._watch.event, self.state.body, id=self.state.tag)
        await _sent(send, said)
        loop, woken = asyncio.get_running_loop(), self._waker.woken
        sent = looked = loop.time()
        while not self.state.over:
            with anyio.move_on_after(max(0.0, sent + HEARTBEAT_SECONDS - loop.time())):
                await woken.wait()
            ending = self._listener.closed
            if woken.is_set():
                await anyio.sleep(max(0.0, looked + BETWEEN_LOOKS_SECONDS - loop.time()))
            said = b""
            if ending:
                break
            if woken.is_set() or loop.time() - looked >= RECHECK_SECONDS - 1:
                woken.clear()
                self._listener.take()
                looked = loop.time()
                said = await self._look_again()
            if not said and loop.time() - sent >= HEARTBEAT_SECONDS:
                said = b": still here\n\n"
            if said:
                await _sent(send, said)
                sent = loop.time()
        if self.state.over:
            await self._end(send, EndReason.OVER, "It is over: nothing more will come.")
        else:
            await self._end(send, EndReason.CLOSING, "This process is ending. Connect again.")

    async def _look_again(self) -> bytes:
        """What is to be said of how it stands now; nothing where that is known."""
        assert self.state is not None
        try:
            now = await _look(self._watch)
        except SQLAlchemyError as problem:  # it comes back, and then everybody is told that anything may have changed
            log.warning("events.database_away", problem=type(problem).__name__)
            return b": the database does not answer\n\n"
        before, self.state = self.state, now
        return b"" if now.tag == before.tag else _event(self._watch.event, now.body, id=now.tag)

    async def _end(self, send: Send, reason: EndReason, detail: str) -> None:
        assert self.state is not None
        await _sent(send, _event("end", EndAnswer(reason=reason, detail=detail), id=self.state.tag))
        await _sent(send, b"", more=False)


class _SlowReader(Exception):
    """The other side takes nothing."""


class _Waker:
    """Wakes a task of an event loop from the thread that listens."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        if self.loop is not None and not self.woken.is_set():
            try:
                self.loop.call_soon_threadsafe(self.woken.set)
            except RuntimeError:  # the loop is closed: nobody is there to be woken
                self.loop = None


def _let_go(listener: Listener, place: Place) -> None:
    listener.close()
    place.leave()


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _sent(send: Send, chunk: bytes, *, more: bool = True) -> None:
    try:
        with anyio.fail_after(SLOW_SECONDS):
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
    except TimeoutError:
        raise _SlowReader from None


def _event(name: str, body: BaseModel, *, id: str) -> bytes:
    return format_sse_event(event=name, data_str=body.model_dump_json(), id=id)


# -- looking ----------------------------------------------------------------------------------------------------------


class _Looks:
    """Of one application and event loop: a few at once, and one for all who wait for the same look to begin."""

    def __init__(self) -> None:
        self.limiter = anyio.CapacityLimiter(LOOKS_AT_ONCE)
        self.queued: dict[tuple[str, str], asyncio.Task[State]] = {}


_looks: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Looks] = weakref.WeakKeyDictionary()


async def _look(watch: Watch) -> State:
    looks = _looks.setdefault(asyncio.get_running_loop(), _Looks())
    key = (watch.token, watch.key)
    task = looks.queued.get(key)
    if task is None:
        task = looks.queued[key] = asyncio.create_task(_begin(looks, key, watch))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.shield(task)


async def _begin(looks: _Looks, key: tuple[str, str], watch: Watch) -> State:
    await anyio.sleep(GATHER_SECONDS)
    async with looks.limiter:
        del looks.queued[key]  # whoever is woken from here on may know of more than this look will see
        return await to_thread.run_sync(watch.see)


def _places(app: Application) -> Places:
    return _PLACES.setdefault(app.changes, Places())


_PLACES: weakref.WeakKeyDictionary[Any, Places] = weakref.WeakKeyDictionary()


def documented(body: type[BaseModel], example: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """What a watched route can answer, for OpenAPI."""
    lines = f"retry: {RETRY_MS}\n\nevent: …\ndata: {{…}}\nid: 3f9a1c0d5b7e2468\n\n"
    return {
        200: {
            "description": "How it stands; with `Accept: text/event-stream`, and again after each change.",
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "Of the JSON answer."}},
            "content": {
                "application/json": {"example": dict(example)},
                MEDIA_TYPE: {"schema": {"type": "string"}, "example": lines},
            },
            "model": body,
        },
        204: {"description": "It is over, and the caller knows (`Last-Event-ID`): do not connect again."},
        304: {"description": "It stands as the caller knows (`If-None-Match`)."},
    }
