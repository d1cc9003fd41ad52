"""Pages of other origins that may call the API from a browser: none, unless CORS_ORIGINS names them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from core.bootstrap import Application

_SENT = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID", "Prefer"]
_READ = [
    "ETag", "Idempotency-Replayed", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id",
]  # fmt: skip


class Origins:
    """ASGI middleware, outermost. Never with credentials: who calls is said by a token, not by a cookie."""

    def __init__(self, app: ASGIApp, get_app: Callable[[], Application]) -> None:
        self._app, self._get_app = app, get_app
        self._answering: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._answering is None:  # when first asked: making the API needs no application
            named = self._get_app().settings.cors_origins
            self._answering = self._app if not named else CORSMiddleware(
                self._app, allow_origins=sorted(named), allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=_SENT, expose_headers=_READ, allow_credentials=False, max_age=600,
            )  # fmt: skip
        await self._answering(scope, receive, send)
