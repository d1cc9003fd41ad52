"""What every command on actions is made with."""

from __future__ import annotations

from uuid import UUID

from core.actions.judging import Judge
from core.actions.lifecycle import lock_action, say_when
from core.actions.rules import ActionAlreadyDecided, ActionExpired, ActionState
from core.actions.tables import Action
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.errors import InvalidInput
from core.settings import Settings
from core.text import can_be_seen, has_controls, turns


class Commands:
    def __init__(self, database: Database, engine: EngineClient, connectors: Connectors, settings: Settings) -> None:
        self._database, self._engine, self._connectors = database, engine, connectors
        self._judge = Judge(connectors, settings, database.clock)


def open_for_decision(uow: UnitOfWork, action_id: UUID) -> Action:
    """The action, locked; refused in words when nothing can be decided about it any more."""
    action = lock_action(uow, action_id)
    if action.state is ActionState.EXPIRED or (action.state is ActionState.PENDING and action.expires_at <= uow.now):
        raise ActionExpired(when=say_when(action.expires_at))
    if action.state is not ActionState.PENDING:
        did = "rejected" if action.state is ActionState.REJECTED else "approved"
        when = say_when(action.decided_at) if action.decided_at else "an earlier day"
        raise ActionAlreadyDecided(who=action.decided_by or "Somebody else", did=did, when=when)
    return action


def one_line(field: str, value: str, most: int) -> str:
    value = " ".join(value.split())
    if has_controls(value) or turns(value):
        raise InvalidInput(field=field, problem="leave out control characters and those that turn the text around.")
    if not can_be_seen(value):
        raise InvalidInput(field=field, problem="use at least one visible character.")
    if not 1 <= len(value) <= most:
        raise InvalidInput(field=field, problem=f"use 1 to {most} characters.")
    return value


def evidence_of(field: str, value: str, problem: str) -> str:
    """Text that must say something, at most 2,000 characters."""
    value = value.strip()
    if not value:
        raise InvalidInput(field=field, problem=problem)
    if len(value) > 2000:
        raise InvalidInput(field=field, problem="use at most 2,000 characters.")
    return value
