"""A link answers one gate, once, for as long as it lasts, on the responsibility of whoever made it; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import CountersignError, InvalidInput, NotAllowed, NotFound
from core.executions.automated.answers import DocumentRefused, NothingToAnswer
from core.executions.automated.rules import GateKind, GateState
from core.executions.rules import ExecutionState
from core.invitations.asked import answer_of, fields_of
from core.invitations.rules import MOST_LINKS, LinkOver, LinkUnknown, TooManyLinks
from tests.core.executions.automated.driving import Driver, definition, production

SCHEMA = {
    "type": "object", "required": ["goal"], "additionalProperties": False,
    "properties": {
        "goal": {"type": "string", "maxLength": 80}, "budget": {"type": "number"}, "urgent": {"type": "boolean"},
        "size": {"type": "string", "enum": ["small", "large"]}, "colours": {"type": "array", "items": {"type": "string"}},
    },
}  # fmt: skip
BRIEF = {"name": "Brief", "scope": "project", "json_schema": SCHEMA}
ANSWER = {"content": {"goal": "More clients"}}


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Omar")


@pytest.fixture
def driver(app: Application, admin: Actor) -> Driver:
    return Driver(app, admin)


@pytest.fixture
def run(driver: Driver) -> UUID:
    """It waits for its brief."""
    run = driver.start(definition([production("brief", "brief", "project")], {"brief": BRIEF}))
    driver.drive(run)
    return run


def test_link_answers_once_and_the_run_goes_on(app: Application, driver: Driver, run: UUID, operator: Actor) -> None:
    gate = driver.gate(run, GateKind.FORM)
    made = app.invitations.make(operator, gate.id, label="Acme Ltd.")
    asked = app.invitations.request(made.token)
    assert (asked.asked_by, asked.label, asked.title) == ("Omar", "Acme Ltd.", gate.title)

    app.invitations.answer(made.token, ANSWER)

    assert driver.drive(run) is ExecutionState.COMPLETED
    (closed,) = driver.gates(run, state=GateState.CLOSED)
    assert closed.answered_by == "Acme Ltd., by the link of Omar"
    assert closed.answered_by_user == operator.user_id
    for again in (lambda: app.invitations.answer(made.token, ANSWER), lambda: app.invitations.request(made.token)):
        with pytest.raises(LinkOver, match="it was answered, and the answer is kept"):
            again()
    assert made.token not in repr(made)


def test_many_at_once_are_one_answer(app: Application, driver: Driver, run: UUID, operator: Actor) -> None:
    made = app.invitations.make(operator, driver.gate(run, GateKind.FORM).id, label="Acme")

    def answer(number: int) -> bool:
        try:
            app.invitations.answer(made.token, {"content": {"goal": f"{number}"}})
        except CountersignError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(answer, range(16))) == 1
    assert len(driver.gates(run, state=GateState.CLOSED)) == 1


def test_what_does_not_fit_is_refused_and_the_link_stays(
    app: Application, driver: Driver, run: UUID, operator: Actor
) -> None:
    made = app.invitations.make(operator, driver.gate(run, GateKind.FORM).id, label="Acme")
    refused: list[Any] = [{"goal": 5}, {}, {"goal": "x", "more": 1}]
    for content in refused:
        with pytest.raises(DocumentRefused):
            app.invitations.answer(made.token, {"content": content})
    with pytest.raises(InvalidInput):
        app.invitations.answer(made.token, {"vote": "approve"})
    with pytest.raises(LinkUnknown):
        app.invitations.answer("x" * 43, ANSWER)

    app.invitations.answer(made.token, ANSWER)


def test_link_is_over_when_it_is_withdrawn_late_or_the_question_was_answered(
    app: Application, driver: Driver, run: UUID, operator: Actor, clock: ManualClock
) -> None:
    gate = driver.gate(run, GateKind.FORM)
    first, late, other = (app.invitations.make(operator, gate.id, label=name) for name in ("A", "B", "C"))
    app.invitations.revoke(operator, first.id)
    with pytest.raises(LinkOver, match="withdrawn"):
        app.invitations.answer(first.token, ANSWER)
    clock.advance(timedelta(days=7))
    with pytest.raises(LinkOver, match="time is over"):
        app.invitations.answer(late.token, ANSWER)
    lasting = app.invitations.make(operator, gate.id, label="D", days=30)
    driver.answer(gate, ANSWER)
    for one in (other, lasting):
        with pytest.raises(LinkOver, match="answered another way"):
            app.invitations.answer(one.token, ANSWER)


def test_question_that_is_answered_wrongly_is_named_in_quotes() -> None:
    asked = {"id": "BUDGET", "text": "What is the budget?", "why_it_matters": "Money.", "priority": "must",
             "constraint_kind": "scope", "answer_type": "number", "blocking": True}  # fmt: skip
    content = {"questions": {"mode": "questions_only", "questions": [asked]}}
    with pytest.raises(InvalidInput, match="“What is the budget\\?”: use a number"):
        answer_of(GateKind.CLARIFICATION, content, {"BUDGET": ["many"]})


def test_whoever_made_it_must_still_be_allowed_to_answer(
    app: Application, admin: Actor, driver: Driver, run: UUID, person: Callable[..., Actor]
) -> None:
    gate = driver.gate(run, GateKind.FORM)
    for change in ({"roles": frozenset({Role.USER})}, {"active": False}):
        meera = person(Role.OPERATOR)
        made = app.invitations.make(meera, gate.id, label="Acme")
        assert meera.user_id
        app.identity.change_user(admin, meera.user_id, **change)
        with pytest.raises(LinkOver):
            app.invitations.answer(made.token, ANSWER)
    assert driver.gates(run)


def test_nobody_hands_on_what_they_may_not_answer(
    app: Application, driver: Driver, run: UUID, person: Callable[..., Actor]
) -> None:
    gate = driver.gate(run, GateKind.FORM)
    agent = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", scopes=frozenset({"read", "propose"}))
    for other in (person(Role.USER), person(Role.ANALYST), person(Role.COUNCIL), agent):
        with pytest.raises((NotFound, NotAllowed, CountersignError)):
            app.invitations.make(other, gate.id, label="Acme")
    with pytest.raises(NotFound):
        app.invitations.make(person(Role.OPERATOR), uuid4(), label="Acme")


def test_votes_and_acceptances_are_never_handed_on(app: Application, admin: Actor, operator: Actor) -> None:
    driver = Driver(app, admin)
    accepted = {**BRIEF, "acceptance_required": True}
    run = driver.start(definition([production("brief", "brief", "project")], {"brief": accepted}))
    driver.drive(run)
    driver.answer(driver.gate(run, GateKind.FORM), ANSWER, by=operator)
    driver.drive(run)

    with pytest.raises(NothingToAnswer):
        app.invitations.make(admin, driver.gate(run, GateKind.ACCEPTANCE).id, label="Acme")


def test_links_are_few_labelled_and_shown_to_those_who_may_see_them(
    app: Application, driver: Driver, run: UUID, operator: Actor, person: Callable[..., Actor]
) -> None:
    gate = driver.gate(run, GateKind.FORM)
    for bad in ({"label": ""}, {"label": "x" * 121}, {"label": "A", "days": 0}, {"label": "A", "days": 91}):
        with pytest.raises(InvalidInput):
            app.invitations.make(operator, gate.id, **bad)
    made = [app.invitations.make(operator, gate.id, label=f"<b>{n}</b>") for n in range(MOST_LINKS)]
    with pytest.raises(TooManyLinks):
        app.invitations.make(operator, gate.id, label="One more")
    assert len(app.invitations_queries.of_gate(person(Role.OPERATOR), gate.id)) == MOST_LINKS
    stranger = person(Role.USER)
    with pytest.raises(NotFound):
        app.invitations_queries.of_gate(stranger, gate.id)
    with pytest.raises(NotFound):
        app.invitations.revoke(stranger, made[0].id)
    assert "token" not in str(app.invitations_queries.of_gate(operator, gate.id))


@pytest.mark.parametrize(
    ("typed", "content"),
    [
        ({"goal": ["More clients"]}, {"goal": "More clients"}),
        (
            {"goal": ["x"], "budget": ["12,5"], "urgent": ["yes"], "size": ["large"], "colours": ["red\r\n\r\nblue "]},
            {"goal": "x", "budget": 12.5, "urgent": True, "size": "large", "colours": ["red", "blue"]},
        ),
        ({"goal": [" x "], "budget": [""], "stranger": ["y"]}, {"goal": "x"}),
        ({}, {}),
    ],
)
def test_typed_text_becomes_the_document(typed: dict[str, list[str]], content: dict[str, Any]) -> None:
    asked = {"name": "Brief", "schema": SCHEMA}
    assert [field.kind for field in fields_of(GateKind.FORM, asked)] == ["text", "number", "yes_no", "choice", "list"]
    assert answer_of(GateKind.FORM, asked, typed) == {"content": content}


@pytest.mark.parametrize("typed", ["many", "1e999", "nan", "12.5.1"])
def test_number_that_is_none_is_named(typed: str) -> None:
    with pytest.raises(InvalidInput, match="Budget"):
        answer_of(GateKind.FORM, {"schema": SCHEMA}, {"budget": [typed]})


def test_what_a_draft_holds_beyond_the_fields_is_kept(operator: Actor) -> None:
    asked = {"schema": SCHEMA, "draft": {"goal": "old", "hidden": [1]}}
    assert fields_of(GateKind.FORM, asked)[0].value == "old"
    assert answer_of(GateKind.FORM, asked, {"goal": ["new"]}) == {"content": {"hidden": [1], "goal": "new"}}


def test_actor_of_a_link_is_only_its_maker_by_another_name(operator: Actor) -> None:
    assert replace(operator, name="Acme").user_id == operator.user_id
