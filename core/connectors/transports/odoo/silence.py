"""Keeping Odoo from writing e-mails of its own: they would go out past every rule for e-mail."""

from __future__ import annotations

from collections.abc import Mapping

from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.values import Field

SILENT = {
    "mail_auto_subscribe_no_notify": True,  # to whoever something is assigned to
    "mail_activity_quick_update": True,  # to whoever is to do an activity
    "no_mail_to_attendees": True,  # to whoever is invited to a meeting
}
"""A call's context that holds back what Odoo writes to people when records are created or changed."""

UNTRACKED = {"mail_notrack": True}
"""Holds back what a stage writes to the customer; Odoo's log then does not show the change either."""

_TEMPLATES = ("mail_template_id", "sms_template_id")


def writes_to_customer(odoo: OdooClient, stages: str, stage: int, known: Mapping[str, Field]) -> bool:
    """Whether entering the stage sends an e-mail or SMS, which UNTRACKED holds back. `known` are a stage's fields."""
    names = [name for name in _TEMPLATES if name in known]
    row = odoo.read(stages, [stage], names).get(stage, {}) if names else {}
    return any(row.get(name) for name in names)


def asks_for_rating(odoo: OdooClient, stages: str, stage: int, known: Mapping[str, Field]) -> bool:
    """Whether entering the stage asks the customer for a rating, which no context holds back."""
    if "rating_template_id" not in known:
        return False
    switch = [name for name in ("rating_active",) if name in known]  # before version 19 the project has the switch
    row = odoo.read(stages, [stage], ["rating_template_id", *switch]).get(stage, {})
    return bool(row.get("rating_template_id")) and all(row.get(name) for name in switch)
