"""Kinds of step of our own: found by their place, their fields checked where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, ConfigDict

from core.catalog.automated import AutomatedWorkflow, KindStep
from core.catalog.automated_validation import check_automated
from core.catalog.json_schemas import schema_problems
from core.catalog.kinds import AnyStepKind, StepKind, find_kinds
from core.catalog.problems import Problem
from core.catalog.published import published_schema
from tests.core.catalog.test_automated import workflow


class WaitFields(BaseModel):
    model_config = ConfigDict(extra="allow")
    hours: int
    until: dict[str, int] = {}


class Waits(StepKind[WaitFields]):
    name = "pause_here"
    title = "Wait"
    fields = WaitFields

    def problems(self, step: KindStep, fields: WaitFields, path: str, workflow: AutomatedWorkflow) -> Iterator[Problem]:
        if fields.hours > 99:
            yield Problem("TOO_LONG", f"{path}.hours", "is too long", "Wait less.")


KINDS: dict[str, AnyStepKind] = {"pause_here": Waits()}
WAIT = {"step_id": "rest", "kind": "pause_here", "scope": "shop", "hours": 3, "colour": {"kept": "yes"}}


def with_step(**change: Any) -> dict[str, Any]:
    document = workflow()
    document["steps"].append(WAIT | change)
    return document


def found_in(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in check_automated(document, kinds=KINDS).problems]


def test_step_of_a_kind_keeps_its_own_fields_and_the_kind_reads_them() -> None:
    checked = check_automated(with_step(), kinds=KINDS)
    assert checked.problems == () and checked.workflow is not None
    step = checked.workflow.steps[-1]
    assert isinstance(step, KindStep) and (step.model_extra or {})["colour"] == {"kept": "yes"}
    assert Waits().read(step).hours == 3


def test_unknown_kind_is_told_with_those_there_are() -> None:
    (problem,) = check_automated(with_step(kind="dance"), kinds=KINDS).problems
    assert (problem.code, problem.path) == ("UNKNOWN_STEP_KIND", "$.steps[3].kind")
    assert "pause_here" in problem.remedy


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"hours": "soon"}, "WRONG_TYPE", "$.steps[3].hours"),
        ({"until": {"a": "b"}}, "WRONG_TYPE", "$.steps[3].until.a"),
        ({"kind": 7}, "WRONG_TYPE", "$.steps[3].kind"),
        ({"kind": "iteration", "steps": [WAIT]}, "MISSING_FIELD", "$.steps[3].iterate_over"),
        ({"scope": None}, "WRONG_TYPE", "$.steps[3].scope"),
        ({"execution_mode": "soon"}, "BAD_VALUE", "$.steps[3].execution_mode"),
        ({"hours": 100}, "TOO_LONG", "$.steps[3].hours"),
        ({"scope": "moon"}, "UNKNOWN_SCOPE", "$.steps[3].scope"),
        ({"produces": "moon"}, "UNKNOWN_DOCUMENT_TYPE", "$.steps[3].produces"),
        ({"produces": "note"}, "SCOPE_MISMATCH", "$.steps[3].scope"),
        ({"step_id": "overview"}, "DUPLICATE_STEP", "$.steps[3].step_id"),
        ({"inputs": [{"doc_type": "note", "scope": "line"}]}, "FORBIDDEN_DESCENDANT_REFERENCE", "$.steps[3].inputs[0]"),
    ],
)
def test_each_mistake_in_a_step_of_a_kind_is_found_at_its_place(change: dict[str, Any], code: str, path: str) -> None:
    assert found_in(with_step(**change)) == [(code, path)]


def test_fields_of_a_kind_are_shape_and_told_before_what_things_mean() -> None:
    document = with_step(hours="soon")
    document["steps"][0]["produces"] = "moon"
    assert found_in(document) == [("WRONG_TYPE", "$.steps[3].hours")]


def test_kinds_are_found_by_their_place() -> None:
    for name, kind in find_kinds().items():
        assert kind.name == name and kind.title and issubclass(kind.fields, BaseModel)


def test_published_schema_knows_the_fields_of_each_kind() -> None:
    schema = published_schema(KINDS)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(with_step(), schema)
    for wrong in ({"hours": "soon"}, {"kind": "dance"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(with_step(**wrong), schema)


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "text"}, "$.type"),
        ({"properties": {"a": {"minLength": -1}}}, "$.properties.a.minLength"),
        ({"pattern": "("}, "$.pattern"),
        ({"$ref": "https://example.com/schema.json"}, '$["$ref"]'),
        ({"items": {"$ref": "other.json#/a"}}, '$.items["$ref"]'),
        ({"$ref": "#/$defs/absent"}, '$["$ref"]'),
        ({"$ref": "#"}, "$"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, '$["$schema"]'),
    ],
)
def test_json_schema_that_cannot_be_relied_on_is_told(schema: dict[str, Any], place: str) -> None:
    assert [(one.code, one.path) for one in schema_problems(schema, "$")] == [("INVALID_JSON_SCHEMA", place)]


def test_json_schema_may_refer_to_itself_through_a_property_and_hold_what_looks_like_a_reference() -> None:
    tree = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": "#/$defs/node",
        "$defs": {"node": {"type": "object", "properties": {"children": {"items": {"$ref": "#/$defs/node"}}}}},
        "examples": [{"$ref": "https://example.com"}],
    }  # fmt: skip
    assert list(schema_problems(tree, "$")) == []


def test_json_schema_of_a_document_type_is_checked_with_the_rest() -> None:
    document = workflow()
    document["document_types"]["note"]["json_schema"] = {"type": "text"}
    document["steps"][0]["produces"] = "moon"
    assert found_in(document) == [
        ("INVALID_JSON_SCHEMA", "$.document_types.note.json_schema.type"),
        ("UNKNOWN_DOCUMENT_TYPE", "$.steps[0].produces"),
    ]


def test_field_of_a_kind_that_is_nearly_spelled_right_is_warned_of_and_kept() -> None:
    checked = check_automated(with_step(hour=3), kinds=KINDS)
    (found,) = [one for one in checked.problems if one.code == "UNKNOWN_FIELD"]
    assert (found.severity, found.remedy) == ("warning", "Did you mean hours?")
    assert checked.workflow is not None
