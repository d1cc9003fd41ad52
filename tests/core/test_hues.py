"""Colours that can be read on others."""

from hypothesis import given
from hypothesis import strategies as st

from core.hues import contrast, luminance, mixed, readable

colours = st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True)


@given(colours, colours)
def test_any_hue_can_be_made_readable_on_any_paper(hue: str, paper: str) -> None:
    assert contrast(luminance(readable(hue, paper)), luminance(paper)) >= 4.5


def test_a_hue_that_can_be_read_already_stays_as_it_is() -> None:
    assert readable("#2B47B8", "#ffffff") == mixed("#ffffff", "#2B47B8", 1)
    assert contrast(luminance("#000000"), luminance("#ffffff")) == 21
