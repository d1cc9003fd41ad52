"""Deals in HubSpot: a new one, linked to its contact, or other values in one that exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.connectors.plan import Change, Plan, Receipt, confirmed, rejected
from core.connectors.protocol import Undoing
from core.connectors.transports.calls import Lost, NotReached, Refused
from core.connectors.transports.crm.hubspot import KEY_PROPERTY, HubSpot, Property, Record
from core.connectors.transports.crm.params import UpsertParams
from core.connectors.transports.crm.part import UpsertPart, restoring
from core.connectors.transports.crm.values import CURRENCY, amounts_of, as_text, changes_of, checked, moved, stands
from core.connectors.transports.mime import message_name
from core.errors import InvalidInput

KIND = "deals"
_NO_KEY = (
    f"HubSpot's deals have no unique property {KEY_PROPERTY}: if the connection breaks while this one is made, "
    "a person must look whether it was"
)


class DealUpsert(UpsertPart[HubSpot]):
    system_title = "HubSpot"

    def _identity(self, client: HubSpot) -> str:
        return client.name

    def repeatable_for(self, plan: Plan) -> bool:
        """A new deal that carries our key cannot be made twice."""
        return bool(plan.preconditions.get("keyed"))

    def _plan(self, client: HubSpot | None, params: UpsertParams) -> Plan:
        fields = as_text(params.fields)
        request = {**params.model_dump(mode="json"), "fields": fields}
        if params.id is None and not fields.get("dealname"):
            raise InvalidInput(field="Values", problem="a new deal needs a dealname.")
        called = fields.get("dealname") or params.id
        if client is None:
            changes = tuple(changes_of(None, fields, {}, whose="", prefix=""))
            return Plan(self.name, "", f"Create or change the deal “{called}”", request, changes=changes)
        known = client.properties(KIND)
        checked(fields, known, KIND)
        if params.id is None:
            return self._new(client, params, fields, known, request)
        held = client.read(KIND, [params.id], ["dealname", CURRENCY, "amount", *fields]).get(params.id)
        if held is None:
            raise InvalidInput(field="Number", problem=f"HubSpot has no deal {params.id}.")
        changes = tuple(changes_of(held, fields, known, whose="", prefix=""))
        return Plan(
            operation=self.name, account="", summary=f"Change the deal “{held.properties.get('dealname') or held.id}”",
            request=request, changes=changes,
            preconditions={"held": {"id": held.id, "properties": {n: held.properties.get(n) or "" for n in fields}}},
            reversible=True,
            warnings=() if changes else ("Nothing would change: HubSpot holds these values already",),
            amounts=amounts_of(held, fields, _currency(client, held, fields)),
        )  # fmt: skip

    def _new(
        self, client: HubSpot, params: UpsertParams, fields: Mapping[str, str], known: Mapping[str, Property],
        request: Mapping[str, Any],
    ) -> Plan:  # fmt: skip
        changes = list(changes_of(None, fields, known, whose="", prefix=""))
        contact = None
        if params.email:
            found = client.read("contacts", [params.email], ["email"], by="email").get(params.email)
            if found is None:
                problem = f"HubSpot has no contact {params.email}. Create it first, or leave the address out."
                raise InvalidInput(field="E-mail", problem=problem)
            contact = found.id
            changes.append(Change("contact", "Linked to the contact", None, params.email))
        keyed = KEY_PROPERTY in known and known[KEY_PROPERTY].unique
        return Plan(
            operation=self.name, account="", summary=f"Create the deal “{fields['dealname']}”", request=request,
            changes=tuple(changes), preconditions={"held": None, "contact": contact, "keyed": keyed}, reversible=True,
            warnings=() if keyed else (_NO_KEY,), amounts=amounts_of(None, fields, _currency(client, None, fields)),
        )  # fmt: skip

    def _moved(self, client: HubSpot, plan: Plan) -> Iterable[Change]:
        held = plan.preconditions.get("held")
        if held:
            was = Record(held["id"], held["properties"])
            now = client.read(KIND, [was.id], list(was.properties)).get(was.id)
            yield from moved(was, now, was.properties, f"deal {was.id}")
        elif plan.preconditions.get("contact"):
            email = plan.request["email"]
            found = client.read("contacts", [email], ["email"], by="email").get(email)
            if found is None or found.id != plan.preconditions["contact"]:
                yield Change("contact", f"The contact {email}", "there", "gone, or another one")

    def _execute(self, client: HubSpot, plan: Plan, key: str) -> Receipt:
        fields, held = plan.request["fields"], plan.preconditions.get("held")
        if held:
            written = client.update(KIND, {held["id"]: fields})
            if written.records:
                return _receipt(client, "Changed", held["id"])
            words = written.refused.get(0, "no reason was given").rstrip(".")
            return rejected(f"HubSpot refused it: {words}. Nothing was done.")
        contact, keyed = plan.preconditions.get("contact"), plan.preconditions.get("keyed")
        if not keyed:
            return _receipt(client, "Created", client.create_deal(fields, contact).id)
        made = _made(client, key)
        if made is None:
            try:
                made = client.create_deal({**fields, KEY_PROPERTY: message_name(key)}, contact)
            except Refused as refused:
                made = _after_all(client, key, refused)
        return _receipt(client, "Created", made.id)

    def _verify(self, client: HubSpot, plan: Plan, key: str) -> Receipt | None:
        held = plan.preconditions.get("held")
        if held:
            fields = plan.request["fields"]
            now = client.read(KIND, [held["id"]], list(fields)).get(held["id"])
            return _receipt(client, "Changed", held["id"]) if stands(now, fields) else None
        made = _made(client, key) if plan.preconditions.get("keyed") else None
        return _receipt(client, "Created", made.id) if made else None

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        held = plan.preconditions.get("held")
        if held:
            back = {"id": held["id"], "fields": held["properties"], "expected": plan.request["fields"]}
            return restoring("deal", [back], [])
        record = receipt.get("details", {}).get("id")
        return restoring("deal", [], [str(record)]) if record else None

    def where_to_look(self, plan: Plan, key: str) -> str:
        if plan.preconditions.get("keyed"):
            return f"In HubSpot, look for a deal whose {KEY_PROPERTY} is {message_name(key)}."
        called = plan.request["fields"].get("dealname") or plan.request.get("id")
        return f"In HubSpot, look for the newest deal “{called}” and compare it with the plan."


def _currency(client: HubSpot, held: Record | None, fields: Mapping[str, str]) -> str | None:
    """The deal's own, else the company's."""
    own = fields.get(CURRENCY) or (held.properties.get(CURRENCY) if held else None)
    found = own or client.details().get("companyCurrency")
    return str(found) if found else None


def _made(client: HubSpot, key: str) -> Record | None:
    name = message_name(key)
    return client.read(KIND, [name], ["dealname"], by=KEY_PROPERTY).get(name)


def _after_all(client: HubSpot, key: str, refused: Refused) -> Record:
    """Two at once: the second is refused because its key is taken, and then the deal is there."""
    if not refused.signed_in:
        raise refused
    try:
        made = _made(client, key)
    except (NotReached, Refused):
        raise Lost(f"it answered with an error and could not be asked what it did: {refused.words}") from None
    if made is None:
        raise refused
    return made


def _receipt(client: HubSpot, verb: str, record: str) -> Receipt:
    return confirmed(
        f"{verb} the deal {record}.", reference=f"{KIND},{record}", url=client.link(KIND, record), id=record
    )
