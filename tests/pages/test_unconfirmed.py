"""Finding out what nobody could confirm, on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from core.actions.rules import ActionState
from core.actor import Actor, Role
from core.bootstrap import Application
from core.connectors.plan import unknown
from core.engine.steps import InlineSteps
from core.guardrails.rules import ExecutionMode
from tests.core.actions.gift import Gift, World
from tests.pages.conftest import Visit
from tests.pages.test_inbox import AGENT, words


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Ravi")


@pytest.fixture
def world(app: Application, admin: Actor) -> World:
    world = World(sees=False)
    app.connectors._operations["gift"] = Gift(world)
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    return world


@pytest.fixture
def lost(app: Application, operator: Actor, world: World) -> UUID:
    """A gift that arrived, of which nobody knows."""

    def answer(key: str) -> Any:
        world.given.append(key)
        return unknown("No answer came.")

    world.next_answers = [answer]
    card = app.actions.propose(AGENT, "gift", {"what": "a lamp"}, title="Give Meridian a lamp")
    app.actions.approve(operator, card, app.actions_queries.card(operator, card).row.plan_digest)
    app.action_execution.execute_action(InlineSteps(), str(card), 1)
    assert state_of(app, card) is ActionState.UNKNOWN
    return card


def state_of(app: Application, card: UUID) -> ActionState:
    return app.actions_queries.progress([card])[card].state


def test_page_without_doubts_teaches(visit: Visit, operator: Actor) -> None:
    screen = visit("unconfirmed", operator)
    assert not screen.exception
    assert "the action comes here" in words(screen)


def test_doubt_shows_what_was_asked_with_its_key_and_where_to_look(
    app: Application, visit: Visit, operator: Actor, lost: UUID
) -> None:
    screen = visit("unconfirmed", operator, card=str(lost))
    assert not screen.exception
    shown = "\n".join(str(one.proto.body) for one in screen.get("html"))
    (row,) = app.actions_queries.unconfirmed(operator)
    assert row.key in shown
    assert "Give a lamp" in shown
    assert "Where to look" in words(screen)
    assert "No answer came" in words(screen)


def test_answer_needs_evidence_and_stays_on_record(app: Application, visit: Visit, operator: Actor, lost: UUID) -> None:
    screen = visit("unconfirmed", operator)
    screen.button(key=f"there-{lost}").click().run()
    screen.button(key=f"resolve-there-{lost}").click().run()
    screen.button(key=f"there-{lost}").click().run()
    assert "say how you know" in words(screen)
    assert state_of(app, lost) is ActionState.UNKNOWN

    screen.text_area(key=f"evidence-there-{lost}").set_value("It stands on their desk.")
    screen.button(key=f"resolve-there-{lost}").click().run()
    assert not screen.exception
    assert state_of(app, lost) is ActionState.EXECUTED
    assert "Everything that was begun is known" in words(screen)
    (kept,) = app.actions_queries.resolved()
    assert (kept.by, kept.happened, kept.evidence) == ("Ravi", True, "It stands on their desk.")


def test_what_is_not_there_can_be_tried_again_in_the_same_breath(
    app: Application, visit: Visit, operator: Actor, lost: UUID
) -> None:
    screen = visit("unconfirmed", operator)
    screen.button(key=f"again-{lost}").click().run()
    screen.text_area(key=f"evidence-again-{lost}").set_value("The shelf is empty.")
    screen.button(key=f"resolve-again-{lost}").click().run()
    assert not screen.exception
    assert state_of(app, lost) is ActionState.APPROVED
    assert app.actions_queries.progress([lost])[lost].attempts == 2


def test_looking_again_resolves_only_what_the_other_system_says_for_certain(
    app: Application, visit: Visit, operator: Actor, world: World, lost: UUID
) -> None:
    screen = visit("unconfirmed", operator)
    screen.button(key=f"look-{lost}").click().run()
    assert "cannot tell" in words(screen)
    assert state_of(app, lost) is ActionState.UNKNOWN

    world.sees = True
    screen.button(key=f"look-{lost}").click().run()
    assert "It is there" in words(screen)
    assert state_of(app, lost) is ActionState.EXECUTED


def test_second_of_two_who_answer_is_told_and_changes_nothing(
    app: Application, visit: Visit, operator: Actor, person: Callable[..., Actor], lost: UUID
) -> None:
    screen = visit("unconfirmed", operator)
    screen.button(key=f"not-{lost}").click().run()
    app.actions.resolve_unknown(person(Role.ADMIN), lost, happened=True, evidence="I saw it.")
    screen.text_area(key=f"evidence-not there-{lost}").set_value("I did not see it.")
    screen.button(key=f"resolve-not there-{lost}").click().run()
    assert not screen.exception
    ((_, said),) = screen.session_state["_messages"]["resolve"]
    assert "cannot be resolved while it is executed" in said
    assert state_of(app, lost) is ActionState.EXECUTED
