"""Charts are readable wherever they are drawn, and their titles claim no more than the figures bear."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analytics.breakdowns import Group
from core.analytics.figures import Summary, TrendPoint
from core.analytics.percentiles import Durations
from core.analytics.rules import Rate
from core.hues import contrast, luminance, mixed
from pages.components import findings
from pages.components.hues import DARK, LIGHT, Hues, readable_on


@given(st.sampled_from([LIGHT, DARK]), st.floats(0, 1))
def test_text_on_every_tile_passes_wcag(hues: Hues, depth: float) -> None:
    tile = mixed(hues.paper, hues.main, depth)
    assert contrast(luminance(tile), luminance(readable_on(tile, hues))) >= 4.5


def summary(rate: Rate) -> Summary:
    nothing = Durations(0, None, None, None, None, None, 0.0, 0.0, 0.0)
    return Summary(rate.n, rate, 0, nothing)


@pytest.mark.parametrize(
    ("now", "before", "says"),
    [
        (Rate(0, 0), None, "no success rate yet"),
        (Rate(0, 300), None, "None of 300 ended runs has completed with an outcome logged"),
        (Rate(0, 300), Rate(150, 300), "0 % of 300 ended runs succeeded"),
        (Rate(60, 100), None, "60 % of 100 ended runs succeeded (50–69 % with 95 % confidence)."),
        (Rate(60, 100), Rate(2, 4), "confidence)."),
        (Rate(60, 100), Rate(55, 100), "about as in the 4 weeks before"),
        (Rate(600, 1000), Rate(300, 1000), "30 points more than in the 4 weeks before"),
    ],
)
def test_lead_compares_only_what_differs(now: Rate, before: Rate | None, says: str) -> None:
    assert says in findings.lead(summary(now), summary(before) if before else None, "in the 4 weeks before")


def test_success_holds_only_where_it_is_about_the_same() -> None:
    def weeks(*rates: Rate) -> list[TrendPoint]:
        return [TrendPoint(date(2026, 1, 5), rate.n, rate.n, rate, ()) for rate in (*rates, Rate(0, 0))]

    assert findings.success_over_time(weeks(*[Rate(11, 20)] * 8), "week").startswith("Success holds at 55 %")
    fewer = weeks(*[Rate(11, 20)] * 4, *[Rate(8, 20)] * 4)
    assert findings.success_over_time(fewer, "week").startswith("Success is 40 %")
    assert findings.success_over_time(weeks(*[Rate(0, 20)] * 8), "week") == "No success is on record yet"


def group(label: str, successes: int, n: int) -> Group:
    return Group(label, label, n, n, Rate(successes, n), None, None, ())


def test_title_names_ends_only_where_they_differ() -> None:
    apart = [group("Bread", 90, 100), group("Cake", 30, 100), group("Rare", 1, 3)]
    assert findings.best_and_worst(apart, "workflows") == "Bread succeeds most (90 %), Cake least (30 %)"
    alike = [group("Bread", 50, 100), group("Cake", 52, 100)]
    assert findings.best_and_worst(alike, "workflows") == "No clear difference between workflows"
    assert findings.best_and_worst(apart[2:], "workflows") == "Too few runs to compare workflows"
