"""Writes runs and outcomes straight into the tables, for tests of what is read from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update

from core.actor import Tier
from core.bootstrap import Application
from core.catalog.tables import WorkflowRevision
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.identifiers import new_id
from core.identity.rules import Market, SkillLevel
from core.identity.tables import User
from core.outcomes.rules import MetricType, ProofType, ReviewState
from core.outcomes.tables import Outcome


@dataclass
class History:
    """A clock-bound writer of past runs; every write sets `changed_at` to now, as the services do."""

    app: Application

    def workflow(self, workflow_id: str, tier: Tier = Tier.STARTER, title: str = "") -> None:
        with self.app.database.begin() as uow:
            uow.session.add(
                WorkflowRevision(
                    digest=f"digest-{workflow_id}", workflow_id=workflow_id, title=title or workflow_id, tier=tier,
                    total_steps=4, definition={}, current=True, first_seen_at=uow.now,
                )
            )  # fmt: skip

    def user(self, *, sample: bool = False) -> UUID:
        with self.app.database.begin() as uow:
            number = uuid4().hex[:8]
            user = User(
                email=f"{number}@example.com", name=f"Person {number}", roles=["user"], tier=Tier.STARTER,
                active=True, sample=sample, created_at=uow.now,
            )  # fmt: skip
            uow.session.add(user)
            uow.session.flush()
            return user.id

    def run(
        self,
        workflow_id: str,
        state: ExecutionState = ExecutionState.COMPLETED,
        *,
        user_id: UUID | None = None,
        market: Market | None = Market.FREELANCER,
        skill: SkillLevel | None = SkillLevel.BEGINNER,
        at: datetime | None = None,
        takes: timedelta = timedelta(hours=2),
        work: timedelta = timedelta(hours=1),
        savings: str | None = None,
        currency: str = "USD",
        sample: bool = False,
        **more: Any,
    ) -> UUID:
        at = at or self.app.clock.now() - timedelta(days=1)
        ended = state in {ExecutionState.COMPLETED, ExecutionState.ABANDONED, ExecutionState.FAILED}
        with self.app.database.begin() as uow:
            facts: dict[str, Any] = {
                "id": new_id(), "workflow_id": workflow_id, "revision": f"digest-{workflow_id}", "user_id": user_id,
                "market": market, "skill_level": skill, "state": state, "total_steps": 4, "current_step": 1,
                "inputs": {}, "outputs": {}, "calculated_savings": Decimal(savings) if savings else None,
                "savings_currency": currency if savings else None, "work_ms": int(work.total_seconds() * 1000),
                "created_at": at, "started_at": at, "last_activity_at": at + takes,
                "completed_at": at + takes if ended else None, "changed_at": uow.now, "sample": sample,
            }  # fmt: skip
            run = Execution(**(facts | more))
            uow.session.add(run)
            uow.session.flush()
            return run.id

    def change(self, run_id: UUID, **values: Any) -> None:
        with self.app.database.begin() as uow:
            uow.session.execute(update(Execution).where(Execution.id == run_id).values(changed_at=uow.now, **values))

    def outcome(
        self,
        run_id: UUID,
        value: str = "10",
        unit: str = "USD",
        *,
        metric: MetricType = MetricType.REVENUE,
        review: ReviewState = ReviewState.PENDING,
        proof: ProofType = ProofType.SCREENSHOT,
        sample: bool = False,
    ) -> UUID:
        with self.app.database.begin() as uow:
            outcome = Outcome(
                execution_id=run_id, metric_type=metric, value=Decimal(value), unit=unit, proof_type=proof,
                review_state=review, logged_at=uow.now, sample=sample,
            )  # fmt: skip
            uow.session.add(outcome)
            uow.session.flush()
        self.change(run_id)
        return outcome.id

    def review(self, outcome_id: UUID, state: ReviewState) -> None:
        with self.app.database.begin() as uow:
            outcome = uow.session.get_one(Outcome, outcome_id)
            outcome.review_state = state
            run_id = outcome.execution_id
        self.change(run_id)
