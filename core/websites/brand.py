"""What a brand becomes: colours for light and dark in which every text can be read, and a word on each that had to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.hues import contrast, luminance, mixed, readable
from core.websites.content import Brand
from core.websites.typefaces import Typeface, typeface_for

TEXT, PART = 4.5, 3.0
"""Least contrast of text, and of parts one must find (WCAG 2.1, 1.4.3 and 1.4.11)."""
_WHITE, _BLACK, _NIGHT = "#ffffff", "#000000", "#0f1115"
_PAPERS = ("paper", "surface", "sunken", "cream")
_TINTS = ("tint", "tint-accent", "tint-secondary")

PAIRS: Sequence[tuple[str, str, float]] = (
    *((text, paper, TEXT) for text in ("ink", "muted") for paper in (*_PAPERS, *_TINTS)),
    *((text, paper, TEXT) for text in ("primary", "accent") for paper in _PAPERS),
    *((part, paper, PART) for part in ("fill", "edge", "primary") for paper in (*_PAPERS, *_TINTS)),
    ("on-fill", "fill", TEXT), ("on-fill", "fill-hover", TEXT),
    ("on-band", "band", TEXT), ("on-band-muted", "band", TEXT), ("band-accent", "band", TEXT),
    ("on-deep", "deep", TEXT), ("on-deep-muted", "deep", TEXT), ("deep-accent", "deep", TEXT),
    ("on-mark", "mark", TEXT),
)  # fmt: skip
"""What style sheets may put on what, by token, with the contrast it has in both schemes."""


@dataclass(frozen=True)
class Styled:
    """A brand, resolved: nothing in it depends on anything any more."""

    light: Mapping[str, str]
    dark: Mapping[str, str]
    """#rrggbb by token, the same tokens in both."""
    heading: Typeface
    body: Typeface
    notes: tuple[str, ...] = ()


def styled(brand: Brand, *, heading_font: str = "Inter", body_font: str = "Inter") -> Styled:
    """The brand as style sheets use it; the fonts named are the layout's, for what the brand leaves open."""
    light, dark = scheme(brand, dark=False), scheme(brand, dark=True)
    heading, said_heading = typeface_for(brand.heading_font, otherwise=heading_font, role="heading")
    body, said_body = typeface_for(brand.body_font, otherwise=body_font, role="text")
    return Styled(light, dark, heading, body, (*_changes(brand, light), *said_heading, *said_body))


def scheme(brand: Brand, *, dark: bool) -> Mapping[str, str]:
    """Colours of one scheme; each pair of `PAIRS` holds, whatever was asked for."""
    primary, secondary, accent = brand.primary.lower(), brand.secondary.lower(), brand.accent.lower()
    if dark:
        papers = {
            "paper": mixed(_NIGHT, primary, 0.05), "surface": mixed("#191c22", primary, 0.08),
            "sunken": mixed("#0a0b0e", primary, 0.05), "cream": mixed("#12110f", accent, 0.06),
            "tint": mixed("#14171c", primary, 0.2), "tint-accent": mixed("#14171c", accent, 0.16),
            "tint-secondary": mixed("#1b1f26", secondary, 0.14),
        }  # fmt: skip
        ink = mixed("#f4f4f2", primary, 0.04)
        band, deep = mixed(primary, _NIGHT, 0.16), readable(mixed("#060708", secondary, 0.3), _WHITE, 12)
    else:
        papers = {
            "paper": _WHITE, "surface": _WHITE,
            "sunken": mixed(_WHITE, primary, 0.045), "cream": mixed("#fffdf9", accent, 0.055),
            "tint": mixed(_WHITE, primary, 0.12), "tint-accent": mixed(_WHITE, accent, 0.15),
            "tint-secondary": mixed(_WHITE, secondary, 0.08),
        }  # fmt: skip
        ink = mixed("#0c0e13", secondary, 0.2)
        band, deep = primary, readable(secondary, _WHITE, 9)
    drawn = 2.2 if dark else 1.5  # ornaments: seen, not read
    every, flat = list(papers.values()), [papers[name] for name in _PAPERS]
    ink = _on_all(ink, every, 7)
    fill = _on_all(primary, every, PART)
    mark = _on_all(accent, every, PART)
    on_fill, on_band, on_deep = _label_on(fill), _label_on(band), mixed(_WHITE, primary, 0.03)
    on_deep = readable(on_deep, deep, 7)
    return {
        **papers,
        "ink": ink,
        "muted": _on_all(mixed(ink, papers["paper"], 0.34), every, TEXT),
        "line": mixed(papers["paper"], ink, 0.13),
        "edge": _on_all(mixed(papers["paper"], ink, 0.4), every, PART),
        "primary": _on_all(_on_all(primary, flat, TEXT), every, PART),
        "accent": _on_all(accent, flat, TEXT),
        "fill": fill,
        "on-fill": on_fill,
        "fill-hover": mixed(fill, _opposite(on_fill), 0.16),
        "mark": mark,
        "on-mark": _label_on(mark),
        "band": band,
        "on-band": on_band,
        "on-band-muted": readable(mixed(on_band, band, 0.22), band, TEXT),
        "band-accent": readable(accent, band, TEXT),
        "band-line": mixed(band, on_band, 0.22),
        "band-shape": mixed(band, on_band, 0.1),
        "deep": deep,
        "on-deep": on_deep,
        "on-deep-muted": readable(mixed(on_deep, deep, 0.32), deep, TEXT),
        "deep-accent": readable(accent, deep, TEXT),
        "deep-line": mixed(deep, on_deep, 0.18),
        "shape-primary": readable(primary, papers["paper"], drawn),
        "shape-secondary": readable(secondary, papers["paper"], drawn),
        "shape-accent": readable(accent, papers["paper"], drawn),
    }


def css_of(styled: Styled) -> str:
    """Custom properties of both schemes; every value is ours, none is copied from what somebody wrote."""
    fonts = {"heading-font": styled.heading.stack, "body-font": styled.body.stack}
    return (
        f":root{{color-scheme:light dark;{_properties({**styled.light, **fonts})}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_properties(styled.dark)}}}}}\n"
        f"@media print{{:root{{color-scheme:light;{_properties(styled.light)}}}}}\n"
    )


def _properties(values: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())


def _changes(brand: Brand, light: Mapping[str, str]) -> Iterable[str]:
    for name in ("primary", "accent"):
        asked = getattr(brand, name)
        if contrast(luminance(asked), 1.0) < TEXT:
            yield (
                f"The {'primary colour' if name == 'primary' else name} {asked.upper()} became {light[name].upper()} in "
                "text, because it could not be read on white."
            )
    if light["deep"] != brand.secondary.lower():
        yield (
            f"The secondary colour {brand.secondary.upper()} became {light['deep'].upper()} behind white text, which could "
            "not be read on it."
        )


def _on_all(hue: str, papers: Iterable[str], ratio: float) -> str:
    """`hue`, moved until it stands on each paper. Papers of one scheme lie on one side of every text, so that each
    correction keeps what those before it reached."""
    for paper in papers:
        hue = readable(hue, paper, ratio)
    return hue


def _label_on(ground: str) -> str:
    """White where it can be read, else the darkest ink that can: one of both always reaches 4.58 : 1."""
    behind = luminance(ground)
    return next((one for one in (_WHITE, "#14161c") if contrast(behind, luminance(one)) >= TEXT), _BLACK)


def _opposite(label: str) -> str:
    return _BLACK if label == _WHITE else _WHITE
