"""Text is measured as wide as any viewer may draw it, and lines end where it can be cut."""

from __future__ import annotations

from PIL import ImageFont

from core.deliverables.fonts import font_path
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.prose import columns_of
from core.deliverables.slides.text import Para, Run, para

FIT = Fitting("Inter")


def test_text_counts_as_wide_as_the_wider_of_the_two_fonts_and_a_little_more() -> None:
    text = "The quick brown fox jumps over 1,234 lazy dogs"
    for family in ("Inter", "DejaVu Sans"):
        face = ImageFont.truetype(font_path(family), 1000)
        assert FIT.width(text, 10) > face.getlength(text) / 100


def test_a_word_longer_than_a_line_is_broken_and_every_line_fits() -> None:
    one = para("short " + "x" * 300 + " 中文報告" * 20, 14)
    starts = FIT.breaks(one, 200)

    ends = [*starts[1:], len(one.text)]
    assert all(FIT.width(one.text[begun:end].rstrip(), 14) <= 200 for begun, end in zip(starts, ends, strict=True))


def test_a_word_in_two_manners_is_not_broken_between_them() -> None:
    one = Para((Run("aaaa bbbb"), Run("cccc", bold=True)), 14)
    room = FIT.width("aaaa bbbb", 14) + 2

    assert [one.text[at:] for at in FIT.breaks(one, room)] == ["aaaa bbbbcccc", "bbbbcccc"]


def test_no_heading_is_left_at_the_end_of_a_column() -> None:
    paras = [para("word " * 60, 14), para("Heading", 18, bold=True, keep=True), para("word " * 60, 14)]
    first = FIT.height(paras[:2], 300)

    columns = [column for column, _ in columns_of(paras, FIT, 300, first + 2)]

    assert columns[0][-1].text.startswith("word") and columns[1][0].text == "Heading"


def test_a_shortened_text_says_so_and_fits() -> None:
    short = FIT.shortened("word " * 500, 20, 300, 2)

    assert short.endswith("…") and FIT.lines(para(short, 20), 300) == 2
