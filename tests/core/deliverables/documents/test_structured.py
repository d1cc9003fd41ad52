"""Documents of any shape become blocks: labels, tables, lists and Markdown, and no value of them is lost."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.deliverables.content import Code, Heading, ItemList, Paragraph, Span, Table, paragraph, plain
from core.deliverables.documents.markdown import text_in
from core.deliverables.documents.structured import document_blocks, text_blocks, value_text
from core.deliverables.words import Words

WORDS = Words()


def blocks(content: Any, **more: Any) -> tuple[Any, ...]:
    return document_blocks(content, WORDS, **more)


def said(content: Any) -> str:
    return "\n".join(text_in(blocks(content)))


def test_short_values_stand_beside_their_labels() -> None:
    assert blocks({"owner_name": "Asha Rao", "budget": 12500.5, "final": True, "note": None}) == (
        Paragraph((Span("Owner name: ", bold=True), Span("Asha Rao"))),
        Paragraph((Span("Budget: ", bold=True), Span("12,500.5"))),
        Paragraph((Span("Final: ", bold=True), Span("yes"))),
        Paragraph((Span("Note: ", bold=True), Span("–"))),
    )


def test_numbers_are_written_as_the_language_does_and_names_are_not() -> None:
    assert value_text(1234567.25, Words("de")) == "1.234.567,25"
    assert value_text(0.123456, WORDS) == "0.123456"
    assert [value_text(2026, WORDS, field=name) for name in ("year", "order_id", "runs")] == ["2026", "2026", "2,026"]
    assert value_text(1e300, WORDS) == "1E+300"


def test_fields_stand_in_the_order_of_the_schema_under_its_titles() -> None:
    schema = {"required": ["b", "a"], "properties": {"a": {"title": "First thing"}}}

    assert list(text_in(blocks({"a": 1, "b": 2}, schema=schema))) == ["B: 2", "First thing: 1"]


def test_a_text_that_is_markdown_is_read_and_its_headings_stand_below_the_label() -> None:
    found = blocks({"summary": "# Findings\n\n- one\n- **two**"})

    assert found[:2] == (Heading(1, plain("Summary")), Heading(2, plain("Findings")))
    assert isinstance(found[2], ItemList)


def test_a_text_that_is_none_keeps_its_signs_and_line_ends() -> None:
    assert text_blocks("C:\\_temp\\*x and 2 * 3 * 4", WORDS) == (paragraph("C:\\_temp\\*x and 2 * 3 * 4"),)
    assert text_blocks("Dear all,\nthank you.\n\nAsha", WORDS) == (
        paragraph("Dear all,\nthank you."),
        paragraph("Asha"),
    )


def test_the_schema_says_which_text_is_plain_and_which_is_markdown() -> None:
    plain_text = {"properties": {"a": {"contentMediaType": "text/plain"}}}
    written = {"properties": {"a": {"format": "markdown"}}}
    long = "x " * 60

    assert f"**not bold** {long}" in "\n".join(text_in(blocks({"a": f"**not bold** {long}"}, schema=plain_text)))
    assert "_" not in "\n".join(text_in(blocks({"a": f"_soft_ {long}"}, schema=written)))


def test_a_document_that_is_nothing_but_a_text_has_no_label() -> None:
    assert blocks({"markdown": "# Title\n\nText"}) == (Heading(1, plain("Title")), paragraph("Text"))
    assert blocks("plain") == (paragraph("plain"),)


def test_records_with_few_short_fields_become_a_table() -> None:
    (found,) = blocks({"risks": [{"id": "R1", "cost": 1200, "tags": ["a", "b"]}, {"id": "R2", "owner": "Ben"}]})

    assert isinstance(found, Table)
    assert (found.title, [one.title for one in found.columns]) == ("Risks", ["Id", "Cost", "Tags", "Owner"])
    assert [one.number for one in found.columns] == [False, True, False, False]
    assert [[cell.text for cell in row] for row in found.rows] == [["R1", "1,200", "a; b", ""], ["R2", "", "", "Ben"]]
    assert found.rows[0][1].value == Decimal(1200)


def test_records_with_more_to_say_become_parts_with_headings() -> None:
    found = blocks(
        {"epics": [{"title": "Search", "stories": [{"a": {"b": 1}}]}, {"title": "Export", "text": "x" * 300}]}
    )
    headings = [(one.level, one.spans[0].text) for one in found if isinstance(one, Heading)]

    assert headings[:2] == [(1, "Epics"), (2, "1. Search")]
    assert (2, "2. Export") in headings


def test_lists_of_texts_are_lists() -> None:
    _, found = blocks({"goals": ["fast", "safe", "two\n\nparagraphs", "**bold**"]})

    assert isinstance(found, ItemList)
    assert [len(one) for one in found.items] == [1, 1, 2, 1]


def test_nothing_in_it_is_said_too() -> None:
    assert list(text_in(blocks({"a": [], "b": {}}))) == ["A", "none", "B", "none"]
    assert blocks([]) == (Paragraph((Span("none", italic=True),)),)


def test_what_lies_very_deep_is_there_line_by_line() -> None:
    content: Any = "the bottom"
    for depth in range(3_000):
        content = {f"k{depth}": content} if depth % 2 else [content]
    started = time.process_time()
    found = blocks(content)

    assert time.process_time() - started < 5
    assert isinstance(found[-1], Code)
    assert "the bottom" in found[-1].text


def test_ten_thousand_records_are_one_table_with_all_of_them() -> None:
    (found,) = blocks([{"id": at, "name": f"n{at}"} for at in range(10_000)])

    assert isinstance(found, Table)
    assert len(found.rows) == 10_000


def test_characters_that_break_files_are_replaced_in_labels_too() -> None:
    assert said({"a\x07\ud800": "b\x00\u202e"}) == "A\ufffd\ufffd: b\ufffd\ufffd"


_SCALAR = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=120)
)
_JSON = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=30,
)


def scalars(content: Any) -> list[Any]:
    if isinstance(content, dict):
        return [found for one in content.values() for found in scalars(one)]
    return [found for one in content for found in scalars(one)] if isinstance(content, list) else [content]


@given(_JSON)
def test_every_value_of_any_document_is_in_its_blocks(content: Any) -> None:
    seen = said(content)
    digits = re.sub(r"[^0-9]", "", seen)
    for value in scalars(content):
        if isinstance(value, str):
            words = re.findall(r"[^\W_]+", re.sub(r"(?m)^\s*\d+[.)]|&#?\w+;?", " ", value))
            missing = [one for one in words if one not in seen]
            assert not missing, (missing, seen)
        elif isinstance(value, bool) or value is None:
            assert value_text(value, WORDS) in seen
        else:
            forms = (f"{Decimal(str(value)):f}", str(Decimal(str(value))))
            assert any(re.sub(r"[^0-9]", "", one) in digits for one in forms)
