"""Times and numbers are read in the one way that was said."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.imports.rules import Dates, DecimalSign
from core.imports.values import NotATime, SkippedHour, moment_reader, number_reader, zone_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("dates", "text", "instant"),
    [
        (Dates.ISO, "2026-04-03 14:30", datetime(2026, 4, 3, 12, 30, tzinfo=UTC)),
        (Dates.ISO, "2026-04-03T14:30:00+05:30", datetime(2026, 4, 3, 9, 0, tzinfo=UTC)),
        (Dates.ISO, "2026-04-03T14:30:00.250Z", datetime(2026, 4, 3, 14, 30, 0, 250_000, tzinfo=UTC)),
        (Dates.ISO, "2026-04-03", datetime(2026, 4, 2, 22, 0, tzinfo=UTC)),
        (Dates.DAY_FIRST, "03.04.2026 14:30:05", datetime(2026, 4, 3, 12, 30, 5, tzinfo=UTC)),
        (Dates.DAY_FIRST, "3/4/2026", datetime(2026, 4, 2, 22, 0, tzinfo=UTC)),
        (Dates.MONTH_FIRST, "03/04/2026 2:30 PM", datetime(2026, 3, 4, 13, 30, tzinfo=UTC)),
        (Dates.MONTH_FIRST, "03/04/2026 12:05 am", datetime(2026, 3, 3, 23, 5, tzinfo=UTC)),
        (Dates.SECONDS, "1750000000", datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC)),
        (Dates.MILLISECONDS, "1750000000500", datetime(2025, 6, 15, 15, 6, 40, 500_000, tzinfo=UTC)),
    ],
)
def test_time_is_read_as_said_in_the_zone_that_was_said(dates: Dates, text: str, instant: datetime) -> None:
    assert moment_reader(dates, BERLIN)(text) == instant


@pytest.mark.parametrize(
    ("dates", "text"),
    [(Dates.ISO, "03.04.2026"), (Dates.ISO, "1750000000"), (Dates.ISO, "2026-13-01"), (Dates.ISO, "now"),
     (Dates.DAY_FIRST, "2026-04-03"), (Dates.DAY_FIRST, "04/13/2026"), (Dates.MONTH_FIRST, "13/04/2026"),
     (Dates.DAY_FIRST, "03.04/2026"), (Dates.MONTH_FIRST, "03/04/2026 14:30 PM"), (Dates.SECONDS, "1e9"),
     (Dates.SECONDS, "9999999999999999"), (Dates.DAY_FIRST, "03.04.26"), (Dates.ISO, "0001-01-01T00:00:00+14:00"),
     (Dates.ISO, "0001-01-01"), (Dates.DAY_FIRST, "01.01.0001")],
)  # fmt: skip
def test_time_written_otherwise_is_none(dates: Dates, text: str) -> None:
    with pytest.raises(NotATime):
        moment_reader(dates, BERLIN)(text)


def test_end_of_time_west_of_greenwich_is_none() -> None:
    with pytest.raises(NotATime):
        moment_reader(Dates.ISO, ZoneInfo("America/New_York"))("9999-12-31T23:59:59")


def test_hour_that_never_was_is_refused_and_of_one_that_came_twice_it_is_the_first() -> None:
    read = moment_reader(Dates.ISO, BERLIN)
    with pytest.raises(SkippedHour):
        read("2026-03-29 02:30")
    assert read("2026-03-29 03:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert read("2026-10-25 02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read("2026-10-25 02:30+01:00") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_zone_that_is_none_is_refused() -> None:
    for name in ("Atlantis", "../../etc/passwd", "", "Europe/"):
        with pytest.raises(InvalidInput):
            zone_of(name)


@pytest.mark.parametrize(
    ("sign", "text", "value"),
    [(DecimalSign.POINT, "1,234.50", "1234.50"), (DecimalSign.POINT, "1234", "1234"), (DecimalSign.POINT, "-0.5", "-0.5"),
     (DecimalSign.COMMA, "1.234,50", "1234.50"), (DecimalSign.COMMA, "1 234,5", "1234.5"), (DecimalSign.COMMA, "12,5", "12.5"),
     (DecimalSign.POINT, "1'234.5", "1234.5"), (DecimalSign.COMMA, "1.234", "1234")],
)  # fmt: skip
def test_number_is_read_as_said(sign: DecimalSign, text: str, value: str) -> None:
    assert number_reader(sign)(text) == Decimal(value)


@pytest.mark.parametrize(
    ("sign", "text"),
    [(DecimalSign.POINT, "1.234,50"), (DecimalSign.COMMA, "1,234.50"), (DecimalSign.POINT, "12,34"), (DecimalSign.COMMA, "1.23"),
     (DecimalSign.POINT, "NaN"), (DecimalSign.POINT, "1e5"), (DecimalSign.POINT, ""), (DecimalSign.POINT, "١٢"),
     (DecimalSign.POINT, "9" * 50), (DecimalSign.POINT, "€ 5")],
)  # fmt: skip
def test_number_written_otherwise_is_none(sign: DecimalSign, text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        number_reader(sign)(text)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_number_of_either_sign_comes_back(number: Decimal) -> None:
    plain = f"{number:,}"
    assert number_reader(DecimalSign.POINT)(plain) == number
    assert number_reader(DecimalSign.COMMA)(plain.translate(str.maketrans(",.", ".,"))) == number
