"""Putting HubSpot's records back: the values that were there, and what was made goes to the archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.connectors.plan import Change, Effect, Plan, Receipt, confirmed, rejected
from core.connectors.transports.calls import CallFailed, Lost
from core.connectors.transports.connected import ConnectedOperation
from core.connectors.transports.crm.hubspot import HubSpot, Record
from core.connectors.transports.crm.params import RestoreParams
from core.connectors.transports.crm.part import CHANNEL, RESTORE
from core.connectors.transports.crm.values import (
    CURRENCY,
    amounts_of,
    as_text,
    changes_of,
    checked,
    moved,
    same,
    stands,
)
from core.errors import InvalidInput

_CALLED = {"contact": ("contacts", "email"), "deal": ("deals", "dealname")}


class CrmRestore(ConnectedOperation[RestoreParams, HubSpot]):
    name = RESTORE
    title = "Put CRM records back"
    channel = CHANNEL
    families = ("hubspot",)
    effect = Effect.REVERSIBLE
    repeatable = True
    params = RestoreParams
    system_title = "HubSpot"

    def _identity(self, client: HubSpot) -> str:
        return client.name

    def _plan(self, client: HubSpot | None, params: RestoreParams) -> Plan:
        kind, called = _CALLED[params.target]
        back = {one.id: as_text(one.fields) for one in params.put_back}
        request = params.model_dump(mode="json")
        for one, fields in zip(request["put_back"], back.values(), strict=True):
            one["fields"] = fields
        summary = f"Put back {len(back)} and archive {len(params.archive)} {kind}"
        if client is None:
            changes = tuple(
                change for one, fields in back.items()
                for change in changes_of(None, fields, {}, whose=f"{one}: ", prefix=f"{one}.")
            )  # fmt: skip
            return Plan(self.name, "", summary, request, changes=(*changes, *_archived(params.archive, {}, called)))
        known = client.properties(kind)
        expected = {one.id: as_text(one.expected) for one in params.put_back}
        for fields in back.values():
            checked(fields, known, kind)
        names = list(dict.fromkeys([called, "amount", CURRENCY] if kind == "deals" else [called]))
        names += [name for fields in (*back.values(), *expected.values()) for name in fields if name not in names]
        held = client.read(kind, [*back, *params.archive], names)
        missing = [one for one in (*back, *params.archive) if one not in held]
        if missing:
            raise InvalidInput(field="Records", problem=f"HubSpot has no {params.target} {', '.join(missing)}.")
        changes_found: list[Change] = []
        for one, fields in back.items():
            _must_hold(held[one], expected[one], known, called)
            whose = f"{_name(held[one], called)}: "
            changes_found += changes_of(held[one], fields, known, whose=whose, prefix=f"{one}.")
        amounts = [
            amount for one, fields in back.items()
            for amount in amounts_of(held[one], fields, fields.get(CURRENCY) or held[one].properties.get(CURRENCY)
                                     or client.details().get("companyCurrency"))
        ] if kind == "deals" else []  # fmt: skip
        return Plan(
            operation=self.name, account="", summary=summary, request=request,
            changes=(*changes_found, *_archived(params.archive, held, called)),
            preconditions={"held": {
                one: {name: held[one].properties.get(name) or "" for name in back.get(one, {})} for one in held
            }},
            amounts=tuple(amounts),
        )  # fmt: skip

    def _moved(self, client: HubSpot, plan: Plan) -> Iterable[Change]:
        was = plan.preconditions["held"]
        names = list(dict.fromkeys(name for values in was.values() for name in values))
        now = client.read(_CALLED[plan.request["target"]][0], list(was), names)
        for one, values in was.items():
            yield from moved(Record(one, values), now.get(one), values, f"record {one}")

    def _execute(self, client: HubSpot, plan: Plan, key: str) -> Receipt:
        kind, archive, back = _CALLED[plan.request["target"]][0], plan.request["archive"], _back(plan)
        if back:
            written = client.update(kind, back)
            if not written.records:
                words = "; ".join(written.refused.values()) or "no reason was given"
                return rejected(f"HubSpot refused it: {words.rstrip('.')}. Nothing was done.")
            if len(written.records) < len(back):
                raise Lost(f"it put back {len(written.records)} of {len(back)}: {'; '.join(written.refused.values())}")
        if archive:
            try:
                client.archive(kind, archive)
            except CallFailed as problem:
                if not back:
                    raise
                raise Lost(f"the values were put back, and then: {problem}") from None
        return _receipt(client, plan)

    def _verify(self, client: HubSpot, plan: Plan, key: str) -> Receipt | None:
        back, archive = _back(plan), plan.request["archive"]
        names = list(dict.fromkeys(name for fields in back.values() for name in fields))
        now = client.read(_CALLED[plan.request["target"]][0], [*back, *archive], names)
        done = all(stands(now.get(one), fields) for one, fields in back.items()) and not any(
            one in now for one in archive
        )
        return _receipt(client, plan) if done else None

    def where_to_look(self, plan: Plan, key: str) -> str:
        ids = ", ".join([*_back(plan), *plan.request["archive"]][:5])
        return f"In HubSpot, open the records {ids} and compare them with the plan."


def _back(plan: Plan) -> Mapping[str, Mapping[str, str]]:
    return {one["id"]: one["fields"] for one in plan.request["put_back"]}


def _must_hold(held: Record, expected: Mapping[str, str], known: Mapping[str, Any], called: str) -> None:
    """An undoing is refused where somebody has changed since what it would take back."""
    for name, value in expected.items():
        if not same(held.properties.get(name), value, known[name].type if name in known else None):
            label = known[name].label if name in known else name
            raise InvalidInput(
                field="Undo",
                problem=f"{label} of {_name(held, called)} was changed since. Propose a change of your own.",
            )


def _name(record: Record, called: str) -> str:
    return f"“{record.properties.get(called) or record.id}”"


def _archived(ids: Iterable[str], held: Mapping[str, Record], called: str) -> Iterable[Change]:
    for one in ids:
        label = _name(held[one], called) if one in held else one
        yield Change(f"{one}.archived", f"{label}: in the archive", False, True)


def _receipt(client: HubSpot, plan: Plan) -> Receipt:
    kind = _CALLED[plan.request["target"]][0]
    ids = [*_back(plan), *plan.request["archive"]]
    words = f"Put back {len(_back(plan))} and archived {len(plan.request['archive'])} {kind}."
    return confirmed(words, reference=",".join([kind, *ids])[:500])
