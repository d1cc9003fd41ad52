"""Contacts in HubSpot, made or changed by their e-mail: one, or many in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.connectors.plan import Change, Plan, Receipt, confirmed, rejected
from core.connectors.protocol import Undoing
from core.connectors.transports.calls import CallFailed, Lost
from core.connectors.transports.crm.hubspot import HubSpot, Record
from core.connectors.transports.crm.params import UpsertParams
from core.connectors.transports.crm.part import UpsertPart, restoring
from core.connectors.transports.crm.values import as_text, changes_of, checked, moved, stands

KIND = "contacts"


class ContactUpsert(UpsertPart[HubSpot]):
    system_title = "HubSpot"

    def _identity(self, client: HubSpot) -> str:
        return client.name

    def repeatable_for(self, plan: Plan) -> bool:
        """An address has one contact, so what only makes contacts can be said twice."""
        return bool(plan.preconditions) and not any(plan.preconditions["held"].values())

    def _plan(self, client: HubSpot | None, params: UpsertParams) -> Plan:
        people = {one.email: as_text(one.fields) for one in params.people}
        names = list(dict.fromkeys(name for fields in people.values() for name in fields))
        held: Mapping[str, Record] = {}
        known = client.properties(KIND) if client else {}
        if client:
            for fields in people.values():
                checked(fields, known, KIND)
            held = client.read(KIND, list(people), names, by="email")
        changes: list[Change] = []
        for email, fields in people.items():
            several = len(people) > 1
            prefix, whose = (f"{email}.", f"{email}: ") if several else ("", "")
            if client and email not in held:
                changes.append(Change(f"{prefix}email", f"{whose}E-mail", None, email))
            changes += changes_of(held.get(email), fields, known, whose=whose, prefix=prefix)
        request = params.model_dump(mode="json")
        if params.contacts:
            request["contacts"] = [{"email": email, "fields": fields} for email, fields in people.items()]
        else:
            request["fields"] = next(iter(people.values()))
        return Plan(
            operation=self.name, account="", summary=_summary(people, held, known=client is not None),
            request=request, changes=tuple(changes),
            preconditions={
                "held": {email: _kept(held.get(email), people[email]) for email in people}
            } if client else {},
            reversible=client is not None,
            warnings=() if changes else ("Nothing would change: HubSpot holds these values already",),
        )  # fmt: skip

    def _moved(self, client: HubSpot, plan: Plan) -> Iterable[Change]:
        people = _people(plan)
        now = self._now(client, plan)
        for email, kept in plan.preconditions["held"].items():
            was = Record(kept["id"], kept["properties"]) if kept else None
            yield from moved(was, now.get(email), people[email], email)

    def _execute(self, client: HubSpot, plan: Plan, key: str) -> Receipt:
        people = _people(plan)
        emails = list(people)
        written = client.upsert_contacts(list(people.items()))
        try:
            now = self._now(client, plan)
        except CallFailed as problem:
            raise Lost(f"it answered, and what it holds now could not be read back: {problem}") from None
        refused = {emails[number]: words for number, words in written.refused.items()}
        if written.unplaced:
            words = "; ".join(written.unplaced)
            refused |= {email: words for email in emails if not stands(now.get(email), people[email])}
        told = "; ".join(f"{email}: {words.rstrip('.')}" for email, words in refused.items())[:1500]
        if len(refused) == len(emails):
            return rejected(f"HubSpot refused it: {told}. Nothing was done.")
        done = [email for email in emails if email not in refused]
        if not all(email in now for email in done):
            raise Lost("it accepted the contacts and does not show them")
        return _receipt(client, plan, {email: now[email].id for email in done}, told)

    def _verify(self, client: HubSpot, plan: Plan, key: str) -> Receipt | None:
        people, now = _people(plan), self._now(client, plan)
        if not all(stands(now.get(email), fields) for email, fields in people.items()):
            return None
        return _receipt(client, plan, {email: now[email].id for email in people}, "")

    def _now(self, client: HubSpot, plan: Plan) -> Mapping[str, Record]:
        people = _people(plan)
        names = list(dict.fromkeys(name for fields in people.values() for name in fields))
        return client.read(KIND, list(people), names, by="email")

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        ids = dict(receipt.get("details", {}).get("ids") or {})
        held, people = plan.preconditions.get("held", {}), _people(plan)
        kept = {email: one for email, one in held.items() if email in ids and one}
        back = [
            {"id": one["id"], "fields": one["properties"], "expected": people[email]} for email, one in kept.items()
        ]
        return restoring("contact", back, [record for email, record in ids.items() if email not in kept])

    def where_to_look(self, plan: Plan, key: str) -> str:
        return f"In HubSpot, search for {', '.join(list(_people(plan))[:5])} and compare with the plan."


def _people(plan: Plan) -> Mapping[str, Mapping[str, str]]:
    several = plan.request.get("contacts")
    if several:
        return {one["email"]: one["fields"] for one in several}
    return {plan.request["email"]: plan.request["fields"]}


def _kept(held: Record | None, fields: Mapping[str, str]) -> dict[str, Any] | None:
    return {"id": held.id, "properties": {name: held.properties.get(name) or "" for name in fields}} if held else None


def _summary(people: Mapping[str, Any], held: Mapping[str, Any], *, known: bool) -> str:
    if len(people) == 1:
        (email,) = people
        verb = ("Change" if email in held else "Create") if known else "Create or change"
        return f"{verb} the contact {email}"
    if not known:
        return f"Create or change {len(people)} contacts"
    new, old = len(people) - len(held), len(held)
    if new and old:
        return f"Create {_contacts(new)} and change {old}"
    return f"Create {_contacts(new)}" if new else f"Change {_contacts(old)}"


def _contacts(number: int) -> str:
    return f"{number} contact{'s' if number != 1 else ''}"


def _receipt(client: HubSpot, plan: Plan, ids: Mapping[str, str], told: str) -> Receipt:
    people = _people(plan)
    words = f"HubSpot holds {len(ids)} contact{'s' if len(ids) > 1 else ''} as planned."
    if told:
        words = f"HubSpot holds {len(ids)} of {len(people)} contacts as planned. Not the others: {told.rstrip('.')}."
    ordered = {email: ids[email] for email in people if email in ids}
    reference = ",".join([KIND, *ordered.values()])[:500]
    return confirmed(words, reference=reference, url=client.link(KIND, next(iter(ordered.values()))), ids=ordered)
