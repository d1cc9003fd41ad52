"""odoo_schedule_follow_up and odoo_log_activity: what somebody is to do about a record, and what somebody did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.connectors.plan import Change, Plan, Receipt
from core.connectors.transports.calls import Lost
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.lookup import Found, find_one, find_person, signed_in_user, target
from core.connectors.transports.odoo.made import MadeOnce, still_there
from core.connectors.transports.odoo.notes import Logged, note_types, note_values
from core.connectors.transports.odoo.operation import request_of
from core.connectors.transports.odoo.params import FollowUpParams, LogActivityParams
from core.connectors.transports.odoo.values import html_of

_TYPES = {
    "res_id": "integer", "activity_type_id": "many2one", "summary": "char", "note": "html",
    "date_deadline": "date", "user_id": "many2one",
}  # fmt: skip


class OdooScheduleFollowUp(MadeOnce[FollowUpParams]):
    name = "odoo_schedule_follow_up"
    title = "Schedule a follow-up in Odoo"
    params = FollowUpParams
    made = "mail.activity"

    def _draft(self, odoo: OdooClient | None, params: FollowUpParams) -> Plan:
        on, kind = f"{params.model} {params.id}", Found(0, params.activity_type)
        person = Found(0, params.user) if params.user else None
        request, values, warnings = request_of(params), dict[str, Any](), []
        if odoo:
            called = target(odoo, params.model, params.id, odoo.fields(params.model), needs="activity_ids")
            on = f"“{called}” ({on})"
            kind = _kind(odoo, params.model, params.activity_type)
            myself = signed_in_user(odoo) if person is None else None
            person = myself or find_person(odoo, params.user or "")
            values = {
                "res_id": params.id, "activity_type_id": kind.id, "summary": params.summary,
                "date_deadline": params.due.isoformat(), "user_id": person.id,
                **({"note": html_of(params.note)} if params.note else {}),
            }  # fmt: skip
            request |= {"activity_type": str(kind.id), "user": str(person.id)}
            warnings.append(f"Odoo makes {person.name} a follower of the record; no e-mail is sent of it")
        shown: Sequence[tuple[str, str, Any]] = (
            ("activity_type", "Kind", kind.name), ("summary", "Summary", params.summary),
            ("note", "Details", params.note), ("due", "Due", params.due.isoformat()),
            ("user", "For", person.name if person else None),
        )  # fmt: skip
        return Plan(
            operation=self.name,
            account="",
            summary=f"Schedule “{params.summary}” ({kind.name}) for {on}",
            request=request,
            changes=tuple(Change(name, label, None, value) for name, label, value in shown if value),
            preconditions={"values": values, "types": {name: _TYPES[name] for name in values}} if odoo else {},
            reversible=odoo is not None,
            warnings=tuple(warnings),
        )

    def _context(self, plan: Plan) -> Mapping[str, Any]:
        """The model by its name: only managers of access rights may look up its number."""
        return {"default_res_model": plan.request["model"]}

    def _kept(self, plan: Plan) -> Mapping[str, Any]:
        """From version 18 on a follow-up that was done stays, archived."""
        return {**super()._kept(plan), "active": True}

    def _moved(self, client: OdooClient, plan: Plan) -> Iterable[Change]:
        return still_there(client, plan)

    def _receipt(self, odoo: OdooClient, plan: Plan, record: int) -> Receipt:
        row = odoo.read(self.made, [record], ["res_model", "res_id"]).get(record)
        if row is not None and (row["res_model"], row["res_id"]) != (plan.request["model"], plan.request["id"]):
            raise Lost(f"it made the follow-up {record}, but not for this record")
        return super()._receipt(odoo, plan, record)

    def _done(self, plan: Plan) -> str:
        return "Scheduled the follow-up. Odoo sent no e-mail of it."


class OdooLogActivity(Logged[LogActivityParams]):
    name = "odoo_log_activity"
    title = "Log an activity in Odoo"
    params = LogActivityParams

    def _draft(self, odoo: OdooClient | None, params: LogActivityParams) -> Plan:
        on, kind = f"{params.model} {params.id}", Found(0, params.activity_type)
        request, values = request_of(params), dict[str, Any]()
        if odoo:
            called = target(odoo, params.model, params.id, odoo.fields(params.model), needs="message_ids")
            on = f"“{called}” ({on})"
            kind = _kind(odoo, params.model, params.activity_type)
            said = html_of(f"{kind.name} done: {params.summary}")
            body = said + html_of(params.note) if params.note else said
            values = {
                **note_values(params.model, params.id, body, subtype="mail.mt_activities"),
                "mail_activity_type_id": kind.id,
            }
            request |= {"activity_type": str(kind.id)}
        shown = (("activity_type", "Kind", kind.name), ("summary", "Summary", params.summary),
                 ("note", "Details", params.note))  # fmt: skip
        return Plan(
            operation=self.name,
            account="",
            summary=f"Log “{params.summary}” ({kind.name}) on {on}",
            request=request,
            changes=tuple(Change(name, label, None, value) for name, label, value in shown if value),
            preconditions={"values": values, "types": note_types(values)} if odoo else {},
            reversible=odoo is not None,
        )

    def _done(self, plan: Plan) -> str:
        return "Logged the activity. Odoo sent no e-mail of it."


def _kind(odoo: OdooClient, model: str, text: str) -> Found:
    within = ["|", ["res_model", "=", False], ["res_model", "=", model]]
    return find_one(odoo, "mail.activity.type", text, label="Kind", within=within)
