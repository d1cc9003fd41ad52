"""Past runs as rows: who they belong to, what they saved by the rate card of their day, and each case once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.catalog.queries import Definition
from core.catalog.savings import RateCard, calculate
from core.database.unit_of_work import UnitOfWork
from core.executions.rules import ExecutionState
from core.executions.tables import Execution, ExecutionStep
from core.identifiers import new_id
from core.identity.tables import User
from core.imports.cases import PastRun
from core.imports.staging import copy_rows
from core.imports.tables import Import, ImportedRun
from core.outcomes.rules import ProofType, ReviewState
from core.outcomes.tables import Outcome
from core.savings.queries import card_in_force

_STEP = ("execution_id", "number", "state", "notes", "work_ms", "started_at", "completed_at")

ABANDONED = "Imported: its last event is the one you see, and no end followed."


class RunWriter:
    """Writes batches of one import; keeps what it looked up of days and people."""

    def __init__(self, definition: Definition, source: str) -> None:
        self._definition, self._source = definition, source
        self._cards: dict[date, tuple[RateCard, Decimal] | None] = {}

    def write(self, uow: UnitOfWork, row: Import, runs: Sequence[PastRun]) -> int:
        """Adds the runs with their steps and outcomes; answers how many belong to a user."""
        if not runs:
            return 0
        owners = users_by_email(uow.session, {run.person for run in runs if run.person})
        executions: list[dict[str, Any]] = []
        steps: list[tuple[object, ...]] = []
        outcomes: list[dict[str, Any]] = []
        marks: list[dict[str, Any]] = []
        for run in runs:
            run_id, owner = new_id(), owners.get(run.person.casefold())
            executions.append(self._execution(uow, run, run_id, owner))
            steps += [
                (run_id, one.number, one.state.value, "", one.work_ms, one.started_at, one.completed_at)
                for one in run.steps
            ]
            if run.outcome is not None:
                outcomes.append(self._outcome(run, run_id, owner))
            marks.append(
                {
                    "execution_id": run_id, "import_id": row.id, "source": self._source, "case_key": run.case_key,
                    "person": run.person,
                }
            )  # fmt: skip
        connection = uow.session.connection()
        connection.execute(insert(Execution), executions)
        copy_rows(uow, ExecutionStep.__tablename__, _STEP, steps)
        if outcomes:
            connection.execute(insert(Outcome), outcomes)
        connection.execute(insert(ImportedRun), marks)
        return sum(one["user_id"] is not None for one in executions)

    def _execution(self, uow: UnitOfWork, run: PastRun, run_id: UUID, owner: UUID | None) -> dict[str, Any]:
        card = self._card(uow, run.began.date())
        over = run.state in (ExecutionState.COMPLETED, ExecutionState.ABANDONED)
        cost = {"cost": str(run.cost), "cost_currency": run.currency} if run.cost is not None else {}
        return {
            "id": run_id, "workflow_id": self._definition.workflow_id, "revision": self._definition.digest,
            "user_id": owner, "market": run.market, "skill_level": run.skill_level, "state": run.state,
            "total_steps": self._definition.total_steps, "current_step": run.reached, "steps_completed": run.done,
            "inputs": {}, "outputs": cost,
            "calculated_savings": card[1] if card else None, "savings_currency": card[0].currency if card else None,
            "rate_card": card[0].facts() if card else None,
            "work_ms": run.work_ms, "wait_ms": run.wait_ms, "ai_ms": 0,
            "created_at": run.began, "started_at": run.began, "last_activity_at": run.last,
            "completed_at": run.last if over else None,
            "end_reason": ABANDONED if run.state is ExecutionState.ABANDONED else "",
            "changed_at": uow.now, "sample": False,
        }  # fmt: skip

    def _outcome(self, run: PastRun, run_id: UUID, owner: UUID | None) -> dict[str, Any]:
        assert run.outcome is not None
        return {
            "id": new_id(), "execution_id": run_id, "user_id": owner, "metric_type": run.outcome.metric,
            "value": run.outcome.value, "unit": run.outcome.unit, "note": f"Imported from {self._source}.",
            "proof_type": ProofType.NONE, "review_state": ReviewState.PENDING, "logged_at": run.last, "sample": False,
        }  # fmt: skip

    def _card(self, uow: UnitOfWork, day: date) -> tuple[RateCard, Decimal] | None:
        if day not in self._cards:
            cards = self._definition.workflow.rate_cards
            card = card_in_force(uow.session, cards, self._definition.workflow_id, day)
            self._cards[day] = (card, calculate(card).weekly) if card else None
        return self._cards[day]


def already_here(session: Session, source: str, keys: Collection[str]) -> set[str]:
    """Which of these cases of the source became runs before."""
    query = select(ImportedRun.case_key).where(ImportedRun.source == source, ImportedRun.case_key.in_(keys))
    return set(session.scalars(query))


def users_by_email(session: Session, names: Collection[str]) -> dict[str, UUID]:
    """Users by their e-mail in small letters, of those that are named so."""
    emails = {name.casefold() for name in names if "@" in name}
    if not emails:
        return {}
    query = select(func.lower(User.email), User.id).where(func.lower(User.email).in_(emails), ~User.sample)
    return {row[0]: row[1] for row in session.execute(query)}
