"""Calls of language models: kept with what was made of them, and read back as what was said so far."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.database.unit_of_work import UnitOfWork
from core.executions.automated.quality import as_json, from_json
from core.executions.automated.tables import ModelCall
from core.executions.automated.work import Call
from core.identifiers import new_id

_COLUMNS = (
    "number", "model", "prompts", "request", "response", "outcome", "tokens_in", "tokens_out", "cost", "currency",
    "latency_ms",
)  # fmt: skip
_KEEP = insert(ModelCall)


def keep_call(uow: UnitOfWork, execution_id: UUID, path: str, generation: int, call: Call) -> None:
    values = {name: getattr(call, name) for name in _COLUMNS}
    values["model"] = call.model[:200]
    facts = {
        "id": new_id(), "execution_id": execution_id, "path": path, "generation": generation, "called_at": uow.now,
        "findings": as_json(call.findings),
    }  # fmt: skip
    uow.session.connection().execute(_KEEP, facts | values)


def calls_of(session: Session, execution_id: UUID, path: str, generation: int) -> tuple[Call, ...]:
    """Those of one step in one generation, oldest first."""
    columns = (*(getattr(ModelCall, name) for name in _COLUMNS), ModelCall.findings)
    query = (
        select(*columns)
        .where(ModelCall.execution_id == execution_id, ModelCall.path == path, ModelCall.generation == generation)
        .order_by(ModelCall.number)
    )
    return tuple(Call(**{**row._mapping, "findings": from_json(row.findings)}) for row in session.execute(query))
