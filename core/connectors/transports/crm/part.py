"""What the kinds of records share: they are parts of one operation, each with its own system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic

from core.connectors.plan import Effect
from core.connectors.protocol import Undoing
from core.connectors.transports.clients import C
from core.connectors.transports.connected import ConnectedOperation
from core.connectors.transports.crm.params import UpsertParams

UPSERT, RESTORE, CHANNEL = "crm_upsert", "crm_restore", "crm"


class UpsertPart(ConnectedOperation[UpsertParams, C], Generic[C]):
    name = UPSERT
    title = "Create or change records in a CRM"
    channel = CHANNEL
    effect = Effect.REVERSIBLE
    repeatable = False
    params = UpsertParams


def restoring(target: str, back: Sequence[Mapping[str, Any]], archive: Sequence[str]) -> Undoing | None:
    if not (back or archive):
        return None
    return Undoing(RESTORE, {"target": target, "put_back": list(back), "archive": list(archive)})
