"""SMTP2GO's HTTP API on loopback: keeps what it is sent, and refuses in the shapes of its documentation."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.serving import Lost, droppable, serve

KEY = "api-5D0E7A2C91B34F68"
REQUEST_ID = "aa253464-0bd0-467a-b24b-6159dcd7be60"


@dataclass
class Smtp2goServer:
    """`befalls` is what happens to the next letter, once; `failing` are addresses it does not send to."""

    url: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    failing: dict[str, str] = field(default_factory=dict)
    befalls: str | None = None
    """refuse | field | key | throttle | lose_before | lose_after | silent | gateway | odd"""
    asked: list[str] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        self.asked.append("send")
        refused = self._key(request)
        if refused:
            return refused
        body = json.loads(await request.body())
        befalls, self.befalls = self.befalls, None
        match befalls:
            case "refuse":
                return _error(400, "E_ApiResponseCodes.API_EXCEPTION", "The sender is not verified on this account")
            case "field":
                words = {"fieldname": "to", "message": "The field 'to' was expecting a valid RFC-822 formatted address"}
                return _error(400, "E_ApiResponseCodes.NON_VALIDATING_IN_PAYLOAD", "An error", words)
            case "throttle":
                return JSONResponse({"error": "Too many requests"}, status_code=429, headers={"retry-after": "7"})
            case "lose_before":
                return Lost()
            case "silent":
                await asyncio.sleep(1.5)
                return Lost()
            case "gateway":
                return Response("<html>Bad gateway</html>", status_code=502)
            case "odd":
                return JSONResponse({"request_id": REQUEST_ID})
        letter = {**body, "to": [one for one in body["to"] if one not in self.failing]}
        for one in body.get("attachments", ()):
            b64decode(one["fileblob"], validate=True)
        failures = [f"{one}: {self.failing[one]}" for one in body["to"] if one in self.failing]
        if letter["to"]:
            self.sent.append(letter)
        if befalls == "lose_after":
            return Lost()
        data = {"succeeded": len(letter["to"]), "failed": len(failures), "failures": failures}
        if letter["to"]:
            data["email_id"] = f"1er8bV-6Tw0Mi-{len(self.sent)}h"
        return JSONResponse({"request_id": REQUEST_ID, "data": data})

    async def cycle(self, request: Request) -> Response:
        refused = self._key(request)
        if refused:
            return refused
        data = {"cycle_start": "2026-01-01", "cycle_end": "2026-01-31", "cycle_max": 1000,
                "cycle_used": len(self.sent), "cycle_remaining": 1000 - len(self.sent)}  # fmt: skip
        return JSONResponse({"request_id": REQUEST_ID, "data": data})

    def _key(self, request: Request) -> Response | None:
        if request.headers.get("x-smtp2go-api-key") == KEY:
            return None
        words = "You do not have permission to access this API endpoint"
        return _error(400, "E_ApiResponseCodes.ENDPOINT_PERMISSION_DENIED", words)


def _error(status: int, code: str, words: str, fields: dict[str, str] | None = None) -> Response:
    data: dict[str, Any] = {"error_code": code, "error": words}
    if fields:
        data["field_validation_errors"] = fields
    return JSONResponse({"request_id": REQUEST_ID, "data": data}, status_code=status)


@contextmanager
def running_smtp2go() -> Iterator[Smtp2goServer]:
    server = Smtp2goServer()
    routes = [
        Route("/v3/email/send", server.send, methods=["POST"]),
        Route("/v3/stats/email_cycle", server.cycle, methods=["POST"]),
    ]
    with serve(droppable(Starlette(routes=routes))) as url:
        server.url = f"{url}/v3"
        yield server
