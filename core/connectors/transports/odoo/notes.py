"""odoo_internal_note: a note in a record's log, for colleagues only.

Odoo's own way, `message_post`, writes to followers who asked for notes. So the message is created directly: nothing in
Odoo writes e-mails for a message that was not posted. It names no recipients, and its text is escaped, so that a name
in it mentions nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic

from core.connectors.plan import Change, Plan
from core.connectors.transports.connected import AP
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.lookup import target
from core.connectors.transports.odoo.made import MadeOnce, still_there
from core.connectors.transports.odoo.operation import request_of
from core.connectors.transports.odoo.params import NoteParams
from core.connectors.transports.odoo.values import html_of

_TYPES = {
    "model": "char", "res_id": "integer", "body": "html", "message_type": "selection", "is_internal": "boolean",
    "mail_activity_type_id": "many2one",
}  # fmt: skip


class Logged(MadeOnce[AP], Generic[AP]):
    """A message in a record's log, taken back only while it is there and reads as it was written."""

    made = "mail.message"

    def _kept(self, plan: Plan) -> Mapping[str, Any]:
        return {name: plan.preconditions["values"][name] for name in ("res_id", "body")}

    def _moved(self, client: OdooClient, plan: Plan) -> Iterable[Change]:
        return still_there(client, plan)


class OdooInternalNote(Logged[NoteParams]):
    name = "odoo_internal_note"
    title = "Write an internal note in Odoo"
    params = NoteParams

    def _draft(self, odoo: OdooClient | None, params: NoteParams) -> Plan:
        on, values = f"{params.model} {params.id}", dict[str, Any]()
        if odoo:
            called = target(odoo, params.model, params.id, odoo.fields(params.model), needs="message_ids")
            on = f"“{called}” ({on})"
            values = note_values(params.model, params.id, html_of(params.text), subtype="mail.mt_note")
        return Plan(
            operation=self.name,
            account="",
            summary=f"Write an internal note on {on}",
            request=request_of(params),
            changes=(Change("text", "Note", None, params.text),),
            preconditions={"values": values, "types": note_types(values)} if odoo else {},
            reversible=odoo is not None,
        )

    def _done(self, plan: Plan) -> str:
        return "Wrote the note. Odoo sent no e-mail of it."


def note_values(model: str, record: int, body: str, *, subtype: str) -> dict[str, Any]:
    """A message in a record's log that only employees see; `subtype` is an external id."""
    return {
        "model": model, "res_id": record, "body": body, "message_type": "comment", "subtype_id/id": subtype,
        "is_internal": True,
    }  # fmt: skip


def note_types(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _TYPES[name] for name in values if name in _TYPES}
