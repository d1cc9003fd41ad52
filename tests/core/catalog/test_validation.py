"""A definitions file is checked whole: every problem, with its code, its place and what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actor import Tier
from core.catalog.__main__ import main
from core.catalog.model import GuidedWorkflow
from core.catalog.times import Span
from core.catalog.validation import check_document, check_file
from core.settings import ROOT


def definition(**changes: Any) -> dict[str, Any]:
    steps = [
        {
            "number": number,
            "title": f"Step {number}",
            "description": "Do it.",
            "tips": "Look twice",
            "estimated_time": 10,
        }
        for number in (1, 2)
    ]
    base = {"title": "A workflow", "description": "What it does", "total_steps": 2, "tier": "starter", "steps": steps}
    return {**base, "estimated_total_time": "20 minutes", **changes}


def codes(entry: Any, workflow_id: str = "one") -> list[tuple[str, str]]:
    checked = check_document({"workflows": {workflow_id: entry}})
    return [(problem.code, problem.path.removeprefix("$.workflows")) for problem in checked.problems]


def test_the_three_shipped_workflows_are_valid() -> None:
    checked = check_file((ROOT / "workflows.json").read_bytes())

    assert checked.problems == ()
    shape = {key: (len(workflow.steps), workflow.tier) for key, workflow in checked.workflows.items()}
    assert shape == {
        "resume_generator": (5, Tier.STARTER), "whatsapp_bot": (4, Tier.PRO), "prompt_selling": (6, Tier.SCALE),
    }  # fmt: skip
    for workflow in checked.workflows.values():
        assert isinstance(workflow, GuidedWorkflow)
        assert all(2 <= len(step.tips) <= 3 and step.estimated_time for step in workflow.steps)
        assert workflow.estimated_total_time == workflow.hands_on
        assert workflow.rate_cards
    bot = checked.workflows["whatsapp_bot"]
    assert isinstance(bot, GuidedWorkflow) and bot.steps[0].waiting_time == Span(2_880, 7_200)


def test_tips_are_one_text_or_a_list_and_times_are_numbers_or_text() -> None:
    entry = definition()
    entry["steps"][1] |= {"tips": ["One", "Two"], "estimated_time": "1–2 hours", "waiting_time": "2 days"}

    workflow = check_document({"workflows": {"one": entry}}).workflows["one"]

    assert isinstance(workflow, GuidedWorkflow)
    assert workflow.step(1).tips == ("Look twice",)
    assert workflow.step(2).tips == ("One", "Two")
    assert workflow.hands_on == Span(70, 130)
    assert workflow.waiting == Span(2_880, 2_880)


def test_unknown_fields_are_kept() -> None:
    entry = definition(author="Ravi")
    entry["steps"][0]["video"] = {"seconds": 90}

    checked = check_document({"workflows": {"one": entry}})

    assert checked.sources["one"] == entry
    assert checked.workflows["one"].model_extra == {"author": "Ravi"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (definition(title="  "), [("EMPTY_TEXT", ".one.title")]),
        (definition(title=5), [("WRONG_TYPE", ".one.title")]),
        (definition(title="x" * 201), [("TEXT_TOO_LONG", ".one.title")]),
        (definition(tier="gold"), [("UNKNOWN_TIER", ".one.tier")]),
        (definition(tier=None), [("UNKNOWN_TIER", ".one.tier")]),
        (definition(total_steps=3), [("TOTAL_STEPS_MISMATCH", ".one.total_steps")]),
        (definition(total_steps="2"), [("WRONG_TYPE", ".one.total_steps")]),
        (definition(steps=[], total_steps=0), [("NO_STEPS", ".one.steps")]),
        (definition(estimated_total_time="soon"), [("UNREADABLE_TIME", ".one.estimated_total_time")]),
        (definition(title="zero \x00"), [("UNSTORABLE_TEXT", ".one.title")]),
        (definition(goals=["fame"]), [("UNKNOWN_VALUE", ".one.goals[0]")]),
        (definition(savings={"tasks_per_week": 1}), [("MISSING_FIELD", f".one.savings.{name}") for name in
            ("minutes_per_task", "hourly_wage", "automation_percent", "currency")]),
        ("text", [("WRONG_TYPE", ".one")]),
    ],
)  # fmt: skip
def test_each_problem_has_its_code_and_place(entry: Any, expected: list[tuple[str, str]]) -> None:
    assert codes(entry) == expected


def test_step_numbers_run_from_one_without_gaps_or_repeats() -> None:
    gap, repeat, swapped = definition(), definition(), definition()
    gap["steps"][1]["number"] = 3
    repeat["steps"][1]["number"] = 1
    swapped["steps"].reverse()

    assert codes(gap) == [("STEP_OUT_OF_ORDER", ".one.steps[1].number")]
    assert codes(repeat) == [("DUPLICATE_STEP", ".one.steps[1].number")]
    assert [code for code, _ in codes(swapped)] == ["STEP_OUT_OF_ORDER", "STEP_OUT_OF_ORDER"]


@pytest.mark.parametrize("workflow_id", ["Big", "1st", "with-dash", "", "ünicode", "a" * 81])
def test_bad_ids_are_refused(workflow_id: str) -> None:
    assert [code for code, _ in codes(definition(), workflow_id)] == ["BAD_ID"]


def test_all_problems_of_all_workflows_come_together_and_the_good_one_is_still_read() -> None:
    broken = definition(title="", tier="gold", total_steps=9)
    broken["steps"][0] |= {"description": "", "estimated_time": "soon"}

    checked = check_document({"workflows": {"good": definition(), "broken": broken, "Bad": definition()}})

    assert sorted(problem.code for problem in checked.problems) == [
        "BAD_ID", "EMPTY_TEXT", "EMPTY_TEXT", "TOTAL_STEPS_MISMATCH", "UNKNOWN_TIER", "UNREADABLE_TIME",
    ]  # fmt: skip
    assert list(checked.workflows) == ["good"]
    assert all(problem.remedy for problem in checked.problems)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "NOT_JSON"),
        (b"{'workflows': 1}", "NOT_JSON"),
        (b"\xff\xfe", "NOT_TEXT"),
        (b"[]", "WRONG_TYPE"),
        (b"{}", "MISSING_FIELD"),
        (b'{"workflows": []}', "WRONG_TYPE"),
        (b'{"workflows": {}}', "NO_WORKFLOWS"),
        (b"[" * 200_000, "NOT_JSON"),
        (b" " * (5 * 1024 * 1024 + 1), "FILE_TOO_LARGE"),
    ],
)
def test_a_file_that_is_no_definitions_file(content: bytes, code: str) -> None:
    assert [problem.code for problem in check_file(content).problems] == [code]


def test_the_same_id_twice_is_noticed() -> None:
    entry = json.dumps(definition())
    content = f'{{"workflows": {{"one": {entry}, "one": {entry}}}}}'.encode()

    assert [problem.code for problem in check_file(content).problems] == ["DUPLICATE_KEY"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(definition(), json_values)))
def test_no_definition_makes_the_check_fall_over(entry: dict[str, Any]) -> None:
    checked = check_document({"workflows": {"one": definition() | entry}})

    assert bool(checked.problems) != bool(checked.workflows)


def test_command_prints_every_problem_and_says_so_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"workflows": {"one": definition(title="", total_steps=7)}}))

    assert main(["validate", str(ROOT / "workflows.json"), str(broken), str(tmp_path / "absent.json")]) == 1
    said = capsys.readouterr().out
    assert "workflows.json: 3 workflows, no problems" in said
    assert "EMPTY_TEXT $.workflows.one.title: is empty. Write the text, or remove the field." in said
    assert "TOTAL_STEPS_MISMATCH $.workflows.one.total_steps" in said
    assert "UNREADABLE_FILE" in said


def test_command_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "core.catalog", "validate", "workflows.json"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
