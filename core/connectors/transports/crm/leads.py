"""Leads in Odoo, made or changed by their e-mail: the open lead of that address, else a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.connectors.plan import Change, Plan, Receipt
from core.connectors.protocol import Undoing
from core.connectors.transports.clients import Clients
from core.connectors.transports.connected import ConnectedOperation
from core.connectors.transports.crm.params import UpsertParams
from core.connectors.transports.crm.part import UpsertPart
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.create import OdooCreate
from core.connectors.transports.odoo.operation import OdooOperation
from core.connectors.transports.odoo.params import CreateParams, UpdateParams
from core.connectors.transports.odoo.update import OdooUpdate
from core.errors import InvalidInput

MODEL = "crm.lead"
_MOST = 20


class LeadUpsert(UpsertPart[OdooClient]):
    """Finds which lead it is; making and changing is done by Odoo's own operations."""

    system_title = "Odoo"

    def __init__(self, clients: Clients[OdooClient]) -> None:
        super().__init__(clients)
        self._create, self._update = OdooCreate(clients), OdooUpdate(clients)

    def _identity(self, client: OdooClient) -> str:
        return client.name

    def repeatable_for(self, plan: Plan) -> bool:
        return self._doing(plan).repeatable_for(plan)

    def model_of(self, plan: Plan) -> str | None:
        return MODEL

    def concerns(self, plan: Plan) -> frozenset[str]:
        """Who oversees or blocks writing to Odoo is asked about leads, by whatever name they are written."""
        return frozenset({OdooOperation.channel, self._doing(plan).name})

    def _plan(self, client: OdooClient | None, params: UpsertParams) -> Plan:
        lead = int(params.id) if params.id else None
        if lead is None and client is not None:
            lead = _open_lead(client, str(params.email))
        values = {**params.fields, **({"email_from": params.email} if params.email else {})}
        if lead is None and client is not None and "name" not in values:
            raise InvalidInput(field="Values", problem="a new lead needs a name.")
        plan = (
            self._create._plan(client, CreateParams(model=MODEL, values=values))
            if lead is None
            else self._update._plan(client, UpdateParams(model=MODEL, ids=[lead], values=values))
        )
        held = {"inner": {**plan.request, "account": None}, "held": dict(plan.preconditions), "lead": lead}
        request = params.model_dump(mode="json")
        return replace(plan, operation=self.name, request=request, preconditions=held)

    def _moved(self, client: OdooClient, plan: Plan) -> Iterable[Change]:
        """Also a lead that somebody else has made or closed since."""
        lead = plan.preconditions["lead"]
        if not plan.request.get("id"):
            now = _open_lead(client, plan.request["email"])
            if now != lead:
                yield Change("lead", f"The open lead of {plan.request['email']}", lead, now)
                return
        yield from self._doing(plan)._moved(client, self._inner(plan))

    def _execute(self, client: OdooClient, plan: Plan, key: str) -> Receipt:
        return self._doing(plan)._execute(client, self._inner(plan), key)

    def _verify(self, client: OdooClient, plan: Plan, key: str) -> Receipt | None:
        return self._doing(plan)._verify(client, self._inner(plan), key)

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        return self._doing(plan)._undo(self._inner(plan), receipt)

    def where_to_look(self, plan: Plan, key: str) -> str:
        return self._doing(plan).where_to_look(self._inner(plan), key)

    def _doing(self, plan: Plan) -> ConnectedOperation[Any, OdooClient]:
        return self._create if plan.preconditions.get("lead") is None else self._update

    def _inner(self, plan: Plan) -> Plan:
        """The same plan as Odoo's own operation has it."""
        held = plan.preconditions
        return replace(plan, operation=self._doing(plan).name, request=held["inner"], preconditions=held["held"])


def _open_lead(client: OdooClient, email: str) -> int | None:
    """The lead of that address that is neither lost (archived) nor won; several are for a person to choose from."""
    by = "email_normalized" if "email_normalized" in client.fields(MODEL) else "email_from"
    rows = client.search(MODEL, [[by, "=", email]], ["stage_id"], _MOST, newest=True)
    won = _won(client, [row["stage_id"][0] for row in rows if row["stage_id"]])
    found = [int(row["id"]) for row in rows if not row["stage_id"] or row["stage_id"][0] not in won]
    if len(found) > 1:
        numbers = ", ".join(str(one) for one in found)
        raise InvalidInput(
            field="E-mail", problem=f"Odoo has several open leads of {email}: give the number, one of {numbers}."
        )
    return found[0] if found else None


def _won(client: OdooClient, stages: Sequence[int]) -> frozenset[int]:
    if not stages:
        return frozenset()
    rows = client.read("crm.stage", list(dict.fromkeys(stages)), ["is_won"])
    return frozenset(stage for stage, row in rows.items() if row.get("is_won"))
