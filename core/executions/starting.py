"""What a run starts with: who may start it, the revision, the segment and the rate card of that day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from core.actor import Actor, ActorKind, Role
from core.catalog.queries import Definition
from core.catalog.savings import calculate
from core.database.unit_of_work import UnitOfWork
from core.decisions.tables import Council
from core.errors import CountersignError, InvalidInput, NotFound
from core.executions.rules import OPEN, RUNNERS, ExecutionState, StepState, TierTooLow, own_kind
from core.executions.tables import Execution, ExecutionStep
from core.identifiers import new_id
from core.identity.tables import Agent, Profile
from core.savings.queries import card_in_force

MOST_SAVINGS = Decimal(10) ** 12


class RevisionChanged(CountersignError):
    """{title} has another revision than the one that was approved. Nothing was started; look at the new plan."""

    http_status = 409


@dataclass(frozen=True)
class Approved:
    """What people approved as a plan: exactly this revision, booked on this agent, whoever will own the run.

    Whoever made the plan has judged by `may_start` whether it may be started.
    """

    revision: str
    agent_id: str | None = None


def may_start(actor: Actor, definition: Definition) -> None:
    """Refuses who may not start it: by role, and by tier."""
    if actor.kind is not ActorKind.AGENT:
        actor.must_have(*RUNNERS, to="run workflows")
    must_be_entitled(actor, definition)


def must_be_as_approved(definition: Definition, approved: Approved) -> None:
    if definition.digest != approved.revision:
        raise RevisionChanged(title=definition.title)


def agent_for(actor: Actor, agent_id: str | None, council_id: str | None) -> str | None:
    """The agent the run is booked on: an agent itself, or the one an operator names."""
    if actor.kind is ActorKind.AGENT:
        if agent_id not in (None, actor.id):
            raise InvalidInput(field="Agent", problem="an agent starts runs in its own name only.")
        return actor.id
    if agent_id is not None or council_id is not None:
        actor.must_have(Role.OPERATOR, Role.ADMIN, to="start runs for agents and councils")
    return agent_id


def must_be_entitled(actor: Actor, definition: Definition) -> None:
    # Tiers are for people; an agent, a job and the installation itself act under the admin who set them up.
    if actor.kind is ActorKind.PERSON and not actor.tier.includes(definition.tier):
        raise TierTooLow(title=definition.title, needs=definition.tier.value, has=actor.tier.value)


def must_exist(uow: UnitOfWork, agent_id: str | None, council_id: str | None) -> None:
    if agent_id is not None and uow.session.get(Agent, agent_id) is None:
        raise NotFound(kind="agent", id=agent_id)
    if council_id is not None and uow.session.get(Council, council_id) is None:
        raise NotFound(kind="council", id=council_id)


def open_run(uow: UnitOfWork, actor: Actor, workflow_id: str) -> UUID | None:
    """The person's open run of this workflow; two starts at the same instant take turns here."""
    if actor.user_id is None:
        return None
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"start:{actor.id}:{workflow_id}", 0))
    uow.session.execute(select(lock))
    query = (
        select(Execution.id)
        .where(Execution.user_id == actor.user_id, Execution.workflow_id == workflow_id, Execution.state.in_(OPEN))
        .order_by(Execution.last_activity_at.desc())
        .limit(1)
    )
    return uow.session.scalar(query)


def may_state_savings(actor: Actor, savings: Decimal | None) -> None:
    """Refuses a sum that is none, and one from somebody who would reckon their own success."""
    if savings is None:
        return
    if actor.kind is not ActorKind.AGENT:
        actor.must_have(Role.OPERATOR, Role.ADMIN, to="state what a run saves")
    if not (savings.is_finite() and 0 <= savings <= MOST_SAVINGS):
        raise InvalidInput(field="Calculated savings", problem="use a sum from 0 to 1,000,000,000,000.")


def new_run(
    uow: UnitOfWork, actor: Actor, definition: Definition, agent_id: str | None, *,
    run_id: UUID | None = None, savings: Decimal | None = None,
) -> Execution:  # fmt: skip
    """The run's row, in the transaction, with its steps; the first step is active and the clock runs."""
    profile = uow.session.get(Profile, actor.user_id) if actor.user_id else None
    cards = definition.workflow.rate_cards
    card = card_in_force(uow.session, cards, definition.workflow_id, uow.now.date())
    reckoned = calculate(card).weekly if card else None
    row = Execution(
        id=run_id or new_id(), workflow_id=definition.workflow_id, revision=definition.digest, user_id=actor.user_id,
        agent_id=agent_id,
        market=profile.market if profile else None, skill_level=profile.skill_level if profile else None,
        state=ExecutionState.STARTED, total_steps=definition.total_steps, current_step=1, steps_completed=0,
        inputs={}, outputs={},
        calculated_savings=savings if savings is not None else reckoned,
        savings_currency=card.currency if card else "USD" if savings is not None else None,
        rate_card=card.facts() if card else None, timer_kind=own_kind(actor.user_id), timer_since=uow.now,
        created_at=uow.now, started_at=uow.now, last_activity_at=uow.now, changed_at=uow.now,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    for number in range(1, definition.total_steps + 1):
        first = number == 1
        step = ExecutionStep(execution_id=row.id, number=number, state=StepState.ACTIVE if first else StepState.PENDING)
        step.started_at = uow.now if first else None
        uow.session.add(step)
    return row
