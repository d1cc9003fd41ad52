"""The tiles of the Analytics page: savings in three figures that are never one, and how runs go."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.analytics.figures import Savings, Summary
from core.analytics.rules import SMALL_N, Total
from pages.components.findings import interval_words
from pages.components.words import count, number, percent, plain, quantity, span

_SHOWN = 4
_KINDS = (
    ("Estimated", "a week", "What the completed runs should save in a week, before anybody measured it."),
    ("Measured", "logged", "What people logged and nobody rejected."),
    ("Proven", "verified", "The part of the measured whose proof somebody else verified."),
)


def tiles(period: str, now: Summary, before: Summary | None, saved: Savings) -> None:
    """Savings in three figures that are never one; runs, success and time beside them."""
    _savings(saved)
    with st.container(key="tiles"):
        columns = st.columns(4)
    rate, times = now.rate, now.durations
    columns[0].metric(
        "Runs started", number(now.runs, 0), _change(now, before, period),
        delta_color="off", delta_arrow="off", border=True, height="stretch", help=f"By {count(now.people, 'person', 'people')}.",
    )  # fmt: skip
    columns[1].metric(
        "Success rate", percent(rate.share) if rate.share is not None else "–",
        f"{interval_words(rate)}, n {number(rate.n, 0)}" if rate.n else "no run ended yet",
        delta_color="off", delta_arrow="off", border=True, height="stretch",
        help="Completed with at least one outcome that was not rejected, of all runs that ended. "
        "Abandoned, failed and 30 days untouched count as not; running and cancelled do not count.",
    )  # fmt: skip
    columns[2].metric(
        "Median work", _rough(times.work_p50) if times.n else "–",
        f"90 % under {_rough(times.work_p90)}" if times.n else "no run completed yet",
        delta_color="off", delta_arrow="off", border=True, height="stretch",
        help=f"Hands-on time of {count(times.n, 'completed run')}.",
    )  # fmt: skip
    columns[3].metric(
        "Median duration", _rough(times.p50) if times.n else "–",
        f"90 % under {_rough(times.p90)}" if times.n else "no run completed yet",
        delta_color="off", delta_arrow="off", border=True, height="stretch",
        help="From start to end, waiting and pauses included.",
    )  # fmt: skip


def _rough(seconds: float | None) -> str:
    """To the hour where minutes say nothing any more."""
    seconds = seconds or 0
    return span((seconds if seconds < 10 * 3600 else round(seconds / 3600) * 3600) * 1000)


def _savings(saved: Savings) -> None:
    found = (saved.estimated, saved.measured, saved.proven)
    for column, (name, quiet, meaning), totals in zip(st.columns(3), _KINDS, found, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall", key=f"saved-{name.lower()}"):
            st.markdown(f"**{name}** :gray[{quiet}]", help=meaning)
            if not totals:
                st.markdown(":gray[Nothing yet]")
            _lines(totals[:_SHOWN])
            if len(totals) > _SHOWN:
                with st.expander(f"{count(len(totals) - _SHOWN, 'more unit')}"):
                    _lines(totals[_SHOWN:])


def _lines(totals: Sequence[Total]) -> None:
    """One line a unit: the figure, and how many values it is the sum of."""
    for total in totals:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{plain(quantity(total.value, total.unit))}**", width="content")
            st.markdown(f":gray[n {number(total.n, 0)}]", width="content")


def _change(now: Summary, before: Summary | None, period: str) -> str | None:
    """Only against a period with enough runs to be one."""
    if before is None or before.runs < SMALL_N:
        return None
    share = 100 * (now.runs - before.runs) / before.runs
    return f"{number(abs(share), 0)} % {'more' if share >= 0 else 'fewer'} than in the {period.lower()} before"
