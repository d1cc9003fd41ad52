"""What brands become: whatever was asked for, everything can be read, and every change is said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hues import contrast, luminance
from core.websites.brand import PAIRS, css_of, scheme, styled
from core.websites.content import Brand
from core.websites.typefaces import TYPEFACES, font_data, typeface_for

HUE = st.from_regex(r"\A#[0-9A-Fa-f]{6}\Z")
EDGES = ("#FFFFFF", "#000000", "#FEFEFE", "#FFFF00", "#00FF00", "#777777", "#808080", "#0000FF", "#FF00FF")


def unreadable(brand: Brand, *, dark: bool) -> list[str]:
    colours = scheme(brand, dark=dark)
    return [
        f"{text} {colours[text]} on {ground} {colours[ground]}"
        for text, ground, ratio in PAIRS
        if contrast(luminance(colours[text]), luminance(colours[ground])) < ratio
    ]


@given(primary=HUE, secondary=HUE, accent=HUE, dark=st.booleans())
def test_every_brand_can_be_read(primary: str, secondary: str, accent: str, dark: bool) -> None:
    assert unreadable(Brand(primary=primary, secondary=secondary, accent=accent), dark=dark) == []


@pytest.mark.parametrize("hue", EDGES)
@pytest.mark.parametrize("dark", [False, True])
def test_brands_at_the_edges_can_be_read(hue: str, dark: bool) -> None:
    assert unreadable(Brand(primary=hue, secondary=hue, accent=hue), dark=dark) == []


def test_a_change_is_said_with_both_colours() -> None:
    look = styled(Brand(accent="#FEFEFE"))
    (note,) = look.notes
    assert (
        note
        == f"The accent #FEFEFE became {look.light['accent'].upper()} in text, because it could not be read on white."
    )


def test_what_can_be_read_stays_as_it_was_asked_for() -> None:
    look = styled(Brand(primary="#1F4D45", secondary="#122B27", accent="#8A3F06"))
    assert look.notes == ()
    assert look.light["fill"] == look.light["primary"] == look.light["band"] == "#1f4d45"
    assert look.light["deep"] == "#122b27"


@pytest.mark.parametrize(
    ("asked", "family"),
    [
        ("Inter", "Inter"),
        ("inter", "Inter"),
        ("'Playfair  Display'", "Didone"),
        ("Georgia", "Transitional serif"),
        ("Lato", "FiraGO"),
    ],
)
def test_a_font_becomes_the_nearest_there_is(asked: str, family: str) -> None:
    face, said = typeface_for(asked, otherwise="Inter", role="heading")
    assert face.name == family
    assert bool(said) == (asked.lower() != "inter")


def test_an_unknown_font_is_replaced_and_never_reaches_the_style_sheet() -> None:
    look = styled(Brand(heading_font="x;}body{display:none}/*", body_font="url(//evil.example)"))
    assert "display" not in css_of(look)
    assert "evil" not in css_of(look)
    assert [note.split(" font ")[0] for note in look.notes] == ["The heading", "The text"]


def test_every_font_file_is_there() -> None:
    assert all(font_data(file)[:4] == b"wOF2" for face in TYPEFACES.values() for file in face.files)


def test_both_schemes_have_the_same_tokens() -> None:
    look = styled(Brand())
    assert set(look.light) == set(look.dark) >= {name for pair in PAIRS for name in pair[:2]}
    assert all(re.fullmatch(r"#[0-9a-f]{6}", value) for value in (*look.light.values(), *look.dark.values()))
