"""odoo_create_task: a task in one of Odoo's projects; nobody gets an e-mail of it from Odoo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.connectors.plan import Change, Plan
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.lookup import Found, find_one, find_person
from core.connectors.transports.odoo.made import MadeOnce
from core.connectors.transports.odoo.operation import request_of
from core.connectors.transports.odoo.params import TaskParams
from core.connectors.transports.odoo.values import Field, html_of
from core.errors import InvalidInput


class OdooCreateTask(MadeOnce[TaskParams]):
    name = "odoo_create_task"
    title = "Create a task in Odoo"
    params = TaskParams
    made = "project.task"

    def _draft(self, odoo: OdooClient | None, params: TaskParams) -> Plan:
        project, person, values = Found(0, params.project), None, dict[str, Any]()
        fields: Mapping[str, Field] = {}
        request = request_of(params)
        if params.user:
            person = find_person(odoo, params.user) if odoo else Found(0, params.user)
        if odoo:
            project = find_one(odoo, "project.project", params.project, label="Project")
            fields = odoo.fields(self.made)
            values = _values(params, project, person, fields)
            request |= {"project": str(project.id), "user": str(person.id) if person else None}
        return Plan(
            operation=self.name,
            account="",
            summary=f"Create the task “{params.name}” in “{project.name}”",
            request=request,
            changes=tuple(_changes(params, project, person)),
            preconditions={"values": values, "types": {name: fields[name]["type"] for name in values}} if odoo else {},
            reversible=odoo is not None,
        )

    def _done(self, plan: Plan) -> str:
        return "Created the task. Odoo sent no e-mail of it."


def _values(params: TaskParams, project: Found, person: Found | None, fields: Mapping[str, Field]) -> dict[str, Any]:
    values: dict[str, Any] = {"name": params.name, "project_id": project.id}
    if params.description:
        values["description"] = html_of(params.description)
    if params.deadline:
        # A day that is a moment in Odoo is noon UTC: the same day for nearly everybody.
        moment = fields.get("date_deadline", {}).get("type") == "datetime"
        values["date_deadline"] = f"{params.deadline:%Y-%m-%d} 12:00:00" if moment else params.deadline.isoformat()
    if person:
        many = "user_ids" in fields  # one person only, before version 15
        values |= {"user_ids": [person.id]} if many else {"user_id": person.id}
    unknown = [name for name in values if name not in fields]
    if unknown:
        raise InvalidInput(field="Odoo", problem=f"its tasks have no field {unknown[0]} in this version.")
    return values


def _changes(params: TaskParams, project: Found, person: Found | None) -> list[Change]:
    shown = {
        "project": ("Project", f"{project.name} ({project.id})" if project.id else project.name),
        "name": ("Title", params.name),
        "description": ("Description", params.description),
        "user": ("For", person.name if person else None),
        "deadline": ("Deadline", params.deadline.isoformat() if params.deadline else None),
    }
    return [Change(name, label, None, value) for name, (label, value) in shown.items() if value]
