from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from core.executions.automated.rules import NodeState
from core.executions.rules import ExecutionState
from core.language_models.service import Question
from tests.core.executions.automated.driving import Driver, SaidModel, listed, nested


def three_four_two(task: str, question: Question) -> Any:
    match task:
        case "plan v1.0":
            return listed("epics", "E", 3)
        case "split v1.0":
            return listed("stories", "S", 4)
        case "detail v1.0":
            return listed("tasks", "T", 2)
        case _:
            return {"text": task}


def test_three_levels_of_iteration_give_exactly_the_documents_expected_in_their_scopes(
    driver: Callable[..., Driver],
) -> None:
    run = driver(three_four_two)
    run_id = run.start(nested())

    assert run.drive(run_id) is ExecutionState.COMPLETED

    expected = {("backlog", "", 1), ("summary", "", 1)}
    for epic in range(1, 4):
        expected.add(("stories", f"E{epic}", 1))
        for story in range(1, 5):
            expected.add(("tasks", f"E{epic}/S{story}", 1))
            expected |= {("notes", f"E{epic}/S{story}/T{task}", 1) for task in (1, 2)}
    assert set(run.documents(run_id)) == expected
    nodes = run.nodes(run_id)
    assert {one.state for one in nodes.values()} == {NodeState.COMPLETED}
    assert nodes["note[2,3,1]"].scope_id == "E2/S3/T1"
    row = run.row(run_id)
    assert (row.steps_completed, row.total_steps) == (1 + 3 + 12 + 24 + 1, 41)
    assert isinstance(run.models, SaidModel) and sum(run.models.asked.values()) == 41


def test_a_step_sees_the_items_and_documents_of_its_own_branch_and_of_no_other(driver: Callable[..., Driver]) -> None:
    def branch(task: str, question: Question) -> Any:
        if task == "plan v1.0":
            return {"epics": [{"id": "A", "title": "apples"}, {"id": "B", "title": "bananas"}]}
        if task == "split v1.0":
            letter = "A" if "apples" in question.messages[0].text else "B"
            return {"stories": [{"id": "S", "title": f"story of {letter}"}]}
        if task == "detail v1.0":
            return listed("tasks", "T", 1)
        return {"saw": question.messages[0].text}

    run = driver(branch)
    run_id = run.start(nested())
    assert run.drive(run_id) is ExecutionState.COMPLETED

    documents = run.documents(run_id)
    saw = json.dumps(documents["notes", "B/S/T1", 1])
    assert "bananas" in saw and saw.count("apples") == 1  # once, in the backlog that all may read
    assert documents["stories", "A", 1]["stories"][0]["title"] == "story of A"
