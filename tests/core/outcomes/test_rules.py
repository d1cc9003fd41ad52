"""Values are exact, and every unit fits its metric."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.currencies import currencies
from core.outcomes.rules import (
    MetricType,
    ProofDoesNotFit,
    ProofType,
    UnitDoesNotFit,
    ValueRefused,
    checked_unit,
    checked_value,
    proof_type_of,
)


@pytest.mark.parametrize(
    ("metric", "unit", "stored"),
    [
        (MetricType.REVENUE, "USD", "USD"), (MetricType.REVENUE, "inr", "INR"), (MetricType.REVENUE, "JPY", "JPY"),
        (MetricType.TIME_SAVED, "hours", "hours"), (MetricType.TIME_SAVED, "Hour", "hours"),
        (MetricType.TIME_SAVED, "minutes", "minutes"), (MetricType.TIME_SAVED, "days", "days"),
        (MetricType.CUSTOMERS, "", "customers"), (MetricType.CUSTOMERS, "count", "customers"),
        (MetricType.CUSTOM, " new  listings ", "new listings"), (MetricType.CUSTOM, "x" * 40, "x" * 40),
    ],
)  # fmt: skip
def test_units_that_fit(metric: MetricType, unit: str, stored: str) -> None:
    assert checked_unit(metric, unit, currencies()) == stored


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        (MetricType.REVENUE, "hours"), (MetricType.REVENUE, ""), (MetricType.REVENUE, "XYZ"), (MetricType.REVENUE, "DEM"),
        (MetricType.TIME_SAVED, "USD"), (MetricType.TIME_SAVED, ""), (MetricType.TIME_SAVED, "weeks"),
        (MetricType.CUSTOMERS, "EUR"), (MetricType.CUSTOMERS, "hours"),
        (MetricType.CUSTOM, ""), (MetricType.CUSTOM, " "), (MetricType.CUSTOM, "x" * 41),
        (MetricType.CUSTOM, "USD"), (MetricType.CUSTOM, "usd"), (MetricType.CUSTOM, "KPI"),
    ],
)  # fmt: skip
def test_units_that_do_not_fit(metric: MetricType, unit: str) -> None:
    with pytest.raises(UnitDoesNotFit, match="Nothing was saved"):
        checked_unit(metric, unit, currencies())


@given(st.sampled_from(MetricType), st.text(max_size=45))
def test_no_unit_reads_as_money_unless_it_is_revenue(metric: MetricType, unit: str) -> None:
    try:
        stored = checked_unit(metric, unit, currencies())
    except UnitDoesNotFit:
        return
    money = len(stored) == 3 and stored.isascii() and stored.isalpha() and stored.isupper()
    assert money == (metric is MetricType.REVENUE)


@pytest.mark.parametrize("value", ["0.0001", "1", 5, Decimal("1999.99"), "1000000000000", " 12.50 "])
def test_exact_values(value: Decimal | int | str) -> None:
    stored = checked_value(MetricType.REVENUE, value)
    assert stored == Decimal(str(value).strip())


@pytest.mark.parametrize(
    "value", ["0", "-1", "0.00001", "1000000000000.0001", "NaN", "Infinity", "twelve", "", "1,000", "1e40"]
)
def test_values_that_cannot_be_logged(value: str) -> None:
    with pytest.raises(ValueRefused):
        checked_value(MetricType.REVENUE, value)


def test_customers_are_whole() -> None:
    assert checked_value(MetricType.CUSTOMERS, "3.0") == 3
    with pytest.raises(ValueRefused, match="whole"):
        checked_value(MetricType.CUSTOMERS, "2.5")


@pytest.mark.parametrize(
    ("types", "claimed", "stored"),
    [
        ([], ProofType.SCREENSHOT, ProofType.NONE), ([], None, ProofType.NONE),
        (["image/png"], None, ProofType.SCREENSHOT), (["image/png"], ProofType.NONE, ProofType.SCREENSHOT),
        (["image/png"], ProofType.INVOICE, ProofType.INVOICE), (["application/pdf"], None, ProofType.INVOICE),
        (["application/pdf"], ProofType.SCREENSHOT, ProofType.SCREENSHOT), (["text/plain"], None, ProofType.TEXT),
        (["text/plain", "image/png"], ProofType.TEXT, ProofType.TEXT),
    ],
)  # fmt: skip
def test_proof_type_is_what_was_uploaded(types: list[str], claimed: ProofType | None, stored: ProofType) -> None:
    assert proof_type_of(types, claimed) is stored


@pytest.mark.parametrize(
    ("types", "claimed"),
    [
        (["text/plain"], ProofType.SCREENSHOT), (["text/plain"], ProofType.INVOICE),
        (["image/png"], ProofType.TEXT), (["application/pdf"], ProofType.TEXT),
    ],
)  # fmt: skip
def test_a_claim_that_no_file_supports_is_refused(types: list[str], claimed: ProofType) -> None:
    with pytest.raises(ProofDoesNotFit):
        proof_type_of(types, claimed)
