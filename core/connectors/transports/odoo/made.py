"""Operations that make one record for one key and can take it back while it is as they made it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Generic

from core.connectors.plan import Change, Effect, Plan, Receipt, confirmed
from core.connectors.protocol import Undoing
from core.connectors.transports.connected import AP
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.once import look_for, made_with, make_once
from core.connectors.transports.odoo.operation import OdooOperation


class MadeOnce(OdooOperation[AP], Generic[AP]):
    """The plan's preconditions hold what is written, as Odoo spells it: `values`, and the `types` of their fields."""

    effect = Effect.REVERSIBLE
    repeatable = True
    made: ClassVar[str]
    """The model of what is made."""

    @abstractmethod
    def _done(self, plan: Plan) -> str:
        """What was done, as a sentence."""

    def _context(self, plan: Plan) -> Mapping[str, Any]:
        return {}

    def _kept(self, plan: Plan) -> Mapping[str, Any]:
        """What it must still hold when it is taken back."""
        return {name: value for name, value in plan.preconditions["values"].items() if "/" not in name}

    def where_to_look(self, plan: Plan, key: str) -> str:
        return look_for(self.made, key)

    def _execute(self, client: OdooClient, plan: Plan, key: str) -> Receipt:
        held = plan.preconditions
        types = {name: {"type": kind} for name, kind in held["types"].items()}
        return self._receipt(
            client, plan, make_once(client, self.made, key, held["values"], types, self._context(plan))
        )

    def _verify(self, client: OdooClient, plan: Plan, key: str) -> Receipt | None:
        made = made_with(client, self.made, key)
        return self._receipt(client, plan, made) if made is not None else None

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        return deletion_of(receipt, expected=self._kept(plan)) if plan.preconditions else None

    def _receipt(self, odoo: OdooClient, plan: Plan, record: int) -> Receipt:
        shown_at = (plan.request["model"], plan.request["id"]) if "id" in plan.request else (self.made, record)
        return confirmed(self._done(plan), reference=f"{self.made},{record}", url=odoo.link(*shown_at))


def deletion_of(receipt: Mapping[str, Any], *, expected: Mapping[str, Any]) -> Undoing | None:
    """Deleting what a receipt says was made, if it still holds what was written into it."""
    model, _, record = str(receipt.get("reference") or "").partition(",")
    if not (model and record.isdecimal()):
        return None
    return Undoing("odoo_delete", {"model": model, "ids": [int(record)], "expected": dict(expected)})


def still_there(odoo: OdooClient, plan: Plan) -> Iterable[Change]:
    """Drift of the record that something is attached to."""
    model, record = plan.request["model"], plan.request["id"]
    if record not in odoo.read(model, [record], []):
        yield Change("id", f"{model} {record}", "there", "gone")
