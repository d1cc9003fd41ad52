from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.deliverables.content import Span
from core.deliverables.typesetting.texts import Setter


def joined(pieces: str | list[str]) -> str:
    return pieces if isinstance(pieces, str) else "".join(pieces)


@given(st.text(max_size=200), st.integers(4, 40))
def test_cutting_loses_and_adds_nothing(text: str, longest: int) -> None:
    setter = Setter()
    assert joined(setter.pieces(text, longest=longest)) == Setter().drawable(text)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc", "Z"]), min_size=1, max_size=300))
def test_no_part_of_a_long_word_is_longer_than_a_line_of_a_narrow_column_can_hold(word: str) -> None:
    pieces = Setter().pieces(word, longest=8)
    assert (isinstance(pieces, str) and len(pieces) <= 8) or all(len(one) <= 20 for one in pieces)


def test_words_of_usual_length_are_left_whole() -> None:
    assert Setter().pieces("An ordinary sentence of ordinary words, as people write them.") == (
        "An ordinary sentence of ordinary words, as people write them."
    )


def test_addresses_are_parted_after_their_signs() -> None:
    assert Setter().pieces("https://example.com/reports/2026") == ["https://", "example.", "com/", "reports/", "2026"]


def test_long_words_of_a_language_are_left_to_its_hyphenation_where_they_fit_a_line() -> None:
    german = "Geschäftsprozessoptimierungsmaßnahmen"
    assert Setter().pieces(german) == german
    assert len(Setter().pieces(german, longest=16)) > 1
    assert len(Setter().pieces(german * 3)) > 3


def test_marks_stay_with_their_letters() -> None:
    pieces = Setter().pieces("e\u0301" * 40)
    assert len(pieces) > 1 and not any(one.startswith("\u0301") for one in pieces)


def test_chinese_is_left_to_the_typesetter() -> None:
    assert Setter().pieces("本报告总结了第三季度的成果，" * 20) == "本报告总结了第三季度的成果，" * 20


def test_ends_of_lines_stay_ends_of_lines() -> None:
    assert Setter().pieces("one\r\ntwo\n\nthree") == ["one", "\n", "two", "\n", "\n", "three"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a[U+0000]b"), ("a\u202eb", "a[U+202E]b"), ("\U00012000", "[U+12000]"), ("\ud800", "[U+D800]"),
        ("\ufffe", "[U+FFFE]"), ("中\u0942", "中[U+0942]"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_written_as_its_code(text: str, shown: str) -> None:
    setter = Setter()
    assert setter.pieces(text) == shown
    assert setter.written_out.total() == 1


def test_what_the_typesetter_refused_is_written_as_codes() -> None:
    assert Setter(["é"]).pieces("café") == "caf[U+00E9]"


def test_a_link_to_anything_but_the_web_or_mail_is_only_its_text() -> None:
    told = Setter().spans((Span("x", link="JavaScript:alert(1)"), Span("y", link="HTTPS://example.com/a b")))
    assert "l" not in told[0] and told[1]["l"] == "HTTPS://example.com/a%20b"


def test_latin_text_keeps_its_order_in_a_report_that_is_read_from_the_right() -> None:
    setter = Setter(right_to_left=True)
    assert setter.pieces("1 Jul to 30 Sep 2026") == "\u20661 Jul to 30 Sep 2026\u2069"
    assert setter.pieces("تقرير Q3") == "تقرير Q3"
    assert setter.pieces("1,234") == "1,234"
    told = setter.spans((Span("Fits "), Span("the brief.", bold=True)))
    assert [one["t"] for one in told] == ["\u2066Fits ", "the brief.\u2069"]


def test_words_of_which_nothing_is_drawn_are_written_as_codes_because_they_would_hold_a_worker_for_hours() -> None:
    setter = Setter()
    assert setter.pieces("a \u200e\u200d b") == "a [U+200E][U+200D] b"
    assert setter.written_out.total() == 2
    for kept in ("نمی\u200cخواهم", "\u200b", "a\u00adb"):
        assert setter.pieces(kept) == kept
