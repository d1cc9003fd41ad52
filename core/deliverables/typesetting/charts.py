"""What of a chart a page of PDF can draw, and what it tells whoever cannot see the drawing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from core.deliverables.content import Chart, Series

FEW_FIGURES = 40
_LONGEST_NAME = 300
"""Letters of a name in a drawing: a longer one takes typst minutes, and nobody reads it there."""
CUT = "cut"


def drawn_with(chart: Chart, drawable: Callable[[str], str]) -> Chart:
    """The same chart with only characters that can be drawn, and no more of a name than a drawing has room for.

    Its note is `CUT` where something of it is missing: the table says it then.
    """
    cut: list[str] = []

    def short(text: str) -> str:
        if len(text) <= _LONGEST_NAME:
            return drawable(text)
        cut.append(text)
        return drawable(f"{text[: _LONGEST_NAME - 1]}…")

    def of(one: Series) -> Series:
        return replace(one, name=short(one.name), texts=tuple(map(short, one.texts)))

    drawn = replace(
        chart, title=short(chart.title), categories=tuple(map(short, chart.categories)),
        series=tuple(map(of, chart.series)), unit=short(chart.unit),
    )  # fmt: skip
    return replace(drawn, note=CUT if cut else "")


def can_be_tagged(chart: Chart) -> bool:
    """Whether typst can say which letters a drawing's glyphs stand for: not where vowel signs of Indic scripts reorder.

    In pictures it then leaves glyphs without letters, which PDF/UA forbids (typst 0.15); set as text they are well.
    """
    texts = [*chart.categories, chart.unit, chart.heading]
    for one in chart.series:
        texts += [one.name, *one.texts]
    return not any("\u0900" <= c <= "\u0dff" and unicodedata.category(c)[0] == "M" for text in texts for c in text)


def told_of(chart: Chart) -> str:
    """The chart for whoever cannot see it: its title, and its figures where they are few."""
    figures = [
        f"{name} {one.texts[at]}" if len(chart.series) == 1 else f"{name}, {one.name} {one.texts[at]}"
        for one in chart.series
        for at, name in enumerate(chart.categories)
        if one.texts[at]
    ]
    told = "; ".join(figures) if len(figures) <= FEW_FIGURES else ", ".join(one.name for one in chart.series)
    return f"{chart.title}. {told}"
