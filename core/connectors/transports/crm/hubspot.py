"""HubSpot's CRM (v3): one account, every answer told by one table, and batches whose parts may end differently."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.connectors.transports.calls import Lost, NotReached, Refused
from core.connectors.transports.http import Answer, HttpApi, Means

PUBLIC_API = "https://api.hubapi.com"
KEY_PROPERTY = "countersign_key"
"""A text property of deals with unique values, made by an admin of HubSpot: by it a deal is found again."""

ANSWERS: Mapping[int, Means] = {
    400: Means.REFUSED,
    401: Means.SIGN_IN,
    403: Means.SIGN_IN,  # the token lacks a scope
    404: Means.REFUSED,
    409: Means.REFUSED,  # somebody has this unique value already
    423: Means.LATER,  # many changes at once: locked for some seconds
    429: Means.LATER,
    477: Means.LATER,  # the account is being moved to another data centre
}
"""What its statuses mean (developers.hubspot.com, error handling); 5xx: nobody knows. 207 is read part by part."""

_TYPES = {"contacts": "0-1", "deals": "0-3"}
DEAL_TO_CONTACT = 3
"""HubSpot's own type of association."""


@dataclass(frozen=True)
class Record:
    id: str
    properties: Mapping[str, str | None]


@dataclass(frozen=True)
class Property:
    label: str
    type: str
    options: tuple[str, ...]
    read_only: bool
    unique: bool


@dataclass(frozen=True)
class Written:
    """What came of a batch: records by the number of their input, and why the others were refused."""

    records: Mapping[int, Record]
    refused: Mapping[int, str]
    unplaced: tuple[str, ...] = ()
    """Errors that do not say which input they are about."""


class HubSpot:
    """Every call raises what `transports.calls` has. The token must belong to the portal that plans name."""

    def __init__(self, base: str, token: str, portal: str, *, timeout: float) -> None:
        self._base, self._portal = base, portal
        self._api = HttpApi(
            base, headers={"authorization": f"Bearer {token}"}, timeout=timeout, answers=ANSWERS, words=_words
        )
        self._details: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        return identity(self._base, self._portal)

    def close(self) -> None:
        self._api.close()

    # -- reading --------------------------------------------------------------------------------------------------

    def details(self) -> Mapping[str, Any]:
        """Whose token it is: {portalId, companyCurrency, uiDomain…}; Refused if it is another portal's."""
        if self._details is None:
            found = self._api.ask("/account-info/v3/details").object()
            if str(found.get("portalId")) != self._portal:
                words = f"the token is for the portal {found.get('portalId')}, not {self._portal}"
                raise Refused(words, signed_in=False)
            self._details = found
        return self._details

    def link(self, kind: str, record: str) -> str:
        domain = str(self.details().get("uiDomain") or "app.hubspot.com")
        return f"https://{domain}/contacts/{self._portal}/record/{_TYPES[kind]}/{record}"

    def properties(self, kind: str) -> Mapping[str, Property]:
        self.details()
        found = self._api.ask(f"/crm/v3/properties/{kind}").object().get("results")
        return {str(one["name"]): _property(one) for one in found or ()}

    def read(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], *, by: str | None = None
    ) -> Mapping[str, Record]:
        """The records that exist and are not archived, by what was asked for: an id, or the value of `by`."""
        self.details()
        wanted = [*properties, *([by] if by else []), *(["hs_additional_emails"] if by == "email" else [])]
        body: dict[str, Any] = {"properties": list(dict.fromkeys(wanted)), "inputs": [{"id": one} for one in ids]}
        if by:
            body["idProperty"] = by
        answer = self._api.ask(f"/crm/v3/objects/{kind}/batch/read", method="POST", json=body).object()
        _only_missing(answer)
        found: dict[str, Record] = {}
        for row in answer.get("results") or ():
            record = _record(row)
            for name in _names_of(record, by):
                found[name] = record
        return {one: found[one] for one in ids if one in found}

    # -- writing --------------------------------------------------------------------------------------------------

    def upsert_contacts(self, people: Sequence[tuple[str, Mapping[str, str]]]) -> Written:
        """The address only names them: among the values it would replace the first one of a contact that has several."""
        inputs = [
            {"id": email, "idProperty": "email", "properties": dict(fields),
             "objectWriteTraceId": str(number)}
            for number, (email, fields) in enumerate(people)
        ]  # fmt: skip
        return self._batch("contacts", "upsert", inputs, [email for email, _ in people], by="email")

    def update(self, kind: str, values: Mapping[str, Mapping[str, str]]) -> Written:
        """Other values in records, by id."""
        inputs = [
            {"id": record, "properties": dict(fields), "objectWriteTraceId": str(number)}
            for number, (record, fields) in enumerate(values.items())
        ]
        return self._batch(kind, "update", inputs, list(values))

    def create_deal(self, fields: Mapping[str, str], contact: str | None) -> Record:
        body: dict[str, Any] = {"properties": dict(fields)}
        if contact:
            kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": DEAL_TO_CONTACT}
            body["associations"] = [{"to": {"id": contact}, "types": [kind]}]
        self.details()
        return _record(_whole(self._api.send("POST", "/crm/v3/objects/deals", json=body)))

    def archive(self, kind: str, ids: Sequence[str]) -> None:
        """Says the same whether they were there, archived already, or never."""
        self.details()
        body = {"inputs": [{"id": one} for one in ids]}
        self._api.send("POST", f"/crm/v3/objects/{kind}/batch/archive", json=body)

    def _batch(
        self, kind: str, act: str, inputs: Sequence[Mapping[str, Any]], names: Sequence[str], by: str | None = None
    ) -> Written:
        self.details()
        answer = self._api.send("POST", f"/crm/v3/objects/{kind}/batch/{act}", json={"inputs": list(inputs)})
        said = _whole(answer)
        records: dict[int, Record] = {}
        for row in said.get("results") or ():
            record = _record(row)
            for name in _names_of(record, by):
                if name in names:
                    records[names.index(name)] = record
        refused: dict[int, str] = {}
        unplaced: list[str] = []
        for error in said.get("errors") or ():
            numbers = [int(one) for one in (error.get("context") or {}).get("objectWriteTraceId") or ()]
            refused |= dict.fromkeys(numbers, _message(error))
            if not numbers:
                unplaced.append(_message(error))
        return Written(records, refused, tuple(unplaced))


def identity(base: str, portal: str) -> str:
    where = "" if base == PUBLIC_API else f" at {base}"
    return f"HubSpot{where}, portal {portal}"


def _whole(answer: Answer) -> Mapping[str, Any]:
    """What came of a change; Lost if nobody can read it."""
    said = answer.json()
    if not isinstance(said, Mapping) or not ("id" in said or "results" in said):
        raise Lost("the answer could not be read")
    return said


def _record(row: Mapping[str, Any]) -> Record:
    return Record(str(row["id"]), dict(row.get("properties") or {}))


def _names_of(record: Record, by: str | None) -> list[str]:
    """What a record may have been asked for by: a contact has further addresses beside its first."""
    if by is None:
        return [record.id]
    names = [str(record.properties.get(by) or "")]
    if by == "email":
        names += str(record.properties.get("hs_additional_emails") or "").split(";")
        return [name.strip().lower() for name in names if name.strip()]
    return names


def _only_missing(answer: Mapping[str, Any]) -> None:
    """A batch read answers 207 for what is not there; any other error leaves it open."""
    for error in answer.get("errors") or ():
        if error.get("category") != "OBJECT_NOT_FOUND":
            raise NotReached(_message(error))


def _property(row: Mapping[str, Any]) -> Property:
    options = () if row.get("externalOptions") else tuple(str(one["value"]) for one in row.get("options") or ())
    read_only = bool((row.get("modificationMetadata") or {}).get("readOnlyValue") or row.get("calculated"))
    return Property(
        str(row.get("label") or row["name"]), str(row.get("type")), options, read_only, bool(row.get("hasUniqueValue"))
    )


def _words(answer: Answer) -> str:
    said = answer.object()
    return _message(said) if said.get("message") else f"it answered {answer.status}"


def _message(error: Mapping[str, Any]) -> str:
    """HubSpot's own words; what is not valid comes as JSON within the text, or as a list beside it."""
    text = str(error.get("message") or "no reason was given")
    start, _, listed = text.partition(": [")
    if listed:
        try:
            parts = json.loads(f"[{listed}")
            return "; ".join(str(part["message"]) for part in parts)
        except (ValueError, KeyError, TypeError):
            return start
    parts = [str(part["message"]) for part in error.get("errors") or () if part.get("message")]
    return "; ".join(parts) or text
