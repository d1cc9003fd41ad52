"""Definitions written elsewhere load unchanged: old and new, sparse and rich, deep, long, and in any script."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from core.actor import Actor
from core.bootstrap import Application
from core.canonical import canonical_json
from core.catalog.automated import Iteration
from core.catalog.automated_validation import MOST_DEPTH, MOST_STEPS, check_automated
from core.catalog.validation import check_file
from tests.core.catalog.test_automated import workflow


def sparse() -> dict[str, Any]:
    """Only what version 1 asks for."""
    return {
        "schema_version": "workflow.v1", "workflow_id": "sparse", "revision": "wfrev_2026_01_02_a",
        "effective_date": "2026-01-02", "name": "Sparse",
        "scopes": {"project": {"parent": None}}, "entity_types": {},
        "document_types": {"notes": {"name": "Notes", "scope": "project"}},
        "steps": [{"step_id": "write", "role": "Technical Architect 1.0", "task_prompt": "Project Discovery v1.0",
                   "produces": "notes", "scope": "project", "inputs": []}],
    }  # fmt: skip


def nested(depth: int) -> dict[str, Any]:
    """One iteration in the other, each over a document of the scope around it."""
    document = sparse()
    scopes, types, entities = document["scopes"], document["document_types"], document["entity_types"]
    steps: list[dict[str, Any]] = []
    scopes["s0"] = {"parent": None}
    for level in reversed(range(depth)):
        here, below = f"s{level}", f"s{level + 1}"
        scopes[below] = {"parent": here}
        types[f"list{level}"] = {"name": "List", "scope": here, "may_own": [f"e{level}"], "collection_field": "items"}
        entities[f"e{level}"] = {"name": "Item", "parent_doc_type": f"list{level}", "creates_scope": below}
        inner = steps or [
            {
                "step_id": "leaf",
                "role": "Writer",
                "task_prompt": "Leaf",
                "produces": "leaf",
                "scope": below,
                "inputs": [],
            }
        ]
        steps = [
            {"step_id": f"list{level}", "role": "Writer", "task_prompt": "List", "produces": f"list{level}",
             "scope": here, "inputs": []},
            {"step_id": f"each{level}", "scope": below, "steps": inner,
             "iterate_over": {"doc_type": f"list{level}", "collection_field": "items", "entity_type": f"e{level}"}},
        ]  # fmt: skip
    types["leaf"] = {"name": "Leaf", "scope": f"s{depth}"}
    return {**document, "steps": steps}


def test_version_one_with_nothing_of_ours_loads() -> None:
    checked = check_automated(sparse())
    assert checked.problems == () and checked.workflow is not None
    assert (checked.workflow.title, checked.workflow.tier, checked.workflow.total_steps) == ("Sparse", "starter", 1)


def test_what_stands_in_the_wild_loads_with_its_unknown_fields() -> None:
    document = sparse()
    document |= {
        "schema_version": "workflow.v2", "pow_class": "reference", "derived_from": None, "source_version": None,
        "tags": ["software_delivery"], "governance": {"adr_references": ["ADR-048"]}, "metadata": {"author": "system"},
    }  # fmt: skip
    document["document_types"]["notes"] |= {"may_own": [], "accepted_by": None, "description": None, "view": {"a": [1]}}
    document["steps"][0] |= {"creates_entities": "epic", "kind": "document", "name": "Write", "inputs": None}
    checked = check_automated(document)
    assert checked.problems == () and checked.workflow is not None
    assert (checked.workflow.steps[0].model_extra or {})["creates_entities"] == "epic"


@pytest.mark.parametrize(
    "change",
    [{"revision": 7}, {"effective_date": "2026-01-02T10:00:00Z"}, {"description": None}, {"tags": None}, {"tags": [1]},
     {"pow_class": {"name": "reference"}}, {"derived_from": {"workflow_id": "x"}}, {"source_version": 1.5}],
)  # fmt: skip
def test_loose_spellings_are_read(change: dict[str, Any]) -> None:
    assert check_automated({**sparse(), **change}).problems == ()


def test_ids_in_any_script_are_ids_and_their_paths_can_be_read() -> None:
    document = json.loads(
        json.dumps(workflow()).replace('"overview"', '"Übersicht 概要"').replace('"line"', '"строка"')
    )
    assert check_automated(document).problems == ()
    document["document_types"]["Übersicht 概要"]["scope"] = "nowhere"
    assert '$.document_types["Übersicht 概要"].scope' in {one.path for one in check_automated(document).problems}


def test_forty_levels_of_iteration_load() -> None:
    assert MOST_DEPTH > 40
    checked = check_automated(nested(40))
    assert checked.problems == () and checked.workflow is not None
    path, leaf, around = list(checked.workflow.all_steps())[-1]
    assert (leaf.step_id, len(around), path.count("[1]")) == ("leaf", 40, 39 + 1)
    assert check_file(json.dumps(nested(40)).encode()).problems == ()


def test_a_thousand_steps_load_and_one_more_does_not() -> None:
    document = sparse()
    step = document["steps"][0]
    document["steps"] = [{**step, "step_id": f"step_{number}"} for number in range(MOST_STEPS)]
    checked = check_automated(document)
    assert checked.problems == () and checked.workflow is not None and checked.workflow.total_steps == 1_000
    document["steps"].append({**step, "step_id": "one_more"})
    assert [one.code for one in check_automated(document).problems] == ["TOO_MANY_STEPS"]


def test_nesting_without_end_is_a_problem_and_no_crash() -> None:
    schema: Any = {}
    for _ in range(300):
        schema = {"not": schema}
    document = sparse()
    document["document_types"]["notes"]["json_schema"] = schema
    assert [one.code for one in check_automated(document).problems] == ["TOO_NESTED"]
    assert [one.code for one in check_file(json.dumps({"workflows": {"a": document}}).encode()).problems] == [
        "TOO_NESTED"
    ]


def test_byte_order_mark_is_no_part_of_a_definition() -> None:
    assert check_file(b"\xef\xbb\xbf" + json.dumps(sparse()).encode()).problems == ()


def test_input_whose_scope_is_not_its_documents_is_told_and_loads() -> None:
    document = workflow()
    document["steps"][2]["steps"][1]["steps"][0]["inputs"] = [{"doc_type": "overview", "scope": "order"}]
    checked = check_automated(document)
    assert [(one.code, one.severity) for one in checked.problems] == [("SCOPE_MISMATCH", "warning")]
    assert checked.workflow is not None


def test_source_is_stored_as_it_stands(app: Application, admin: Actor) -> None:
    document = workflow() | {"x": {"ключ": [1.50, -0.0, 1e300, 2**70, None, "\u2028"], "b": 1, "a": {"z": 0, "y": []}}}
    document["steps"][0]["inputs"] = []
    document["document_types"]["overview"]["our_own"] = {"deep": [[[{"er": True}]]]}
    kept = deepcopy(document)

    digests = app.catalog.import_definitions(admin, document)

    found = app.catalog_queries.by_id("shop_review")
    assert json.dumps(found.source) == json.dumps(kept) and canonical_json(found.source) == canonical_json(kept)
    assert found.digest == digests["shop_review"]


def test_entry_of_the_file_may_be_automated_and_keeps_its_paths(tmp_path: Path) -> None:
    document = workflow()
    document["steps"][0]["produces"] = "moon"
    checked = check_file(json.dumps({"workflows": {"shop_review": document}}).encode())
    path = "$.workflows.shop_review.steps[0].produces"
    assert [(one.code, one.path) for one in checked.problems] == [("UNKNOWN_DOCUMENT_TYPE", path)]

    other = check_file(json.dumps({"workflows": {"another": workflow()}}).encode())
    assert [(one.code, one.path) for one in other.problems] == [
        ("WORKFLOW_ID_MISMATCH", "$.workflows.another.workflow_id")
    ]
    assert other.workflows == {}


def test_iteration_may_say_how_many_at_once_and_what_a_failure_does() -> None:
    document = workflow()
    document["steps"][2] |= {"items_at_once": 4, "on_item_failure": "continue", "title": "Each order"}
    checked = check_automated(document)
    assert checked.workflow is not None
    step = checked.workflow.steps[2]
    assert isinstance(step, Iteration) and (step.items_at_once, step.on_item_failure) == (4, "continue")
    for wrong in ({"items_at_once": 0}, {"items_at_once": True}, {"items_at_once": 101}, {"on_item_failure": "skip"}):
        bad = deepcopy(document)
        bad["steps"][2] |= wrong
        assert [one.path for one in check_automated(bad).problems] == [f"$.steps[2].{next(iter(wrong))}"]
