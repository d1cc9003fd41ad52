"""The page behind a link: what one gate asks, as a plain form that needs no account and no JavaScript."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from anyio import to_thread
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.formparsers import MultiPartException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.bootstrap import Application
from core.errors import CountersignError
from core.invitations.rules import LinkOver, LinkUnknown
from core.invitations.service import Request
from core.settings import ROOT

MOST_BYTES = 1024 * 1024
_MOST_FIELDS = 500
_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}
"""The address is the key: no cache, no other site and no search engine is to learn it."""


def create_answers(get_app: Callable[[], Application]) -> Starlette:
    """The ASGI app for `/answer`. Whoever has the link may answer; there is no cookie that a forged post could use."""
    views = _Views(get_app)
    return Starlette(routes=[Route("/{token}", views.answer, methods=["GET", "POST"])])


class _Views:
    def __init__(self, get_app: Callable[[], Application]) -> None:
        self._get_app = get_app
        self._templates = Environment(
            loader=FileSystemLoader(ROOT / "web" / "templates"), autoescape=select_autoescape(), auto_reload=False
        )

    async def answer(self, request: HttpRequest) -> Response:
        links, token = self._get_app().invitations, str(request.path_params["token"])
        try:
            asked = await to_thread.run_sync(links.request, token)
        except (LinkUnknown, LinkOver) as refusal:
            return self._page({"over": str(refusal)}, refusal.http_status)
        if request.method == "GET":
            return self._page({"asked": asked}, 200)
        typed = await _typed(request)
        if typed is None:
            words = "This is more than can be taken in. Shorten it and send it again; nothing was saved."
            return self._page({"asked": asked, "error": words}, 413)
        try:
            await to_thread.run_sync(links.answer_typed, token, typed)
        except LinkOver as refusal:
            return self._page({"over": str(refusal)}, refusal.http_status)
        except CountersignError as refusal:
            return self._page({"asked": _as_typed(asked, typed), "error": str(refusal)}, refusal.http_status)
        return self._page({"done": asked}, 200)

    def _page(self, values: Mapping[str, Any], status: int) -> Response:
        html = self._templates.get_template("answer.html").render(**values)
        return HTMLResponse(html, status_code=status, headers=_HEADERS)


async def _typed(request: HttpRequest) -> Mapping[str, list[str]] | None:
    """The form's values; None where they are too many, too long or none at all."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    # In a thread: a form can be made to cost a second of a processor, and the process answers others meanwhile.
    return await to_thread.run_sync(lambda: asyncio.run(_read(HttpRequest(request.scope, _once(body)))))


async def _read(again: HttpRequest) -> Mapping[str, list[str]] | None:
    try:
        async with again.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            return {name: [str(one) for one in form.getlist(name)] for name in form}
    except (MultiPartException, ValueError, AssertionError):
        return None
    except Exception as refusal:
        if getattr(refusal, "status_code", None) == 400:  # Starlette's own refusal of a broken form
            return None
        raise


def _once(body: bytes) -> Callable[[], Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _as_typed(asked: Request, typed: Mapping[str, list[str]]) -> Request:
    """The form with what was typed, so that nobody types it twice."""
    return replace(
        asked, fields=tuple(replace(field, value="\n".join(typed.get(field.name, ()))) for field in asked.fields)
    )
