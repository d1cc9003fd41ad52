"""Reading one JSON value out of what a model wrote: never a part of one, never one of two."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language_models.findings import Finding
from core.language_models.output import LARGEST, MOST_CHARACTERS, MOST_DEPTH, check_value, parse_output

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
PLAIN = (
    st.none() | st.booleans() | TEXT | st.integers(-LARGEST, LARGEST)
    | st.floats(-1e15, 1e15, allow_nan=False, allow_infinity=False)
)  # fmt: skip
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))
DOCUMENTS = st.dictionaries(TEXT, VALUES, max_size=4) | st.lists(VALUES, max_size=4)
PROSE = st.text(st.characters(codec="utf-8", exclude_characters="{}[]"), max_size=40)


def rule(found: Any) -> str:
    assert isinstance(found, Finding), found
    assert found.severity == "error" and found.message.endswith(".")
    return found.rule


@given(DOCUMENTS, PROSE, PROSE, st.sampled_from([None, 2]))
def test_a_document_is_read_with_any_words_around_it(
    document: Any, before: str, after: str, indent: int | None
) -> None:
    said = json.dumps(document, ensure_ascii=False, indent=indent)

    assert parse_output(said) == document
    assert parse_output(f"{before}{said}{after}") == document
    assert parse_output(f"```json\n{said}\n```") == document


@given(DOCUMENTS, st.data())
def test_no_part_of_a_document_is_taken_for_it(document: Any, data: st.DataObject) -> None:
    said = json.dumps(document)
    end = data.draw(st.integers(0, len(said) - 1))

    assert isinstance(parse_output(said[:end]), Finding)
    assert isinstance(parse_output(f"```json\n{said[:end]}\n```"), Finding)


@given(DOCUMENTS, DOCUMENTS, PROSE)
def test_of_two_values_none_is_taken(first: Any, second: Any, between: str) -> None:
    assert rule(parse_output(f"{json.dumps(first)} {between} {json.dumps(second)}")) == "AMBIGUOUS"


@given(st.text(max_size=200))
def test_whatever_is_written_is_read_or_found_wrong(said: str) -> None:
    found = parse_output(said)

    assert isinstance(found, dict | list | Finding)
    if not isinstance(found, Finding):
        assert check_value(found) is None


WRONG = {
    "": "NO_JSON",
    "I will not.": "NO_JSON",
    '"a text"': "NO_JSON",
    "42": "NO_JSON",
    '{"a": NaN}': "NOT_A_NUMBER",
    '{"a": -Infinity}': "NOT_A_NUMBER",
    '{"a": 1e999}': "BIG_NUMBER",
    '{"a": 9007199254740992}': "BIG_NUMBER",
    '{"a": -1e16}': "BIG_NUMBER",
    '{"a": ' + "9" * 5000 + "}": "BIG_NUMBER",
    '{"a": 1, "a": 2}': "DUPLICATE_KEY",
    '{"b": [{"a": 1, "a": 1}]}': "DUPLICATE_KEY",
    '{"a": "x\\u0000y"}': "UNSTORABLE",
    '{"a\\ud800": 1}': "UNSTORABLE",
    '{"a": ["\\udfff"]}': "UNSTORABLE",
    "{'a': 1}": "NOT_JSON",
    '{"a": 1,}': "NOT_JSON",
    '{"epics": [{"id": "E1"}, {"id": "E2"}': "NOT_JSON",
    '[{"id": "E1"},': "NOT_JSON",
    "See [1] and {}": "AMBIGUOUS",
    '{"a": 1}}': "AMBIGUOUS",
}


@pytest.mark.parametrize(("said", "expected"), WRONG.items(), ids=range(len(WRONG)))
def test_what_cannot_be_kept_or_understood_is_found(said: str, expected: str) -> None:
    assert rule(parse_output(said)) == expected


def test_size_and_depth_are_bounded_and_cost_little() -> None:
    started = time.monotonic()
    assert rule(parse_output('["' + "x" * MOST_CHARACTERS + '"]')) == "TOO_LONG"
    assert rule(parse_output("[" * MOST_CHARACTERS)) in {"TOO_DEEP", "NOT_JSON"}
    assert rule(parse_output('{"a":' * 100_000)) in {"TOO_DEEP", "NOT_JSON"}
    assert rule(parse_output("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1))) == "TOO_DEEP"
    assert parse_output("[" * MOST_DEPTH + "]" * MOST_DEPTH)
    assert time.monotonic() - started < 3


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert parse_output('{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize("value", [{"a": float("nan")}, {"a": {1, 2}}, ["\0"], [2**60], {"a": "\ud800"}])
def test_values_that_came_otherwise_meet_the_same_limits(value: Any) -> None:
    assert isinstance(check_value(value), Finding)
