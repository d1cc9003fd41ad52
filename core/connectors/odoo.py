"""Odoo: records of any model created, changed, deleted and searched, and the everyday steps of a salesperson."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.connectors.protocol import ConnectorContext, Operation, System
from core.connectors.transports.odoo.activities import OdooLogActivity, OdooScheduleFollowUp
from core.connectors.transports.odoo.client import odoo_clients
from core.connectors.transports.odoo.create import OdooCreate
from core.connectors.transports.odoo.delete import OdooDelete
from core.connectors.transports.odoo.notes import OdooInternalNote
from core.connectors.transports.odoo.search import OdooSearch
from core.connectors.transports.odoo.stages import OdooMoveStage
from core.connectors.transports.odoo.system import OdooSystem
from core.connectors.transports.odoo.tasks import OdooCreateTask
from core.connectors.transports.odoo.update import OdooUpdate


def systems() -> Iterable[System[Any]]:
    return (OdooSystem(),)


def operations(context: ConnectorContext) -> Iterable[Operation[Any]]:
    clients = odoo_clients(context)
    return [
        offered(clients)
        for offered in (
            OdooCreate, OdooUpdate, OdooDelete, OdooSearch,
            OdooCreateTask, OdooMoveStage, OdooLogActivity, OdooInternalNote, OdooScheduleFollowUp,
        )
    ]  # fmt: skip
