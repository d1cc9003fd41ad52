"""What follows an attempt: finding out what nobody could confirm, trying again, and putting back what was there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from core.actions.rules import ActionState, CannotUndo, NotInState, UndoIsAsItIs, UndoneAlready
from core.actor import Actor, Role
from core.bootstrap import Application
from core.connectors.plan import AttemptOutcome, confirmed, unknown
from core.decisions.councils import Terms
from core.decisions.policy import Policy
from core.decisions.rules import VoteRefused
from core.errors import InvalidInput, NotAllowed
from core.guardrails.rules import ExecutionMode
from tests.core.actions.conftest import Execute, Propose
from tests.core.actions.gift import Returnable, World
from tests.core.actions.test_service import digest_of, state_of


@pytest.fixture
def world(app: Application, admin: Actor) -> World:
    world = World()
    app.connectors._operations["gift"] = Returnable(world)
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    return world


@pytest.fixture
def given(app: Application, operator: Actor, propose: Propose, execute: Execute) -> Callable[..., UUID]:
    """A gift that was approved and called for."""

    def make(what: str = "a book", **more: Any) -> UUID:
        action_id = propose(operation="gift", params={"what": what}, **more)
        app.actions.approve(operator, action_id, digest_of(app, operator, action_id))
        execute(action_id)
        return action_id

    return make


@pytest.fixture
def lost(world: World, given: Callable[..., UUID]) -> Callable[[bool], UUID]:
    """A gift of which nobody knows whether it arrived; `lost(True)`: it did."""

    def make(arrived: bool) -> UUID:
        def answer(key: str) -> Any:
            if arrived:
                world.given.append(key)
            return unknown("No answer came.")

        world.next_answers = [answer]
        world.sees = False
        return given("a lamp" if arrived else "a vase")

    return make


def test_unconfirmed_effect_says_what_was_asked_and_where_to_look(
    app: Application, operator: Actor, lost: Callable[[bool], UUID]
) -> None:
    action_id = lost(True)

    (row,) = app.actions_queries.unconfirmed(operator)
    assert (row.id, row.error, row.approved_by) == (action_id, "No answer came.", "Omar")
    assert row.key.startswith(str(action_id)) and row.called_at is not None
    assert "the test" in row.hint and row.plan.summary == "Give a lamp"
    assert app.actions_queries.unconfirmed_count() == 1


def test_looking_again_resolves_what_the_other_system_says_for_certain(
    app: Application, operator: Actor, world: World, lost: Callable[[bool], UUID]
) -> None:
    arrived, gone = lost(True), lost(False)
    assert app.actions.look_again(operator, arrived) is None
    assert state_of(app, arrived) is ActionState.UNKNOWN

    world.sees = True
    receipt = app.actions.look_again(operator, arrived)
    assert receipt is not None and receipt.outcome is AttemptOutcome.CONFIRMED
    app.actions.look_again(operator, gone)

    assert (state_of(app, arrived), state_of(app, gone)) == (ActionState.EXECUTED, ActionState.FAILED)
    with pytest.raises(NotInState):
        app.actions.look_again(operator, arrived)


def test_person_who_found_nothing_can_have_it_tried_again_at_once(
    app: Application, operator: Actor, world: World, lost: Callable[[bool], UUID], execute: Execute
) -> None:
    action_id = lost(False)
    with pytest.raises(InvalidInput, match="Evidence"):
        app.actions.resolve_unknown(operator, action_id, happened=False, evidence=" ")

    app.actions.resolve_unknown(operator, action_id, happened=False, evidence="The shelf is empty.", retry=True)

    assert state_of(app, action_id) is ActionState.APPROVED
    assert execute(action_id) == "executed"
    assert len(world.given) == 1
    (row,) = app.actions_queries.resolved()
    assert (row.by, row.happened, row.evidence) == ("Omar", False, "The shelf is empty.")


def test_resolving_needs_somebody_who_operates(
    app: Application, person: Callable[..., Actor], lost: Callable[[bool], UUID]
) -> None:
    action_id = lost(True)
    for nobody in (person(Role.USER), person(Role.COUNCIL)):
        with pytest.raises(NotAllowed):
            app.actions.resolve_unknown(nobody, action_id, happened=True, evidence="x")
        with pytest.raises(NotAllowed):
            app.actions.look_again(nobody, action_id)
        with pytest.raises(NotAllowed):
            app.actions.undo(nobody, action_id)


# -- undoing ------------------------------------------------------------------------------------------------------


def test_undo_is_a_card_that_shows_what_is_put_back(
    app: Application, operator: Actor, world: World, given: Callable[..., UUID], execute: Execute
) -> None:
    # Given a gift that can be taken back
    action_id = given()
    assert app.actions_queries.card(operator, action_id).can_undo

    # When an operator asks to undo it
    undo = app.actions.undo(operator, action_id)

    # Then nothing has happened yet; a card shows what would, and the same person may approve it
    assert len(world.given) == 1
    card = app.actions_queries.card(operator, undo)
    assert (card.row.title, card.plan.summary) == ("Undo: Send a reminder", "Give back: a book")
    assert card.row.undo_of == action_id and card.row.why_not_decide is None
    assert app.actions_queries.card(operator, action_id).undone_by == undo
    app.actions.approve(operator, undo, card.row.plan_digest)
    assert execute(undo) == "executed"
    assert len(world.given) == 2


def test_undo_cannot_be_edited_into_something_else(
    app: Application, operator: Actor, world: World, given: Callable[..., UUID]
) -> None:
    undo = app.actions.undo(operator, given())
    version = app.actions_queries.card(operator, undo).row.version
    with pytest.raises(UndoIsAsItIs):
        app.actions.edit(operator, undo, {"what": "everything, to me"}, expected_version=version)


def test_one_undo_at_a_time(
    app: Application, operator: Actor, admin: Actor, world: World, given: Callable[..., UUID]
) -> None:
    action_id = given()
    start = Barrier(2)

    def undo(actor: Actor) -> UUID | None:
        start.wait()
        try:
            return app.actions.undo(actor, action_id)
        except UndoneAlready:
            return None

    with ThreadPoolExecutor(2) as pool:
        made = [one for one in pool.map(undo, (operator, admin)) if one]
    assert len(made) == 1
    app.actions.reject(admin if app.actions_queries.card(admin, made[0]).row.why_not_decide is None else operator,
                       made[0], "Keep it.")  # fmt: skip
    assert app.actions.undo(operator, action_id) not in made


def test_what_cannot_be_put_back_says_so(app: Application, operator: Actor, propose: Propose, execute: Execute) -> None:
    action_id = propose()
    with pytest.raises(NotInState):
        app.actions.undo(operator, action_id)
    app.actions.approve(operator, action_id, digest_of(app, operator, action_id))
    execute(action_id)

    assert not app.actions_queries.card(operator, action_id).can_undo
    with pytest.raises(CannotUndo, match="Send a reminder"):
        app.actions.undo(operator, action_id)


def test_undoing_what_a_council_approved_needs_that_council(
    app: Application, operator: Actor, admin: Actor, person: Callable[..., Actor], world: World, propose: Propose,
    execute: Execute,
) -> None:  # fmt: skip
    member = person(Role.COUNCIL)
    terms = Terms(name="Gifts", policy=Policy(council="gifts"), domains=("gifts",))
    app.councils.create(admin, "gifts", terms, [UUID(member.id)])
    action_id = propose(operation="gift", params={"what": "a house"}, domains=["gifts"])
    app.actions.approve(member, action_id, digest_of(app, member, action_id))
    execute(action_id)

    undo = app.actions.undo(operator, action_id)

    assert app.actions_queries.card(operator, undo).row.councils == ("gifts",)
    with pytest.raises(VoteRefused):
        app.actions.approve(operator, undo, digest_of(app, operator, undo))


def test_undoing_an_undo_is_no_way_to_do_it_again_alone(
    app: Application, operator: Actor, admin: Actor, world: World, given: Callable[..., UUID], execute: Execute
) -> None:
    undo = app.actions.undo(operator, given())
    app.actions.approve(operator, undo, digest_of(app, operator, undo))
    execute(undo)
    again = app.actions.undo(operator, undo)
    with pytest.raises(VoteRefused):
        app.actions.approve(operator, again, digest_of(app, operator, again))
    assert app.actions.approve(admin, again, digest_of(app, admin, again)) is ActionState.APPROVED


# -- a receipt that comes late ------------------------------------------------------------------------------------


@pytest.mark.parametrize("retried", [False, True])
def test_late_confirmation_is_not_lost_and_calls_off_the_retry(
    app: Application, operator: Actor, world: World, propose: Propose, execute: Execute, retried: bool
) -> None:
    # Given a worker that is still in its call while others think it dead: one of them read back "not given"
    action_id = propose(operation="gift", params={"what": "a book"})
    app.actions.approve(operator, action_id, digest_of(app, operator, action_id))

    def slow(key: str) -> Any:
        assert execute(action_id) == "failed"
        if retried:
            app.actions.retry(operator, action_id)
        world.given.append(key)
        return confirmed("Given.", reference=key)

    world.next_answers = [slow]

    # When its confirmation comes
    assert execute(action_id) == "executed"

    # Then the card says so, and nothing is given a second time
    assert state_of(app, action_id) is ActionState.EXECUTED
    assert execute(action_id) is None
    assert len(world.given) == 1
    with pytest.raises(NotInState):
        app.actions.retry(operator, action_id)
    assert "action.came_late" in [one.event for one in app.actions_queries.history(action_id)]


# -- drift --------------------------------------------------------------------------------------------------------


def test_drifted_card_comes_back_with_what_moved_beside_what_was_approved(
    app: Application, operator: Actor, world: World, propose: Propose, execute: Execute
) -> None:
    action_id = propose(operation="gift", params={"what": "a book"})
    approved = digest_of(app, operator, action_id)
    app.actions.approve(operator, action_id, approved)
    world.weather = "storm"

    assert execute(action_id) == "pending"

    card = app.actions_queries.card(operator, action_id)
    ((moved),) = card.drift
    assert (moved.label, moved.before, moved.after) == ("Weather", "fair", "storm")
    assert card.previous is not None and card.previous.digest == approved != card.row.plan_digest
    assert world.given == [] and card.decision is not None and card.decision.ballots == ()
    app.actions.approve(operator, action_id, card.row.plan_digest)
    assert execute(action_id) == "executed"
