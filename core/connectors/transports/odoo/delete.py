"""odoo_delete: records taken away for good, after everything they hold was shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from core.connectors.plan import Change, Effect, Plan, Receipt, confirmed, rejected
from core.connectors.transports.calls import Lost, NotReached, Refused
from core.connectors.transports.odoo.client import Names, OdooClient, Record
from core.connectors.transports.odoo.operation import (
    OdooOperation,
    amounts_in,
    common_currency,
    found_records,
    moved_since,
    must_hold,
    request_of,
)
from core.connectors.transports.odoo.params import DeleteParams
from core.connectors.transports.odoo.values import Field, plain, shown

_SINGLE = frozenset(
    ("boolean", "char", "date", "datetime", "float", "html", "integer", "many2one", "many2one_reference",
     "monetary", "selection", "text")
)  # fmt: skip
_STAMPS = frozenset(("id", "display_name", "create_date", "create_uid", "write_date", "write_uid", "__last_update"))
"""They say when and by whom, not what."""
_MOST_SHOWN = 40
"""Fields shown of each record; what is kept for comparing is all of them."""


class OdooDelete(OdooOperation[DeleteParams]):
    name = "odoo_delete"
    title = "Delete records in Odoo"
    effect = Effect.IRREVERSIBLE
    params = DeleteParams

    def _draft(self, odoo: OdooClient | None, params: DeleteParams) -> Plan:
        ids = ", ".join(str(one) for one in params.ids)
        warnings = ["What is deleted cannot be brought back"]
        if odoo is None:
            return Plan(
                operation=self.name, account="", summary=f"Delete {params.model} {ids}", request=request_of(params),
                changes=tuple(Change(str(one), f"{params.model} {one}", "there", None) for one in params.ids),
                warnings=tuple(warnings),
            )  # fmt: skip
        known = odoo.fields(params.model)
        must_hold(odoo, params.model, params.ids, params.expected, known)
        fields = {name: field for name, field in known.items() if _is_kept(name, field)}
        found = found_records(odoo, params.model, params.ids, list(fields))
        names = Names(odoo)
        money = {name: field for name, field in fields.items() if not field.get("readonly")}
        if "active" in known:
            warnings.append("It can be archived instead (active = false), and taken back out of the archive")
        what = ids if len(found) > 1 else f"“{found[params.ids[0]]['display_name']}” ({params.model} {ids})"
        return Plan(
            operation=self.name,
            account="",
            summary=f"Delete {what}" if len(found) == 1 else f"Delete {len(found)} {params.model}: {ids}",
            request=request_of(params),
            changes=tuple(_changes(params.model, found, fields, names)),
            preconditions={
                str(record): {name: plain(row[name]) for name in fields if name in row} for record, row in found.items()
            },
            warnings=tuple(warnings),
            amounts=amounts_in(
                {}, money, common_currency(odoo, params.model, params.ids, known, names), before=list(found.values())
            ),
        )

    def where_to_look(self, plan: Plan, key: str) -> str:
        ids = ", ".join(str(one) for one in plan.request["ids"])
        return f"In Odoo, look whether {plan.request['model']} {ids} still exists, in the archive too."

    def _moved(self, client: OdooClient, plan: Plan) -> Iterable[Change]:
        model = plan.request["model"]
        return moved_since(client, model, plan.preconditions, client.fields(model))

    def _execute(self, client: OdooClient, plan: Plan, key: str) -> Receipt:
        model, ids = plan.request["model"], list(plan.request["ids"])
        there = client.read(model, ids, [])
        gone = [one for one in ids if one not in there]
        if gone:
            return rejected(f"{model} {_listed(gone)} is gone already. Nothing was done.")
        refused: Refused | None = None
        try:
            client.call(model, "unlink", ids=ids)
        except Refused as problem:
            if not problem.signed_in:
                raise
            refused = problem
        try:
            left = sorted(client.read(model, ids, []))
        except (NotReached, Refused):
            raise Lost("it answered, but whether the records are gone could not be read back") from None
        if not left:
            return _receipt(plan)
        if refused and len(left) == len(ids):
            raise refused
        said = f" ({refused.words})" if refused else ""
        raise Lost(f"{model} {_listed(left)} is still there{said}")

    def _verify(self, client: OdooClient, plan: Plan, key: str) -> Receipt | None:
        return None if client.read(plan.request["model"], plan.request["ids"], []) else _receipt(plan)


def _is_kept(name: str, field: Field) -> bool:
    """What a record holds by itself; what Odoo computes whenever it is asked would look like drift."""
    return field.get("type") in _SINGLE and field.get("store", True) is not False and name not in _STAMPS


def _changes(model: str, found: Mapping[int, Record], fields: Mapping[str, Field], names: Names) -> Iterator[Change]:
    for record, row in found.items():
        yield Change(str(record), f"{model} {record}", str(row["display_name"]), None)
        held = [name for name in fields if name in row and plain(row[name]) not in (None, 0)]
        held.sort(key=lambda name: bool(fields[name].get("readonly")))  # what people wrote comes first
        for name in held[:_MOST_SHOWN]:
            label = str(fields[name].get("string", name))
            of = "" if len(found) == 1 else f"{row['display_name']}: "
            yield Change(f"{record}.{name}", f"{of}{label}", shown(row[name], fields[name], names), None)


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(str(one) for one in ids)


def _receipt(plan: Plan) -> Receipt:
    model, ids = plan.request["model"], plan.request["ids"]
    reference = ",".join([model, *(str(one) for one in ids)])[:500]
    return confirmed(f"{model} {_listed(ids)} is deleted (read back: gone).", reference=reference)
