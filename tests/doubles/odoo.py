"""An Odoo that keeps its state in memory: a real HTTP server speaking JSON-2 (as version 19) or only XML-RPC (as 18).

Shapes follow Odoo's external API documentation and what was observed on running servers: JSON-2 errors carry a `debug`
traceback, XML-RPC faults carry one in the fault string, a bad password is answered with False, `write` on a missing id
says True, `read` of one gives nothing, searches leave archived records out.
"""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.doubles.serving import serve

KEY, LOGIN, DATABASE = "odoo-key-5f1c", "asha@example.com", "main"
SECRET_TRACE = 'Traceback (most recent call last):\n  File "/opt/odoo/secret.py", line 1, in call\n'

STAGES = {1: "New", 2: "Qualified", 3: "Won"}
CURRENCIES = {1: "EUR", 2: "USD"}
LEAD_FIELDS: dict[str, dict[str, Any]] = {
    "name": {"string": "Opportunity", "type": "char"},
    "phone": {"string": "Phone", "type": "char"},
    "expected_revenue": {
        "string": "Expected revenue",
        "type": "monetary",
        "currency_field": "company_currency",
    },
    "company_currency": {"string": "Currency", "type": "many2one", "relation": "res.currency"},
    "stage_id": {"string": "Stage", "type": "many2one", "relation": "crm.stage"},
    "tag_ids": {"string": "Tags", "type": "many2many", "relation": "crm.tag"},
    "priority": {"string": "Priority", "type": "selection", "selection": [["0", "Low"], ["2", "High"]]},
    "active": {"string": "Active", "type": "boolean"},
    "order_ids": {"string": "Orders", "type": "one2many", "relation": "sale.order"},
}


class OdooFault(Exception):
    def __init__(self, status: int, kind: str, message: str) -> None:
        self.status, self.kind, self.message = status, kind, message

    @property
    def fault_code(self) -> int:
        return {401: 3, 403: 4, 404: 2, 422: 1}.get(self.status, 2 if self.kind.endswith("UserError") else 1)


@dataclass
class Odoo:
    """`url` once served; `fail` is what befalls the next call of a method, once."""

    version: int = 19
    url: str = ""
    leads: dict[int, dict[str, Any]] = field(default_factory=dict)
    external: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    fail: dict[str, str] = field(default_factory=dict)
    """method → refuse | refuse_after | lose | lose_before | gateway"""
    ids: Iterator[int] = field(default_factory=lambda: count(7))

    def add_lead(self, **values: Any) -> int:
        record = next(self.ids)
        blank: dict[str, Any] = dict.fromkeys(LEAD_FIELDS, False)
        self.leads[record] = {**blank, "tag_ids": [], "order_ids": [], "active": True, "priority": "0",
                              "company_currency": 2, **values}  # fmt: skip
        return record

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call in ("write", "load", "create")]

    # -- methods --------------------------------------------------------------------------------------------------

    def call(self, model: str, method: str, ids: list[int], named: dict[str, Any]) -> Any:
        self.calls.append(method)
        befalls = self.fail.pop(method, None)
        if befalls == "gateway":
            raise OdooFault(502, "gateway", "")
        if befalls == "lose_before":
            raise ConnectionResetError
        if befalls == "refuse":
            raise OdooFault(422, "odoo.exceptions.UserError", "The lead is locked.")
        result = self._method(model, method, ids, named)
        if befalls == "lose":
            raise ConnectionResetError
        if befalls == "refuse_after":
            raise OdooFault(500, "builtins.TypeError", "cannot marshal None unless allow_none is enabled")
        return result

    def _method(self, model: str, method: str, ids: list[int], named: dict[str, Any]) -> Any:
        if model == "res.users" and method == "context_get":
            return {"lang": "en_US", "tz": "UTC"}
        if model == "crm.stage" and method == "read":
            return [{"id": one, "display_name": STAGES[one]} for one in ids if one in STAGES]
        if model == "res.currency" and method == "read":
            return [{"id": one, "display_name": CURRENCIES[one]} for one in ids if one in CURRENCIES]
        if model == "res.company" and method == "search_read":
            return [{"id": 1, "currency_id": [2, "USD"]}]
        if model == "ir.model.data" and method == "search_read":
            wanted = {term[0]: term[2] for term in named["domain"]}
            record = self.external.get(f"{wanted['module']}.{wanted['name']}")
            return [{"id": 1, "res_id": record}] if record else []
        if model != "crm.lead":
            raise OdooFault(404, "werkzeug.exceptions.NotFound", f"the model '{model}' does not exist")
        match method:
            case "fields_get":
                return LEAD_FIELDS
            case "read":
                return [self._row(one, named["fields"]) for one in ids if one in self.leads]
            case "search_read":
                found = [one for one, row in self.leads.items() if row["active"] and _holds(row, named["domain"])]
                return [self._row(one, named["fields"]) for one in found[: named["limit"]]]
            case "write":
                self._known(named["vals"])
                for one in ids:
                    if one in self.leads:
                        self.leads[one].update({name: _written(value) for name, value in named["vals"].items()})
                return True
            case "load":
                return self._load(named["fields"], named["data"])
        raise OdooFault(404, "werkzeug.exceptions.NotFound", f"the method '{method}' does not exist")

    def _load(self, columns: list[str], data: list[list[str]]) -> dict[str, Any]:
        self._known({column.removesuffix("/.id") for column in columns if column != "id"})
        ids = []
        for row in data:
            cells = dict(zip(columns, row, strict=True))
            known = self.external.get(cells.pop("id"))
            values = {
                name.removesuffix("/.id"): _imported(name.removesuffix("/.id"), text) for name, text in cells.items()
            }
            if values.get("name") == "":
                message = {"type": "error", "message": "Missing required value for the field 'Opportunity' (name)"}
                return {"ids": False, "messages": [message], "nextrow": 0}
            if known is None:
                known = self.add_lead(**values)
                self.external[row[columns.index("id")]] = known
            else:
                self.leads[known].update(values)
            ids.append(known)
        return {"ids": ids, "messages": [], "nextrow": 0}

    def _row(self, record: int, fields: list[str]) -> dict[str, Any]:
        row = self.leads[record]
        self._known(set(fields) - {"display_name", "id"})
        read: dict[str, Any] = {"id": record}
        for name in fields:
            value = row.get("name") if name == "display_name" else row[name]
            names = {"stage_id": STAGES, "company_currency": CURRENCIES}.get(name)
            read[name] = [value, names[value]] if names and value else value
        return read

    def _known(self, fields: Any) -> None:
        for name in fields:
            if name not in LEAD_FIELDS:
                raise OdooFault(500, "builtins.ValueError", f"Invalid field {name!r} on 'crm.lead'")

    # -- the two wires --------------------------------------------------------------------------------------------

    async def json2(self, request: Request) -> Response:
        if self.version < 19:
            return RedirectResponse("/odoo", status_code=303)
        try:
            if request.headers.get("authorization") != f"bearer {KEY}":
                raise OdooFault(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
            if request.headers.get("x-odoo-database") != DATABASE:
                raise OdooFault(404, "werkzeug.exceptions.NotFound", "no such database")
            body = json.loads(await request.body())
            path = request.path_params
            return JSONResponse(self.call(path["model"], path["method"], body.pop("ids", []), body))
        except ConnectionResetError:
            return _Lost()
        except OdooFault as fault:
            if fault.status == 502:
                return Response("<html>Bad gateway</html>", status_code=502)
            told = {"name": fault.kind, "message": fault.message, "arguments": [fault.message], "context": {}}
            return JSONResponse({**told, "debug": SECRET_TRACE + fault.message}, status_code=fault.status)

    async def xmlrpc(self, request: Request) -> Response:
        arguments, method = xmlrpc.client.loads(await request.body())
        try:
            result = self._rpc(request.path_params["service"], str(method), list(arguments))
            text = xmlrpc.client.dumps((result,), methodresponse=True, allow_none=False)
        except ConnectionResetError:
            return _Lost()
        except OdooFault as fault:
            if fault.status == 502:
                return Response("<html>Bad gateway</html>", status_code=502)
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
    ]
    with serve(_Droppable(Starlette(routes=routes))) as url:
        odoo.url = url
        yield odoo


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


def _holds(row: dict[str, Any], domain: list[Any]) -> bool:
    return all(row[name] == value if comparison == "=" else row[name] in value for name, comparison, value in domain)


def _written(value: Any) -> Any:
    if isinstance(value, list) and value and value[0][0] == 6:
        return value[0][2]
    return value


def _imported(name: str, text: str) -> Any:
    match LEAD_FIELDS[name]["type"]:
        case "many2one":
            return int(text) if text else False
        case "many2many":
            return [int(part) for part in text.split(",") if part]
        case "monetary":
            return float(text or 0)
        case "boolean":
            return text == "1"
    return text
