"""The models that the Odoo double knows: their fields as `fields_get` describes them, and what is there from the start."""

from __future__ import annotations

from typing import Any


def _field(label: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"string": label, "type": kind, "readonly": False, "required": False, "store": True, **more}


def _one(label: str, relation: str, **more: Any) -> dict[str, Any]:
    return _field(label, "many2one", relation=relation, **more)


def _many(label: str, relation: str, kind: str = "many2many") -> dict[str, Any]:
    return _field(label, kind, relation=relation)


_NAME = {"name": _field("Name", "char", required=True)}
_CHATTER = {
    "message_ids": _many("Messages", "mail.message", "one2many"),
    "activity_ids": _many("Activities", "mail.activity", "one2many"),
    "create_uid": _one("Created by", "res.users", readonly=True),
    "create_date": _field("Created on", "datetime", readonly=True),
}

FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "crm.lead": {
        "name": _field("Opportunity", "char", required=True),
        "phone": _field("Phone", "char", size=20),
        "email_from": _field("Email", "char"),
        "email_normalized": _field("Normalized email", "char", readonly=True),
        "contact_name": _field("Contact name", "char"),
        "partner_name": _field("Company name", "char"),
        "description": _field("Notes", "html"),
        "type": _field("Type", "selection", selection=[["lead", "Lead"], ["opportunity", "Opportunity"]]),
        "expected_revenue": _field("Expected revenue", "monetary", currency_field="company_currency"),
        "company_currency": _one("Currency", "res.currency", readonly=True),
        "stage_id": _one("Stage", "crm.stage"),
        "team_id": _one("Sales team", "crm.team"),
        "user_id": _one("Salesperson", "res.users"),
        "tag_ids": _many("Tags", "crm.tag"),
        "priority": _field("Priority", "selection", selection=[["0", "Low"], ["2", "High"]]),
        "active": _field("Active", "boolean"),
        "color": _field("Color", "integer"),
        "probability": _field("Probability", "float", digits=[16, 2]),
        "date_deadline": _field("Expected closing", "date"),
        "date_open": _field("Assigned on", "datetime"),
        "date_last_stage_update": _field("Last stage update", "datetime", readonly=True),
        "day_open": _field("Days to assign", "float", readonly=True, store=False),
        "order_ids": _many("Orders", "sale.order", "one2many"),
        **_CHATTER,
    },
    "project.task": {
        "name": _field("Title", "char", required=True),
        "description": _field("Description", "html"),
        "project_id": _one("Project", "project.project"),
        "stage_id": _one("Stage", "project.task.type"),
        "partner_id": _one("Customer", "res.partner"),
        "user_ids": _many("Assignees", "res.users"),
        "date_deadline": _field("Deadline", "datetime"),
        "active": _field("Active", "boolean"),
        **_CHATTER,
    },
    "project.task.type": {
        **_NAME,
        "project_ids": _many("Projects", "project.project"),
        "mail_template_id": _one("E-mail template", "mail.template"),
        "rating_template_id": _one("Rating e-mail template", "mail.template"),
        "rating_active": _field("Send a customer rating request", "boolean"),
    },
    "crm.stage": {**_NAME, "is_won": _field("Is won stage", "boolean"), "team_ids": _many("Sales teams", "crm.team")},
    "project.project": _NAME,
    "crm.tag": _NAME,
    "crm.team": _NAME,
    "res.currency": _NAME,
    "res.partner": {**_NAME, "email": _field("Email", "char"), "active": _field("Active", "boolean")},
    "account.move": {
        "name": _field("Number", "char"),
        "move_type": _field("Type", "selection", selection=[["out_invoice", "Invoice"], ["out_refund", "Credit note"]]),
        "state": _field("Status", "selection", selection=[["draft", "Draft"], ["posted", "Posted"]]),
        "payment_state": _field(
            "Payment status",
            "selection",
            readonly=True,
            selection=[
                ["not_paid", "Not paid"],
                ["in_payment", "In payment"],
                ["paid", "Paid"],
                ["partial", "Partially paid"],
                ["reversed", "Reversed"],
            ],
        ),
        "partner_id": _one("Partner", "res.partner"),
        "invoice_date_due": _field("Due date", "date"),
        "amount_total": _field("Total", "monetary", readonly=True, currency_field="currency_id"),
        "amount_residual": _field("Amount due", "monetary", readonly=True, currency_field="currency_id"),
        "amount_residual_signed": _field(
            "Amount due signed", "monetary", readonly=True, currency_field="company_currency_id"
        ),
        "currency_id": _one("Currency", "res.currency"),
        "invoice_user_id": _one("Salesperson", "res.users"),
        **_CHATTER,
    },
    "res.company": {**_NAME, "currency_id": _one("Currency", "res.currency")},
    "res.users": {**_NAME, "login": _field("Login", "char"), "share": _field("Share user", "boolean")},
    "mail.activity.type": {**_NAME, "res_model": _field("Model", "char")},
    "mail.activity": {
        "res_model_id": _one("Document model", "ir.model"),
        "res_model": _field("Related document model", "char", readonly=True),
        "res_id": _field("Related document ID", "many2one_reference"),
        "activity_type_id": _one("Activity type", "mail.activity.type"),
        "summary": _field("Summary", "char"),
        "note": _field("Note", "html"),
        "date_deadline": _field("Due date", "date", required=True),
        "user_id": _one("Assigned to", "res.users"),
        "active": _field("Active", "boolean"),
        "create_uid": _one("Created by", "res.users", readonly=True),
        "create_date": _field("Created on", "datetime", readonly=True),
    },
    "mail.message": {
        "model": _field("Related document model", "char"),
        "res_id": _field("Related document ID", "many2one_reference"),
        "body": _field("Contents", "html"),
        "date": _field("Date", "datetime"),
        "message_type": _field(
            "Type", "selection", required=True, selection=[["comment", "Comment"], ["notification", "Notification"]]
        ),
        "subtype_id": _one("Subtype", "mail.message.subtype"),
        "mail_activity_type_id": _one("Mail activity type", "mail.activity.type"),
        "is_internal": _field("Employee only", "boolean"),
        "create_uid": _one("Created by", "res.users", readonly=True),
        "create_date": _field("Created on", "datetime", readonly=True),
    },
    "mail.message.subtype": _NAME,
    "ir.model.data": {
        "module": _field("Module", "char"),
        "name": _field("External identifier", "char"),
        "model": _field("Model name", "char"),
        "res_id": _field("Record ID", "many2one_reference"),
    },
}

START: dict[str, dict[int, dict[str, Any]]] = {
    "crm.stage": {
        1: {"name": "New"},
        2: {"name": "Qualified"},
        3: {"name": "Won", "is_won": True},
        4: {"name": "Won", "is_won": True, "team_ids": [9]},
    },
    "project.task.type": {
        21: {"name": "To do", "project_ids": [11]},
        22: {"name": "Done", "project_ids": [11]},
        23: {"name": "Delivered", "project_ids": [11], "mail_template_id": 5},
        24: {"name": "Done", "project_ids": [12]},
        25: {"name": "Rated", "project_ids": [11], "rating_template_id": 6, "rating_active": True},
    },
    "project.project": {11: {"name": "Website"}, 12: {"name": "Office move"}},
    "crm.tag": {one: {"name": f"Tag {one}"} for one in (1, 4, 5)},
    "crm.team": {9: {"name": "Europe"}},
    "res.currency": {1: {"name": "EUR"}, 2: {"name": "USD"}},
    "res.partner": {31: {"name": "Meridian Ltd", "email": "books@meridian.example"}},
    "res.company": {1: {"name": "Example", "currency_id": 2}},
    "res.users": {
        2: {"name": "Asha", "login": "asha@example.com"},
        3: {"name": "Ravi", "login": "ravi@example.com"},
        4: {"name": "A customer", "login": "customer@example.com", "share": True},
    },
    "mail.activity.type": {
        1: {"name": "Call"},
        2: {"name": "Meeting"},
        3: {"name": "Upload document", "res_model": "res.partner"},
    },
    "mail.message.subtype": {1: {"name": "Note"}, 2: {"name": "Activities"}},
}

XML_IDS = {"mail.mt_note": 1, "mail.mt_activities": 2}

DEFAULTS: dict[str, dict[str, Any]] = {
    "crm.lead": {"active": True, "priority": "0", "company_currency": 2, "type": "opportunity"},
    "project.task": {"active": True},
    "res.partner": {"active": True},
    "account.move": {"move_type": "out_invoice", "state": "posted", "payment_state": "not_paid", "currency_id": 2},
    "mail.activity": {"active": True},
    "mail.message": {"message_type": "comment"},
}


def blank(model: str) -> dict[str, Any]:
    """A record with nothing in it: Odoo reads an unset field as False, a relation to many as a list."""
    return {
        **{name: [] if field["type"] in ("many2many", "one2many") else False for name, field in FIELDS[model].items()},
        **DEFAULTS.get(model, {}),
    }
