"""The typefaces deliverables are set in: where their files lie, and which of them has a glyph for a character.

Ours lie in `typefaces/`; DejaVu comes with matplotlib and the one with Chinese, Japanese and Korean with mplfonts. Only
files are read, neither package is imported, and no font of the system is ever used: the same report looks the same
everywhere (docs/decisions/0030).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont

from core.errors import CountersignError

MONO = "Fira Mono"
"""Code, digests and whatever is read letter by letter."""
FALLBACKS = ("FiraGO", "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans Symbols2")
"""Asked in this order for what a theme's own family lacks: Arabic, Hebrew, Devanagari, Thai and Georgian are FiraGO's."""
CJK = "Noto Sans CJK SC"

_OURS, _DEJAVU, _MPLFONTS = "", "matplotlib", "mplfonts"
_FOLDERS: Mapping[str, str] = {_OURS: "typefaces", _DEJAVU: "mpl-data/fonts/ttf", _MPLFONTS: "fonts"}
_FILES: Mapping[str, tuple[str, tuple[str, str, str, str]]] = {
    # family: the package it comes with; regular, bold, italic, bold italic
    "Inter": (_OURS, ("Inter-Regular.ttf", "Inter-Bold.ttf", "Inter-Italic.ttf", "Inter-BoldItalic.ttf")),
    "FiraGO": (_OURS, ("FiraGO-Regular.ttf", "FiraGO-Bold.ttf", "FiraGO-Italic.ttf", "FiraGO-BoldItalic.ttf")),
    "DejaVu Sans": (
        _DEJAVU,
        ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf"),
    ),
    "DejaVu Serif": (
        _DEJAVU,
        ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSerif-BoldItalic.ttf"),
    ),
    MONO: (_OURS, ("FiraMono-Regular.ttf", "FiraMono-Bold.ttf") * 2),
    CJK: (_MPLFONTS, ("NotoSansCJKsc-Regular.otf",) * 4),
    "Noto Sans Symbols2": (_OURS, ("NotoSansSymbols2-Regular.ttf",) * 4),
}
_OFFERED = ("Inter", "FiraGO", "DejaVu Sans", "DejaVu Serif")


class FontMissing(CountersignError):
    """The font file {name} is not installed. Install what requirements.txt names."""

    http_status = 503


class FontUnknown(CountersignError):
    """There is no font called {family}. Themes choose from {offered}."""

    http_status = 422


def families() -> Sequence[str]:
    """What a theme may choose for headings and text."""
    return _OFFERED


def font_path(family: str, *, bold: bool = False, italic: bool = False) -> Path:
    """The file of one face; a family without that face answers the nearest it has."""
    if family not in _FILES:
        raise FontUnknown(family=family, offered=", ".join(_OFFERED))
    package, faces = _FILES[family]
    path = _folder(package) / faces[bold + 2 * italic]
    if not path.is_file():
        raise FontMissing(name=path.name)
    return path


def font_files() -> Sequence[Path]:
    """Every file that something may be set in."""
    return tuple(
        dict.fromkeys(
            font_path(family, bold=bold, italic=italic)
            for family in _FILES
            for italic in (False, True)
            for bold in (False, True)
        )
    )


def font_folders() -> Sequence[Path]:
    """Where the files lie, for programs that look through folders. Others lie there too: name families, let none be
    chosen."""
    return tuple(_folder(package) for package in _FOLDERS)


def family_for(letter: str, family: str) -> str:
    """`family` if it has a glyph for this character, else the first fallback that has; empty if none has."""
    code = ord(letter)
    return next((one for one in (family, *FALLBACKS) if code in letters_of(one)), "")


def without_glyph(text: str) -> frozenset[str]:
    """The characters of `text` that no fallback has a glyph for, but for those that are never drawn."""
    return frozenset(letter for letter in set(text) if ord(letter) not in _every_letter() and not _unseen(letter))


@cache
def letters_of(family: str) -> frozenset[int]:
    """The code points this family has a glyph for, in its regular face."""
    with TTFont(font_path(family), lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _every_letter() -> frozenset[int]:
    return frozenset().union(*(letters_of(family) for family in FALLBACKS))


def _unseen(letter: str) -> bool:
    """Whether it is one of the characters that leave no ink and need no glyph: ends of lines, joiners, directions,
    selectors of a variant (UAX #44, Default_Ignorable_Code_Point)."""
    code = ord(letter)
    return letter.isspace() or any(first <= code <= last for first, last in _IGNORABLE)


_IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip


@cache
def _folder(package: str) -> Path:
    """Found without importing the package: importing matplotlib takes half a second and writes a cache."""
    if package == _OURS:
        return Path(__file__).parent / _FOLDERS[package]
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FontMissing(name=package)
    return Path(next(iter(spec.submodule_search_locations))) / _FOLDERS[package]
