"""Odoo: create, update and search records of any model, over whichever of its two APIs it speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.connectors.plan import Amount, Change, Effect, Plan, Receipt, confirmed, rejected, unknown
from core.connectors.protocol import ConnectorContext, Operation, Undoing
from core.connectors.transports.odoo import Names, OdooClient, external_id, in_words
from core.connectors.transports.odoo_operation import OdooOperation, amounts_in
from core.connectors.transports.odoo_params import CreateParams, SearchParams, UpdateParams
from core.connectors.transports.odoo_values import Field, for_import, for_write, plain, same, shown
from core.connectors.transports.odoo_wires import NotReached, OdooAccount, Refused
from core.errors import InvalidInput


class OdooCreate(OdooOperation[CreateParams]):
    name = "odoo_create"
    title = "Create a record in Odoo"
    effect = Effect.REVERSIBLE
    repeatable = True
    params = CreateParams

    def plan(self, params: CreateParams) -> Plan:
        fields: Mapping[str, Field] = {}
        if self._client:
            try:
                fields = self._fields(self._client, params.model, params.values)
            except (NotReached, Refused) as problem:
                raise in_words(problem) from None
        names = Names(self._client)
        called = params.values.get("name") or params.values.get("display_name")
        return Plan(
            operation=self.name,
            account=self._account,
            summary=f"Create {params.model}" + (f" “{called}”" if called else ""),
            request=params.model_dump(mode="json"),
            changes=tuple(
                Change(name, fields.get(name, {}).get("string", name), None, shown(value, fields.get(name, {}), names))
                for name, value in params.values.items()
            ),
            preconditions={"types": {name: field["type"] for name, field in fields.items()}},
            reversible=False,
            warnings=self._warnings,
            amounts=amounts_in(params.values, fields, lambda name: self._new_currency(params.values.get(name), names)),
        )

    def _new_currency(self, given: Any, names: Names) -> str | None:
        """The currency a new record will have: the one given, else the companies' if they have one in common."""
        if given or self._client is None:
            return _currency(given, names)
        try:
            companies = self._client.search("res.company", [], ["currency_id"], 100)
        except (NotReached, Refused):
            return None
        held = {str(company["currency_id"]): company["currency_id"] for company in companies}
        return _currency(next(iter(held.values())), names) if len(held) == 1 else None

    def where_to_look(self, plan: Plan, key: str) -> str:
        return (
            f"In Odoo, look for the newest {plan.request['model']} with these values, "
            f"or for the external id {external_id(key)} (Settings → Technical → External identifiers)."
        )

    def _execute(self, odoo: OdooClient, plan: Plan, key: str) -> Receipt:
        """`load()` makes the record and its external id in one transaction, so a repeat finds what was made."""
        model, values = plan.request["model"], plan.request["values"]
        made = self._made(odoo, model, key)
        if made is not None:
            return self._receipt(odoo, model, made)
        types = plan.preconditions.get("types", {})
        columns = [for_import(name, value, types.get(name)) for name, value in values.items()]
        try:
            answer = odoo.call(
                model, "load", fields=["id", *(name for name, _ in columns)],
                data=[[external_id(key), *(cell for _, cell in columns)]], context={"tz": "UTC"},
            )  # fmt: skip
        except Refused as refused:
            try:
                made = self._made(odoo, model, key)  # an error can follow a committed write
            except (NotReached, Refused):
                return unknown(f"Odoo answered with an error, and could not be asked what it did: {refused.words}")
            if made is not None:
                return self._receipt(odoo, model, made)
            return rejected(f"Odoo refused it: {refused.words} Nothing was created.")
        if not answer.get("ids"):
            said = "; ".join(str(one.get("message", one)) for one in answer.get("messages", ()))[:500]
            return rejected(f"Odoo refused it: {said or 'no reason was given'} Nothing was created.")
        return self._receipt(odoo, model, int(answer["ids"][0]))

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        if self._client is None:
            return None
        try:
            made = self._made(self._client, plan.request["model"], key)
        except (NotReached, Refused) as problem:
            raise in_words(problem) from None
        return self._receipt(self._client, plan.request["model"], made) if made is not None else None

    def _made(self, odoo: OdooClient, model: str, key: str) -> int | None:
        module, _, name = external_id(key).partition(".")
        domain = [["module", "=", module], ["name", "=", name], ["model", "=", model]]
        try:
            rows = odoo.search("ir.model.data", domain, ["res_id"], 1)
        except Refused as refused:
            if not refused.signed_in:
                raise
            return None  # a user may lack the right to look there; load() itself knows the external id
        return int(rows[0]["res_id"]) if rows else None

    def _receipt(self, odoo: OdooClient, model: str, record: int) -> Receipt:
        return confirmed(f"Created {model} {record}.", reference=f"{model},{record}", url=odoo.link(model, record))


class OdooUpdate(OdooOperation[UpdateParams]):
    name = "odoo_update"
    title = "Change records in Odoo"
    effect = Effect.REVERSIBLE
    params = UpdateParams

    def plan(self, params: UpdateParams) -> Plan:
        changes: list[Change] = []
        preconditions: dict[str, dict[str, Any]] = {}
        warnings = list(self._warnings)
        what = f"{params.model} {', '.join(str(one) for one in params.ids)}"
        labels = list(params.values)
        amounts: tuple[Amount, ...] = ()
        if self._client is None:
            changes = [Change(name, name, None, value) for name, value in params.values.items()]
        else:
            try:
                fields = self._fields(self._client, params.model, params.values)
                found = self._client.read(params.model, params.ids, list(params.values))
            except (NotReached, Refused) as problem:
                raise in_words(problem) from None
            missing = [one for one in params.ids if one not in found]
            if missing:
                ids = ", ".join(str(one) for one in missing)
                raise InvalidInput(field="Records", problem=f"Odoo has no {params.model} with the id {ids}.")
            names, labels = Names(self._client), [str(fields[name]["string"]) for name in params.values]
            if len(params.ids) == 1:
                what = f"“{found[params.ids[0]]['display_name']}” ({params.model} {params.ids[0]})"
            for record, row in found.items():
                preconditions[str(record)] = {name: plain(row[name]) for name in params.values}
                of = "" if len(found) == 1 else f"{row['display_name']}: "
                changes += [
                    Change(
                        name if len(found) == 1 else f"{record}.{name}", f"{of}{field['string']}",
                        shown(row[name], field, names), shown(params.values[name], field, names),
                    )
                    for name, field in fields.items()
                    if not same(row[name], params.values[name])
                ]  # fmt: skip
            amounts = amounts_in(
                params.values, fields, self._currency_of(self._client, params, names), before=list(found.values())
            )
            if not changes:
                warnings.append("Nothing would change: Odoo holds these values already")
        return Plan(
            operation=self.name,
            account=self._account,
            summary=f"Change {', '.join(labels)} of {what}",
            request=params.model_dump(mode="json"),
            changes=tuple(changes),
            preconditions=preconditions,
            reversible=_one_value_each(preconditions) is not None,
            warnings=tuple(warnings),
            amounts=amounts,
        )

    def undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        """The values that were there; records that held different ones cannot be put back by one update."""
        before = _one_value_each(plan.preconditions)
        if before is None:
            return None
        request = {"model": plan.request["model"], "ids": plan.request["ids"], "values": dict(before)}
        return Undoing(OdooUpdate.name, request)

    def where_to_look(self, plan: Plan, key: str) -> str:
        ids = ", ".join(str(one) for one in plan.request["ids"])
        return f"In Odoo, open {plan.request['model']} {ids} and compare its fields, and its log, with the plan."

    def _currency_of(self, odoo: OdooClient, params: UpdateParams, names: Names) -> Callable[[str], str | None]:
        """The currency that a field of the records names; None where they differ or have none."""

        def find(field: str) -> str | None:
            if field in params.values:
                return _currency(params.values[field], names)
            if field not in odoo.fields(params.model):
                return None
            held = {str(row[field]): row[field] for row in odoo.read(params.model, params.ids, [field]).values()}
            return _currency(next(iter(held.values())), names) if len(held) == 1 else None

        return find

    def _moved(self, odoo: OdooClient, plan: Plan) -> Iterable[Change]:
        model, ids = plan.request["model"], plan.request["ids"]
        names = list(plan.request["values"])
        fields = odoo.fields(model)
        found = odoo.read(model, ids, names)
        for record in ids:
            if record not in found:
                yield Change("id", f"{model} {record}", "there", "gone")
                continue
            row, before, shows = found[record], plan.preconditions[str(record)], Names(odoo)
            for name in names:
                if not same(before[name], row[name]):
                    field = fields.get(name, {})
                    label = f"{row['display_name']}: {field.get('string', name)}"
                    yield Change(name, label, shown(before[name], field, shows), shown(row[name], field, shows))

    def _execute(self, odoo: OdooClient, plan: Plan, key: str) -> Receipt:
        model, ids, values = plan.request["model"], plan.request["ids"], plan.request["values"]
        fields = odoo.fields(model)
        vals = {name: for_write(value, fields.get(name, {}).get("type")) for name, value in values.items()}
        refused: Refused | None = None
        try:
            odoo.call(model, "write", ids=ids, vals=vals)
        except Refused as problem:
            if not problem.signed_in:
                raise
            refused = problem
        return self._judged(odoo, plan, refused)

    def _judged(self, odoo: OdooClient, plan: Plan, refused: Refused | None) -> Receipt:
        """What the records hold now decides: a fault can follow a committed write, and a write on nothing says True."""
        try:
            if self._stands(odoo, plan):
                return self._receipt(odoo, plan)
            if refused and not list(self._moved(odoo, plan)):
                return rejected(f"Odoo refused it: {refused.words} Nothing was changed.")
        except (NotReached, Refused):
            return unknown("Odoo answered, but what the records hold now could not be read back.")
        if refused:
            return unknown(f"Odoo answered with an error and the records hold other values than before: {refused}")
        return unknown("Odoo accepted the change but shows other values now. Look at the records.")

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        if self._client is None:
            return None
        try:
            return self._receipt(self._client, plan) if self._stands(self._client, plan) else None
        except (NotReached, Refused) as problem:
            raise in_words(problem) from None

    def _stands(self, odoo: OdooClient, plan: Plan) -> bool:
        ids, values = plan.request["ids"], plan.request["values"]
        found = odoo.read(plan.request["model"], ids, list(values))
        return all(
            record in found and same(found[record][name], value) for record in ids for name, value in values.items()
        )

    def _receipt(self, odoo: OdooClient, plan: Plan) -> Receipt:
        model, ids = plan.request["model"], plan.request["ids"]
        words = f"{model} {', '.join(str(one) for one in ids)} now holds these values (read back)."
        reference = ",".join([model, *(str(one) for one in ids)])[:500]
        return confirmed(words, reference=reference, url=odoo.link(model, ids[0]))


class OdooSearch(OdooOperation[SearchParams]):
    name = "odoo_search"
    title = "Search in Odoo"
    effect = Effect.READ
    repeatable = True
    params = SearchParams

    def plan(self, params: SearchParams) -> Plan:
        return Plan(
            operation=self.name,
            account=self._account,
            summary=f"Read up to {params.limit} {params.model} ({', '.join(params.fields)})",
            request=params.model_dump(mode="json"),
            leaves_machine=False,
            reversible=True,
            warnings=(*self._warnings, "Reads only; nothing in Odoo changes"),
        )

    def _execute(self, odoo: OdooClient, plan: Plan, key: str) -> Receipt:
        asked = plan.request
        rows = odoo.search(asked["model"], asked["domain"], asked["fields"], asked["limit"])
        words = f"Found {len(rows)} {asked['model']}."
        return confirmed(words, reference=f"{len(rows)} records", records=[dict(row) for row in rows])


def _one_value_each(preconditions: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What all records held; None if they differed or nothing was read."""
    held = list(preconditions.values())
    return held[0] if held and all(one == held[0] for one in held) else None


def _currency(value: Any, names: Names) -> str | None:
    """The ISO 4217 code of a currency record, given as an id or as Odoo reads it."""
    record = plain(value)
    return names("res.currency", record) if type(record) is int else None


def operations(context: ConnectorContext) -> Iterable[Operation[Any]]:
    settings = context.settings
    client: OdooClient | None = None
    if settings.odoo_url and settings.odoo_api_key:
        account = OdooAccount(
            settings.odoo_url.rstrip("/"), settings.odoo_database, settings.odoo_login,
            settings.odoo_api_key.get_secret_value(),
        )  # fmt: skip
        client = OdooClient(account, timeout=settings.call_timeout_seconds)
    return (OdooCreate(client), OdooUpdate(client), OdooSearch(client))
