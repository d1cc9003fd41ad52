"""Whatever happens around the call, the card says what is known, and nothing is done twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update

from core.actions.rules import ActionState, wait_before
from core.actions.tables import Action
from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import AttemptOutcome, Receipt, confirmed, deferred, rejected, unknown
from core.engine.steps import InlineSteps
from core.guardrails.rules import ExecutionMode
from tests.core.actions.conftest import Execute, Propose
from tests.core.actions.gift import Gift, WorkerDied, World


@pytest.fixture
def world(app: Application, admin: Actor) -> World:
    """An installation whose only system is the test's, with execution on."""
    found = World()
    app.connectors._operations["gift"] = Gift(found)
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    return found


@pytest.fixture
def approved(app: Application, world: World, propose: Propose, operator: Actor) -> UUID:
    action_id = propose(operation="gift", params={"what": "a book"})
    approve(app, operator, action_id)
    return action_id


def approve(app: Application, operator: Actor, action_id: UUID) -> None:
    app.actions.approve(operator, action_id, app.actions_queries.card(operator, action_id).row.plan_digest)


def state(app: Application, action_id: UUID) -> tuple[ActionState, str | None]:
    found = app.actions_queries.progress([action_id])[action_id]
    return found.state, found.error


def test_finished_attempt_is_not_executed_again(
    app: Application, world: World, approved: UUID, execute: Execute
) -> None:
    assert execute(approved) == "executed"
    assert execute(approved) is None
    assert len(world.given) == 1


def test_refused_action_fails_in_the_systems_words_and_a_retry_uses_the_same_key(
    app: Application, world: World, approved: UUID, execute: Execute, operator: Actor
) -> None:
    keys: list[str] = []
    world.before_call = lambda plan, key: keys.append(key)
    world.next_answers = [lambda key: rejected("The shop is closed.")]

    assert execute(approved) == "failed"
    assert state(app, approved) == (ActionState.FAILED, "The shop is closed.")
    app.actions.retry(operator, approved)
    assert execute(approved) == "executed"

    assert len(world.given) == 1 and keys[0] == keys[1]
    outcomes = [one.outcome for one in app.actions_queries.card(operator, approved).attempts]
    assert outcomes == [AttemptOutcome.REJECTED, AttemptOutcome.CONFIRMED]


def test_worker_that_died_after_the_call_is_answered_for_by_reading_back(
    app: Application, world: World, approved: UUID, execute: Execute
) -> None:
    world.next_answers = [_given_then_died(world)]
    with pytest.raises(WorkerDied):
        execute(approved)

    assert execute(approved) == "executed"
    assert len(world.given) == 1


def test_worker_that_died_in_the_call_leaves_an_unknown_when_nobody_can_read_back(
    app: Application, world: World, approved: UUID, execute: Execute, operator: Actor
) -> None:
    world.sees = False
    world.next_answers = [_given_then_died(world)]
    with pytest.raises(WorkerDied):
        execute(approved)

    assert execute(approved) == "unknown"
    assert len(world.given) == 1
    assert "not repeated" in str(state(app, approved)[1])
    app.actions.resolve_unknown(operator, approved, happened=False, evidence="the shelf is full")
    assert state(app, approved) == (ActionState.FAILED, "Omar found that it did not happen: the shelf is full")


def test_lost_answer_is_read_back_at_once(app: Application, world: World, approved: UUID, execute: Execute) -> None:
    def lost(key: str) -> Receipt:
        world.given.append(key)
        return unknown("No answer came.")

    world.next_answers = [lost]
    assert execute(approved) == "executed"


def test_fault_in_a_connector_is_unknown_and_never_blindly_repeated(
    app: Application, world: World, approved: UUID, execute: Execute
) -> None:
    def fault(key: str) -> Receipt:
        raise ZeroDivisionError

    world.sees = False
    world.next_answers = [fault]
    assert execute(approved) == "unknown"
    assert execute(approved) is None


def test_receipt_of_a_worker_thought_dead_still_counts(
    app: Application, world: World, approved: UUID, execute: Execute
) -> None:
    world.sees = False

    def overtaken(key: str) -> Receipt:
        assert execute(approved) == "unknown"
        return confirmed("Given after all.", reference=key)

    world.next_answers = [overtaken]
    assert execute(approved) == "executed"


def test_drift_returns_the_card_and_shows_what_moved(
    app: Application, world: World, approved: UUID, execute: Execute, operator: Actor
) -> None:
    world.weather = "storm"

    assert execute(approved) == "pending"

    card = app.actions_queries.card(operator, approved)
    assert world.given == []
    assert card.row.error and "Weather was “fair”, is now “storm”" in card.row.error
    assert card.plan.preconditions == {"weather": "storm"} and card.row.decided_by is None
    assert card.decision is not None and card.decision.ballots == ()
    approve(app, operator, approved)
    assert execute(approved) == "executed"
    assert state(app, approved) == (ActionState.EXECUTED, None)


def test_deferred_attempt_is_queued_again_for_later_and_given_up_in_the_end(
    app: Application, world: World, approved: UUID, execute: Execute, clock: ManualClock
) -> None:
    world.next_answers = [lambda key: deferred("Try later.", retry_after=90)] * 5

    assert execute(approved) == "approved"

    assert state(app, approved) == (ActionState.APPROVED, "Try later. It is tried again in 90 seconds.")
    with app.database.reading() as session:
        delayed = session.execute(text("SELECT workflow_uuid FROM dbos.workflow_status WHERE status = 'DELAYED'"))
        assert [row.workflow_uuid for row in delayed] == [f"action:{approved}:2"]
    assert [execute(approved) for _ in range(4)] == ["approved"] * 3 + ["failed"]
    assert world.given == []


def test_system_that_cannot_be_checked_is_asked_again_later(
    app: Application, world: World, approved: UUID, execute: Execute
) -> None:
    world.reachable = False
    assert execute(approved) == "approved"
    assert "it is away" in str(state(app, approved)[1])
    world.reachable = True
    assert execute(approved) == "executed"


def test_waits_grow_and_respect_what_the_system_asked() -> None:
    assert [wait_before(one, None) for one in (1, 2, 3)] == [timedelta(seconds=s) for s in (30, 60, 120)]
    assert wait_before(1, 100.0) == timedelta(seconds=100)
    assert wait_before(5, 86_400.0) == timedelta(hours=1)


@pytest.mark.parametrize("column", ["plan", "plan_digest"])
def test_plan_changed_behind_the_approval_is_not_executed(
    app: Application, world: World, approved: UUID, execute: Execute, operator: Actor, column: str
) -> None:
    card = app.actions_queries.card(operator, approved)
    other = {**card.plan.to_json(), "summary": "Give everything", "request": {"what": "everything"}}
    with app.database.begin() as uow:
        uow.session.execute(
            update(Action).where(Action.id == approved).values({column: other if column == "plan" else "0" * 64})
        )

    assert execute(approved) is None

    assert world.given == []
    assert state(app, approved) == (ActionState.FAILED, "The approval is not for this plan. Nothing was done.")


def test_operation_that_is_gone_fails_in_words(
    app: Application, world: World, approved: UUID, execute: Execute
) -> None:
    del app.connectors._operations["gift"]
    assert execute(approved) == "failed"
    assert "operation gift" in str(state(app, approved)[1])


def test_attempt_the_engine_lost_is_queued_again(
    app: Application, world: World, approved: UUID, execute: Execute, clock: ManualClock
) -> None:
    assert app.actions.requeue_stranded() == 0
    clock.advance(timedelta(minutes=16))
    assert app.actions.requeue_stranded() == 1
    assert app.engine_queries.queue_depth()["actions"] == 2
    assert app.action_execution.execute_action(InlineSteps(), str(approved), 1) == "executed"
    assert app.action_execution.execute_action(InlineSteps(), str(approved), 1) is None
    assert len(world.given) == 1


def _given_then_died(world: World):  # type: ignore[no-untyped-def]
    def give(key: str) -> Receipt:
        world.given.append(key)
        raise WorkerDied

    return give
