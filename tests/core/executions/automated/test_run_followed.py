"""What the engine does is what is shown: a run of the interpreter, read at each of its stops."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from core.actor import Actor
from core.bootstrap import Application
from core.executions.automated.documents import shelf_of
from core.executions.automated.outputs import named_outputs
from core.executions.automated.rules import MOST_ATTEMPTS, GateKind
from core.executions.automated.run_views import RunTree
from core.executions.rules import ExecutionState
from core.language_models.service import Question
from tests.core.executions.automated.driving import Driver, SaidModel
from tests.core.executions.automated.scene import DEFINITION

SAID: dict[str, Any] = {
    "brief v1.0": {"title": "Spring", "aim": "Sell linen"},
    "backlog v1.0": {"epics": [{"id": "E-1", "title": "Linen"}, {"id": "E-2", "title": "Wool"}]},
    "stories v1.0": {"stories": [{"id": "S-1", "title": "Shirts"}]},
    "note v1.0": {"text": "How to"},
    "summary v1.0": {"text": "Done"},
}


def definition() -> dict[str, Any]:
    """`DEFINITION`, with a task of its own for each step."""
    made = deepcopy(DEFINITION)

    def name(steps: list[dict[str, Any]]) -> None:
        for step in steps:
            if "task_prompt" in step:
                step["task_prompt"] = f"{step['step_id']} v1.0"
            name(step.get("steps", []))

    name(made["steps"])
    return made


def states(tree: RunTree) -> dict[str, str]:
    found = [(node.path, node.word) for step in tree.steps for node in step.walk()]
    assert len({path for path, _ in found}) == len(found)
    return dict(found)


def test_run_is_followed_from_its_start_over_its_gate_to_its_end(app: Application, admin: Actor) -> None:
    def says(task: str, _question: Question) -> Any:
        return SAID[task]

    driver = Driver(app, admin, SaidModel(says))
    run = driver.start(definition(), brief="Linen")
    before = app.tree_queries.tree(admin, run)
    assert before.head.word == "pending" and set(states(before).values()) == {"pending"}
    assert list(states(before)) == ["brief", "backlog", "epics", "stories", "each_story", "note", "summary"]
    pulse = app.tree_queries.pulse(admin, run)

    assert driver.drive(run) is ExecutionState.WAITING_ACCEPTANCE
    assert app.tree_queries.pulse(admin, run) != pulse
    parked = app.tree_queries.tree(admin, run)
    assert [(gate.kind, gate.for_me, gate.path) for gate in parked.gates] == [(GateKind.ACCEPTANCE, True, "backlog")]
    assert (states(parked)["brief"], states(parked)["epics"]) == ("completed", "pending")
    assert {one.doc_type for one in parked.documents} == {"brief", "backlog"}
    assert app.tree_queries.waits([run])[run][0] is GateKind.ACCEPTANCE

    driver.vote(driver.gate(run, GateKind.ACCEPTANCE))
    assert driver.drive(run) is ExecutionState.COMPLETED
    ended = app.tree_queries.tree(admin, run)
    assert set(states(ended).values()) == {"completed"} and ended.gates == ()
    assert list(states(ended)) == [
        "brief", "backlog", "epics",
        "epics[1]", "stories[1]", "each_story[1]", "each_story[1,1]", "note[1,1]",
        "epics[2]", "stories[2]", "each_story[2]", "each_story[2,1]", "note[2,1]",
        "summary",
    ]  # fmt: skip
    epics = ended.find("epics")
    assert epics is not None and epics.counts is not None
    assert (epics.counts.done, [one.label for one in epics.children]) == (2, ["1. Linen", "2. Wool"])
    assert (ended.spent.calls, ended.spent.tokens, ended.spent.unpriced) == (7, 105, 7)
    places = {(one.doc_type, one.place) for one in ended.documents}
    assert places == {
        ("brief", ""), ("backlog", ""), ("summary", ""), ("stories", "Linen"), ("stories", "Wool"),
        ("note", "Linen › Shirts"), ("note", "Wool › Shirts"),
    }  # fmt: skip
    backlog = next(one for one in ended.documents if one.doc_type == "backlog")
    assert backlog.current.accepted_by == "Asha" and backlog.path == "backlog"
    (behind,) = app.tree_queries.gates_behind(admin, run, "backlog")
    assert (behind.approved, behind.who) == (True, "Asha")
    assert all(one.path in states(ended) for one in ended.documents)


def test_what_failed_is_named_once_and_is_no_more_after_its_retry(app: Application, admin: Actor) -> None:
    answers: list[Any] = ["no JSON at all"] * (1 + MOST_ATTEMPTS)

    def says(task: str, _question: Question) -> Any:
        if task == "note v1.0" and answers:
            return answers.pop()
        return SAID[task]

    driver = Driver(app, admin, SaidModel(says))
    run = driver.start(definition(), brief="Linen")
    driver.drive(run)
    driver.vote(driver.gate(run, GateKind.ACCEPTANCE))
    assert driver.drive(run) is ExecutionState.FAILED
    tree = app.tree_queries.tree(admin, run)
    assert [one.path for one in tree.failed] == ["note[1,1]"]
    assert tree.failed[0].error
    assert states(tree)["epics"] == "failed" and states(tree)["summary"] == "pending"

    app.runs.retry(admin, run, "note[1,1]")
    assert driver.drive(run) is ExecutionState.COMPLETED
    again = app.tree_queries.tree(admin, run)
    assert again.failed == ()
    note = again.find("note[1,1]")
    assert note is not None and note.generation == 2


def test_outputs_name_a_field_of_one_document_or_of_each_items(app: Application, admin: Actor) -> None:
    driver = Driver(app, admin, SaidModel(lambda task, _question: SAID[task]))
    run = driver.start(definition(), brief="Linen")
    driver.drive(run)
    driver.vote(driver.gate(run, GateKind.ACCEPTANCE))
    assert driver.drive(run) is ExecutionState.COMPLETED

    told = {
        "title": "brief.title", "notes": "note[].text", "stories": "stories[].stories", "gone": "brief.nothing",
        "of_items": "note.text", "none": "other[].text",
    }  # fmt: skip
    with app.database.reading() as session:
        found = named_outputs(
            session, {name: {"value": way} for name, way in told.items()}, shelf_of(session, run).values()
        )
    stories = [{"id": "S-1", "title": "Shirts"}]
    assert found == {"title": "Spring", "notes": ["How to", "How to"], "stories": [stories, stories]}
