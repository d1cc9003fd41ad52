"""What a run is started with: the form of a definition, and values that fit it or are refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.automated import AutomatedWorkflow
from core.catalog.automated_validation import check_automated
from core.catalog.starting import check_inputs, filled_as, given_documents, start_fields
from core.errors import InvalidInput
from tests.core.catalog.test_automated import workflow
from tests.core.catalog.test_elsewhere import sparse

INPUTS = {
    "site_name": {"type": "text", "required": True, "description": "As on the sign", "example": "Corner Bakery"},
    "tone": {"type": "choice", "options": ["warm", "plain"], "default": "plain"},
    "pages": {"type": "list", "options": ["home", "about"]},
    "rows": {"type": "integer"}, "share": {"type": "number"}, "blog": {"type": "boolean", "default": False},
    "day": {"type": "date"}, "contact": {"type": "email"}, "link": {"type": "url"}, "colours": {"type": "object"},
    "story": {"type": "string", "title": "The story"},
}  # fmt: skip


def read(**more: Any) -> AutomatedWorkflow:
    checked = check_automated(sparse() | more)
    assert checked.workflow is not None, checked.problems
    return checked.workflow


def test_declared_inputs_are_the_form_and_their_other_name_is_read_too() -> None:
    for key in ("inputs", "required_inputs"):
        fields = start_fields(read(**{key: INPUTS}))
        assert [field.name for field in fields] == list(INPUTS)
        assert (fields[0].title, fields[0].asked.required, fields[-1].asked.type) == ("Site name", True, "text")


def test_definition_without_inputs_asks_what_it_is_about() -> None:
    (field,) = start_fields(read())
    assert (field.name, field.title, field.asked.required) == ("brief", "What is it about?", False)
    assert check_inputs(read(), {"brief": "A bakery", "anything": [1]}) == {"brief": "A bakery", "anything": [1]}
    assert check_inputs(read(), {}) == {}


def test_document_that_no_step_writes_is_asked_for() -> None:
    document = workflow()
    document["steps"] = document["steps"][2:]
    checked = check_automated(document)
    assert checked.workflow is not None
    assert given_documents(checked.workflow) == ("overview", "orders")
    fields = {field.name: field.asked for field in start_fields(checked.workflow)}
    assert (fields["overview"].type, fields["orders"].type, fields["orders"].required) == ("long_text", "object", True)

    found = check_inputs(checked.workflow, {"overview": "All is well", "orders": '{"orders": [{"id": 1}]}'})
    assert found == {"overview": {"text": "All is well"}, "orders": {"orders": [{"id": 1}]}}
    wrongs: list[Any] = [{"items": []}, {"orders": {}}, [1], 7]
    for wrong in wrongs:
        with pytest.raises(InvalidInput, match="Orders"):
            check_inputs(checked.workflow, {"overview": "x", "orders": wrong})
    with pytest.raises(InvalidInput, match="needed to start"):
        check_inputs(checked.workflow, {"overview": "x"})


def test_form_is_filled_as_it_was_and_what_no_longer_fits_is_as_in_an_empty_one() -> None:
    parts = {"street": {"type": "text"}, "number": {"type": "integer", "default": 1}}
    asked = read(inputs=INPUTS | {"place": {"type": "object", "fields": parts, "or_list": True}})
    given = {"site_name": "Bakery", "tone": "shouted", "rows": 0, "blog": True, "place": ["Quay"], "gone": 1}
    filled = {one.name: one.asked for one in filled_as(asked, given)}
    assert (filled["site_name"].default, filled["tone"].default, filled["rows"].default) == ("Bakery", "plain", 0)
    assert filled["blog"].default is True
    assert {name: one.default for name, one in filled["place"].fields.items()} == {"street": "Quay", "number": 1}
    assert [one.asked for one in filled_as(asked, {"site_name": " "})] == [one.asked for one in start_fields(asked)]


def test_document_that_was_given_is_given_again() -> None:
    document = workflow()
    document["steps"] = document["steps"][2:]
    asked = check_automated(document).workflow
    assert asked is not None
    before = check_inputs(asked, {"overview": "All is well", "orders": {"orders": [{"id": 1}]}})
    filled = {one.name: one.asked.default for one in filled_as(asked, before)}
    assert check_inputs(asked, filled) == before
    richer = before | {"overview": {"text": "All is well", "by": "Asha"}}
    assert check_inputs(asked, {one.name: one.asked.default for one in filled_as(asked, richer)}) == richer


def test_given_document_that_is_declared_as_an_input_too_is_one_still() -> None:
    document = sparse()
    document["document_types"]["facts"] = {"name": "Facts", "scope": "project", "json_schema": {"required": ["n"]}}
    document["steps"][0]["inputs"] = [{"doc_type": "facts", "scope": "project"}]
    for said in ({"type": "text"}, {"type": "text", "default": "none"}):
        found = check_automated({**document, "inputs": {"facts": said}}).workflow
        assert found is not None and given_documents(found) == ("facts",)
        with pytest.raises(InvalidInput, match="does not fit its schema"):
            check_inputs(found, {} if "default" in said else {"facts": "anything"})
        assert check_inputs(found, {"facts": '{"n": 1}'}) == {"facts": {"n": 1}}


def test_given_document_fits_its_schema() -> None:
    document = sparse()
    document["document_types"]["facts"] = {
        "name": "Facts", "scope": "project", "json_schema": {"properties": {"n": {"type": "integer"}}},
    }  # fmt: skip
    document["steps"][0]["inputs"] = [{"doc_type": "facts", "scope": "project"}]
    found = check_automated(document).workflow
    assert found is not None
    assert check_inputs(found, {"facts": {"n": 1}}) == {"facts": {"n": 1}}
    with pytest.raises(InvalidInput, match=r"\$\.n does not fit"):
        check_inputs(found, {"facts": {"n": "one"}})


def test_documents_that_are_only_welcome_are_not_asked_for() -> None:
    document = sparse()
    document["document_types"]["facts"] = {"name": "Facts", "scope": "project"}
    document["steps"][0]["inputs"] = [{"doc_type": "facts", "scope": "project", "required": False}]
    found = check_automated(document).workflow
    assert found is not None and given_documents(found) == ()


def test_what_fits_is_kept_and_defaults_fill_what_was_left_out() -> None:
    values = {
        "site_name": "Bakery", "pages": ["home"], "rows": 3, "share": 0.5, "day": "2026-11-21",
        "contact": "ada@example.com", "link": "https://example.com/a", "colours": {"primary": "#fff"}, "story": "",
    }  # fmt: skip
    found = check_inputs(read(inputs=INPUTS), values)
    assert found == {key: value for key, value in values.items() if value} | {"tone": "plain", "blog": False}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("site_name", None), ("site_name", "  "), ("site_name", 7), ("site_name", "x" * 2_001), ("site_name", "\x00"),
        ("tone", "loud"), ("pages", ["home", "shop"]), ("pages", "home"), ("rows", 1.5), ("rows", True), ("rows", "3"),
        ("share", float("nan")), ("share", "a"), ("share", True), ("blog", 1), ("blog", "yes"), ("day", "21.11.2026"),
        ("day", "20261121"), ("contact", "ada"), ("contact", "a@b.example, c@d.example"), ("link", "javascript:alert(1)"),
        ("link", "https://"), ("link", "ftp://example.com"), ("colours", [1]), ("colours", {"a": "\ud800"}),
        ("unknown", 1),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_name(name: str, value: Any) -> None:
    fields = {field.name: field.title for field in start_fields(read(inputs=INPUTS))}
    with pytest.raises(InvalidInput) as refused:
        check_inputs(read(inputs=INPUTS), {"site_name": "Bakery", name: value})
    assert refused.value.facts["field"] == fields.get(name, name) and refused.value.facts["problem"].endswith(
        (".", "}")
    )


def test_more_than_can_be_kept_is_refused() -> None:
    with pytest.raises(InvalidInput, match="larger than"):
        check_inputs(read(), {str(number): "x" * 90_000 for number in range(20)})


@pytest.mark.parametrize(
    ("asked", "code", "path"),
    [
        ({"type": "colour"}, "UNKNOWN_INPUT_TYPE", "$.inputs.one.type"),
        ({"type": "choice"}, "MISSING_OPTIONS", "$.inputs.one.options"),
        ({"type": "integer", "default": "x"}, "BAD_DEFAULT", "$.inputs.one.default"),
        ({"type": "choice", "options": ["a"], "default": "b"}, "BAD_DEFAULT", "$.inputs.one.default"),
        ({"required": "yes"}, "WRONG_TYPE", "$.inputs.one.required"),
        ("text", "WRONG_TYPE", "$.inputs.one"),
    ],
)
def test_mistakes_in_the_form_are_found_at_their_place(asked: Any, code: str, path: str) -> None:
    problems = check_automated(sparse() | {"inputs": {"one": asked}}).problems
    assert [(one.code, one.path) for one in problems] == [(code, path)]
    problems = check_automated(sparse() | {"required_inputs": {"one": asked}}).problems
    assert [(one.code, one.path) for one in problems] == [(code, path.replace("inputs", "required_inputs"))]


_any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(INPUTS)), _any))
def test_any_values_are_kept_or_refused_by_name(values: dict[str, Any]) -> None:
    try:
        found = check_inputs(read(inputs=INPUTS), values)
    except InvalidInput:
        return
    assert "site_name" in found and check_inputs(read(inputs=INPUTS), found) == found
