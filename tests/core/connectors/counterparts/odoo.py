"""Odoo, as the contract suite sees it: version 19 over JSON-2 and version 18 over XML-RPC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from html import unescape
from typing import Any

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart, Trouble
from tests.doubles.odoo import DATABASE, KEY, LOGIN, Odoo, running_odoo

_BEFALLS = {
    Trouble.REFUSED: "refuse", Trouble.THROTTLED: "throttle", Trouble.LOST_BEFORE: "lose_before",
    Trouble.LOST_AFTER: "lose", Trouble.SILENT: "silent", Trouble.GATEWAY: "gateway",
}  # fmt: skip


class OdooCounterpart(Counterpart):
    system = "odoo"
    secrets = (KEY, "wrong-key-77")

    def __init__(self, odoo: Odoo) -> None:
        self._odoo = odoo
        self._lead = odoo.add_lead(name="Meridian", phone="111", stage_id=1)

    def account(self) -> Mapping[str, Any]:
        return {"url": self._odoo.url, "database": DATABASE, "login": LOGIN, "key": KEY}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "key": "wrong-key-77"}

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        on = {"model": "crm.lead", "id": self._lead}
        text = "Asked for a <discount>;\n@Ravi & the team know."
        return {
            "odoo_create": {"model": "crm.lead", "values": {"name": "Northwind", "expected_revenue": 1200.5}},
            "odoo_update": {"model": "crm.lead", "ids": [self._lead], "values": {"phone": "222", "stage_id": 3}},
            "odoo_delete": {"model": "crm.lead", "ids": [self._lead]},
            "odoo_search": {
                "model": "crm.lead", "domain": [["stage_id", "=", 1]], "fields": ["name"], "limit": 5,
            },
            "odoo_create_task": {
                "project": "website", "name": "Draft the page", "description": text, "user": "Ravi",
                "deadline": "2026-03-01",
            },
            "odoo_move_stage": {**on, "stage": "qualified"},
            "odoo_internal_note": {**on, "text": text},
            "odoo_log_activity": {**on, "activity_type": "Call", "summary": "Spoke with Mona", "note": text},
            "odoo_schedule_follow_up": {
                **on, "activity_type": "Meeting", "summary": "Visit", "note": text, "due": "2026-02-01",
                "user": "ravi@example.com",
            },
        }  # fmt: skip

    def effects(self) -> int:
        return self._odoo.changes

    def state(self) -> Any:
        return deepcopy(self._odoo.tables)

    def holds(self, plan: Plan) -> bool:
        assert self._odoo.mails == []
        shown: dict[str, Any] = {one.field: one.after for one in plan.changes}
        match plan.operation:
            case "odoo_create":
                row = _newest(self._odoo, "crm.lead")
                held = (row["name"], row["expected_revenue"])
                return bool(held == (shown["name"], shown["expected_revenue"]))
            case "odoo_update":
                row = self._odoo.leads[self._lead]
                held = (row["phone"], f"Won ({row['stage_id']})")
                return bool(held == (shown["phone"], shown["stage_id"]))
            case "odoo_delete":
                return self._lead not in self._odoo.leads and shown[str(self._lead)] is None
            case "odoo_move_stage":
                return bool(shown["stage_id"] == f"Qualified ({self._odoo.leads[self._lead]['stage_id']})")
            case "odoo_create_task":
                row = _newest(self._odoo, "project.task")
                return (
                    (row["name"], _text(row["description"])) == (shown["name"], shown["description"])
                    and (row["project_id"], shown["project"]) == (11, "Website (11)")
                    and (row["user_ids"], shown["user"]) == ([3], "Ravi")
                    and row["date_deadline"] == f"{shown['deadline']} 12:00:00"
                )
            case "odoo_internal_note":
                row = _newest(self._odoo, "mail.message")
                return _text(row["body"]) == shown["text"] and self._is_internal(row, subtype=1)
            case "odoo_log_activity":
                row = _newest(self._odoo, "mail.message")
                said = f"{shown['activity_type']} done: {shown['summary']}{shown['note']}"
                return _text(row["body"]) == said and self._is_internal(row, subtype=2)
            case "odoo_schedule_follow_up":
                row = _newest(self._odoo, "mail.activity")
                return (
                    (row["res_model"], row["res_id"], row["user_id"]) == ("crm.lead", self._lead, 3)
                    and (row["summary"], _text(row["note"])) == (shown["summary"], shown["note"])
                    and (row["activity_type_id"], shown["activity_type"]) == (2, "Meeting")
                    and (row["date_deadline"], "Ravi") == (shown["due"], shown["user"])
                )
        return False

    def befall(self, trouble: Trouble) -> None:
        self._odoo.trouble = _BEFALLS[trouble]

    def _is_internal(self, row: Mapping[str, Any], *, subtype: int) -> bool:
        held = (row["model"], row["res_id"], row["subtype_id"], row["is_internal"])
        return held == ("crm.lead", self._lead, subtype, True)


def _newest(odoo: Odoo, model: str) -> Mapping[str, Any]:
    table = odoo.tables[model]
    return table[max(table)]


def _text(html: str) -> str:
    bare = html.replace("<br>", "\n").replace("<p>", "").replace("</p>", "")
    assert "<" not in bare
    return unescape(bare)


@contextmanager
def _running(version: int) -> Iterator[Counterpart]:
    with running_odoo(version) as odoo:
        yield OdooCounterpart(odoo)


RUNNING = {"odoo-19": partial(_running, 19), "odoo-18": partial(_running, 18)}
