"""odoo_search: records of any model, read."""

from __future__ import annotations

from core.connectors.plan import Effect, Plan, Receipt, confirmed
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.operation import OdooOperation, request_of
from core.connectors.transports.odoo.params import SearchParams


class OdooSearch(OdooOperation[SearchParams]):
    name = "odoo_search"
    title = "Search in Odoo"
    effect = Effect.READ
    repeatable = True
    params = SearchParams

    def _draft(self, odoo: OdooClient | None, params: SearchParams) -> Plan:
        return Plan(
            operation=self.name,
            account="",
            summary=f"Read up to {params.limit} {params.model} ({', '.join(params.fields)})",
            request=request_of(params),
            leaves_machine=False,
            reversible=True,
            warnings=("Reads only; nothing in Odoo changes",),
        )

    def _execute(self, client: OdooClient, plan: Plan, key: str) -> Receipt:
        asked = plan.request
        rows = client.search(asked["model"], asked["domain"], asked["fields"], asked["limit"])
        words = f"Found {len(rows)} {asked['model']}."
        return confirmed(words, reference=f"{len(rows)} records", records=[dict(row) for row in rows])
