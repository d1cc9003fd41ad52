"""CRM: contacts and deals in HubSpot and leads in Odoo, made or changed as one operation, and put back by another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.connectors.plan import DriftFound, Effect, Plan, Receipt
from core.connectors.protocol import ConnectorContext, Operation, System, Undoing
from core.connectors.transports.crm.account import HubspotSystem, hubspot_clients
from core.connectors.transports.crm.contacts import ContactUpsert
from core.connectors.transports.crm.deals import DealUpsert
from core.connectors.transports.crm.leads import LeadUpsert
from core.connectors.transports.crm.params import UpsertParams
from core.connectors.transports.crm.part import CHANNEL, UPSERT, UpsertPart
from core.connectors.transports.crm.restore import CrmRestore
from core.connectors.transports.odoo.client import odoo_clients


class CrmUpsert(Operation[UpsertParams]):
    """Hands on to the part that knows the kind of record."""

    name = UPSERT
    title = "Create or change records in a CRM"
    channel = CHANNEL
    families = ("hubspot", "odoo")
    effect = Effect.REVERSIBLE
    repeatable = False
    params = UpsertParams

    def __init__(self, parts: Mapping[str, UpsertPart[Any]]) -> None:
        self._parts = parts

    def _part(self, plan: Plan) -> UpsertPart[Any]:
        return self._parts[str(plan.request["target"])]

    def plan(self, params: UpsertParams) -> Plan:
        return self._parts[params.target].plan(params)

    def repeatable_for(self, plan: Plan) -> bool:
        return self._part(plan).repeatable_for(plan)

    def drift(self, plan: Plan) -> DriftFound | None:
        return self._part(plan).drift(plan)

    def execute(self, plan: Plan, key: str) -> Receipt:
        return self._part(plan).execute(plan, key)

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        return self._part(plan).verify(plan, key)

    def undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        return self._part(plan).undo(plan, receipt)

    def model_of(self, plan: Plan) -> str | None:
        return self._part(plan).model_of(plan)

    def concerns(self, plan: Plan) -> frozenset[str]:
        return self._part(plan).concerns(plan)

    def where_to_look(self, plan: Plan, key: str) -> str:
        return self._part(plan).where_to_look(plan, key)

    def close(self) -> None:
        for part in self._parts.values():
            part.close()


def systems() -> Iterable[System[Any]]:
    return (HubspotSystem(),)


def operations(context: ConnectorContext) -> Iterable[Operation[Any]]:
    hubspot = hubspot_clients(context)
    parts: Mapping[str, UpsertPart[Any]] = {
        "contact": ContactUpsert(hubspot),
        "deal": DealUpsert(hubspot),
        "lead": LeadUpsert(odoo_clients(context)),
    }
    return CrmUpsert(parts), CrmRestore(hubspot)
