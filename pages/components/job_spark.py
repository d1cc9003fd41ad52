"""How long a job's last runs took, as small bars: the longest fills the height, failed ones stand out by shape and hue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from statistics import median

from core.schedule.queries import Bar
from pages.components.words import count, length

_WIDTH, _GAP, _HEIGHT = 6, 3, 26


def sparkline(bars: Sequence[Bar]) -> str:
    """Inline SVG with its words beside it; the same words are what a screen reader hears."""
    longest = max((one.seconds for one in bars), default=0.0) or 1.0
    drawn = "".join(_bar(place, one, longest) for place, one in enumerate(bars))
    across = len(bars) * (_WIDTH + _GAP)
    return (
        f'<div class="spark"><svg width="{across}" height="{_HEIGHT}" viewBox="0 0 {across} {_HEIGHT}" '
        f'aria-hidden="true">{drawn}</svg><span class="quiet">{escape(spark_words(bars))}</span></div>'
    )


def spark_words(bars: Sequence[Bar]) -> str:
    failed = sum(one.failed for one in bars)
    words = f"Last {count(len(bars), 'run')}: median {_took(median(one.seconds for one in bars))}"
    words += f", longest {_took(max(one.seconds for one in bars))}"
    return f"{words}, {failed} failed" if failed else words


def _bar(place: int, one: Bar, longest: float) -> str:
    """A failed run is a hollow bar, so that colour is not the only sign."""
    high = max(2.0, one.seconds / longest * (_HEIGHT - 2))
    look = (
        'fill="none" stroke="var(--st-red-color, #c62828)" stroke-width="1.5"' if one.failed else 'fill="currentColor"'
    )
    title = f"{_took(one.seconds)}{', failed' if one.failed else ''}"
    return (
        f'<rect x="{place * (_WIDTH + _GAP) + 1}" y="{_HEIGHT - 1 - high:.1f}" width="{_WIDTH - 1}" height="{high:.1f}" '
        f'rx="1" {look}><title>{title}</title></rect>'
    )


def _took(seconds: float) -> str:
    return "under 1 s" if seconds < 1 else length(timedelta(seconds=seconds))
