"""The Analytics page: says what the figures bear, never mixes datasets, and shows the same data as tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import SYSTEM, Actor, Role
from core.bootstrap import Application
from core.executions.rules import ExecutionState
from pages.components.analytics_views import VIEWS
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
