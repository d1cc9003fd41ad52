"""The days a page is about, and those they are held against: so many up to today, all, or dates of one's own. In UTC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st
from babel.dates import format_date, format_interval

from pages.components.words import LOCALE, count

PERIODS = {"4 weeks": 28, "13 weeks": 91, "26 weeks": 182, "52 weeks": 364, "All time": None}
DEFAULT_PERIOD = "26 weeks"
OWN = "Own dates"
_OWN_AT_FIRST = 28
_DAYS, _BOX = "days", "own-days"
"""The name in the address, and the key of the box. Streamlit's own binding forgets a box that a click on a chart brings up."""
_DAY = timedelta(days=1)

BEFORE, YEAR, NOTHING = "Period before", "Year before", "No comparison"
UTC_NOTE = "Days are counted in UTC."


@dataclass(frozen=True)
class Period:
    """`first` and `last` are its days, both in it; None for all time."""

    name: str
    first: date | None
    last: date | None

    @property
    def since(self) -> datetime | None:
        return midnight(self.first) if self.first else None

    @property
    def until(self) -> datetime | None:
        """The first moment that is not in it any more."""
        return midnight(self.last + _DAY) if self.last else None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1 if self.first and self.last else 0

    @property
    def words(self) -> str:
        """`26 weeks`, or the dates themselves."""
        return days_words(self.first, self.last) if self.name == OWN and self.first and self.last else self.name

    def query(self) -> dict[str, list[str]]:
        """What the address holds of it."""
        if self.name == OWN and self.first and self.last:
            return {"period": [OWN], _DAYS: [_written(self.first, self.last)]}
        return {} if self.name == DEFAULT_PERIOD else {"period": [self.name]}


@dataclass(frozen=True)
class Comparison:
    """The earlier days a period is held against, and how they are called in a sentence."""

    period: Period
    words: str


def period_field(today: date) -> Period:
    """The box, and beside it the dates where they are one's own."""
    name = (
        st.selectbox(
            "Period", [*PERIODS, OWN], index=list(PERIODS).index(DEFAULT_PERIOD), key="period", bind="query-params",
            label_visibility="collapsed", width=130,
        )
        or DEFAULT_PERIOD
    )  # fmt: skip
    if name == OWN:
        return _own_days(today)
    st.query_params.pop(_DAYS, None)
    days = PERIODS.get(name)
    return Period(name, today - (days - 1) * _DAY, today) if days else Period(name, None, None)


def comparison_field(period: Period) -> Comparison | None:
    chosen = st.selectbox(
        "Compare with", [BEFORE, YEAR, NOTHING], key="compare", bind="query-params", label_visibility="collapsed",
        width=160, disabled=period.first is None,
    )  # fmt: skip
    return compared(period, chosen or BEFORE)


def compared(period: Period, how: str) -> Comparison | None:
    """None where there is nothing before, or none is wanted."""
    if period.first is None or period.last is None or how == NOTHING:
        return None
    if how == YEAR:
        return Comparison(Period(OWN, _year_before(period.first), _year_before(period.last)), "a year before")
    earlier = Period(OWN, period.first - period.days * _DAY, period.first - _DAY)
    length = period.name if period.name != OWN else count(period.days, "day")
    return Comparison(earlier, f"in the {length.lower()} before")


def chooser(first: date, last: date) -> Callable[[], None]:
    """A callback that makes the page one about these days."""

    def choose() -> None:
        st.session_state["period"], st.session_state[_BOX] = OWN, (first, last)

    return choose


def forget_period() -> None:
    st.session_state["period"] = DEFAULT_PERIOD


def days_words(first: date, last: date) -> str:
    """`3–9 Nov 2026`, or one day."""
    if first == last:
        return format_date(first, "d MMM y", locale=LOCALE)
    return format_interval(first, last, "yMMMd", locale="en_GB").replace("\u2009", "")


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _own_days(today: date) -> Period:
    if _BOX not in st.session_state:
        st.session_state[_BOX] = _read(st.query_params.get(_DAYS), today)
    chosen = st.date_input(
        "From and to", max_value=today, key=_BOX, label_visibility="collapsed", width=230, format="YYYY-MM-DD"
    )
    first, last = _both(chosen, today)
    if st.query_params.get(_DAYS) != _written(first, last):
        st.query_params[_DAYS] = _written(first, last)
    return Period(OWN, first, last)


def _written(first: date, last: date) -> str:
    return f"{first}..{last}"


def _read(text: str | None, today: date) -> tuple[date, date]:
    """What an address says, or the last weeks where it says nothing that can be."""
    try:
        first, last = (date.fromisoformat(part) for part in (text or "").split(".."))
    except ValueError:
        return today - (_OWN_AT_FIRST - 1) * _DAY, today
    first, last = min(first, today), min(last, today)
    return min(first, last), last


def _both(chosen: object, today: date) -> tuple[date, date]:
    """While only the first is chosen, up to today."""
    dates = [one for one in chosen if isinstance(one, date)] if isinstance(chosen, tuple) else []
    if not dates:
        return _read(None, today)
    return dates[0], dates[1] if len(dates) > 1 else max(today, dates[0])


def _year_before(day: date) -> date:
    """The same date; the 28th for a 29 February."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
