"""odoo_update: other values in records that exist, read back, and put back by an undoing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from core.connectors.plan import Change, Effect, Plan, Receipt, confirmed
from core.connectors.protocol import Undoing
from core.connectors.transports.calls import Lost, NotReached, Refused
from core.connectors.transports.odoo.client import Names, OdooClient
from core.connectors.transports.odoo.fields import checked_values
from core.connectors.transports.odoo.operation import (
    OdooOperation,
    amounts_in,
    common_currency,
    currency,
    found_records,
    moved_since,
    must_hold,
    request_of,
)
from core.connectors.transports.odoo.params import UpdateParams
from core.connectors.transports.odoo.silence import SILENT, asks_for_rating, writes_to_customer
from core.connectors.transports.odoo.values import Field, for_write, plain, same, shown
from core.errors import InvalidInput


class OdooUpdate(OdooOperation[UpdateParams]):
    name = "odoo_update"
    title = "Change records in Odoo"
    effect = Effect.REVERSIBLE
    params = UpdateParams

    def _draft(self, odoo: OdooClient | None, params: UpdateParams) -> Plan:
        what = f"{params.model} {', '.join(str(one) for one in params.ids)}"
        if odoo is None:
            return Plan(
                operation=self.name, account="", summary=f"Change {', '.join(params.values)} of {what}",
                request=request_of(params),
                changes=tuple(Change(name, name, None, value) for name, value in params.values.items()),
            )  # fmt: skip
        known = odoo.fields(params.model)
        must_hold(odoo, params.model, params.ids, params.expected, known)
        fields, values = checked_values(odoo, params.model, params.values, known)
        _must_be_silent(odoo, fields, values)
        found = found_records(odoo, params.model, params.ids, list(values))
        if len(params.ids) == 1:
            what = f"“{found[params.ids[0]]['display_name']}” ({params.model} {params.ids[0]})"
        names = Names(odoo)
        changes = tuple(_changes(found, fields, values, names))
        preconditions = {str(record): {name: plain(row[name]) for name in values} for record, row in found.items()}
        held = common_currency(odoo, params.model, params.ids, known, names)
        return Plan(
            operation=self.name,
            account="",
            summary=f"Change {', '.join(str(field['string']) for field in fields.values())} of {what}",
            request=request_of(params, values=values),
            changes=changes,
            preconditions=preconditions,
            reversible=_one_value_each(preconditions) is not None,
            warnings=() if changes else ("Nothing would change: Odoo holds these values already",),
            amounts=amounts_in(values, fields, _given_or(held, values, names), before=list(found.values())),
        )

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        """The values that were there, where nobody changed them since; one update holds one value for all records."""
        before = _one_value_each(plan.preconditions)
        if before is None:
            return None
        request = {"model": plan.request["model"], "ids": plan.request["ids"], "values": dict(before)}
        return Undoing(OdooUpdate.name, {**request, "expected": dict(plan.request["values"])})

    def where_to_look(self, plan: Plan, key: str) -> str:
        ids = ", ".join(str(one) for one in plan.request["ids"])
        return f"In Odoo, open {plan.request['model']} {ids} and compare its fields, and its log, with the plan."

    def _moved(self, client: OdooClient, plan: Plan) -> Iterable[Change]:
        model = plan.request["model"]
        return moved_since(client, model, plan.preconditions, client.fields(model))

    def _execute(self, client: OdooClient, plan: Plan, key: str) -> Receipt:
        asked = plan.request
        write_and_read_back(client, asked["model"], asked["ids"], asked["values"], plan.preconditions)
        return _receipt(client, plan)

    def _verify(self, client: OdooClient, plan: Plan, key: str) -> Receipt | None:
        asked = plan.request
        known = client.fields(asked["model"])
        return _receipt(client, plan) if stands(client, asked["model"], asked["ids"], asked["values"], known) else None


def write_and_read_back(
    odoo: OdooClient,
    model: str,
    ids: Sequence[int],
    values: Mapping[str, Any],
    preconditions: Mapping[str, Any],
    context: Mapping[str, Any] = SILENT,
) -> None:
    """Writes; what the records hold then decides: a fault can follow a committed write, and a write on nothing says
    True. Returns if they hold `values`; raises Refused if certainly nothing was changed, Lost if nobody can tell."""
    known = odoo.fields(model)
    vals = {name: for_write(value, known.get(name, {}).get("type")) for name, value in values.items()}
    refused: Refused | None = None
    try:
        odoo.call(model, "write", ids=ids, vals=vals, context=dict(context))
    except Refused as problem:
        if not problem.signed_in:
            raise
        refused = problem
    try:
        if stands(odoo, model, ids, values, known):
            return
        untouched = refused is not None and not list(moved_since(odoo, model, preconditions, known))
    except (NotReached, Refused):
        raise Lost("it answered, but what the records hold now could not be read back") from None
    if refused and untouched:
        raise refused
    if refused:
        raise Lost(f"it answered with an error and the records hold other values than before: {refused.words}")
    raise Lost("it accepted the change but shows other values now")


def stands(
    odoo: OdooClient, model: str, ids: Sequence[int], values: Mapping[str, Any], known: Mapping[str, Field]
) -> bool:
    found = odoo.read(model, ids, list(values))
    return all(
        record in found and same(found[record][name], value, known.get(name, {}).get("type"))
        for record in ids
        for name, value in values.items()
    )


def _must_be_silent(odoo: OdooClient, fields: Mapping[str, Field], values: Mapping[str, Any]) -> None:
    stage, relation = values.get("stage_id"), fields.get("stage_id", {}).get("relation")
    if not stage or not relation:
        return
    known = odoo.fields(relation)
    if writes_to_customer(odoo, relation, stage, known) or asks_for_rating(odoo, relation, stage, known):
        words = "Odoo writes to the customer when a record enters it: use “Move to another stage in Odoo”."
        raise InvalidInput(field=str(fields["stage_id"]["string"]), problem=words)


def _changes(
    found: Mapping[int, Any], fields: Mapping[str, Field], values: Mapping[str, Any], names: Names
) -> Iterable[Change]:
    one = len(found) == 1
    for record, row in found.items():
        for name, field in fields.items():
            if not same(row[name], values[name]):
                label = field["string"] if one else f"{row['display_name']}: {field['string']}"
                before, after = shown(row[name], field, names), shown(values[name], field, names)
                yield Change(name if one else f"{record}.{name}", label, before, after)


def _given_or(
    held: Callable[[str], str | None], values: Mapping[str, Any], names: Names
) -> Callable[[str], str | None]:
    """The currency that is written with the sum, else the one the records have."""
    return lambda field: currency(values[field], names) if field in values else held(field)


def _one_value_each(preconditions: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What all records held; None if they differed or nothing was read."""
    held = list(preconditions.values())
    return held[0] if held and all(one == held[0] for one in held) else None


def _receipt(odoo: OdooClient, plan: Plan) -> Receipt:
    model, ids = plan.request["model"], plan.request["ids"]
    words = f"{model} {', '.join(str(one) for one in ids)} now holds these values (read back)."
    reference = ",".join([model, *(str(one) for one in ids)])[:500]
    return confirmed(words, reference=reference, url=odoo.link(model, ids[0]))
