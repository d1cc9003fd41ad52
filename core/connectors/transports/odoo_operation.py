"""What the operations on Odoo share: the connection, drift, and errors told as receipts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.connectors.plan import Amount, Change, DriftFound, Effect, Plan, Receipt, deferred, rejected, unknown
from core.connectors.protocol import Operation
from core.connectors.transports.odoo import OdooClient, in_words
from core.connectors.transports.odoo_params import P
from core.connectors.transports.odoo_values import Field, problem_with
from core.connectors.transports.odoo_wires import Lost, NotReached, Refused
from core.errors import InvalidInput

NOT_CONNECTED = "Odoo is not connected"
_CONNECT = f"{NOT_CONNECTED}. Nothing was done. Connect it under Connections → Odoo (ODOO_URL and ODOO_API_KEY)."


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


class OdooOperation(Operation[P]):
    channel = "odoo"
    repeatable = False

    def __init__(self, client: OdooClient | None) -> None:
        self._client = client

    @property
    def _account(self) -> str:
        return self._client.name if self._client else f"Odoo ({NOT_CONNECTED[8:]})"

    @property
    def _warnings(self) -> tuple[str, ...]:
        return () if self._client else (NOT_CONNECTED,)

    def close(self) -> None:
        if self._client:
            self._client.close()

    def drift(self, plan: Plan) -> DriftFound | None:
        if plan.account != self._account:
            return DriftFound((Change("account", "The connection", plan.account, self._account),))
        try:
            moved = tuple(self._moved(self._client, plan)) if self._client else ()
        except (NotReached, Refused) as problem:
            raise in_words(problem) from None
        return DriftFound(moved) if moved else None

    def _moved(self, odoo: OdooClient, plan: Plan) -> Iterable[Change]:
        return ()

    def effect_of(self, plan: Plan) -> Effect:
        """Bookkeeping and payments are financial, whatever the fields are called."""
        money = str(plan.request["model"]).startswith(_MONEY)
        return Effect.FINANCIAL if money and self.effect is not Effect.READ else super().effect_of(plan)

    def execute(self, plan: Plan, key: str) -> Receipt:
        if self._client is None:
            return rejected(_CONNECT)
        try:
            return self._execute(self._client, plan, key)
        except NotReached as problem:
            return deferred(f"Odoo could not be reached ({problem}). Nothing was done.")
        except Lost as problem:
            return unknown(f"Odoo did not answer ({problem}). It may have been done.")
        except Refused as refused:
            return rejected(f"Odoo refused it: {refused.words} Nothing was done.")

    @abstractmethod
    def _execute(self, odoo: OdooClient, plan: Plan, key: str) -> Receipt:
        """The call itself, with Odoo connected."""

    def _fields(self, odoo: OdooClient, model: str, values: Mapping[str, Any]) -> Mapping[str, Field]:
        """What Odoo says of the fields in `values`; refuses the ones it lacks and values that do not fit."""
        known = odoo.fields(model)
        for name, value in values.items():
            if name not in known:
                raise InvalidInput(field="Values", problem=f"{model} has no field {name}.")
            problem = problem_with(value, known[name])
            if problem:
                raise InvalidInput(field=f"{known[name]['string']} ({name})", problem=problem)
        return {name: known[name] for name in values}


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


def _size(value: Any) -> Decimal:
    return abs(Decimal(str(value))) if value else Decimal(0)
