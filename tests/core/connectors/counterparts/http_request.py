"""A web service on loopback that keeps what it is sent, and remembers nothing between two calls of the same key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import WAIT, Counterpart, Trouble
from tests.doubles.serving import Lost, droppable, serve

KEY = "Bearer web-secret-77aa"


class WebService(Counterpart):
    system = "http"
    secrets = (KEY,)

    def __init__(self) -> None:
        self.url = ""
        self.received: list[dict[str, Any]] = []
        self._trouble: Trouble | None = None

    def account(self) -> Mapping[str, Any]:
        return {"base_url": f"{self.url}/v1", "header": "Authorization", "secret": KEY, "private": True}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "secret": "Bearer wrong"}

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        body = json.dumps({"order": 12, "note": "Ring twice."})
        return {"http_request": {"method": "POST", "url": f"{self.url}/v1/orders?source=us", "body": body}}

    def effects(self) -> int:
        return len(self.received)

    def holds(self, plan: Plan) -> bool:
        shown = {change.field: change.after for change in plan.changes}
        got = self.received[-1]
        return (got["method"], got["url"], got["body"]) == (shown["method"], shown["url"], shown["body"])

    def befall(self, trouble: Trouble) -> None:
        self._trouble = trouble

    async def answer(self, request: Request) -> Response:
        body = (await request.body()).decode()
        if request.headers.get("authorization") != KEY:
            return JSONResponse({"error": "unauthorized"}, status_code=401)
        trouble, self._trouble = self._trouble, None
        match trouble:
            case Trouble.REFUSED:
                return JSONResponse({"error": "order 12 is closed"}, status_code=422)
            case Trouble.THROTTLED:
                return JSONResponse({}, status_code=429, headers={"retry-after": str(WAIT)})
            case Trouble.LOST_BEFORE:
                return Lost()
            case Trouble.SILENT:
                await asyncio.sleep(2)
                return Lost()
            case Trouble.GATEWAY:
                return Response("<html>Bad gateway</html>", status_code=502)
        if request.method == "GET":
            return JSONResponse({"orders": []})
        self.received.append({"method": request.method, "url": f"{self.url}{request.url.path}?{request.url.query}",
                              "body": body, "headers": dict(request.headers)})  # fmt: skip
        if trouble is Trouble.LOST_AFTER:
            return Lost()
        return JSONResponse(
            {"id": len(self.received), "echo": KEY}, status_code=201, headers={"location": "/v1/orders/1"}
        )


@contextmanager
def running() -> Iterator[WebService]:
    service = WebService()
    app = Starlette(routes=[Route("/{path:path}", service.answer, methods=["GET", "POST", "PUT", "DELETE"])])
    with serve(droppable(app)) as url:
        service.url = url
        yield service
