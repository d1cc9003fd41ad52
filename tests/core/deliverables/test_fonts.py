from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ImageFont

from core.deliverables.fonts import (
    FALLBACKS,
    MONO,
    FontUnknown,
    families,
    family_for,
    font_files,
    font_folders,
    font_path,
    without_glyph,
)
from tests.core.deliverables.reports import HOSTILE, MIXED


@pytest.mark.parametrize("family", [*families(), MONO, *FALLBACKS])
@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("italic", [False, True])
def test_every_face_is_a_file_that_can_be_measured_with(family: str, bold: bool, italic: bool) -> None:
    font = ImageFont.truetype(str(font_path(family, bold=bold, italic=italic)), 12)
    assert font.getlength("2026") > 10


def test_a_bold_face_is_wider_than_the_regular_one() -> None:
    regular, bold = (ImageFont.truetype(str(font_path("Inter", bold=one)), 40) for one in (False, True))
    assert bold.getlength("Countersign") > regular.getlength("Countersign")


@pytest.mark.parametrize("family", families())
def test_scripts_and_currencies_have_glyphs_in_some_font(family: str) -> None:
    wanted = MIXED + HOSTILE + "₹€£¥₩₪₺₽ – — … “” ‘’ « » • → ✓ ✗ ≥ ≤ ± × ÷ √ ไทย ქართული Ünïcödé żółć"
    assert without_glyph(wanted) == frozenset()
    assert all(family_for(letter, family) for letter in wanted)


def test_a_letter_is_set_in_the_chosen_family_where_that_has_it() -> None:
    assert family_for("a", "Inter") == "Inter"
    assert family_for("ह", "Inter") == "FiraGO"
    assert family_for("中", "Inter") == "Noto Sans CJK SC"


def test_letters_without_a_glyph_are_named_and_invisible_ones_are_not() -> None:
    assert without_glyph("a\U0001340d b\u200f\u2066\ufe0f\n\t") == {"\U0001340d"}
    assert family_for("\U0001340d", "Inter") == ""


def test_an_unknown_family_is_refused_with_what_there_is() -> None:
    with pytest.raises(FontUnknown, match=r"Comic.*Inter"):
        font_path("Comic")


def test_every_font_file_lies_in_a_folder_that_is_named() -> None:
    assert {one.parent for one in font_files()} == set(font_folders())


def test_fonts_are_found_without_importing_the_packages_they_come_with() -> None:
    code = "import sys; from core.deliverables.fonts import font_files; font_files(); assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3], timeout=60)
