"""An Odoo that keeps its state in memory: a real HTTP server speaking JSON-2 (as version 19) or only XML-RPC (as 18).

Shapes follow Odoo's external API documentation, its source, and what was observed on running servers: JSON-2 errors
carry a `debug` traceback, XML-RPC faults carry one in the fault string, a bad password is answered with False, `write`
on a missing id says True, `read` of one gives nothing, searches leave archived records out, only managers of access
rights read external ids, and a follow-up, an assignment or a stage writes e-mails unless the context says not to.
"""

from __future__ import annotations

import asyncio
import json
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.doubles.odoo_records import OdooFault, OdooRecords
from tests.doubles.serving import serve

KEY, LOGIN, DATABASE = "odoo-key-5f1c", "asha@example.com", "main"
SECRET_TRACE = 'Traceback (most recent call last):\n  File "/opt/odoo/secret.py", line 1, in call\n'
WAIT, SILENCE = 7, 0.9

CHANGING = ("write", "load", "create", "unlink")
_API_MODEL = ("fields_get", "search_read", "load", "context_get")
"""Methods that JSON-2 refuses with ids."""


class _Silent(Exception):
    """No answer comes."""


class Odoo(OdooRecords):
    """`url` once served; `fail` is what befalls the next call of a method, once; `trouble` the next that changes."""

    def __init__(self, version: int = 19) -> None:
        super().__init__()
        self.version, self.url = version, ""
        self.calls: list[str] = []
        self.contexts: list[dict[str, Any]] = []
        self.fail: dict[str, str] = {}
        """method → refuse | refuse_after | lose | lose_before | silent | throttle | gateway | crash | locked"""
        self.trouble = ""

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call in CHANGING]

    def call(self, model: str, method: str, ids: list[int], named: dict[str, Any]) -> Any:
        self.calls.append(method)
        self.contexts.append(named.get("context") or {})
        befalls = self.fail.pop(method, None)
        if befalls is None and method in CHANGING:
            befalls, self.trouble = self.trouble, ""
        match befalls:
            case "crash":  # a proxy's own 500, which knows nothing of what Odoo did
                raise OdooFault(500, "gateway", "")
            case "gateway":
                raise OdooFault(502, "gateway", "")
            case "throttle":
                raise OdooFault(429, "throttle", "")
            case "lose_before":
                raise ConnectionResetError
            case "silent":
                raise _Silent
            case "locked":
                raise OdooFault(409, "odoo.exceptions.LockError", "Cannot grab a lock on records.")
            case "refuse":
                raise OdooFault(422, "odoo.exceptions.UserError", "The lead is locked.")
        result = self.method(model, method, ids, named)
        if befalls == "lose":
            raise ConnectionResetError
        if befalls == "refuse_after":
            raise OdooFault(500, "builtins.TypeError", "cannot marshal None unless allow_none is enabled")
        return result

    # -- the two wires --------------------------------------------------------------------------------------------

    async def version_info(self, request: Request) -> Response:
        assert not request.headers.get("authorization")
        return JSONResponse({"jsonrpc": "2.0", "id": None, "result": {"server_version": f"{self.version}.0"}})

    async def json2(self, request: Request) -> Response:
        if self.version < 19:
            return RedirectResponse("/odoo", status_code=303)
        try:
            if request.headers.get("authorization") != f"bearer {KEY}":
                raise OdooFault(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
            if request.headers.get("x-odoo-database") != DATABASE:
                raise OdooFault(404, "werkzeug.exceptions.NotFound", "no such database")
            body = json.loads(await request.body())
            path, ids = request.path_params, body.pop("ids", [])
            if ids and path["method"] in _API_MODEL:
                words = f"cannot call {path['model']}.{path['method']} with ids"
                raise OdooFault(422, "werkzeug.exceptions.UnprocessableEntity", words)
            return JSONResponse(self.call(path["model"], path["method"], ids, body))
        except (ConnectionResetError, _Silent) as problem:
            return await _unanswered(problem)
        except OdooFault as fault:
            told = {"name": fault.kind, "message": fault.message, "arguments": [fault.message], "context": {}}
            whole = JSONResponse({**told, "debug": SECRET_TRACE + fault.message}, status_code=fault.status)
            return _between(fault) or whole

    async def xmlrpc(self, request: Request) -> Response:
        if self.version > 20:
            return Response("<html>Not found</html>", status_code=404)
        arguments, method = xmlrpc.client.loads(await request.body())
        try:
            result = self._rpc(request.path_params["service"], str(method), list(arguments))
            text = xmlrpc.client.dumps((result,), methodresponse=True, allow_none=False)
        except (ConnectionResetError, _Silent) as problem:
            return await _unanswered(problem)
        except OdooFault as fault:
            if between := _between(fault):
                return between
            words = fault.message
            if fault.fault_code == 1:
                words = f"{SECRET_TRACE}{fault.kind.rpartition('.')[2]}: {fault.message}\n"
            text = xmlrpc.client.dumps(xmlrpc.client.Fault(fault.fault_code, words), methodresponse=True)
        return Response(text, media_type="text/xml")

    def _rpc(self, service: str, method: str, arguments: list[Any]) -> Any:
        if (service, method) == ("common", "authenticate"):
            return 2 if arguments[:3] == [DATABASE, LOGIN, KEY] else False
        database, user, key, model, called, positional, named = arguments
        if (database, user, key) != (DATABASE, 2, KEY):
            raise OdooFault(401, "odoo.exceptions.AccessDenied", "Access Denied")
        return self.call(model, called, positional[0] if positional else [], named)


@contextmanager
def running_odoo(version: int = 19) -> Iterator[Odoo]:
    odoo = Odoo(version)
    routes = [
        Route("/json/2/{model}/{method}", odoo.json2, methods=["POST"]),
        Route("/xmlrpc/2/{service}", odoo.xmlrpc, methods=["POST"]),
        Route("/web/webclient/version_info", odoo.version_info, methods=["POST"]),
    ]
    with serve(_Droppable(Starlette(routes=routes))) as url:
        odoo.url = url
        yield odoo


def _between(fault: OdooFault) -> Response | None:
    """What a proxy in front of Odoo answers by itself."""
    match fault.status:
        case 500 | 502 if fault.kind == "gateway":
            return Response("<html>Bad gateway</html>", status_code=fault.status)
        case 429:
            return Response("<html>Too many requests</html>", status_code=429, headers={"retry-after": str(WAIT)})
    return None


async def _unanswered(problem: Exception) -> Response:
    if isinstance(problem, _Silent):
        await asyncio.sleep(SILENCE)
    return _Lost()


class _Lost(Response):
    """Closes the connection without an answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["connection"].abort()


class _Droppable:
    """Hands the app its own connection (uvicorn's), so that it can be cut."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["connection"] = send.__self__.transport
        await self._app(scope, receive, send)
