"""HubSpot, as the contract suite sees it: contacts in a batch, a new deal, a changed deal, and records put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart, Trouble
from tests.doubles.hubspot import PORTAL, TOKEN, HubspotServer, running_hubspot

_BEFALLS = {
    Trouble.REFUSED: "refuse", Trouble.THROTTLED: "throttle", Trouble.LOST_BEFORE: "lose_before",
    Trouble.LOST_AFTER: "lose_after", Trouble.SILENT: "silent", Trouble.GATEWAY: "gateway",
}  # fmt: skip


class HubspotCounterpart(Counterpart):
    system = "hubspot"
    secrets = (TOKEN,)

    def __init__(self, server: HubspotServer, call: str) -> None:
        self._server, self._call = server, call
        self._asha = server.add("contacts", email="asha@example.com", firstname="Asha", phone="111")
        self._deal = server.add("deals", dealname="Meridian", amount="1200", dealstage="appointmentscheduled")

    def account(self) -> Mapping[str, Any]:
        return {"portal": str(PORTAL), "token": TOKEN, "base_url": self._server.url}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "token": "pat-eu1-wrong"}

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        match self._call:
            case "contacts":
                people = [
                    {"email": "Asha@example.com", "fields": {"phone": "222", "annualrevenue": 500000.0}},
                    {"email": "ravi@example.com", "fields": {"firstname": "Ravi", "lifecyclestage": "lead"}},
                ]
                return {"crm_upsert": {"target": "contact", "contacts": people}}
            case "contact":
                return {"crm_upsert": {"target": "contact", "email": "asha@example.com", "fields": {"phone": None}}}
            case "new deal":
                fields = {"dealname": "Northwind", "amount": 990, "dealstage": "appointmentscheduled"}
                return {"crm_upsert": {"target": "deal", "email": "asha@example.com", "fields": fields}}
            case "deal":
                fields = {"amount": "1500.50", "dealstage": "closedwon"}
                return {"crm_upsert": {"target": "deal", "id": self._deal, "fields": fields}}
        back = {"id": self._asha, "fields": {"phone": "333"}, "expected": {"phone": "111"}}
        return {"crm_restore": {"target": "contact", "put_back": [back], "archive": []}}

    def effects(self) -> int:
        return self._server.effects

    def holds(self, plan: Plan) -> bool:
        """What every change of the plan says, found in what the server holds."""
        return all(self._value(change.field) == (change.after or "") for change in plan.changes)

    def _value(self, name: str) -> str:
        server, kind = self._server, "deals" if "deal" in self._call else "contacts"
        owner, _, name = name.rpartition(".")
        if kind == "deals":
            record = self._deal if self._call == "deal" else str(max(map(int, server.records["deals"])))
            if name == "contact":
                return "asha@example.com" if (record, self._asha) in server.linked else ""
        elif owner.isdecimal():
            record = owner
        else:
            email = owner or "asha@example.com"
            record = next(one for one, held in server.records["contacts"].items() if held["email"] == email)
        held = server.records[kind][record].get(name, "")
        return {"1500.5": "1500.50", "500000": "500000.0"}.get(held, held)  # numbers are spelled otherwise there

    def befall(self, trouble: Trouble) -> None:
        self._server.befalls = _BEFALLS[trouble]

    def state(self) -> Any:
        living = {kind: self._server.living(kind) for kind in self._server.records}
        numbers = {"annualrevenue": "", "amount": ""}
        return {
            kind: {one: {k: float(v) if k in numbers else v for k, v in held.items()} for one, held in records.items()}
            for kind, records in living.items()
        }


@contextmanager
def _running(call: str) -> Iterator[Counterpart]:
    with running_hubspot() as server:
        yield HubspotCounterpart(server, call)


RUNNING = {
    f"hubspot {call}": partial(_running, call) for call in ("contacts", "contact", "new deal", "deal", "restore")
}
