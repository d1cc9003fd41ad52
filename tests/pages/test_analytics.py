"""The Analytics page: says what the figures bear, never mixes datasets, and shows the same data as tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.actor import SYSTEM, Actor, Role
from core.bootstrap import Application
from core.executions.rules import ExecutionState
from pages.components.analytics_sharing import SCHEMA
from pages.components.analytics_views import VIEWS
from pages.components.export import parquet_bytes
from pages.components.run_periods import OWN, Period, compared
from tests.core.analytics.history import History
from tests.pages.conftest import Visit


def words(screen: AppTest) -> str:
    html = (part.proto.body for part in screen.get("html"))
    return " ".join((*(str(part.value) for part in (*screen.markdown, *screen.caption)), *html))


@pytest.fixture
def analyst(app: Application, admin: Actor, person: Callable[..., Actor]) -> Actor:
    app.catalog.sync(app.settings.workflows_file)
    return person(Role.ANALYST)


@pytest.fixture
def loaded(app: Application, admin: Actor, analyst: Actor) -> Actor:
    app.sample.load(admin, runs=600)
    return analyst


def test_empty_installation_teaches(visit: Visit, analyst: Actor) -> None:
    screen = visit("analytics", analyst)
    assert "There is nothing to measure yet." in words(screen)


def test_sample_figures_are_called_sample(visit: Visit, loaded: Actor) -> None:
    screen = visit("analytics", loaded)
    assert "**Sample figures**" in words(screen)
    assert "succeeded" in words(screen)
    assert [metric.label for metric in screen.metric] == [
        "Runs started", "Success rate", "Median work", "Median duration",
    ]  # fmt: skip


def test_one_real_run_puts_the_sample_aside(app: Application, visit: Visit, loaded: Actor, admin: Actor) -> None:
    app.executions.start(admin, "resume_generator")
    screen = visit("analytics", loaded)
    assert "**Real figures**" in words(screen)
    assert screen.metric[0].value == "1"
    again = visit("analytics", loaded, dataset="Sample")
    assert "**Sample figures**" in words(again)
    assert again.metric[0].value != "1"


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_has_its_tables(visit: Visit, loaded: Actor, view: str) -> None:
    charts = visit("analytics", loaded, view=view)
    assert not charts.exception
    assert not charts.dataframe
    tables = visit("analytics", loaded, view=view, tables="true")
    assert not tables.exception
    assert len(tables.dataframe) >= 1


def test_filters_of_the_address_narrow_every_figure(visit: Visit, loaded: Actor) -> None:
    everything = visit("analytics", loaded)
    narrowed = visit("analytics", loaded, workflow="Sell a prompt pack as a product", market="Agency")
    assert int(narrowed.metric[0].value) < int(everything.metric[0].value)


def test_currencies_and_kinds_of_savings_stand_apart(app: Application, visit: Visit, analyst: Actor) -> None:
    history = History(app)
    history.workflow("own")
    history.outcome(history.run("own", savings="100"), "40")
    history.run("own", savings="9000", currency="INR")
    history.run("own", ExecutionState.FAILED, savings="5000")
    screen = visit("analytics", analyst)
    said = words(screen)
    assert "<b>$100.00</b>" in said
    assert "<b>₹9,000.00</b>" in said
    assert "5,000" not in said
    assert "<b>$40.00</b>" in said


def test_few_runs_give_no_comparison(app: Application, visit: Visit, analyst: Actor) -> None:
    history = History(app)
    history.workflow("own", title="Bake bread")
    history.outcome(history.run("own"))
    app.analytics.aggregate(SYSTEM)
    said = words(visit("analytics", analyst, view="Workflows"))
    assert "Too few runs to compare workflows" in said
    assert "100 % of 1 ended run succeeded" in said


def test_figures_say_how_fresh_they_are_and_lead_to_what_they_are_made_of(
    app: Application, visit: Visit, analyst: Actor
) -> None:
    history = History(app)
    history.workflow("own")
    history.outcome(history.run("own", savings="100"), "40")
    said = words(visit("analytics", analyst, market="Freelancer"))
    assert "All figures are of this moment. Days are counted in UTC." in said
    assert "Nothing counted yet." in said
    assert "not counted yet" not in said, "all figures are of this moment"
    assert 'href="/savings?figure=measured&amp;metric=revenue&amp;unit=USD&amp;market=Freelancer"' in said


def test_own_dates_bound_every_figure_and_nonsense_is_the_last_weeks(
    app: Application, visit: Visit, analyst: Actor
) -> None:
    history = History(app)
    history.workflow("own")
    today = app.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for at in (today, today - timedelta(days=1), today - timedelta(seconds=1), today - timedelta(days=1, seconds=1)):
        history.run("own", at=at)
    yesterday = (today - timedelta(days=1)).date()
    one_day = visit("analytics", analyst, period="Own dates", days=f"{yesterday}..{yesterday}")
    assert one_day.metric[0].value == "2"
    nonsense = visit("analytics", analyst, period="Own dates", days="tomorrow..never")
    assert not nonsense.exception
    assert nonsense.metric[0].value == "4"


def test_chip_lets_its_filter_go(visit: Visit, loaded: Actor) -> None:
    screen = visit("analytics", loaded, market="Agency", skill="Beginner")
    narrowed = int(screen.metric[0].value.replace(",", ""))
    screen.button(key="chip-market").click().run()
    assert "chip-market" not in {button.key for button in screen.button}
    assert int(screen.metric[0].value.replace(",", "")) > narrowed
    screen.button(key="chip-skill").click().run()
    assert not [button for button in screen.button if str(button.key).startswith("chip-")]


@pytest.mark.parametrize(
    ("how", "first", "last", "words"),
    [
        ("Period before", date(2026, 2, 1), date(2026, 2, 28), "in the 28 days before"),
        ("Year before", date(2025, 3, 1), date(2025, 3, 28), "a year before"),
    ],
)
def test_days_are_held_against_as_many_before_or_the_same_a_year_before(
    how: str, first: date, last: date, words: str
) -> None:
    found = compared(Period(OWN, date(2026, 3, 1), date(2026, 3, 28)), how)
    assert found is not None
    assert (found.period.first, found.period.last, found.words) == (first, last, words)
    assert compared(Period(OWN, date(2024, 2, 29), date(2024, 2, 29)), "Year before").period.first == date(2023, 2, 28)  # type: ignore[union-attr]
    assert compared(Period("All time", None, None), how) is None


def test_runs_behind_a_view_are_exported_as_parquet_with_their_types() -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    row = ("id", "Bread", "completed", *[None] * 5, at, at, 4, 4, 1.5, 0.0, 0.0, Decimal("12.5"), "USD")
    table = pq.read_table(BytesIO(parquet_bytes(SCHEMA, iter([row] * 3))))
    assert table.num_rows == 3
    assert table.column("estimated_weekly_savings").to_pylist() == [Decimal("12.5000")] * 3
    assert table.column("created_at_utc").to_pylist()[0] == at
    assert pq.read_table(BytesIO(parquet_bytes(SCHEMA, iter(())))).num_rows == 0
