"""The automated workflows that are shipped: right, complete, and asking for what their steps need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import Application
from core.catalog.automated import AutomatedWorkflow, Iteration, KindStep, Production
from core.catalog.starting import check_inputs, given_documents, start_fields
from core.catalog.validation import check_file
from core.settings import ROOT

FILES = sorted((ROOT / "workflows").glob("*.json"))


def read(file: Path) -> AutomatedWorkflow:
    checked = check_file(file.read_bytes())
    assert checked.problems == ()
    ((name, found),) = checked.workflows.items()
    assert name == file.stem and isinstance(found, AutomatedWorkflow)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_shipped_workflow_is_right_and_says_what_it_is(file: Path) -> None:
    found = read(file)
    assert found.description and found.inputs and found.rate_cards and found.goals and found.markets
    assert all(one.json_schema and one.description for one in found.document_types.values())
    assert all(step.title for _, step, _ in found.all_steps())
    assert given_documents(found) == ()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_examples_of_a_shipped_workflow_are_values_one_could_give(file: Path) -> None:
    found = read(file)
    examples = {one.name: one.asked.example for one in start_fields(found) if one.asked.example is not None}
    kept: dict[str, Any] = check_inputs(
        found, {**{n: "2026-12-01" for n, i in found.inputs.items() if i.type == "date"}, **examples}
    )
    assert json.loads(json.dumps(kept)) == kept


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_prompts_of_a_shipped_workflow_are_shipped_too(app: Application, file: Path) -> None:
    steps = [step for _, step, _ in read(file).all_steps() if isinstance(step, Production)]
    assert {name for step in steps for name in (step.role, step.task_prompt)} <= set(app.prompts.names())


def test_product_development_goes_from_project_to_epic_to_story() -> None:
    found = read(ROOT / "workflows" / "software_product_development.json")
    assert [(step.step_id, len(around)) for _, step, around in found.all_steps()] == [
        ("discovery", 0), ("epic_backlog", 0), ("epics", 0), ("story_backlog", 1), ("stories", 1),
        ("implementation_notes", 2), ("technical_architecture", 0), ("release_summary", 0),
    ]  # fmt: skip
    gates = {name: one.accepted_by for name, one in found.document_types.items() if one.acceptance_required}
    assert gates == {"epic_backlog": ("pm",), "technical_architecture": ("architect",)}
    assert sum(isinstance(step, Iteration) for _, step, _ in found.all_steps()) == 2


def test_offer_goes_from_research_over_a_person_and_an_accepted_letter_to_actions_and_their_outcome() -> None:
    found = read(ROOT / "workflows" / "market_offer.json")
    steps = [step for _, step, _ in found.all_steps()]
    kinds = [step.kind if isinstance(step, KindStep) else "production" for step in steps]
    assert kinds == ["production", "production", "guide", "production", "action", "action", "guide"]
    letter = found.document_types["offer_letter"]
    assert (letter.acceptance_required, letter.accepted_by, letter.on_rejection) == (True, (), "revise")


def test_actions_of_shipped_workflows_are_operations_with_parameters_they_take(app: Application) -> None:
    for file in FILES:
        for _, step, _ in read(file).all_steps():
            if isinstance(step, KindStep) and step.kind == "action":
                extra = step.model_extra or {}
                taken = app.connectors.operation(extra["operation"]).params.model_fields
                assert set(extra["params"]) <= set(taken)
                assert {name for name, field in taken.items() if field.is_required()} <= set(extra["params"])
