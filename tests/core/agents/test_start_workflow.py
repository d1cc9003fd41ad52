"""A run that is started by an approved card: exactly what was approved, for whom, once, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.actions.rules import ActionState
from core.actions.tables import Attempt
from core.actor import Actor, Role, Tier
from core.agents.start_workflow import WHOEVER_APPROVES, run_id_of
from core.bootstrap import Application
from core.canonical import digest
from core.connectors.plan import AttemptOutcome, Plan
from core.decisions.councils import Terms
from core.decisions.rules import Policy, VoteRefused
from core.errors import InvalidInput, NotFound
from core.executions.rules import ExecutionState, TierTooLow, TimerKind
from core.executions.tables import Execution
from core.guardrails.limits import ExecutionMode
from tests.core.agents.conftest import AUTOMATED, GUIDED, approve, definition, email_of

Execute = Callable[[UUID], str | None]
GIVEN = {"customer": "Café Lindgren", "price": 1200}


def propose(app: Application, actor: Actor, workflow: str = AUTOMATED, **params: Any) -> UUID:
    given = {"workflow": workflow, "inputs": GIVEN if workflow == AUTOMATED else {}, **params}
    return app.actions.propose(actor, "start_workflow", given, title="Start a run")


def runs(app: Application) -> list[Execution]:
    with app.database.reading() as session:
        return list(session.scalars(select(Execution)))


def test_card_shows_the_revision_and_every_input_with_its_title(app: Application, scout: Actor, admin: Actor) -> None:
    plan = app.actions_queries.card(admin, propose(app, scout)).plan
    assert plan.summary == f"Start “Offer letter” for {WHOEVER_APPROVES}"
    assert {change.label: change.after for change in plan.changes} == {
        "Workflow": "Offer letter (offer_letter_run)", "Revision": app.catalog_queries.by_id(AUTOMATED).digest,
        "For": WHOEVER_APPROVES, "Customer": "Café Lindgren", "Price": 1200, "Tone": "plain",
    }  # fmt: skip
    assert not plan.leaves_machine


def test_approved_card_starts_that_run_for_who_approved_it(
    app: Application, scout: Actor, admin: Actor, execute: Execute
) -> None:
    card = propose(app, scout)
    assert runs(app) == []
    approve(app, admin, card)
    assert runs(app) == []
    assert execute(card) == ActionState.EXECUTED
    (run,) = runs(app)
    assert (run.workflow_id, run.user_id, run.agent_id, run.automated) == (AUTOMATED, admin.user_id, "scout", True)
    assert run.inputs == {"customer": "Café Lindgren", "price": 1200, "tone": "plain"}
    shown = app.actions_queries.card(scout, card)
    receipt = shown.attempts[-1].receipt or {}
    assert shown.row.reference == f"run {run.id}"
    assert receipt["details"] == {"run": str(run.id), "revision": run.revision}
    assert str(run.id) in receipt["url"]


def test_agent_reads_the_run_it_proposed_and_another_agent_does_not(
    app: Application, scout: Actor, admin: Actor, execute: Execute
) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    execute(card)
    (run,) = runs(app)
    assert app.run_queries.detail(scout, run.id).row.run.id == run.id
    with pytest.raises(NotFound):
        app.run_queries.detail(Actor(kind=scout.kind, id="other", name="Other"), run.id)


def test_run_for_a_person_is_theirs(
    app: Application, scout: Actor, admin: Actor, ravi: Actor, execute: Execute
) -> None:
    card = propose(app, scout, GUIDED, person=email_of(app, ravi))
    approve(app, admin, card)
    assert execute(card) == ActionState.EXECUTED
    (run,) = runs(app)
    assert (run.user_id, run.state) == (ravi.user_id, ExecutionState.STARTED)
    assert run.timer_kind is TimerKind.WAIT, "nobody works on it yet"


def test_executing_the_same_attempt_again_starts_nothing_more(
    app: Application, scout: Actor, admin: Actor, execute: Execute
) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    execute(card)
    operation = app.connectors.operation("start_workflow")
    plan = app.actions_queries.card(admin, card).plan
    with app.database.reading() as session:
        key = session.scalars(select(Attempt.key)).one()
    again = [operation.execute(plan, key) for _ in range(2)]
    assert {one.reference for one in again} == {f"run {run_id_of(key)}"}
    assert len(runs(app)) == 1


def test_two_workers_at_once_start_one_run(app: Application, scout: Actor, admin: Actor) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    operation, plan = app.connectors.operation("start_workflow"), app.actions_queries.card(admin, card).plan
    key, found = f"{card}:{plan.digest[:16]}", []
    threads = [Thread(target=lambda: found.append(operation.execute(plan, key))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert {(one.outcome, one.reference) for one in found} == {(AttemptOutcome.CONFIRMED, f"run {run_id_of(key)}")}
    assert len(found) == 6
    assert len(runs(app)) == 1


def test_another_revision_goes_back_to_people_and_starts_nothing(
    app: Application, scout: Actor, admin: Actor, execute: Execute
) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    app.catalog.import_file(admin, definition(description="Another text."))
    assert execute(card) == ActionState.PENDING
    assert runs(app) == []
    shown = app.actions_queries.card(admin, card)
    assert [change.label for change in shown.drift] == ["Revision"]
    approve(app, admin, card)
    assert execute(card) == ActionState.EXECUTED
    assert runs(app)[0].revision == app.catalog_queries.by_id(AUTOMATED).digest


def test_revision_that_changes_between_the_last_look_and_the_start_starts_nothing(
    app: Application, scout: Actor, admin: Actor
) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    plan = app.actions_queries.card(admin, card).plan
    app.catalog.import_file(admin, definition(description="Another text."))
    receipt = app.connectors.operation("start_workflow").execute(plan, f"{card}:{plan.digest[:16]}")
    assert receipt.outcome is AttemptOutcome.REJECTED
    assert "another revision" in receipt.message
    assert runs(app) == []


def test_inputs_that_no_longer_fit_fail_in_words(
    app: Application, scout: Actor, admin: Actor, execute: Execute
) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    app.catalog.import_file(admin, definition(inputs={"customer": {"type": "email", "required": True}}))
    assert execute(card) == ActionState.FAILED
    assert "Give an e-mail address" in (app.actions_queries.card(admin, card).row.error or "")
    assert runs(app) == []


def test_person_who_lost_the_tier_meanwhile_gets_no_run(
    app: Application, scout: Actor, admin: Actor, person: Callable[..., Actor], execute: Execute
) -> None:
    asha = person(Role.USER, tier=Tier.SCALE, name="Nila")
    app.catalog.import_file(admin, definition(tier="scale"))
    card = propose(app, scout, person=email_of(app, asha))
    approve(app, admin, card)
    assert asha.user_id is not None
    app.identity.change_user(admin, asha.user_id, tier=Tier.STARTER)
    assert execute(card) == ActionState.FAILED
    assert runs(app) == []


def test_tier_of_whom_it_is_for_is_asked_when_it_is_planned(
    app: Application, admin: Actor, scout: Actor, person: Callable[..., Actor]
) -> None:
    app.catalog.import_file(admin, definition(tier="scale"))
    with pytest.raises(TierTooLow):
        propose(app, scout, person=email_of(app, person(Role.USER, tier=Tier.STARTER)))


def test_operator_gets_no_higher_tier_by_way_of_a_card(
    app: Application, admin: Actor, person: Callable[..., Actor], execute: Execute
) -> None:
    app.catalog.import_file(admin, definition(tier="scale"))
    one, other = (person(Role.OPERATOR, tier=Tier.STARTER) for _ in range(2))
    card = propose(app, one)
    approve(app, other, card)
    assert execute(card) == ActionState.FAILED
    assert runs(app) == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"inputs": {"customer": "A"}}, "Price"),
        ({"inputs": {**GIVEN, "price": "much"}}, "Price"),
        ({"inputs": {**GIVEN, "colour": "red"}}, "colour"),
        ({"person": "nobody@example.com"}, "For a person"),
        ({"agent": "ghost"}, "Booked on an agent"),
        ({"inputs": []}, "Inputs"),
        ({"inputs": {**GIVEN, "customer": "a\u202eb"}}, "Parameters"),
    ],
)
def test_what_cannot_be_started_is_refused_in_words_and_leaves_no_card(
    app: Application, scout: Actor, params: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        propose(app, scout, **params)
    assert refused.value.facts["field"] == field
    assert app.actions_queries.inbox(scout).total == 0


def test_agent_books_no_run_on_another_agent(app: Application, scout: Actor, admin: Actor, execute: Execute) -> None:
    app.tokens.add_agent(admin, "other", "Other")
    card = propose(app, scout, agent="other")
    approve(app, admin, card)
    assert execute(card) == ActionState.FAILED
    assert runs(app) == []


def test_agent_does_not_approve_and_its_operator_edits_under_four_eyes(
    app: Application, scout: Actor, person: Callable[..., Actor]
) -> None:
    card = propose(app, scout)
    plan_digest = app.actions_queries.card(scout, card).row.plan_digest
    with pytest.raises(VoteRefused):
        app.actions.approve(scout, card, plan_digest)
    meera = person(Role.OPERATOR, name="Meera")
    app.actions.edit(meera, card, {"workflow": AUTOMATED, "inputs": {**GIVEN, "price": 900}}, expected_version=1)
    shown = app.actions_queries.card(meera, card)
    assert [(change.label, change.before, change.after) for change in shown.differences] == [("Price", 1200, 900)]
    assert shown.row.why_not_decide is not None


def test_undo_cancels_the_run_while_it_goes_on(app: Application, scout: Actor, admin: Actor, execute: Execute) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    execute(card)
    assert app.actions_queries.card(admin, card).can_undo
    undoing = app.actions.undo(admin, card)
    approve(app, admin, undoing)
    assert execute(undoing) == ActionState.EXECUTED
    assert runs(app)[0].state is ExecutionState.CANCELLED
    assert not app.actions_queries.card(admin, card).can_undo


def test_what_is_over_cannot_be_cancelled(app: Application, scout: Actor, admin: Actor, execute: Execute) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    execute(card)
    run = runs(app)[0].id
    undoing = app.actions.undo(admin, card)
    app.runs.cancel(admin, run)
    approve(app, admin, undoing)
    assert execute(undoing) == ActionState.EXECUTED, "it is cancelled, as the card said"
    with pytest.raises(InvalidInput):
        app.connectors.plan("cancel_workflow", {"run": str(run)})


def test_stopped_installation_starts_no_run(app: Application, scout: Actor, admin: Actor, execute: Execute) -> None:
    card = propose(app, scout)
    approve(app, admin, card)
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    assert execute(card) != ActionState.EXECUTED
    assert runs(app) == []


def test_council_that_oversees_the_workflow_decides(app: Application, admin: Actor, scout: Actor, ravi: Actor) -> None:
    assert ravi.user_id is not None
    app.identity.change_user(admin, ravi.user_id, roles=frozenset({Role.USER, Role.COUNCIL}))
    terms = Terms(name="Offers", domains=(AUTOMATED,), policy=Policy(council="offers"))
    app.councils.create(admin, "offers", terms, [ravi.user_id])
    card = propose(app, scout)
    assert app.actions_queries.card(admin, card).row.councils == ("offers",)


def test_plan_planned_again_from_its_request_is_the_same(app: Application, admin: Actor) -> None:
    plan = app.connectors.plan("start_workflow", {"workflow": AUTOMATED, "inputs": GIVEN})
    again = app.connectors.plan("start_workflow", plan.request)
    assert digest(again.to_json()) == plan.digest == Plan.from_json(plan.to_json()).digest


def test_key_of_no_card_starts_nothing(app: Application, admin: Actor) -> None:
    plan = app.connectors.plan("start_workflow", {"workflow": AUTOMATED, "inputs": GIVEN})
    receipt = app.connectors.operation("start_workflow").execute(plan, "made up")
    assert receipt.outcome is AttemptOutcome.REJECTED
    assert runs(app) == []


@pytest.mark.parametrize(("tier", "started"), [(Tier.STARTER, 0), (Tier.PRO, 1)])
def test_rule_that_approves_gives_nobody_a_higher_tier(
    app: Application, admin: Actor, person: Callable[..., Actor], execute: Execute, tier: Tier, started: int
) -> None:
    app.catalog.import_file(admin, definition(tier="pro"))
    app.guardrails.change(admin, {"automatic": True, "automatic_operations": ["start_workflow"]})
    card = propose(app, person(Role.OPERATOR, tier=tier))
    assert app.actions_queries.card(admin, card).row.state is ActionState.APPROVED
    execute(card)
    assert len(runs(app)) == started
