"""Times are read the way people write them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.times import Span, UnreadableTime, describe, read_time


@pytest.mark.parametrize(
    ("written", "least", "most"),
    [
        (15, 15, 15),
        ("15", 15, 15),
        ("15 minutes", 15, 15),
        ("15 min.", 15, 15),
        ("1–2 hours", 60, 120),
        ("1-2 Hours", 60, 120),
        ("1 to 2 hours", 60, 120),
        ("about 1.5 hours", 90, 90),
        ("1 hour 30 minutes", 90, 90),
        ("1h30m", 90, 90),
        ("2 days", 2_880, 2_880),
        ("3–5 business days", 4_320, 7_200),
        ("1 week", 10_080, 10_080),
        ("30 seconds", 1, 1),
        (0, 0, 0),
    ],
)
def test_readable_times(written: object, least: int, most: int) -> None:
    assert read_time(written) == Span(least, most)


@pytest.mark.parametrize(
    "written", ["", "soon", "about", "15 apples", "-5", -5, True, None, "2–1 hours", "1e9 weeks", [15]]
)
def test_anything_else_is_refused(written: object) -> None:
    with pytest.raises(UnreadableTime):
        read_time(written)


@given(st.text(max_size=40))
def test_no_text_makes_it_fall_over(text: str) -> None:
    with contextlib.suppress(UnreadableTime):
        assert read_time(text).least >= 0


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Span(45, 45), "45 min"), (Span(60, 120), "1 to 2 h"), (Span(90, 120), "1 h 30 min to 2 h"),
        (Span(0, 1_440), "0 min to 1 day"), (Span(1_440, 2_880), "1 to 2 days"), (Span(1_080, 1_620), "18 to 27 h"),
    ],
)  # fmt: skip
def test_spans_are_said_in_words(span: Span, said: str) -> None:
    assert str(span) == said
    assert describe(1_440) == "1 day"
