"""Leads in Odoo through the CRM operation: a new one, and the open one of an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart
from tests.core.connectors.counterparts.odoo import OdooCounterpart
from tests.doubles.odoo import Odoo, running_odoo


class LeadCounterpart(OdooCounterpart):
    def __init__(self, odoo: Odoo, *, known: bool) -> None:
        super().__init__(odoo)
        self._known = known
        self._open = odoo.add_lead(name="Meridian Ltd", email_from="Asha@Example.com", phone="111", stage_id=1)

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        if self._known:
            return {"crm_upsert": {"target": "lead", "email": "asha@example.com", "fields": {"phone": "222"}}}
        fields = {"name": "Northwind", "expected_revenue": 1200.5}
        return {"crm_upsert": {"target": "lead", "email": "ravi@example.com", "fields": fields}}

    def holds(self, plan: Plan) -> bool:
        shown = {one.field: one.after for one in plan.changes}
        row = self._odoo.leads[self._open if self._known else max(self._odoo.leads)]
        return all(row[name] == value for name, value in shown.items())


@contextmanager
def _running(known: bool) -> Iterator[Counterpart]:
    with running_odoo() as odoo:
        yield LeadCounterpart(odoo, known=known)


RUNNING = {"crm new lead": partial(_running, False), "crm known lead": partial(_running, True)}
