"""Actions of runs: proposed once, decided on their card, never done for a run that ended, never done twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.decisions.rules import VoteRefused
from core.engine.steps import InlineSteps
from core.executions.automated.rules import GateKind, GateState
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.identity.tables import User
from tests.core.executions.automated.driving import Driver, definition, production

DOCUMENTS = {"brief": {"name": "Brief", "scope": "project"}}
BRIEF = [{"doc_type": "brief", "scope": "project"}]
LETTER = {"to": ["{{documents.brief.to}}"], "subject": "About {{documents.brief.goal}}", "body": "Hello."}


class Scene:
    """Asha's run that proposes a letter, and those who decide on it."""

    def __init__(self, app: Application, driver: Callable[..., Driver], person: Callable[..., Actor]) -> None:
        self.app, self.omar = app, person(Role.OPERATOR, name="Omar")
        self.it = driver(lambda *_: {"to": "kim@example.com", "goal": "{{inputs.secret}}"})
        self.step: dict[str, Any] = {
            "step_id": "send", "kind": "action", "title": "Send the letter", "scope": "project", "inputs": BRIEF,
            "operation": "email_send", "params": LETTER,
        }  # fmt: skip

    def run(self, **fields: Any) -> UUID:
        steps = [production("write", "brief", "project"), {**self.step, **fields}]
        run = self.it.start(definition(steps, DOCUMENTS))
        self.it.drive(run)
        return run

    def action(self) -> Action:
        with self.app.database.begin() as uow:
            found = uow.session.scalars(select(Action)).all()
            return max(found, key=lambda one: (one.origin or {})["generation"])

    def actions(self) -> int:
        with self.app.database.begin() as uow:
            return len(uow.session.scalars(select(Action)).all())

    def approve(self) -> None:
        action = self.action()
        self.app.actions.approve(self.omar, action.id, action.plan_digest)

    def execute(self) -> str | None:
        action = self.action()
        return self.app.action_execution.execute_action(InlineSteps(), str(action.id), action.attempts)

    def told(self, run: UUID) -> ExecutionState:
        self.app.gates.action_ended(self.action().id)
        return self.it.drive(run)


@pytest.fixture
def scene(app: Application, driver: Callable[..., Driver], person: Callable[..., Actor]) -> Scene:
    return Scene(app, driver, person)


def test_approved_and_executed_action_lets_the_run_go_on(scene: Scene) -> None:
    run = scene.run()
    action, gate = scene.action(), scene.it.gate(run, GateKind.ACTION)
    assert (gate.action_id, gate.decision_id) == (action.id, None)
    assert action.params["to"] == ["kim@example.com"]
    assert action.params["subject"] == "About {{inputs.secret}}"  # what a document says is never a template
    assert (action.proposer_kind, action.proposer_id) == (ActorKind.PERSON, scene.it.owner.id)
    assert (action.origin or {})["path"] == "send"
    scene.approve()
    assert scene.execute() == "executed"
    assert scene.told(run) is ExecutionState.COMPLETED
    (closed,) = scene.it.gates(run, state=GateState.CLOSED)
    assert (closed.answer or {})["state"] == "executed"


def test_end_of_an_action_is_handed_to_the_workers_in_its_own_transaction(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[tuple[Any, ...]] = []
    real = scene.app.engine.enqueue

    def enqueue(uow: Any, queue: Any, work: str, *arguments: Any, **more: Any) -> None:
        handed.append((work, *arguments))
        real(uow, queue, work, *arguments, **more)

    monkeypatch.setattr(scene.app.engine, "enqueue", enqueue)
    scene.run()
    scene.approve()
    scene.execute()
    assert ("action_ended", str(scene.action().id)) in handed


def test_lost_telling_is_made_up_by_the_job(scene: Scene) -> None:
    run = scene.run()
    scene.approve()
    scene.execute()
    assert scene.app.gates.close_due() == 1
    assert scene.it.drive(run) is ExecutionState.COMPLETED


def test_crash_after_the_proposal_finds_it_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    real = scene.app.actions.propose

    def crash(*arguments: Any, **more: Any) -> UUID:
        real(*arguments, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(scene.app.actions, "propose", crash)
    with pytest.raises(KeyboardInterrupt):
        scene.run()
    monkeypatch.undo()
    with scene.app.database.begin() as uow:
        run = uow.session.scalars(select(Execution.id)).one()
    scene.it.drive(run)
    assert scene.it.gate(run, GateKind.ACTION).action_id == scene.action().id
    assert scene.actions() == 1


@pytest.mark.parametrize(
    ("on_rejection", "state"),
    [("stop", ExecutionState.CANCELLED), ("skip", ExecutionState.COMPLETED), ("fail", ExecutionState.FAILED)],
)
def test_rejected_action(scene: Scene, on_rejection: str, state: ExecutionState) -> None:
    run = scene.run(on_rejection=on_rejection)
    scene.app.actions.reject(scene.omar, scene.action().id, "Not this week")
    assert scene.told(run) is state
    if on_rejection == "stop":
        assert scene.it.row(run).end_reason == "“Send the letter” was rejected by Omar: Not this week."


def test_owner_does_not_approve_what_their_run_proposed(scene: Scene) -> None:
    scene.run()
    action = scene.action()
    with pytest.raises(VoteRefused, match="does not decide"):
        scene.app.actions.approve(scene.it.owner, action.id, action.plan_digest)


def test_who_wrote_a_document_of_the_run_is_an_author_also_after_an_edit(
    app: Application, driver: Callable[..., Driver], person: Callable[..., Actor]
) -> None:
    scene = Scene(app, driver, person)
    scene.it = driver()
    run = scene.run()
    scene.it.answer(
        scene.it.gate(run, GateKind.FORM), {"content": {"to": "kim@example.com", "goal": "x"}}, by=scene.omar
    )
    scene.it.drive(run)
    other = person(Role.OPERATOR)
    for _ in range(2):
        action = scene.action()
        with pytest.raises(VoteRefused, match="does not decide"):
            app.actions.approve(scene.omar, action.id, action.plan_digest)
        params = {"to": ["kim@example.com"], "subject": "Other", "body": "Hello."}
        if action.params["subject"] != "Other":
            app.actions.edit(other, action.id, params, expected_version=action.version)


def test_plain_user_may_start_what_proposes_and_gains_nothing_by_it(scene: Scene, person: Callable[..., Actor]) -> None:
    user = person(Role.USER, name="Uma")
    scene.it.take_in(definition([production("write", "brief", "project"), scene.step], DOCUMENTS))
    run = scene.app.runs.start(user, "trial", inputs={})
    scene.it.drive(run)
    action = scene.action()
    assert (action.proposer_name, action.state) == ("Uma", ActionState.PENDING)
    with pytest.raises(VoteRefused):
        scene.app.actions.approve(user, action.id, action.plan_digest)


def test_cancelled_run_takes_its_card_back(scene: Scene) -> None:
    run = scene.run()
    scene.app.runs.cancel(scene.it.owner, run)
    action = scene.action()
    assert (action.state, "has ended" in (action.error or "")) == (ActionState.EXPIRED, True)
    with pytest.raises(Exception, match="expired"):
        scene.approve()
    assert scene.app.decisions_queries.replay_all().faults == ()


def test_approved_action_of_a_run_that_was_cancelled_is_never_called(scene: Scene) -> None:
    run = scene.run()
    scene.approve()
    scene.app.runs.cancel(scene.it.owner, run)
    assert scene.execute() is None
    action = scene.action()
    assert action.state is ActionState.FAILED
    scene.app.actions.retry(scene.omar, action.id)  # a person insists, on the card
    scene.execute()
    again = scene.action()
    assert (again.state, again.executed_at) == (ActionState.FAILED, None)
    assert "has ended" in (again.error or "")


def test_failed_action_is_retried_in_its_run_and_not_behind_its_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = scene.run()
    scene.approve()
    first = scene.action()
    with scene.app.database.begin() as uow:
        found = uow.session.get_one(Action, first.id)
        found.state, found.error = ActionState.FAILED, "The server said no."
    assert scene.told(run) is ExecutionState.FAILED
    assert "The server said no." in (scene.it.row(run).error or "")
    scene.app.runs.retry(scene.it.owner, run)
    scene.it.drive(run)
    assert scene.action().id != first.id
    scene.app.actions.retry(scene.omar, first.id)
    with scene.app.database.begin() as uow:
        attempts = uow.session.get_one(Action, first.id).attempts
    scene.app.action_execution.execute_action(InlineSteps(), str(first.id), attempts)
    with scene.app.database.begin() as uow:
        assert uow.session.get_one(Action, first.id).state is ActionState.FAILED


def test_what_was_done_after_all_is_not_proposed_again(scene: Scene) -> None:
    run = scene.run()
    first = scene.action()
    with scene.app.database.begin() as uow:
        uow.session.get_one(Action, first.id).state = ActionState.FAILED
    assert scene.told(run) is ExecutionState.FAILED
    with scene.app.database.begin() as uow:  # its receipt came late
        uow.session.get_one(Action, first.id).state = ActionState.EXECUTED
    scene.app.runs.retry(scene.it.owner, run)
    assert scene.it.drive(run) is ExecutionState.COMPLETED
    assert scene.actions() == 1


def test_what_was_done_after_all_is_not_done_again_by_a_card_that_was_proposed_before(scene: Scene) -> None:
    run = scene.run()
    first = scene.action()
    with scene.app.database.begin() as uow:
        uow.session.get_one(Action, first.id).state = ActionState.FAILED
    assert scene.told(run) is ExecutionState.FAILED
    scene.app.runs.retry(scene.it.owner, run)
    scene.it.drive(run)
    with scene.app.database.begin() as uow:  # its receipt came late, with the second card before people
        uow.session.get_one(Action, first.id).state = ActionState.EXECUTED
    scene.approve()
    scene.execute()
    second = scene.action()
    assert (second.id != first.id, second.state, second.executed_at) == (True, ActionState.FAILED, None)
    assert "happened after all" in (second.error or "")
    scene.told(run)
    scene.app.runs.retry(scene.it.owner, run)
    assert scene.it.drive(run) is ExecutionState.COMPLETED
    assert scene.actions() == 2


def test_nothing_is_proposed_in_the_name_of_somebody_who_left(scene: Scene, person: Callable[..., Actor]) -> None:
    user = person(Role.USER, name="Uma")
    start = {**scene.step, "execution_mode": "manual"}
    scene.it.take_in(definition([production("write", "brief", "project"), start], DOCUMENTS))
    run = scene.app.runs.start(user, "trial", inputs={})
    scene.it.drive(run)
    with scene.app.database.begin() as uow:
        uow.session.get_one(User, user.user_id).active = False
    scene.it.answer(scene.it.gate(run, GateKind.START), {}, by=scene.omar)
    assert scene.it.drive(run) is ExecutionState.FAILED
    assert scene.actions() == 0
    assert "Nobody is left" in (scene.it.row(run).error or "")


def test_unknown_keeps_the_gate_open_until_a_person_finds_out(scene: Scene) -> None:
    run = scene.run()
    with scene.app.database.begin() as uow:
        uow.session.get_one(Action, scene.action().id).state = ActionState.UNKNOWN
    assert scene.app.gates.action_ended(scene.action().id) is False
    assert scene.app.gates.close_due() == 0
    scene.app.actions.resolve_unknown(scene.omar, scene.action().id, happened=True, evidence="It is in their inbox.")
    assert scene.told(run) is ExecutionState.COMPLETED


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"operation": "email_send", "params": {**LETTER, "to": ["{{documents.brief.nobody}}"]}}, "nobody"),
        ({"operation": "no_such_thing"}, "no_such_thing"),
        ({"params": {**LETTER, "to": "not an address"}}, "to"),
        ({"params": {**LETTER, "subject": "{{documents.brief}}"}}, "stands inside|subject|Subject"),
        ({"council": "nobody"}, "council nobody"),
    ],
)
def test_what_cannot_be_planned_fails_in_words(scene: Scene, fields: dict[str, Any], words: str) -> None:
    run = scene.run(**fields)
    row = scene.it.row(run)
    assert row.state is ExecutionState.FAILED
    assert row.error and "on our side" not in row.error, words
    assert scene.actions() == 0


def test_what_cannot_be_done_is_noted_and_left_out_where_the_definition_says_so(scene: Scene) -> None:
    run = scene.run(operation="no_such_thing", on_failure="skip")
    assert scene.it.row(run).state is ExecutionState.COMPLETED
    assert (scene.it.nodes(run)["send"].error or "").startswith("Skipped: ")
