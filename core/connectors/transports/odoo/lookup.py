"""Finding the one record that a person means by a name or an id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.connectors.transports.odoo.client import OdooClient, Record
from core.connectors.transports.odoo.params import MAX_ID
from core.connectors.transports.odoo.values import Field
from core.errors import InvalidInput

_MOST = 20


@dataclass(frozen=True)
class Found:
    id: int
    name: str


def find_one(
    odoo: OdooClient, model: str, text: str, *, label: str, within: Sequence[Any] = (), by: Sequence[str] = ("name",)
) -> Found:
    """The record of `model` among those `within` a domain whose id, or one of the fields `by`, is `text`.

    Upper and lower case are the same. InvalidInput where there is none, or where several are called so.
    """
    text = text.strip()
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_ID:
        rows = odoo.search(model, [*within, ["id", "=", int(text)]], ["display_name"], 1)
        if rows:
            return _found(rows[0])
    named = [[field, "=ilike", _literally(text)] for field in by]
    rows = odoo.search(model, [*within, *["|"] * (len(named) - 1), *named], ["display_name", *by], _MOST)
    rows = [row for row in rows if any(str(row[field]).casefold() == text.casefold() for field in by)]
    if not rows:
        raise InvalidInput(field=label, problem=f"Odoo has no “{text}” here.")
    if len(rows) > 1:
        ids = ", ".join(str(row["id"]) for row in rows)
        raise InvalidInput(field=label, problem=f"several are called “{text}” ({ids}): give the id of one.")
    return _found(rows[0])


def find_person(odoo: OdooClient, text: str) -> Found:
    """A user who works in Odoo, not one of a customer's."""
    within = [["share", "=", False]]
    return find_one(odoo, "res.users", text, label="For", within=within, by=("login", "name"))


def signed_in_user(odoo: OdooClient) -> Found:
    user = odoo.user()
    row = odoo.read("res.users", [user], []).get(user) if user else None
    if row is None:
        raise InvalidInput(field="For", problem="Odoo does not say whose key it is: name somebody.")
    return _found(row)


def target(odoo: OdooClient, model: str, record: int, known: Mapping[str, Field], *, needs: str) -> str:
    """The name of the record that something is attached to; `needs` is the field that says the model can have it."""
    if needs not in known:
        raise InvalidInput(field="Model", problem=f"records of {model} cannot have these in Odoo.")
    row = odoo.read(model, [record], []).get(record)
    if row is None:
        raise InvalidInput(field="Record", problem=f"Odoo has no {model} with the id {record}.")
    return str(row["display_name"])


def _found(row: Record) -> Found:
    return Found(int(row["id"]), str(row["display_name"]))


def _literally(text: str) -> str:
    """`=ilike` reads % and _ as wildcards."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
