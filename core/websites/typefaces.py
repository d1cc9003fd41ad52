"""The families a site can be set in: ours, which it brings along, and stacks of what devices have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = (Path(__file__).parent / "typefaces", Path(__file__).parents[2] / "static" / "fonts")


@dataclass(frozen=True)
class FontFile:
    name: str
    weights: str
    """As @font-face writes them: "400", or "100 900" for one that varies."""
    ranges: Sequence[tuple[int, int]]

    def holds(self, letter: int) -> bool:
        return any(low <= letter <= high for low, high in self.ranges)


@dataclass(frozen=True)
class Typeface:
    name: str
    stack: str
    """For `font-family`; written here, never by who asks for a font."""
    files: Sequence[FontFile] = ()

    def needed(self, letters: frozenset[int]) -> Sequence[FontFile]:
        """The files that hold a letter of the site; the others would only weigh."""
        return [one for one in self.files if any(one.holds(code) for code in letters)]


_LATIN = ((0x20, 0xFF), (0x131, 0x131), (0x152, 0x153), (0x2C6, 0x2C6), (0x2DA, 0x2DC), (0x2000, 0x206F), (0x20AC, 0x20AC),
          (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2215))  # fmt: skip
_MORE_LATIN = ((0x100, 0x130), (0x132, 0x151), (0x154, 0x2AF), (0x1E00, 0x1EFF), (0x20A0, 0x20AB), (0x20AD, 0x20BF))
_SCRIPTS: Mapping[str, Sequence[tuple[int, int]]] = {
    "latin": _LATIN, "latin-ext": _MORE_LATIN, "cyrillic-greek": ((0x370, 0x3FF), (0x400, 0x52F), (0x1F00, 0x1FFF)),
    "arabic": ((0x600, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)), "hebrew": ((0x590, 0x5FF), (0xFB1D, 0xFB4F)),
    "devanagari": ((0x900, 0x97F), (0xA8E0, 0xA8FF)), "thai": ((0xE01, 0xE5B),),
}  # fmt: skip
_SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans',Arial,sans-serif"

TYPEFACES: Mapping[str, Typeface] = {
    one.name: one
    for one in (
        Typeface("Inter", f"Inter,FiraGO,{_SANS}", (
            FontFile("inter-latin-wght-normal.woff2", "100 900", _LATIN),
            FontFile("inter-latin-ext-wght-normal.woff2", "100 900", _MORE_LATIN),
        )),
        Typeface("FiraGO", f"FiraGO,{_SANS}", tuple(
            FontFile(f"firago-{script}-{face}.woff2", weight, ranges)
            for script, ranges in _SCRIPTS.items() for face, weight in (("regular", "400"), ("bold", "700"))
        )),
        Typeface("System sans", _SANS),
        Typeface("Humanist", "Seravek,'Gill Sans Nova',Ubuntu,Calibri,'Noto Sans','DejaVu Sans',sans-serif"),
        Typeface("Geometric", "Avenir,'Avenir Next',Montserrat,Corbel,'URW Gothic','Century Gothic',sans-serif"),
        Typeface("Rounded",
                 "ui-rounded,'Hiragino Maru Gothic ProN',Quicksand,Comfortaa,'Arial Rounded MT Bold',Calibri,sans-serif"),
        Typeface("Industrial",
                 "Bahnschrift,'DIN Alternate','Franklin Gothic Medium','Nimbus Sans Narrow',sans-serif-condensed,sans-serif"),
        Typeface("Old style serif",
                 "'Iowan Old Style','Palatino Linotype',Palatino,'Book Antiqua',P052,'URW Palladio L',Georgia,serif"),
        Typeface("Transitional serif", "Charter,'Bitstream Charter','Sitka Text',Cambria,Georgia,'Noto Serif',serif"),
        Typeface("Didone", "Didot,'Bodoni MT','Noto Serif Display','URW Palladio L',P052,Sylfaen,Georgia,serif"),
        Typeface("Slab", "Rockwell,'Rockwell Nova','Roboto Slab','DejaVu Serif','Sitka Small',serif"),
        Typeface("Mono", "ui-monospace,'SF Mono','Cascadia Code',Menlo,Consolas,'DejaVu Sans Mono',monospace"),
    )
}  # fmt: skip
"""By name, as people choose it."""

_LOOKS_LIKE: Mapping[str, Sequence[str]] = {
    "Inter": ("roboto", "helvetica", "helvetica neue", "arial", "work sans", "dm sans", "manrope", "public sans",
              "ibm plex sans"),
    "FiraGO": ("fira sans", "fira", "open sans", "lato", "source sans", "source sans pro", "noto sans", "pt sans", "cabin"),
    "System sans": ("system", "system-ui", "sans-serif", "sans", "san francisco", "segoe ui"),
    "Humanist": ("gill sans", "calibri", "verdana", "tahoma", "trebuchet ms", "optima"),
    "Geometric": ("montserrat", "poppins", "raleway", "futura", "avenir", "jost", "outfit", "century gothic",
                  "plus jakarta sans"),
    "Rounded": ("nunito", "quicksand", "comfortaa", "varela round", "fredoka", "baloo"),
    "Industrial": ("oswald", "bebas neue", "anton", "barlow", "din", "archivo narrow", "league gothic"),
    "Old style serif": ("palatino", "garamond", "eb garamond", "cormorant", "cormorant garamond", "lora", "crimson text",
                        "book antiqua"),
    "Transitional serif": ("georgia", "times", "times new roman", "merriweather", "charter", "source serif", "libre baskerville",
                           "serif", "baskerville", "noto serif", "pt serif", "cambria"),
    "Didone": ("playfair display", "playfair", "bodoni", "didot", "abril fatface", "dm serif display"),
    "Slab": ("roboto slab", "rockwell", "zilla slab", "arvo", "bitter"),
    "Mono": ("monospace", "courier", "courier new", "jetbrains mono", "fira mono", "fira code", "space mono", "ibm plex mono"),
}  # fmt: skip


def typeface_for(asked: str, *, otherwise: str, role: str) -> tuple[Typeface, tuple[str, ...]]:
    """The family asked for, or the one that comes nearest, and what to say about it; nothing is said where nothing was
    asked."""
    wanted = " ".join(asked.lower().replace('"', "").replace("'", "").split())
    if not wanted:
        return TYPEFACES[otherwise], ()
    same = next((one for one in TYPEFACES.values() if one.name.lower() == wanted), None)
    if same is not None:
        return same, ()
    near = next((name for name, likes in _LOOKS_LIKE.items() if wanted in likes), None)
    shown = asked if len(asked) <= 40 else asked[:39] + "…"
    if near is not None:
        return TYPEFACES[near], (f"The {role} font {shown} became {near}, the nearest of those a site can bring.",)
    return TYPEFACES[otherwise], (f"The {role} font {shown} is not known here; {otherwise} stands for it.",)


def face_rules(face: Typeface, letters: frozenset[int], names: Mapping[str, str]) -> str:
    """@font-face of each file that is needed; `names` tells under which name it lies beside the style sheet."""
    return "".join(
        f"@font-face{{font-family:{face.name};font-style:normal;font-weight:{file.weights};font-display:swap;"
        f"src:url({names[file.name]}) format('woff2');unicode-range:{_ranges(file.ranges)}}}\n"
        for file in face.needed(letters)
    )


def beyond_latin(face: Typeface) -> Typeface:
    """The same family with the files of other scripts alone, where it stands behind one that has only Latin letters."""
    return Typeface(face.name, face.stack, tuple(one for one in face.files if one.ranges not in (_LATIN, _MORE_LATIN)))


def _ranges(ranges: Sequence[tuple[int, int]]) -> str:
    return ",".join(f"U+{low:X}" if low == high else f"U+{low:X}-{high:X}" for low, high in ranges)


def font_data(file: FontFile) -> bytes:
    return next(folder / file.name for folder in _FOLDERS if (folder / file.name).is_file()).read_bytes()
