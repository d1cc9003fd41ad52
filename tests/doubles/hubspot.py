"""HubSpot's CRM API (v3) on loopback: keeps contacts and deals, and refuses in the shapes of its documentation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.serving import Lost, droppable, serve

TOKEN, PORTAL = "pat-eu1-secret-4410", 123456
CORRELATION = "aeb5f871-7f07-4993-9211-075dc63e7cbf"
_TEXT: dict[str, Any] = {"type": "string", "fieldType": "text", "options": []}


def _choice(*values: str) -> dict[str, Any]:
    return {"type": "enumeration", "fieldType": "select", "options": [{"label": one, "value": one} for one in values]}


PROPERTIES: dict[str, dict[str, dict[str, Any]]] = {
    "contacts": {
        "email": {"label": "Email", **_TEXT},
        "firstname": {"label": "First name", **_TEXT},
        "phone": {"label": "Phone number", **_TEXT},
        "lifecyclestage": {"label": "Lifecycle stage", **_choice("lead", "customer")},
        "annualrevenue": {"label": "Annual revenue", "type": "number", "fieldType": "number", "options": []},
        "createdate": {"label": "Create date", "type": "datetime", "fieldType": "date", "options": [],
                       "modificationMetadata": {"readOnlyValue": True}},
    },
    "deals": {
        "dealname": {"label": "Deal name", **_TEXT},
        "amount": {"label": "Amount", "type": "number", "fieldType": "number", "options": []},
        "dealstage": {"label": "Deal stage", **_choice("appointmentscheduled", "closedwon")},
        "deal_currency_code": {"label": "Currency", **_choice("USD", "EUR")},
        "countersign_key": {"label": "Countersign key", **_TEXT, "hasUniqueValue": True},
    },
}  # fmt: skip


@dataclass
class HubspotServer:
    """`befalls` is what happens to the next call that would change something, once."""

    url: str = ""
    records: dict[str, dict[str, dict[str, str]]] = field(default_factory=lambda: {"contacts": {}, "deals": {}})
    archived: set[tuple[str, str]] = field(default_factory=set)
    linked: set[tuple[str, str]] = field(default_factory=set)
    """(deal, contact)"""
    befalls: str | None = None
    """refuse | throttle | daily | lose_before | lose_after | silent | gateway | scope"""
    refusing: dict[str, str] = field(default_factory=dict)
    """Addresses that are not valid, and what is said of them."""
    placing: bool = True
    """Whether errors of a batch say which input they are about."""
    keyed: bool = True
    """Whether an admin has made the unique property of deals."""
    effects: int = 0
    asked: list[str] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(51))

    def add(self, kind: str, **properties: str) -> str:
        record = str(next(self.ids))
        self.records[kind][record] = dict(properties)
        return record

    def living(self, kind: str) -> dict[str, dict[str, str]]:
        return {one: held for one, held in self.records[kind].items() if (kind, one) not in self.archived}

    # -- the API --------------------------------------------------------------------------------------------------

    async def answer(self, request: Request) -> Response:
        path, body = request.url.path, await request.body()
        self.asked.append(path)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            words = "Authentication credentials not found. This API supports OAuth 2.0 authentication"
            return _error(401, "INVALID_AUTHENTICATION", words)
        if path == "/account-info/v3/details":
            return JSONResponse({"portalId": PORTAL, "accountType": "STANDARD", "companyCurrency": "USD",
                                 "uiDomain": "app.hubspot.com", "dataHostingLocation": "eu1"})  # fmt: skip
        if path.startswith("/crm/v3/properties/"):
            kind = path.rpartition("/")[2]
            named = {name: one for name, one in PROPERTIES[kind].items() if name != "countersign_key" or self.keyed}
            return JSONResponse({"results": [{"name": name, **one} for name, one in named.items()]})
        kind, _, act = path.removeprefix("/crm/v3/objects/").partition("/")
        said = json.loads(body)
        if act == "batch/read":
            return self._read(kind, said)
        return await self._change(kind, act, said)

    async def _change(self, kind: str, act: str, said: dict[str, Any]) -> Response:
        befalls, self.befalls = self.befalls, None
        match befalls:
            case "refuse":
                return _invalid("phone", "Phone 12 was not a valid number.", "INVALID_PHONE")
            case "scope":
                words = "This app hasn't been granted all required scopes to make this call."
                return _error(403, "MISSING_SCOPES", words)
            case "throttle":
                told = {"status": "error", "message": "You have reached your ten_secondly_rolling limit.",
                        "errorType": "RATE_LIMIT", "correlationId": CORRELATION,
                        "policyName": "TEN_SECONDLY_ROLLING"}  # fmt: skip
                headers = {"retry-after": "7", "x-hubspot-ratelimit-max": "100", "x-hubspot-ratelimit-remaining": "0"}
                return JSONResponse(told, status_code=429, headers=headers)
            case "lose_before":
                return Lost()
            case "silent":
                await asyncio.sleep(1.5)
                return Lost()
            case "gateway":
                return Response("<html>Bad gateway</html>", status_code=502)
        before = json.dumps([self.records, sorted(self.archived), sorted(self.linked)])
        answer = self._done(kind, act, said)
        self.effects += before != json.dumps([self.records, sorted(self.archived), sorted(self.linked)])
        return Lost() if befalls == "lose_after" else answer

    def _done(self, kind: str, act: str, said: dict[str, Any]) -> Response:
        match act:
            case "":
                return self._create(kind, said)
            case "batch/archive":
                self.archived |= {(kind, one["id"]) for one in said["inputs"] if one["id"] in self.records[kind]}
                return Response(status_code=204)
            case "batch/upsert" | "batch/update":
                return self._batch(kind, said["inputs"])
        return _error(404, "OBJECT_NOT_FOUND", "resource not found")

    def _read(self, kind: str, said: dict[str, Any]) -> Response:
        by, results, missing = said.get("idProperty"), [], []
        for one in said["inputs"]:
            found = self._find(kind, one["id"], by)
            if found is None:
                missing.append(one["id"])
                continue
            held = self.records[kind][found]
            results.append(_row(found, {name: held.get(name) for name in said["properties"]}))
        answer: dict[str, Any] = {"status": "COMPLETE", "results": results}
        if missing:
            words = f"Could not get some {kind[:-1].upper()} objects, they may be deleted or not exist."
            error = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": words, "context": {"ids": missing}}
            answer |= {"numErrors": 1, "errors": [error]}
        return JSONResponse(answer, status_code=207 if missing else 200)

    def _create(self, kind: str, said: dict[str, Any]) -> Response:
        refused = self._invalid(kind, said["properties"])
        if refused:
            return refused
        key = said["properties"].get("countersign_key")
        taken = self._find(kind, key, "countersign_key") if key else None
        if taken:
            return _error(400, "VALIDATION_ERROR", f"A value for a unique property is taken already by {taken}.")
        record = self.add(kind, **said["properties"])
        for one in said.get("associations", ()):
            assert one["types"] == [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
            self.linked.add((record, one["to"]["id"]))
        return JSONResponse(_row(record, self.records[kind][record]), status_code=201)

    def _batch(self, kind: str, inputs: list[dict[str, Any]]) -> Response:
        results, errors = [], []
        for one in inputs:
            found, name = self._find(kind, one["id"], one.get("idProperty")), one["id"]
            refused = self._invalid(kind, one["properties"])
            if refused:
                return refused
            if name in self.refusing or (found is None and "idProperty" not in one):
                words = self.refusing.get(name, "resource not found")
                context = {"objectWriteTraceId": [one["objectWriteTraceId"]]} if self.placing else {"ids": [name]}
                errors.append({"status": "error", "category": "VALIDATION_ERROR", "message": words, "context": context})
                continue
            new = found is None
            found = found or self.add(kind, **{one["idProperty"]: name})
            held = self.records[kind][found]
            held |= {key: _spelled(kind, key, value) for key, value in one["properties"].items()}
            self.records[kind][found] = {key: value for key, value in held.items() if value}
            results.append({**_row(found, dict(one["properties"])), "new": new})
        answer = {"status": "COMPLETE", "results": results}
        if errors:
            return JSONResponse({**answer, "numErrors": len(errors), "errors": errors}, status_code=207)
        return JSONResponse(answer)

    def _find(self, kind: str, name: str, by: str | None) -> str | None:
        living = self.living(kind)
        if by is None:
            return name if name in living else None
        return next((one for one, held in living.items() if name.lower() in _names(held, by)), None)

    def _invalid(self, kind: str, properties: dict[str, str]) -> Response | None:
        for name, value in properties.items():
            about = PROPERTIES[kind].get(name)
            if about is None:
                return _invalid(name, f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST")
            allowed = [one["value"] for one in about["options"]]
            if value and allowed and value not in allowed:
                return _invalid(name, f"{value} was not one of the allowed options: {allowed}", "INVALID_OPTION")
        return None


def _names(held: dict[str, str], by: str) -> list[str]:
    """A contact is found by each of its addresses."""
    more = held.get("hs_additional_emails", "").split(";") if by == "email" else []
    return [one.lower() for one in (held.get(by, ""), *more) if one]


def _spelled(kind: str, name: str, value: str) -> str:
    """HubSpot gives numbers back without what they do not need."""
    if value and PROPERTIES[kind][name]["type"] == "number":
        return f"{float(value):g}"
    return value


def _row(record: str, properties: dict[str, Any]) -> dict[str, Any]:
    at = "2026-01-05T09:00:00.000Z"
    return {"id": record, "properties": {**properties, "hs_object_id": record}, "createdAt": at, "updatedAt": at,
            "archived": False}  # fmt: skip


def _invalid(name: str, words: str, code: str) -> Response:
    listed = json.dumps([{"isValid": False, "message": words, "error": code, "name": name}])
    return _error(400, "VALIDATION_ERROR", f"Property values were not valid: {listed}", errors=[
        {"message": words, "code": code, "context": {"propertyName": [name]}}])  # fmt: skip


def _error(status: int, category: str, words: str, **more: Any) -> Response:
    body = {"status": "error", "message": words, "correlationId": CORRELATION, "category": category, **more}
    return JSONResponse(body, status_code=status)


@contextmanager
def running_hubspot() -> Iterator[HubspotServer]:
    server = HubspotServer()
    app = Starlette(routes=[Route("/{path:path}", server.answer, methods=["GET", "POST", "PATCH"])])
    with serve(droppable(app)) as url:
        server.url = url
        yield server
