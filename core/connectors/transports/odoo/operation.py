"""What the operations on Odoo share: how they are planned, money, and comparing what was expected with what is there."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic

from core.connectors.plan import Amount, Change, Effect, Plan
from core.connectors.transports.calls import Refused
from core.connectors.transports.connected import AP, ConnectedOperation
from core.connectors.transports.odoo.client import Names, OdooClient, Record
from core.connectors.transports.odoo.values import Field, plain, same, shown
from core.errors import InvalidInput

_MONEY = (
    "account.",
    "payment.",
    "sale.order",
    "purchase.order",
    "res.partner.bank",
    "hr.payslip",
    "hr.expense",
    "pos.",
)
"""Models that move money or commit to it."""

_UNDO = "Undo"


class OdooOperation(ConnectedOperation[AP, OdooClient], Generic[AP]):
    """Subclasses write `_draft`: the plan, whose account is filled in."""

    channel = "odoo"
    families = ("odoo",)
    repeatable = False
    system_title = "Odoo"

    def _identity(self, client: OdooClient) -> str:
        return client.name

    def _plan(self, client: OdooClient | None, params: AP) -> Plan:
        try:
            return self._draft(client, params)
        except Refused as refused:
            if not refused.signed_in:
                raise
            raise InvalidInput(field="Odoo", problem=refused.words) from None

    @abstractmethod
    def _draft(self, odoo: OdooClient | None, params: AP) -> Plan:
        """What would be done; None: nothing is connected."""

    def effect_of(self, plan: Plan) -> Effect:
        """Bookkeeping and payments are financial, whatever the fields are called."""
        money = str(plan.request["model"]).startswith(_MONEY)
        return Effect.FINANCIAL if money and self.effect is not Effect.READ else super().effect_of(plan)


def request_of(params: AP, **checked: Any) -> dict[str, Any]:
    """The parameters as a plan keeps them; `checked` replaces what was spelled otherwise. Expectations only if any."""
    request = {**params.model_dump(mode="json"), **checked}
    if request.get("expected") is None:
        request.pop("expected", None)
    return request


def found_records(odoo: OdooClient, model: str, ids: Sequence[int], fields: Sequence[str]) -> Mapping[int, Record]:
    """The records, all of them, or InvalidInput with those that are missing."""
    found = odoo.read(model, ids, fields)
    missing = ", ".join(str(one) for one in ids if one not in found)
    if missing:
        raise InvalidInput(field="Records", problem=f"Odoo has no {model} with the id {missing}.")
    return found


def must_hold(
    odoo: OdooClient, model: str, ids: Sequence[int], expected: Mapping[str, Any] | None, known: Mapping[str, Field]
) -> None:
    """An undoing is refused where somebody has changed since what it would take back."""
    if not expected:
        return
    names = [name for name in expected if name in known or name != "active"]  # not every model can be archived
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidInput(field=_UNDO, problem=f"{model} has no field {unknown[0]}.")
    found = found_records(odoo, model, ids, names)
    for row in found.values():
        for name in names:
            field = known[name]
            if not same(row[name], expected[name], field.get("type")):
                names_of = Names(odoo)
                now, was = shown(row[name], field, names_of), shown(expected[name], field, names_of)
                raise InvalidInput(
                    field=_UNDO,
                    problem=f"{field.get('string', name)} of “{row['display_name']}” was changed since: it is now "
                    f"{_quoted(now)}, not {_quoted(was)} as this action left it. Propose a change of your own.",
                )


def moved_since(
    odoo: OdooClient, model: str, preconditions: Mapping[str, Any], known: Mapping[str, Field]
) -> Iterator[Change]:
    """What differs from the values read when planning: `preconditions` are {id: {field: value}}."""
    ids = [int(one) for one in preconditions]
    fields = list(dict.fromkeys(name for row in preconditions.values() for name in row))
    found = odoo.read(model, ids, [name for name in fields if name in known])
    names = Names(odoo)
    for record in ids:
        if record not in found:
            yield Change("id", f"{model} {record}", "there", "gone")
            continue
        row = found[record]
        for name, before in preconditions[str(record)].items():
            field = known.get(name, {})
            if name not in row or not same(before, row[name], field.get("type")):
                label = f"{row['display_name']}: {field.get('string', name)}"
                yield Change(name, label, shown(before, field, names), shown(row.get(name), field, names))


def amounts_in(
    values: Mapping[str, Any],
    fields: Mapping[str, Field],
    currency_of: Callable[[str], str | None],
    *,
    before: Sequence[Mapping[str, Any]] = ({},),
) -> tuple[Amount, ...]:
    """The sums among `values`, without sign, each for every record in `before` (what the records hold now).

    Of before and after the larger one counts: striking out a sum moves it as well. One whose currency nobody knows
    has XXX, which no limit allows.
    """
    found = []
    for name, field in fields.items():
        if field.get("type") != "monetary":
            continue
        sums = [max(_size(values.get(name)), _size(record.get(name))) for record in before]
        if any(sums):
            currency = currency_of(str(field.get("currency_field") or "currency_id"))
            found.append(Amount(sum(sums, Decimal(0)), currency or "XXX"))
    return tuple(found)


def currency(value: Any, names: Names) -> str | None:
    """The ISO 4217 code of a currency record, given as an id or as Odoo reads it."""
    record = plain(value)
    return names("res.currency", record) if type(record) is int else None


def common_currency(
    odoo: OdooClient, model: str, ids: Sequence[int], known: Mapping[str, Field], names: Names
) -> Callable[[str], str | None]:
    """The currency that a field of the records names; None where they differ or have none."""

    def find(field: str) -> str | None:
        if field not in known:
            return None
        held = {str(row[field]): row[field] for row in odoo.read(model, ids, [field]).values()}
        return currency(next(iter(held.values())), names) if len(held) == 1 else None

    return find


def _size(value: Any) -> Decimal:
    return abs(Decimal(str(value))) if value else Decimal(0)


def _quoted(value: Any) -> str:
    return "empty" if value in (None, "", False, []) else f"“{value}”"
