"""Automated definitions: what is wrong is found all at once, by code and place, and what is unknown is kept."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.__main__ import main
from core.catalog.automated import AutomatedWorkflow, Iteration
from core.catalog.automated_validation import MOST_DEPTH, check_automated
from core.catalog.scopes import ScopeTree
from core.catalog.validation import check_file

STEP = {"role": "Analyst 1.0", "task_prompt": "Notes v1.0"}


def workflow() -> dict[str, Any]:
    """Shops with orders with lines; per order and per line something is written."""
    return {
        "schema_version": "workflow.v2", "workflow_id": "shop_review", "revision": "r1",
        "effective_date": "2026-11-21", "name": "Review of a shop", "pow_class": "reference", "tags": ["retail"],
        "scopes": {"shop": {"parent": None}, "order": {"parent": "shop"}, "line": {"parent": "order"},
                   "branch": {"parent": "shop"}},
        "document_types": {
            "overview": {"name": "Overview", "scope": "shop"},
            "orders": {"name": "Orders", "scope": "shop", "may_own": ["order"], "collection_field": "orders",
                       "acceptance_required": True, "accepted_by": ["pm"]},
            "lines": {"name": "Lines", "scope": "order", "may_own": ["line"], "collection_field": "lines"},
            "note": {"name": "Note", "scope": "line"},
            "visit": {"name": "Visit", "scope": "branch"},
        },
        "entity_types": {
            "order": {"name": "Order", "parent_doc_type": "orders", "creates_scope": "order"},
            "line": {"name": "Line", "parent_doc_type": "lines", "creates_scope": "line"},
        },
        "steps": [
            {"step_id": "overview", "produces": "overview", "scope": "shop", **STEP},
            {"step_id": "orders", "produces": "orders", "scope": "shop", "execution_mode": "manual",
             "inputs": [{"doc_type": "overview", "scope": "shop"}], "house_rule": {"kept": True}, **STEP},
            {"step_id": "per_order", "scope": "order",
             "iterate_over": {"doc_type": "orders", "collection_field": "orders", "entity_type": "order"},
             "steps": [
                 {"step_id": "lines", "produces": "lines", "scope": "order",
                  "inputs": [{"entity_type": "order", "scope": "order", "context": True},
                             {"doc_type": "overview", "scope": "shop"}], **STEP},
                 {"step_id": "per_line", "scope": "line",
                  "iterate_over": {"doc_type": "lines", "collection_field": "lines", "entity_type": "line"},
                  "steps": [{"step_id": "note", "produces": "note", "scope": "line",
                             "inputs": [{"doc_type": "lines", "scope": "order"}], **STEP}]},
             ]},
        ],
    }  # fmt: skip


ORDER, NOTE = "$.steps[2].steps[0]", "$.steps[2].steps[1].steps[0]"


def found_in(document: Any, **more: Any) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in check_automated(document, **more).problems]


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good workflow with another value at `a.b.0.c`; None removes it."""
    document = workflow()
    *above, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = document
    for part in above:
        place = place[part]
    if value is None and isinstance(place, dict):
        del place[last]
    else:
        place[last] = value
    return document


def test_good_definition_is_read_and_survives_a_round_trip_with_what_it_does_not_know() -> None:
    checked = check_automated(workflow())

    assert checked.problems == () and checked.workflow is not None
    paths = [(path, step.step_id, len(around)) for path, step, around in checked.workflow.all_steps()]
    assert paths[-1] == (NOTE, "note", 2)
    assert isinstance(checked.workflow.steps[2], Iteration)
    kept = checked.workflow.model_dump(mode="json", exclude_unset=True)
    assert json.loads(json.dumps(kept)) == workflow()


def test_version_one_loads_too() -> None:
    document = {**workflow(), "schema_version": "workflow.v1"}
    assert check_automated(document).workflow is not None


@pytest.mark.parametrize(
    ("path", "value", "code", "place"),
    [
        ("schema_version", "workflow.v3", "BAD_VALUE", "$.schema_version"),
        ("workflow_id", "Shop-Review", "BAD_VALUE", "$.workflow_id"),
        ("effective_date", "soon", "WRONG_TYPE", "$.effective_date"),
        ("scopes", {}, "BAD_VALUE", "$.scopes"),
        ("scopes.order", {}, "MISSING_FIELD", "$.scopes.order.parent"),
        ("steps", [], "NO_STEPS", "$.steps"),
        ("steps.0.role", None, "MISSING_FIELD", "$.steps[0].role"),
        ("steps.0.produces", None, "UNKNOWN_STEP_KIND", "$.steps[0]"),
        ("steps.2.steps.0.inputs.0.doc_type", "lines", "AMBIGUOUS_INPUT", f"{ORDER}.inputs[0]"),
        ("steps.2.steps.0.inputs.0.context", "yes", "WRONG_TYPE", f"{ORDER}.inputs[0].context"),
        ("scopes.order.parent", "country", "UNKNOWN_SCOPE", "$.scopes.order.parent"),
        ("scopes.shop.parent", "line", "INVALID_SCOPE_HIERARCHY", "$.scopes.shop.parent"),
        ("document_types.overview.scope", "moon", "UNKNOWN_SCOPE", "$.document_types.overview.scope"),
        ("document_types.orders.may_own", ["order", "cat"], "UNKNOWN_ENTITY_TYPE", "$.document_types.orders.may_own[1]"),
        ("document_types.orders.accepted_by", ["pm", " "], "BAD_VALUE", "$.document_types.orders.accepted_by[1]"),
        ("document_types.orders.accepted_by", ["x" * 81], "BAD_VALUE", "$.document_types.orders.accepted_by[0]"),
        ("document_types.lines.accepted_by", ["pm"], "ACCEPTANCE_NOT_REQUIRED", "$.document_types.lines.accepted_by"),
        ("entity_types.line.creates_scope", "moon", "UNKNOWN_SCOPE", "$.entity_types.line.creates_scope"),
        ("entity_types.line.parent_doc_type", "moon", "UNKNOWN_DOCUMENT_TYPE", "$.entity_types.line.parent_doc_type"),
        ("steps.1.step_id", "overview", "DUPLICATE_STEP", "$.steps[1].step_id"),
        ("steps.0.produces", "moon", "UNKNOWN_DOCUMENT_TYPE", "$.steps[0].produces"),
        ("steps.0.produces", "note", "SCOPE_MISMATCH", "$.steps[0].scope"),
        ("steps.0.scope", "moon", "UNKNOWN_SCOPE", "$.steps[0].scope"),
        ("steps.2.scope", "line", "SCOPE_MISMATCH", "$.steps[2].scope"),
        ("steps.2.iterate_over.doc_type", "moon", "MISSING_ITERATION_SOURCE", "$.steps[2].iterate_over.doc_type"),
        ("document_types.orders.collection_field", None, "MISSING_ITERATION_SOURCE",
         "$.steps[2].iterate_over.collection_field"),
        ("document_types.orders.may_own", [], "MISSING_ITERATION_SOURCE", "$.steps[2].iterate_over.entity_type"),
        ("steps.1.inputs.0.doc_type", "moon", "INVALID_REFERENCE", "$.steps[1].inputs[0].doc_type"),
        ("steps.2.steps.0.inputs.0.entity_type", "cat", "INVALID_REFERENCE", f"{ORDER}.inputs[0].entity_type"),
        ("steps.2.steps.0.inputs.0.entity_type", "line", "INVALID_REFERENCE", f"{ORDER}.inputs[0]"),
        ("steps.2.steps.0.inputs.0.context", False, "FORBIDDEN_SIBLING_REFERENCE", f"{ORDER}.inputs[0]"),
        ("steps.1.inputs.0", {"doc_type": "note", "scope": "line"}, "FORBIDDEN_DESCENDANT_REFERENCE",
         "$.steps[1].inputs[0]"),
        ("steps.2.steps.0.inputs.1", {"doc_type": "visit", "scope": "branch"}, "FORBIDDEN_CROSS_BRANCH_REFERENCE",
         f"{ORDER}.inputs[1]"),
    ],
)  # fmt: skip
def test_each_mistake_is_found_at_its_place(path: str, value: Any, code: str, place: str) -> None:
    document = changed(path, value)
    assert (code, place) in found_in(document)
    assert check_automated(document).workflow is None


def test_shape_is_told_alone_then_scopes_alone_then_everything_together() -> None:
    document = workflow()
    document["scopes"]["line"]["parent"] = "moon"
    document["steps"][0]["produces"] = "moon"
    document["steps"][1]["role"] = ""
    assert found_in(document) == [("BAD_VALUE", "$.steps[1].role")]
    document["steps"][1]["role"] = "Analyst 1.0"
    assert found_in(document) == [("UNKNOWN_SCOPE", "$.scopes.line.parent")]
    document["scopes"]["line"]["parent"] = "order"
    document["steps"][2]["steps"][0]["inputs"][0]["context"] = False
    assert {code for code, _ in found_in(document)} == {"UNKNOWN_DOCUMENT_TYPE", "FORBIDDEN_SIBLING_REFERENCE"}


def test_missing_prompts_and_documents_written_again_and_again_are_warnings() -> None:
    document = workflow()
    document["steps"][2]["steps"][0] |= {"produces": "overview", "scope": "shop", "inputs": []}
    checked = check_automated(document, prompts={"Notes v1.0"})
    assert {one.code for one in checked.problems} == {"OUTSIDE_ITS_ITERATION", "ROLE_NOT_FOUND"}
    checked = check_automated(document, prompts={"Analyst 1.0"})
    assert {one.code for one in checked.problems} == {"OUTSIDE_ITS_ITERATION", "PROMPT_NOT_FOUND"}
    assert {one.severity for one in checked.problems} == {"warning"} and checked.workflow is not None


def test_document_that_is_given_and_should_be_accepted_is_a_warning() -> None:
    document = workflow()
    document["steps"] = [step for step in document["steps"] if step.get("produces") != "orders"]
    checked = check_automated(document)
    assert checked.workflow is not None
    path = "$.document_types.orders.acceptance_required"
    assert [(one.code, one.path, one.severity) for one in checked.problems] == [("GIVEN_NOT_ACCEPTED", path, "warning")]


def test_absurd_nesting_is_refused_before_anything_follows_it() -> None:
    step: dict[str, Any] = {"step_id": "x", "scope": "shop", "steps": []}
    for _ in range(MOST_DEPTH + 5):
        step = {"step_id": "x", "scope": "shop", "iterate_over": {}, "steps": [step]}
    assert found_in({**workflow(), "steps": [step]}) == [("TOO_MANY_STEPS", "$.steps")]


@pytest.mark.parametrize("document", [None, [], 7, {}, {"schema_version": []}, {"steps": {"a": 1}}])
def test_anything_at_all_is_answered_with_problems(document: Any) -> None:
    checked = check_automated(document)
    assert checked.workflow is None and checked.problems


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(key=st.sampled_from(sorted(workflow())), value=_json)
def test_any_value_in_any_place_ends_in_problems_or_a_definition(key: str, value: Any) -> None:
    checked = check_automated({**workflow(), key: value})
    assert (checked.workflow is None) == any(one.severity == "error" for one in checked.problems)
    assert all(one.code.isupper() and one.path.startswith("$") and one.remedy for one in checked.problems)


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([None, *"abcdef"]), min_size=1))
def test_tree_has_problems_exactly_where_it_is_none(parents: dict[str, str | None]) -> None:
    def reaches_a_root(scope: str | None, left: int) -> bool:
        return scope is None or (left > 0 and scope in parents and reaches_a_root(parents[scope], left - 1))

    sound = all(reaches_a_root(scope, len(parents)) for scope in parents)
    assert (not list(ScopeTree(parents).problems("$.scopes"))) == sound


def test_command_checks_automated_files_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(workflow()))
    bad.write_text(json.dumps(changed("steps.0.produces", "moon")))

    assert main(["validate", str(good)]) == 0
    assert "1 workflow, no problems" in capsys.readouterr().out
    assert main(["validate", str(good), str(bad)]) == 1
    assert "UNKNOWN_DOCUMENT_TYPE $.steps[0].produces" in capsys.readouterr().out


def test_file_may_hold_one_automated_workflow() -> None:
    checked = check_file(json.dumps(deepcopy(workflow())).encode())
    assert list(checked.workflows) == ["shop_review"] and isinstance(
        checked.workflows["shop_review"], AutomatedWorkflow
    )


def test_published_schema_is_one_and_accepts_the_good_definition(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(workflow(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed("steps.0.role", None), schema)
