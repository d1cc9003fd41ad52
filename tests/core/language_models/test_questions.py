"""Question sets and their answers: W5's shape to the letter, and nothing that blocks is passed over."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from core.language_models.questions import (
    QUESTION_SET_SCHEMA,
    AnswerType,
    MalformedQuestions,
    QuestionSet,
    check_answers,
    parse_questions,
)


def asked(kind: str = "free_text", **more: Any) -> dict[str, Any]:
    choices = {"choices": ["red", "green", "blue"]} if kind.endswith("choice") else {}
    return {
        "id": "COLOUR-1", "text": "Which colour?", "why_it_matters": "It is seen first.", "priority": "must",
        "constraint_kind": "design", "answer_type": kind, **choices, **more,
    }  # fmt: skip


def questions(*several: dict[str, Any]) -> dict[str, Any]:
    return {"mode": "questions_only", "questions": list(several)}


def parsed(*several: dict[str, Any]) -> QuestionSet:
    found = parse_questions(questions(*several))
    assert found is not None
    return found


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in asked().items() if name != key}


@pytest.mark.parametrize("kind", list(AnswerType))
def test_every_type_of_question_is_read(kind: AnswerType) -> None:
    (one,) = parsed(asked(kind.value)).questions

    assert one.answer_type is kind and one.blocking
    assert one.choices == (("red", "green", "blue") if kind.chooses else ())


def test_questions_come_as_text_with_a_fence_too() -> None:
    said = f"```json\n{json.dumps(questions(asked(blocking=False)))}\n```"

    found = parse_questions(said)

    assert found is not None and not found.questions[0].blocking
    assert parse_questions(found.to_json()) == found
    Draft202012Validator(QUESTION_SET_SCHEMA).validate(found.to_json())


@pytest.mark.parametrize("value", ["no json", "{", {}, [], {"questions": [asked()]}, {"mode": "fast"}, {"mode": 1}])
def test_what_is_no_question_set_is_none(value: Any) -> None:
    assert parse_questions(value) is None


BROKEN: dict[str, Any] = {
    "mode in capitals": {"mode": "Questions_Only", "questions": [asked()]},
    "no questions": {"mode": "questions_only"},
    "empty": questions(),
    "thirteen": questions(*(asked(id=f"Q-{number:03}") for number in range(13))),
    "not objects": questions("Which colour?"),  # type: ignore[arg-type]
    "same id": questions(asked(), asked()),
    **{f"without {key}": questions(without(key)) for key in asked()},
    **{
        f"{key} = {value!r}"[:60]: questions({**asked(), key: value})
        for key, value in (
            ("id", "AB"), ("id", "lower_case"), ("id", "A" * 65), ("id", "WITH SPACE"), ("id", 7), ("id", "ABC\n"),
            ("text", "Tell me the colour."), ("text", "?" * 1001), ("text", " "), ("why_it_matters", ""),
            ("priority", "urgent"), ("priority", ["must"]), ("constraint_kind", None), ("answer_type", "essay"),
            ("answer_type", {}), ("blocking", "yes"), ("blocking", None), ("choices", ["a"]), ("text", "nul \0?"),
        )
    },
    **{
        f"choices = {value!r}"[:60]: questions(asked("single_choice", choices=value))
        for value in (None, [], ["a", "a"], ["a", ""], ["a", 1], "ab", ["x" * 201], [str(n) for n in range(51)], [["a"]])
    },
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_malformed_set_is_told_and_never_asked(name: str) -> None:
    with pytest.raises(MalformedQuestions) as refused:
        parse_questions(BROKEN[name])

    assert refused.value.findings and all(one.path.startswith("$") for one in refused.value.findings)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(MalformedQuestions) as refused:
        parse_questions(questions(asked(text="No mark"), asked(id="x", priority="urgent")))

    paths = [one.path for one in refused.value.findings]
    assert paths == ["$.questions[0].text", "$.questions[1].id", "$.questions[1].priority"]


def answered(value: Any) -> dict[str, Any]:
    return {"COLOUR-1": {"resolution": "answered", "value": value}}


GOOD = [
    ("free_text", " Blue ", "Blue"), ("single_choice", "red", "red"), ("multi_choice", ["blue", "red"], ["red", "blue"]),
    ("yes_no", False, False), ("number", 0, 0), ("number", -2.5, -2.5), ("date", "2026-02-28", "2026-02-28"),
    ("uuid", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
    ("json_object", {"a": [1]}, {"a": [1]}),
]  # fmt: skip
BAD = [
    ("free_text", ""), ("free_text", "  "), ("free_text", 5), ("free_text", None), ("free_text", "x" * 10_001),
    ("free_text", "a\0"), ("free_text", "\ud800"), ("single_choice", "yellow"), ("single_choice", ["red"]),
    ("multi_choice", []), ("multi_choice", "red"), ("multi_choice", ["red", "yellow"]), ("multi_choice", [["red"]]),
    ("yes_no", "yes"), ("yes_no", 1), ("number", "5"), ("number", True), ("number", float("nan")),
    ("number", float("inf")), ("number", 10**30), ("date", "2026-02-30"), ("date", "28.02.2026"), ("date", "20260228"),
    ("date", "2026-W01-1"), ("date", 5), ("uuid", "6f9619ff"), ("uuid", "6f9619ff8b86d011b42d00cf4fc964ff"),
    ("uuid", "z" * 36), ("uuid", uuid.uuid4()), ("json_object", "{}"), ("json_object", [1]), ("json_object", {"a": "\0"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "kept"), GOOD)
def test_an_answer_of_its_type_is_kept(kind: str, value: Any, kept: Any) -> None:
    checked = check_answers(parsed(asked(kind)), answered(value))

    assert not checked.findings
    assert checked.answers == {"COLOUR-1": {"resolution": "answered", "value": kept}}


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_an_answer_of_another_type_is_refused(kind: str, value: Any) -> None:
    checked = check_answers(parsed(asked(kind)), answered(value))

    assert [one.path for one in checked.findings] == ["$.COLOUR-1"] and not checked.answers


@pytest.mark.parametrize("resolution", ["deferred", "not_applicable"])
def test_a_blocking_question_cannot_be_put_off(resolution: str) -> None:
    given = {"COLOUR-1": {"resolution": resolution}}

    assert check_answers(parsed(asked()), given).findings
    assert check_answers(parsed(asked(blocking=False)), given).answers["COLOUR-1"]["resolution"] == resolution


def test_there_is_none_settles_a_blocking_question() -> None:
    checked = check_answers(parsed(asked()), {"COLOUR-1": {"resolution": "explicit_none"}})

    assert checked.answers == {"COLOUR-1": {"resolution": "explicit_none", "value": None}}


@pytest.mark.parametrize(
    "given",
    [
        {}, {"COLOUR-1": None}, {"COLOUR-1": "Blue"}, {"COLOUR-1": {}}, {"COLOUR-1": {"resolution": "maybe"}},
        {"COLOUR-1": {"resolution": []}}, {"COLOUR-1": {"resolution": "answered"}},
        {"COLOUR-1": {"resolution": "explicit_none", "value": "Blue"}},
        {**answered("Blue"), "OTHER": {"resolution": "answered", "value": "Red"}},
        {**answered("Blue"), "\ud800": {"resolution": "explicit_none"}},
    ],
)  # fmt: skip
def test_missing_half_given_and_unasked_answers_are_refused(given: dict[str, Any]) -> None:
    checked = check_answers(parsed(asked()), given)

    assert checked.findings and not checked.answers


def test_a_question_that_does_not_block_may_be_left_out() -> None:
    checked = check_answers(parsed(asked(), asked(id="SIZE", blocking=False)), answered("Blue"))

    assert not checked.findings
    assert checked.answers["SIZE"] == {"resolution": "deferred", "value": None}


@given(
    st.sampled_from(sorted(AnswerType)),
    st.booleans(),
    st.sampled_from(["answered", "explicit_none", "deferred", "not_applicable", "other"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
    | st.dictionaries(st.text(), st.integers() | st.text()),
)  # fmt: skip
def test_whatever_is_accepted_settles_what_blocks_and_can_be_kept(
    kind: AnswerType, blocking: bool, resolution: str, value: Any
) -> None:
    checked = check_answers(
        parsed(asked(kind.value, blocking=blocking)), {"COLOUR-1": {"resolution": resolution, "value": value}}
    )

    if not checked.findings:
        kept = checked.answers["COLOUR-1"]
        assert not blocking or kept["resolution"] in {"answered", "explicit_none"}
        assert (kept["value"] is not None) == (kept["resolution"] == "answered")
        json.dumps(kept, allow_nan=False, ensure_ascii=False).encode()
