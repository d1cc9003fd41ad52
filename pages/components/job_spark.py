"""How long a job's last runs took, as small bars: the longest fills the height, failed ones stand out by shape and hue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from statistics import median

from core.schedule.queries import Bar
from pages.components.words import count, length

_HEIGHT = 26
"""Pixels of the longest run."""


def sparkline(bars: Sequence[Bar]) -> str:
    """Bars of plain elements, because Streamlit takes SVG out; the words beside them say the same to a screen reader."""
    longest = max((one.seconds for one in bars), default=0.0) or 1.0
    drawn = "".join(_bar(one, longest) for one in bars)
    return (
        f'<div class="spark"><span class="bars" aria-hidden="true">{drawn}</span>'
        f'<span class="quiet">{escape(spark_words(bars))}</span></div>'
    )


def spark_words(bars: Sequence[Bar]) -> str:
    failed = sum(one.failed for one in bars)
    words = f"Last {count(len(bars), 'run')}: median {_took(median(one.seconds for one in bars))}"
    words += f", longest {_took(max(one.seconds for one in bars))}"
    return f"{words}, {failed} failed" if failed else words


def _bar(one: Bar, longest: float) -> str:
    """A failed run is hollow, so that colour is not the only sign."""
    high = max(3, round(one.seconds / longest * _HEIGHT))
    took = f"{_took(one.seconds)}{', failed' if one.failed else ''}"
    return f'<span class="{"failed" if one.failed else "ran"}" style="height: {high}px" title="{took}"></span>'


def _took(seconds: float) -> str:
    return "under 1 s" if seconds < 1 else length(timedelta(seconds=seconds))
