from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.decisions.rules import Vote
from core.errors import NotFound
from core.executions.automated.rules import CallOutcome, GateKind, GateState, NodeState
from core.executions.automated.service import NothingFailed
from core.executions.rules import ExecutionState, RunEnded
from core.language_models.service import ModelRefused, ModelUnavailable, Question
from tests.core.executions.automated.driving import (
    Driver,
    SaidModel,
    definition,
    each,
    listed,
    nested,
    production,
)

QUESTIONS = {
    "mode": "questions_only",
    "questions": [
        {
            "id": "AUDIENCE", "text": "Who is it for?", "why_it_matters": "The tone follows from it.",
            "priority": "must", "constraint_kind": "audience", "answer_type": "free_text", "blocking": True,
        }
    ],
}  # fmt: skip
ANSWER = {"AUDIENCE": {"resolution": "answered", "value": "small shops"}}
SCHEMA = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 3}}}


def letter(**document: Any) -> dict[str, Any]:
    return definition(
        [production("write", "letter", "project"), production("after", "echo", "project", [
            {"doc_type": "letter", "scope": "project"}
        ])],
        {"letter": {"name": "Letter", "scope": "project", "json_schema": SCHEMA, **document},
         "echo": {"name": "Echo", "scope": "project"}},
    )  # fmt: skip


def shops(steps: list[Any], **iteration: Any) -> dict[str, Any]:
    """A list of shops, and what is done for each."""
    return definition(
        [production("plan", "plan", "project"), each("shops", "plan", "shops", "shop", "shop", steps, **iteration)],
        {"plan": {"name": "Plan", "scope": "project", "may_own": ["shop"], "collection_field": "shops"},
         "offer": {"name": "Offer", "scope": "shop", "json_schema": SCHEMA}},
        scopes={"project": {"parent": None}, "shop": {"parent": "project"}},
        entities={"shop": {"name": "Shop", "parent_doc_type": "plan", "creates_scope": "shop"}},
    )  # fmt: skip


OFFER = production("offer", "offer", "shop", [{"entity_type": "shop", "scope": "shop", "context": True}])
Drivers = Callable[..., Driver]


def text(task: str, question: Question) -> Any:
    return {"text": f"said by {task}"}


# -- the faults of earlier systems (W8) --------------------------------------------------------------------------------


def test_what_was_accepted_is_what_the_next_step_gets_and_is_never_written_again(driver: Drivers) -> None:
    run = driver(text)
    run_id = run.start(letter(acceptance_required=True))
    assert run.drive(run_id) is ExecutionState.WAITING_ACCEPTANCE
    run.vote(run.gate(run_id, GateKind.ACCEPTANCE))

    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert isinstance(run.models, SaidModel)
    assert run.models.asked == {"write v1.0": 1, "after v1.0": 1}
    assert run.documents(run_id)["letter", "", 1] == {"text": "said by write v1.0"}
    with pytest.raises((NothingFailed, RunEnded)):
        run.app.runs.retry(run.owner, run_id, "write")


def test_an_iteration_whose_document_has_no_such_list_fails_and_says_so(driver: Drivers) -> None:
    run = driver(lambda task, question: {"text": "no list here"})
    run_id = run.start(shops([OFFER]))
    assert run.drive(run_id) is ExecutionState.FAILED  # already where the document is checked
    assert "'shops'" in (run.row(run_id).error or "")


def test_an_empty_collection_completes_the_iteration(driver: Drivers) -> None:
    run = driver(lambda task, question: {"shops": []})
    run_id = run.start(shops([OFFER]))
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert run.nodes(run_id)["shops"].state is NodeState.COMPLETED


def test_every_item_has_a_budget_of_its_own_for_what_is_sent_back(driver: Drivers) -> None:
    """Three bad offers for each of three shops: together more than one budget, for each of them within it."""
    bad: dict[str, int] = {}

    def says(task: str, question: Question) -> Any:
        if task == "plan v1.0":
            return listed("shops", "S", 3)
        shop = next(name for name in ("S1", "S2", "S3") if f'"{name}"' in question.messages[0].text)
        bad[shop] = bad.get(shop, 0) + 1
        return {"text": "x"} if bad[shop] <= 3 else {"text": f"for {shop}"}

    run = driver(says)
    run_id = run.start(shops([OFFER]))
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert bad == {"S1": 4, "S2": 4, "S3": 4}
    assert {one.attempts for path, one in run.nodes(run_id).items() if path.startswith("offer")} == {3}


def test_questions_inside_an_iteration_keep_their_item_and_the_answers_go_to_it(driver: Drivers) -> None:
    def says(task: str, question: Question) -> Any:
        if task == "plan v1.0":
            return listed("shops", "S", 2)
        if len(question.messages) == 1:
            return QUESTIONS
        return {"text": question.messages[-1].text}

    run = driver(says)
    run_id = run.start(shops([OFFER]))
    assert run.drive(run_id) is ExecutionState.WAITING_CLARIFICATION
    first = run.gate(run_id, GateKind.CLARIFICATION)
    assert first.path == "offer[1]"
    assert run.nodes(run_id)["offer[1]"].state is NodeState.CLARIFYING
    run.answer(first, ANSWER)
    assert run.drive(run_id) is ExecutionState.WAITING_CLARIFICATION
    assert run.gate(run_id, GateKind.CLARIFICATION).path == "offer[2]"
    run.answer(run.gate(run_id, GateKind.CLARIFICATION), {"AUDIENCE": {"resolution": "answered", "value": "bakers"}})

    assert run.drive(run_id) is ExecutionState.COMPLETED
    documents = run.documents(run_id)
    assert "small shops" in documents["offer", "S1", 1]["text"]
    assert "bakers" in documents["offer", "S2", 1]["text"]


def test_a_run_that_waits_for_an_answer_is_wholly_kept(driver: Drivers, app: Application) -> None:
    """Whoever goes on with it later needs nothing that the worker before had in hand."""

    def says(task: str, question: Question) -> Any:
        return QUESTIONS if len(question.messages) == 1 else {"text": "after the answer"}

    run = driver(says)
    run_id = run.start(letter())
    run.drive(run_id)
    run.answer(run.gate(run_id, GateKind.CLARIFICATION), ANSWER)
    another = Driver(app, run.owner, SaidModel(says))
    another.drive(run_id)
    assert isinstance(another.models, SaidModel)
    (said_again, *_) = [one for one in another.models.questions if "TASK write" in one.messages[0].text]
    assert said_again.messages[1].role == "assistant" and "small shops" in said_again.messages[2].text


def test_a_document_written_after_a_clarification_is_put_before_those_who_accept_it(driver: Drivers) -> None:
    def says(task: str, question: Question) -> Any:
        return QUESTIONS if len(question.messages) == 1 and "write" in task else {"text": "after the answer"}

    run = driver(says)
    run_id = run.start(letter(acceptance_required=True))
    run.drive(run_id)
    run.answer(run.gate(run_id, GateKind.CLARIFICATION), ANSWER)
    assert run.drive(run_id) is ExecutionState.WAITING_ACCEPTANCE
    run.vote(run.gate(run_id, GateKind.ACCEPTANCE))
    assert run.drive(run_id) is ExecutionState.COMPLETED


# -- quality assurance and remediation ---------------------------------------------------------------------------------


def test_what_is_wrong_is_told_to_the_model_which_mends_it(driver: Drivers) -> None:
    def says(task: str, question: Question) -> Any:
        return "no JSON at all" if len(question.messages) == 1 else {"text": "mended"}

    run = driver(says)
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.COMPLETED
    first, second = [one for one in run.calls(run_id) if one.path == "write"]
    assert (first.outcome, second.outcome) == (CallOutcome.SENT_BACK, CallOutcome.DOCUMENT)
    assert first.findings and first.findings[0]["severity"] == "error"


def test_a_model_that_never_mends_it_fails_the_step_and_a_retry_begins_a_new_budget(driver: Drivers) -> None:
    good = False

    def says(task: str, question: Question) -> Any:
        return {"text": "good"} if good else {"wrong": 1}

    run = driver(says)
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.FAILED
    assert len(run.calls(run_id)) == 4  # the first one, and three attempts to mend it
    assert "text" in (run.row(run_id).error or "")
    good = True
    run.app.runs.retry(run.owner, run_id)
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert run.nodes(run_id)["write"].generation == 2


def test_warnings_pass_and_stay_with_the_document(driver: Drivers, app: Application) -> None:
    run = driver(lambda task, question: {"text": "fine", "note": " "})
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.COMPLETED
    (call, _) = run.calls(run_id)
    assert [one["severity"] for one in call.findings] == ["warning"]


# -- models that cannot answer -----------------------------------------------------------------------------------------


def test_a_busy_model_is_asked_again_when_it_said_so_and_no_worker_waits_for_it(
    driver: Drivers, clock: ManualClock, app: Application
) -> None:
    busy = True

    def says(task: str, question: Question) -> Any:
        problem = ModelUnavailable(model="model-1", problem="it is busy.", retry_after=timedelta(seconds=90))
        return problem if busy else {"text": "now"}

    run = driver(says)
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.IN_PROGRESS
    assert run.row(run_id).parked
    assert run.gate(run_id, GateKind.TIME).due_at == clock.now() + timedelta(seconds=90)
    busy = False
    clock.advance(timedelta(seconds=91))
    app.gates.close_due()
    assert run.drive(run_id) is ExecutionState.COMPLETED


def test_a_model_that_refuses_fails_the_step_with_what_to_do(driver: Drivers) -> None:
    refusal = ModelRefused(model="model-1", problem="the key is wrong.", remedy="Look under Connections.")
    run = driver(lambda task, question: refusal)
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.FAILED
    assert "Look under Connections." in (run.row(run_id).error or "")
    assert len(run.calls(run_id)) == 1


def test_without_a_model_a_person_writes_every_document(driver: Drivers) -> None:
    run = driver()
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.WAITING_CLARIFICATION
    run.answer(run.gate(run_id, GateKind.FORM), {"content": {"text": "by hand"}})
    run.drive(run_id)
    run.answer(run.gate(run_id, GateKind.FORM), {"content": {"anything": 1}})
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert run.documents(run_id)["letter", "", 1] == {"text": "by hand"}


# -- acceptance --------------------------------------------------------------------------------------------------------


def test_a_rejected_document_fails_the_run_and_a_retry_tells_the_model_why(driver: Drivers, person: Any) -> None:
    run = driver(text)
    run_id = run.start(letter(acceptance_required=True))
    run.drive(run_id)
    run.vote(run.gate(run_id, GateKind.ACCEPTANCE), Vote.REJECT, reason="Too cold.")
    assert run.drive(run_id) is ExecutionState.FAILED
    assert "Too cold." in (run.row(run_id).error or "")
    run.app.runs.retry(run.owner, run_id)
    assert run.drive(run_id) is ExecutionState.WAITING_ACCEPTANCE
    assert isinstance(run.models, SaidModel) and "Too cold." in run.models.questions[-1].messages[-1].text
    assert ("letter", "", 2) in run.documents(run_id)


def test_a_definition_may_send_a_rejected_document_back(driver: Drivers) -> None:
    def says(task: str, question: Question) -> Any:
        return {"text": "warmer" if len(question.messages) > 1 else "cold"}

    run = driver(says)
    run_id = run.start(letter(acceptance_required=True, on_rejection="revise"))
    run.drive(run_id)
    run.vote(run.gate(run_id, GateKind.ACCEPTANCE), Vote.REJECT, reason="Too cold.")
    assert run.drive(run_id) is ExecutionState.WAITING_ACCEPTANCE
    run.vote(run.gate(run_id, GateKind.ACCEPTANCE))
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert run.documents(run_id)["letter", "", 2] == {"text": "warmer"}


# -- items -------------------------------------------------------------------------------------------------------------


def failing(*broken: str) -> Callable[[str, Question], Any]:
    def says(task: str, question: Question) -> Any:
        if task == "plan v1.0":
            return listed("shops", "S", 4)
        wrong = any(f'"{name}"' in question.messages[0].text for name in broken)
        return ModelRefused(model="m", problem="no.", remedy="Wait.") if wrong else {"text": "good"}

    return says


def test_an_item_that_fails_stops_those_after_it_unless_the_definition_says_to_go_on(driver: Drivers) -> None:
    stopping = driver(failing("S2"))
    run_id = stopping.start(shops([OFFER]))
    assert stopping.drive(run_id) is ExecutionState.FAILED
    nodes = stopping.nodes(run_id)
    states = [nodes[f"shops[{number}]"].state for number in range(1, 5)]
    assert states == [NodeState.COMPLETED, NodeState.FAILED, NodeState.PENDING, NodeState.PENDING]

    going_on = driver(failing("S2"))
    run_id = going_on.start(shops([OFFER], on_item_failure="continue"))
    assert going_on.drive(run_id) is ExecutionState.FAILED
    nodes = going_on.nodes(run_id)
    states = [nodes[f"shops[{number}]"].state for number in range(1, 5)]
    assert states == [NodeState.COMPLETED, NodeState.FAILED, NodeState.COMPLETED, NodeState.COMPLETED]
    assert nodes["shops"].error == "1 of 4 items failed."


def test_a_retry_does_the_failed_item_again_and_no_other(driver: Drivers) -> None:
    run = driver(failing("S2"))
    run_id = run.start(shops([OFFER], on_item_failure="continue"))
    run.drive(run_id)
    assert isinstance(run.models, SaidModel)
    before = run.models.asked["offer v1.0"]
    run.models._says = failing()
    run.app.runs.retry(run.owner, run_id, "shops[2]")
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert run.models.asked["offer v1.0"] == before + 1


def test_several_items_are_worked_on_at_once_where_the_definition_says_so(driver: Drivers) -> None:
    def says(task: str, question: Question) -> Any:
        return (
            listed("shops", "S", 4)
            if task == "plan v1.0"
            else QUESTIONS
            if len(question.messages) == 1
            else {"text": "good"}
        )

    run = driver(says)
    run_id = run.start(shops([OFFER], items_at_once=3))
    run.drive(run_id)
    assert [one.path for one in run.gates(run_id)] == ["offer[1]", "offer[2]", "offer[3]"]
    run.answer(run.gates(run_id)[1], ANSWER)
    run.drive(run_id)
    assert [one.path for one in run.gates(run_id)] == ["offer[1]", "offer[3]", "offer[4]"]
    for gate in run.gates(run_id):
        run.answer(gate, ANSWER)
    assert run.drive(run_id) is ExecutionState.COMPLETED


# -- steering ----------------------------------------------------------------------------------------------------------


def test_a_manual_step_waits_for_a_person_to_start_it(driver: Drivers) -> None:
    run = driver(text)
    run_id = run.start(definition(
        [production("write", "letter", "project", execution_mode="manual")], {"letter": {"name": "Letter", "scope": "project"}}
    ))  # fmt: skip
    run.drive(run_id)
    assert isinstance(run.models, SaidModel) and not run.models.asked
    run.answer(run.gate(run_id, GateKind.START), {})
    assert run.drive(run_id) is ExecutionState.COMPLETED


def test_a_paused_run_takes_answers_and_begins_nothing_until_it_is_resumed(driver: Drivers) -> None:
    run = driver()
    run_id = run.start(letter())
    run.drive(run_id)
    run.app.runs.pause(run.owner, run_id)
    run.answer(run.gate(run_id, GateKind.FORM), {"content": {"text": "by hand"}})
    assert run.row(run_id).parked and not run.gates(run_id)
    run.app.runs.resume(run.owner, run_id)
    run.drive(run_id)
    assert [one.path for one in run.gates(run_id)] == ["after"]


def test_a_cancelled_run_asks_nothing_more_and_takes_nothing_more(driver: Drivers) -> None:
    run = driver()
    run_id = run.start(letter())
    run.drive(run_id)
    gate = run.gate(run_id, GateKind.FORM)
    run.app.runs.cancel(run.owner, run_id, "Not needed")
    assert run.row(run_id).state is ExecutionState.CANCELLED
    assert [one.id for one in run.gates(run_id, state=GateState.WITHDRAWN)] == [gate.id]
    with pytest.raises(RunEnded):
        run.answer(gate, {"content": {"text": "late"}})
    with pytest.raises(RunEnded):
        run.app.runs.resume(run.owner, run_id)


def test_a_run_that_is_cancelled_while_a_model_writes_keeps_nothing_of_it(driver: Drivers, app: Application) -> None:
    def says(task: str, question: Question) -> Any:
        app.runs.cancel(run.owner, run_id)
        return {"text": "too late"}

    run = driver(says)
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.CANCELLED
    assert not run.documents(run_id) and not run.calls(run_id)


def test_a_run_belongs_to_its_owner_and_to_operators(driver: Drivers, person: Callable[..., Actor]) -> None:
    run = driver()
    run_id = run.start(letter())
    with pytest.raises(NotFound):
        run.app.runs.cancel(person(Role.USER), run_id)
    run.app.runs.cancel(person(Role.OPERATOR), run_id)


def test_a_fault_in_a_step_fails_it_in_words_and_a_retry_goes_on(driver: Drivers) -> None:
    broken = True

    def says(task: str, question: Question) -> Any:
        if broken:
            raise RuntimeError("a fault of ours")
        return {"text": "whole"}

    run = driver(says)
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.FAILED
    assert "a fault of ours" not in (run.row(run_id).error or "")
    broken = False
    run.app.runs.retry(run.owner, run_id)
    assert run.drive(run_id) is ExecutionState.COMPLETED


def test_the_deepest_failure_is_told_at_the_top(driver: Drivers) -> None:
    def says(task: str, question: Question) -> Any:
        if task == "note v1.0":
            return ModelRefused(model="m", problem="no.", remedy="Wait.")
        field = {"plan v1.0": "epics", "split v1.0": "stories", "detail v1.0": "tasks"}[task]
        return listed(field, "N", 1)

    run = driver(says)
    run_id = run.start(nested())
    assert run.drive(run_id) is ExecutionState.FAILED
    assert (run.row(run_id).error or "").startswith("Note: ")
    assert run.nodes(run_id)["epics[1]"].state is NodeState.FAILED


def test_a_document_given_at_the_start_is_seen_from_the_scope_below_that_it_belongs_to(driver: Drivers) -> None:
    told = production("offer", "offer", "shop", [{"doc_type": "terms", "scope": "project"}])
    trial = shops([told])
    trial["document_types"]["terms"] = {"name": "Terms", "scope": "shop"}

    def says(task: str, question: Question) -> Any:
        return listed("shops", "S", 1) if task == "plan v1.0" else {"text": question.messages[0].text}

    run = driver(says)
    run_id = run.start(trial, terms={"text": "thirty days net"})
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert "thirty days net" in run.documents(run_id)["offer", "S1", 1]["text"]


def test_documents_and_forms_keep_the_order_in_which_they_were_written(driver: Drivers) -> None:
    run = driver()
    ordered = letter(json_schema={"type": "object", "properties": {"zebra": {}, "apple": {}, "mango": {}}})
    run_id = run.start(ordered)
    run.drive(run_id)
    form = run.gate(run_id, GateKind.FORM)
    assert list(form.content["schema"]["properties"]) == ["zebra", "apple", "mango"]
    run.answer(form, {"content": {"zebra": 1, "apple": 2, "mango": 3}})
    run.drive(run_id)
    assert list(run.documents(run_id)["letter", "", 1]) == ["zebra", "apple", "mango"]


def test_a_document_given_at_the_start_that_must_be_accepted_counts_for_nothing_until_it_is(driver: Drivers) -> None:
    trial = definition(
        [production("after", "echo", "project", [{"doc_type": "letter", "scope": "project"}])],
        {"letter": {"name": "Letter", "scope": "project", "acceptance_required": True},
         "echo": {"name": "Echo", "scope": "project"}},
    )  # fmt: skip
    run = driver(text)
    run_id = run.start(trial, letter={"text": "never seen by anybody"})
    assert run.drive(run_id) is ExecutionState.FAILED
    assert "that counts" in (run.row(run_id).error or "")


def test_a_worker_that_was_thought_dead_can_write_nothing_into_a_run_that_another_has(
    driver: Drivers, app: Application
) -> None:
    def says(task: str, question: Question) -> Any:
        if not taken:  # another worker takes the same segment while this one's model is still writing
            taken.append(True)
            Driver(app, run.owner, SaidModel(text)).drive(run_id)
        return {"text": "too late"}

    taken: list[bool] = []
    run = driver(says)
    run_id = run.start(letter())
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert run.documents(run_id)["letter", "", 1] == {"text": "said by write v1.0"}
    assert len(run.calls(run_id)) == 2
