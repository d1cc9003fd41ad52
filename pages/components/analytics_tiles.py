"""The tiles of the Analytics page: savings in three figures that are never one, and how runs go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from html import escape
from urllib.parse import urlencode

import streamlit as st

from core.analytics.figures import WEEKLY_SAVINGS, Savings, Summary
from core.analytics.queries import AsOf
from core.analytics.rules import SMALL_N, Rate, Total
from pages.components.analytics_board import Board
from pages.components.findings import interval_words
from pages.components.run_filters import RunView
from pages.components.savings_figures import beside
from pages.components.words import count, moment, number, percent, quantity, span

_SHOWN = 4
_CHANGE_FROM = 10
"""Fewer values than this, then or now, are no base for a percentage."""


@dataclass(frozen=True)
class _Kind:
    name: str
    quiet: str
    nothing: str


_KINDS = (
    _Kind("Estimated", "a week, before anybody measured it", "Appears when a run whose workflow has a rate card completes."),
    _Kind("Measured", "what people logged and nobody rejected", "Appears when somebody logs what came of a run."),
    _Kind("Proven", "measured, with a verified proof", "Appears when the proof of an outcome is verified."),
)  # fmt: skip


def tiles(board: Board) -> None:
    queries, view, shown = board.screen.app.analytics_queries, board.view, board.summaries
    against = view.comparison.words if view.comparison else ""
    _savings(view, queries.savings(view.filters), queries.savings(view.before) if view.before else None, shown.as_of)
    _runs(shown.now, shown.before, against)


def as_of_words(as_of: AsOf, zone: tzinfo) -> str:
    """How fresh every figure of the page is."""
    if as_of.live:
        return "All figures are of this moment."
    since = f"as of {moment(as_of.rolled_up_at, zone)}" if as_of.rolled_up_at else "not counted yet"
    late = f"{count(as_of.waiting, 'run')} changed since and {'is' if as_of.waiting == 1 else 'are'} not in them"
    return f"All figures are {since}; {late}."


def _savings(view: RunView, now: Savings, then: Savings | None, as_of: AsOf) -> None:
    against = view.comparison.words if view.comparison else ""
    figures = (now.estimated, now.measured, now.proven)
    earlier = (then.estimated, then.measured, then.proven) if then else ((), (), ())
    for column, kind, totals, before in zip(st.columns(3), _KINDS, figures, earlier, strict=True):
        held = {(total.metric, total.unit): total for total in before}
        with column, st.container(border=True, height="stretch", key=f"saved-{kind.name.lower()}"):
            st.html(_card(view, kind, totals, held, against, as_of))


def _card(
    view: RunView,
    kind: _Kind,
    totals: Sequence[Total],
    before: Mapping[tuple[str, str], Total],
    against: str,
    as_of: AsOf,
) -> str:
    """One kind of savings: a line a metric and unit, each with its n, its change, and the way to what it is made of."""
    head = f"<h2>{kind.name} <span>{kind.quiet}</span></h2>"
    if not totals:
        late = as_of.waiting and not as_of.live
        waiting = f" {count(as_of.waiting, 'changed run')} not counted yet." if late else ""
        said = f'<p class="none">Nothing counted yet.{waiting}</p><p class="quiet">{kind.nothing}</p>'
        return f'<div class="saved">{head}{said}</div>'
    lines = [_line(view, kind, total, before.get((total.metric, total.unit)), against) for total in totals]
    more = ""
    if len(lines) > _SHOWN:
        rest = "".join(lines[_SHOWN:])
        more = f"<details><summary>{count(len(lines) - _SHOWN, 'more unit')}</summary><ul>{rest}</ul></details>"
    know = f'<a class="know" href="{escape(_evidence(view, kind, totals[0]))}">How do we know?</a>'
    return f'<div class="saved">{head}<ul>{"".join(lines[:_SHOWN])}</ul>{more}{know}</div>'


def _line(view: RunView, kind: _Kind, total: Total, before: Total | None, against: str) -> str:
    what = "" if total.metric == WEEKLY_SAVINGS else beside(total.metric, total.unit)
    metric = f'<span class="metric">{escape(what)}</span>' if what else ""
    change = _share_words(total, before)
    said = f'<span class="change">{escape(f"{change} than {against}")}</span>' if change else ""
    address = escape(_evidence(view, kind, total))
    n = f'<a href="{address}" title="What this figure is made of">n {number(total.n, 0)}</a>'
    return f"<li><span><b>{escape(quantity(total.value, total.unit))}</b> {metric}</span>{n}{said}</li>"


def _share_words(now: Total, before: Total | None) -> str:
    if before is None or min(now.n, before.n) < _CHANGE_FROM or before.value <= 0:
        return ""
    share = float(100 * (now.value - before.value) / before.value)
    return f"{number(abs(share), 0)} % {'more' if share >= 0 else 'less'}"


def _evidence(view: RunView, kind: _Kind, total: Total) -> str:
    figure = {"figure": [kind.name.lower()], "metric": [total.metric], "unit": [total.unit]}
    return f"/savings?{urlencode(figure | view.query(), doseq=True)}"


def _runs(now: Summary, before: Summary | None, against: str) -> None:
    with st.container(key="tiles"):
        columns = st.columns(4)
    rate, times = now.rate, now.durations
    sampled = " from an even sample" if times.sampled else ""
    columns[0].metric(
        "Runs started", number(now.runs, 0), _change(now, before),
        delta_color="off", delta_arrow="off", border=True, height="stretch",
        help=f"Held against the runs {against}: {number(before.runs, 0)}." if before else None,
    )  # fmt: skip
    columns[1].metric(
        "Success rate", percent(rate.share) if rate.share else "–", _rate_words(rate),
        delta_color="off", delta_arrow="off", border=True, height="stretch",
        help="Completed with at least one outcome that was not rejected, of all runs that ended. "
        "Abandoned, failed and 30 days untouched count as not; running and cancelled do not count.",
    )  # fmt: skip
    for column, name, half, most, meaning in (
        (columns[2], "Median work", times.work_p50, times.work_p90, "Hands-on time"),
        (columns[3], "Median duration", times.p50, times.p90, "From start to end, waiting and pauses included,"),
    ):
        column.metric(
            name, _rough(half) if times.n else "–",
            f"90 % under {_rough(most)}, n {number(times.n, 0)}" if times.n else "no run completed yet",
            delta_color="off", delta_arrow="off", border=True, height="stretch",
            help=f"{meaning} of {count(times.n, 'completed run')}{sampled}.",
        )  # fmt: skip


def _rate_words(rate: Rate) -> str:
    """No share where no success is on record: of runs whose outcomes nobody logged, nought per cent says too much."""
    if not rate.n:
        return "no run ended yet"
    n = number(rate.n, 0)
    return f"{interval_words(rate)}, n {n}" if rate.successes else f"none of {n} ended runs"


def _rough(seconds: float | None) -> str:
    """To the hour where minutes say nothing any more."""
    seconds = seconds or 0
    return span((seconds if seconds < 10 * 3600 else round(seconds / 3600) * 3600) * 1000)


def _change(now: Summary, before: Summary | None) -> str | None:
    """Only against days with enough runs to be held against."""
    if before is None or before.runs < SMALL_N:
        return None
    share = 100 * (now.runs - before.runs) / before.runs
    return f"{number(abs(share), 0)} % {'more' if share >= 0 else 'fewer'} than before"
