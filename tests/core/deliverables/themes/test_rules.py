from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.deliverables.look import Look
from core.deliverables.themes.rules import (
    APART,
    CHART_CONTRAST,
    SERIES,
    TEXT_CONTRAST,
    checked_colour,
    contrast_on_white,
    distance,
    readable,
    series_of,
)
from core.errors import InvalidInput

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


@given(colours)
def test_every_accent_can_be_read_on_white(colour: str) -> None:
    shade = readable(colour)
    assert contrast_on_white(shade) >= TEXT_CONTRAST
    assert shade == colour or contrast_on_white(colour) < TEXT_CONTRAST


@given(colours)
def test_a_colour_is_darkened_no_more_than_it_must_be(colour: str) -> None:
    shade = readable(colour)
    if shade != colour:
        assert contrast_on_white(shade) < TEXT_CONTRAST + 0.15


@given(colours)
def test_six_hues_of_charts_are_told_apart_and_stand_out_from_white(accent: str) -> None:
    series = series_of(accent)
    assert len(series) == SERIES
    assert series[0] == readable(accent)
    assert all(contrast_on_white(hue) >= CHART_CONTRAST for hue in series)
    assert all(distance(one, other) >= APART for one, other in combinations(series, 2))


def test_the_look_that_comes_with_countersign_has_the_series_of_its_accent() -> None:
    assert series_of(Look("x").accent) == Look("x").series
    assert readable(Look("x").ink) == Look("x").ink


@pytest.mark.parametrize(
    "said", ["", "red", "#12345", "#12345G", "123456", "#1234567", '#fff"}', "#123456\n#", "＃123456"]
)
def test_what_is_no_colour_is_refused(said: str) -> None:
    with pytest.raises(InvalidInput, match="six digits"):
        checked_colour("Accent", said)


def test_contrast_is_what_wcag_says() -> None:
    assert contrast_on_white("#000000") == pytest.approx(21)
    assert contrast_on_white("#FFFFFF") == pytest.approx(1)
    assert contrast_on_white("#767676") == pytest.approx(4.54, abs=0.01)
