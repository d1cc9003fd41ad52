"""odoo_create: one new record of any model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.connectors.plan import Change, Effect, Plan, Receipt, confirmed
from core.connectors.protocol import Undoing
from core.connectors.transports.calls import Refused
from core.connectors.transports.odoo.client import Names, OdooClient
from core.connectors.transports.odoo.fields import checked_values
from core.connectors.transports.odoo.made import deletion_of
from core.connectors.transports.odoo.once import look_for, made_with, make_once
from core.connectors.transports.odoo.operation import OdooOperation, amounts_in, currency, request_of
from core.connectors.transports.odoo.params import CreateParams
from core.connectors.transports.odoo.values import Field, shown


class OdooCreate(OdooOperation[CreateParams]):
    name = "odoo_create"
    title = "Create a record in Odoo"
    effect = Effect.REVERSIBLE
    repeatable = True
    params = CreateParams

    def _draft(self, odoo: OdooClient | None, params: CreateParams) -> Plan:
        fields: Mapping[str, Field] = {}
        values: Mapping[str, Any] = params.values
        if odoo:
            fields, values = checked_values(odoo, params.model, params.values, odoo.fields(params.model))
        names = Names(odoo)
        called = values.get("name") or values.get("display_name")
        return Plan(
            operation=self.name,
            account="",
            summary=f"Create {params.model}" + (f" “{called}”" if called else ""),
            request=request_of(params, values=dict(values)),
            changes=tuple(
                Change(name, fields.get(name, {}).get("string", name), None, shown(value, fields.get(name, {}), names))
                for name, value in values.items()
            ),
            preconditions={"types": {name: field["type"] for name, field in fields.items()}},
            reversible=odoo is not None,
            amounts=amounts_in(values, fields, lambda name: _new_currency(odoo, values.get(name), names)),
        )

    def where_to_look(self, plan: Plan, key: str) -> str:
        return look_for(str(plan.request["model"]), key)

    def _execute(self, client: OdooClient, plan: Plan, key: str) -> Receipt:
        model, values = plan.request["model"], plan.request["values"]
        types = {name: {"type": kind} for name, kind in plan.preconditions.get("types", {}).items()}
        return made_receipt(client, model, make_once(client, model, key, values, types))

    def _verify(self, client: OdooClient, plan: Plan, key: str) -> Receipt | None:
        made = made_with(client, plan.request["model"], key)
        return made_receipt(client, plan.request["model"], made) if made is not None else None

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        return deletion_of(receipt, expected=plan.request["values"])


def made_receipt(odoo: OdooClient, model: str, record: int) -> Receipt:
    return confirmed(f"Created {model} {record}.", reference=f"{model},{record}", url=odoo.link(model, record))


def _new_currency(odoo: OdooClient | None, given: Any, names: Names) -> str | None:
    """The currency a new record will have: the one given, else the companies' if they have one in common."""
    if given or odoo is None:
        return currency(given, names)
    try:
        companies = odoo.search("res.company", [], ["currency_id"], 100)
    except Refused as refused:
        if not refused.signed_in:
            raise
        return None
    held = {str(company["currency_id"]): company["currency_id"] for company in companies}
    return currency(next(iter(held.values())), names) if len(held) == 1 else None
