"""What a definition, a clock or two items at once could do to a run: it goes on or it fails in words, never in silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Event, Thread, current_thread
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import ManualClock
from core.decisions.policy import InvalidPolicy, Policy
from core.executions.automated import entry, gate_service, panels, waking
from core.executions.automated.rules import GateKind, NodeState
from core.executions.automated.tables import RunDocument
from core.executions.rules import ExecutionState
from core.language_models.service import Question
from tests.core.executions.automated.driving import Driver, SaidModel, definition, each, listed, production

Make = Callable[..., Driver]

SCOPES = {"project": {"parent": None}, "epic": {"parent": "project"}}
EPIC = {"epic": {"name": "Epic", "parent_doc_type": "backlog", "creates_scope": "epic"}}
BACKLOG = {"name": "Backlog", "scope": "project", "may_own": ["epic"], "collection_field": "epics"}


def letter(**more: Any) -> dict[str, Any]:
    return definition(
        [production("write", "letter", "project", execution_mode="manual")],
        {"letter": {"name": "Letter", "scope": "project", "acceptance_required": True, **more}},
    )


def of_epics(steps: list[Any], documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return definition(
        [production("plan", "backlog", "project"), each("epics", "backlog", "epics", "epic", "epic", steps, **more)],
        {"backlog": BACKLOG, **documents}, scopes=SCOPES, entities=EPIC,
    )  # fmt: skip


def two_epics(task: str, question: Question) -> Any:
    return listed("epics", "e", 2) if task.startswith("plan") else {"text": task}


def test_clock_set_back_makes_no_open_gate_look_closed(driver: Make, clock: ManualClock) -> None:
    run = driver(two_epics)
    run_id = run.start(letter())
    run.drive(run_id)
    run.answer(run.gate(run_id, GateKind.START), {})
    clock.advance(timedelta(minutes=-10))
    run.drive(run_id)
    run.app.runs.pause(run.owner, run_id)
    run.app.runs.resume(run.owner, run_id)
    assert run.drive(run_id) is ExecutionState.WAITING_ACCEPTANCE
    run.vote(run.gate(run_id, GateKind.ACCEPTANCE))
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert isinstance(run.models, SaidModel) and run.models.asked == {"write v1.0": 1}
    assert len(run.documents(run_id)) == 1


def test_what_cannot_be_written_fails_its_step_instead_of_coming_back_for_ever(
    driver: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> tuple[Policy, ...]:
        raise InvalidPolicy(problem="nobody is named.")

    monkeypatch.setattr(entry, "acceptance_panels", refuse)
    run = driver(two_epics)
    run_id = run.start(letter())
    run.drive(run_id)
    run.answer(run.gate(run_id, GateKind.START), {})
    assert run.drive(run_id) is ExecutionState.FAILED
    error = run.row(run_id).error or ""
    assert "could not be kept" in error and "nobody is named" in error
    monkeypatch.setattr(entry, "acceptance_panels", panels.acceptance_panels)
    run.app.runs.retry(run.owner, run_id)
    assert run.drive(run_id) is ExecutionState.WAITING_ACCEPTANCE


def test_worker_that_was_thought_dead_fails_nothing_of_what_another_has_done(driver: Make) -> None:
    asked, woken, told = Barrier(2, timeout=20), Event(), list[BaseException]()

    def says(task: str, question: Question) -> Any:
        if task.startswith("one") and current_thread() is late:
            asked.wait()
            woken.wait(20)
        elif task.startswith("two"):
            woken.set()
            late.join(20)
        return {"by": task}

    run = driver(says)
    steps = [production("one", "first", "project"), production("two", "second", "project")]
    documents = {name: {"name": name, "scope": "project"} for name in ("first", "second")}
    run_id = run.start(definition(steps, documents))

    def work() -> None:
        try:
            run.work(run_id)
        except Exception as problem:
            told.append(problem)

    late = Thread(target=work)
    late.start()
    asked.wait()  # it has the run's segment, and stands still in its call while another takes it over
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert not told
    assert {node.state for node in run.nodes(run_id).values()} == {NodeState.COMPLETED}
    assert set(run.documents(run_id)) == {("first", "", 1), ("second", "", 1)}


def test_item_that_is_nothing_is_an_item_like_any(driver: Make) -> None:
    def says(task: str, question: Question) -> Any:
        return {"epics": [None, {"id": "a"}, 5]} if task.startswith("plan") else {"text": "x"}

    run = driver(says)
    run_id = run.start(of_epics([production("note", "notes", "epic")], {"notes": {"name": "Notes", "scope": "epic"}}))
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert {key[1] for key in run.documents(run_id) if key[0] == "notes"} == {"item-1", "a", "item-3"}


def test_one_gate_that_cannot_be_closed_keeps_no_other_shut(
    driver: Make, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = driver()
    pause = {"step_id": "pause", "kind": "wait", "scope": "project", "minutes": 5}
    ids = [run.start(definition([pause], {}, workflow_id=name)) for name in ("first", "second")]
    for run_id in ids:
        run.drive(run_id)

    def wake(uow: Any, engine: Any, row: Any) -> None:
        if row.id == ids[0]:
            raise ValueError("this one is broken")
        waking.wake(uow, engine, row)

    monkeypatch.setattr(gate_service, "wake", wake)
    clock.advance(timedelta(minutes=6))
    assert run.app.gates.close_due() == 1
    assert run.drive(ids[1]) is ExecutionState.COMPLETED


def test_iteration_that_a_person_starts_waits_for_one(driver: Make) -> None:
    run = driver(two_epics)
    notes = {"notes": {"name": "Notes", "scope": "epic"}}
    run_id = run.start(of_epics([production("note", "notes", "epic")], notes, execution_mode="manual"))
    assert run.drive(run_id) is ExecutionState.WAITING_CLARIFICATION
    start = run.gate(run_id, GateKind.START)
    assert (start.path, start.title, set(run.nodes(run_id))) == ("epics", "Start Epics", {"plan", "epics"})
    run.answer(start, {})
    assert run.drive(run_id) is ExecutionState.COMPLETED
    assert [key for key in sorted(run.documents(run_id)) if key[0] == "notes"] == [
        ("notes", "e1", 1),
        ("notes", "e2", 1),
    ]


def test_two_items_never_have_one_document_before_people_in_two_versions(driver: Make) -> None:
    run = driver(two_epics)
    steps = [
        production("rule", "policy", "project"),
        production("note", "notes", "epic", [{"doc_type": "policy", "scope": "project"}]),
    ]
    policy = {"name": "Policy", "scope": "project", "acceptance_required": True}
    documents = {"policy": policy, "notes": {"name": "Notes", "scope": "epic"}}
    run_id = run.start(of_epics(steps, documents, items_at_once=2, on_item_failure="continue"))
    run.drive(run_id)
    run.vote(run.gate(run_id, GateKind.ACCEPTANCE))
    assert run.drive(run_id) is ExecutionState.FAILED
    assert "Policy is before people in version 1" in (run.row(run_id).error or "")
    with run.app.database.reading() as session:
        query = select(RunDocument.version, RunDocument.accepted_at.is_not(None))
        found = session.execute(query.where(RunDocument.execution_id == run_id, RunDocument.doc_type == "policy"))
        assert [tuple(row) for row in found] == [(1, True)]


def test_iterations_that_multiply_end_in_words_before_they_fill_the_memory(
    driver: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "MOST_NODES", 30)
    pause = {"step_id": "pause", "kind": "wait", "scope": "epic", "until": "2000-01-01"}
    again = each("again", "backlog", "epics", "epic", "epic", [pause])
    run = driver()
    whole = of_epics([again], {})
    run_id = run.start({**whole, "steps": whole["steps"][1:]}, backlog=listed("epics", "e", 10))
    assert run.drive(run_id) is ExecutionState.FAILED
    assert "more than 30 steps and items" in (run.row(run_id).error or "")
    assert run.nodes(run_id)["again[2]"].state is NodeState.FAILED
