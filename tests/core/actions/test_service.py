"""A proposal is decided once, on the plan that was seen, and executed once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest

from core.actions.queries import InboxFilter
from core.actions.rules import (
    ActionAlreadyDecided,
    ActionExpired,
    ActionState,
    ExecutionMode,
    NotInState,
    PlanChanged,
    Priority,
    StoppedByGuardrails,
)
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import AttemptOutcome
from core.decisions.rules import VoteRefused
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests.core.actions.conftest import AGENT, Execute, Propose


def state_of(app: Application, action_id: UUID) -> ActionState:
    return app.actions_queries.progress([action_id])[action_id].state


def digest_of(app: Application, actor: Actor, action_id: UUID) -> str:
    return app.actions_queries.card(actor, action_id).row.plan_digest


def outbox(app: Application) -> list[Path]:
    return sorted(app.settings.outbox_dir.glob("*.eml"))


def test_approved_message_is_written_word_for_word(
    app: Application, operator: Actor, propose: Propose, execute: Execute
) -> None:
    # Given a proposal whose card shows the message
    action_id = propose()
    card = app.actions_queries.card(operator, action_id)
    assert card.plan.message is not None and card.plan.message.text == "Invoice 12 is due."

    # When the operator countersigns that plan and a worker takes it
    assert app.actions.approve(operator, action_id, card.row.plan_digest) is ActionState.APPROVED
    assert execute(action_id) == "executed"

    # Then it lies in the outbox, and the card tells the story
    (file,) = outbox(app)
    assert b"Invoice 12 is due." in file.read_bytes()
    card = app.actions_queries.card(operator, action_id)
    assert card.row.state is ActionState.EXECUTED
    assert card.row.reference is not None and card.row.reference.encode() in file.read_bytes()
    assert [one.event for one in card.history] == ["action.proposed", "action.approved", "action.executed"]
    (attempt,) = card.attempts
    assert attempt.outcome is AttemptOutcome.CONFIRMED and attempt.called_at is not None
    assert app.audit_queries.verify().fault is None
