"""Records made once for one key: through `load`, with an external id of their own by which they are found again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from core.connectors.transports.calls import Lost, NotReached, Refused
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.silence import SILENT, UNTRACKED
from core.connectors.transports.odoo.values import Field, for_import

_NEWEST = 200
"""Among how many of its own newest records a user looks who may not read external ids."""

_ONCE = {**SILENT, **UNTRACKED, "tz": "UTC", "mode": "update", "noupdate": True}
"""`load` writes over a record that has the external id already, unless it is marked so and said to update.
What is new has no earlier values to track."""


def external_id(key: str) -> str:
    """The external id of what is created with this key, every time."""
    return f"countersign.a_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def make_once(
    odoo: OdooClient,
    model: str,
    key: str,
    values: Mapping[str, Any],
    fields: Mapping[str, Field],
    context: Mapping[str, Any] | None = None,
) -> int:
    """The id of the record that was made with this key, now or before.

    `load` makes the record and its external id in one transaction. Values named `…/id` are external ids themselves.
    Raises what `transports.calls` has; Refused only if nothing was made.
    """
    found = made_with(odoo, model, key)
    if found is not None:
        return found
    columns = [for_import(name, value, fields.get(name, {}).get("type")) for name, value in values.items()]
    try:
        answer = odoo.call(
            model, "load", fields=["id", *(name for name, _ in columns)],
            data=[[external_id(key), *(cell for _, cell in columns)]], context={**_ONCE, **(context or {})},
        )  # fmt: skip
    except Refused as refused:
        return _made_after_all(odoo, model, key, refused)
    ids = answer.get("ids") if isinstance(answer, Mapping) else None
    if ids:
        return int(ids[0])
    messages = answer.get("messages", ()) if isinstance(answer, Mapping) else ()
    said = "; ".join(str(one.get("message", one)) for one in messages)[:400]
    raise Refused(said or "no reason was given")


def _made_after_all(odoo: OdooClient, model: str, key: str, refused: Refused) -> int:
    """An error can follow a committed write."""
    if not refused.signed_in:
        raise refused
    try:
        found = made_with(odoo, model, key)
    except (NotReached, Refused):
        raise Lost(f"it answered with an error and could not be asked what it did: {refused.words}") from None
    if found is None:
        raise refused
    return found


def made_with(odoo: OdooClient, model: str, key: str) -> int | None:
    """The record that was made with this key and still exists."""
    module, _, name = external_id(key).partition(".")
    domain = [["module", "=", module], ["name", "=", name], ["model", "=", model]]
    try:
        rows = odoo.search("ir.model.data", domain, ["res_id"], 1)
    except Refused as refused:
        if not refused.signed_in:
            raise
        return _made_by_me(odoo, model, key)  # only managers of access rights may look there
    record = int(rows[0]["res_id"]) if rows else 0
    return record if record and record in odoo.read(model, [record], []) else None


def _made_by_me(odoo: OdooClient, model: str, key: str) -> int | None:
    """Anybody may ask a record for its external ids."""
    user = odoo.user()
    domain: Sequence[Any] = [["create_uid", "=", user]] if user else []
    rows = odoo.search(model, domain, ["create_date"], _NEWEST, newest=True, archived=True)
    if not rows:
        return None
    for one in odoo.ask(model, "get_metadata", ids=[int(row["id"]) for row in rows]):
        spelled = [one.get("xmlid"), *(other.get("xmlid") for other in one.get("xmlids") or ())]
        if external_id(key) in spelled:
            return int(one["id"])
    return None


def look_for(model: str, key: str) -> str:
    return (
        f"In Odoo, look for the newest {model} with these values, "
        f"or for the external id {external_id(key)} (Settings → Technical → External identifiers)."
    )
