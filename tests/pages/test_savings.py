"""The Savings page: what it reckons, who may change what, and what stands behind a figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.catalog.savings import RateCard
from core.outcomes.rules import ReviewState
from tests.core.analytics.history import History
from tests.pages.conftest import Visit

RESUME = "resume_generator"
CARD = RateCard(Decimal(10), Decimal(60), Decimal(50), Decimal("0.5"), currency="EUR", effective_from=date(2026, 1, 2))
VIEWS = ["Calculator", "Scenarios", "Rate cards", "Exchange rates", "Evidence"]


def words(screen: AppTest) -> str:
    parts = (*screen.markdown, *screen.caption, *screen.get("html"), *screen.warning, *screen.info, *screen.error)
    said = " ".join(str(getattr(part, "value", "") or getattr(part.proto, "body", "")) for part in parts)
    return said.replace("\\", "")  # what is escaped for Markdown reads without it


def labels(screen: AppTest) -> list[str]:
    return [button.label for button in screen.button]


@pytest.fixture
def analyst(app: Application, admin: Actor, person: Callable[..., Actor]) -> Actor:
    app.catalog.sync(app.settings.workflows_file)
    return person(Role.ANALYST, name="Meera")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN])
def test_every_view_opens_for_everybody_who_may_see(
    visit: Visit, analyst: Actor, person: Callable[..., Actor], view: str, role: Role
) -> None:
    screen = visit("savings", person(role), view=view)

    assert not screen.exception
    assert screen.title[0].value == "Savings"


def test_users_are_sent_away(visit: Visit, analyst: Actor, person: Callable[..., Actor]) -> None:
    assert visit("savings", person(Role.USER)).title[0].value == "Not your page"


def test_calculator_begins_with_the_card_in_force_and_shows_the_golden_case(
    app: Application, visit: Visit, analyst: Actor
) -> None:
    golden = RateCard(20, 30, 40, ".85", ".05", 20, currency="USD", effective_from=date(2026, 1, 3))  # type: ignore[arg-type]
    app.savings.add_card(analyst, RESUME, golden)

    screen = visit("savings", analyst, type=RESUME)

    assert [metric.value for metric in screen.metric] == ["$357.00", "$1,547.00", "$18,564.00"]
    said = words(screen)
    assert "20 tasks × 30 min ÷ 60 × 85" in said and "of errors avoided" in said
    assert "Excellent, by savings of a year" in said


def test_result_follows_the_inputs(visit: Visit, analyst: Actor) -> None:
    screen = visit("savings", analyst, type=RESUME)
    fields = {field.label: field for field in screen.number_input}
    fields["Tasks a week"].set_value(200)
    fields["Minutes a task by hand"].set_value(10)
    fields["Wage an hour"].set_value(25)
    fields["Automated, %"].set_value(70)
    fields["Errors by hand, %"].set_value(10)
    fields["Cost of an error"].set_value(15)
    fields["Cost to set up"].set_value(1_000)
    screen.run()

    assert [metric.value for metric in screen.metric] == ["$793.33", "$3,437.78", "$41,253.33"]
    assert "It pays back within a year where 1.7" in words(screen)


def test_absurd_inputs_are_a_sentence(visit: Visit, analyst: Actor) -> None:
    screen = visit("savings", analyst, type=RESUME)
    for field in screen.number_input:
        if field.label in {"Tasks a week", "Minutes a task by hand", "Wage an hour"}:
            field.set_value(1e9)
    screen.run()

    assert not screen.exception and not screen.metric
    assert "a week" in screen.error[0].value


@pytest.mark.parametrize(("role", "may"), [(Role.OPERATOR, False), (Role.COUNCIL, False), (Role.ADMIN, True)])
def test_only_those_who_may_change_are_offered_to(
    app: Application, visit: Visit, analyst: Actor, person: Callable[..., Actor], role: Role, may: bool
) -> None:
    app.savings.add_card(analyst, RESUME, CARD)
    app.savings.save_profile(analyst, RESUME, "Half of it", CARD)
    app.savings.add_rate(analyst, "USD", "EUR", Decimal("0.86"), day=date(2026, 1, 2), source="ECB")
    reader = person(role)
    offers = {
        "Calculator": "Save as scenario…", "Rate cards": "Add a rate card…", "Scenarios": "Delete…",
        "Exchange rates": "Add the rate",
    }  # fmt: skip
    for view, label in offers.items():
        assert (label in labels(visit("savings", reader, view=view, type=RESUME))) is may, view
    cards = labels(visit("savings", reader, view="Rate cards", type=RESUME))
    assert ("Withdraw…" in cards) is may


def test_timeline_says_which_card_is_in_force(app: Application, visit: Visit, analyst: Actor) -> None:
    app.savings.add_card(analyst, RESUME, CARD, note="After the survey")
    screen = visit("savings", analyst, view="Rate cards", type=RESUME)
    said = words(screen)

    assert "estimated at €250.00 a week" in said
    assert "In force today" in said and "Replaced" in said
    assert "Added by Meera" in said and "After the survey" in said


def test_a_card_added_in_its_dialog_is_in_force(app: Application, visit: Visit, analyst: Actor) -> None:
    screen = visit("savings", analyst, view="Rate cards", type=RESUME)
    next(button for button in screen.button if button.label == "Add a rate card…").click().run()
    if not any(button.label == "Add the card" for button in screen.button):
        pytest.skip("this test runner draws no dialogs; the browser's does")
    next(field for field in screen.number_input if field.label == "Wage an hour").set_value(36)
    next(button for button in screen.button if button.label == "Add the card").click().run()

    assert app.savings_queries.cards(analyst, RESUME)[0].card.hourly_wage == 36


def test_scenarios_stand_beside_the_card_in_force(app: Application, visit: Visit, analyst: Actor) -> None:
    app.savings.save_profile(analyst, RESUME, "Another <b>wage</b>", CARD)
    screen = visit("savings", analyst, view="Scenarios", type=RESUME)
    said = words(screen)

    assert "In force today" in said and "$30.00" in said and "€250.00" in said
    assert "Another &lt;b&gt;wage&lt;/b&gt;" in said
    assert "What really happened" in [header.value for header in screen.header]


def test_deep_link_leads_to_the_rows_behind_a_figure(app: Application, visit: Visit, analyst: Actor) -> None:
    history = History(app)
    history.workflow("own", title="Own work")
    history.outcome(history.run("own", savings="30"), "120.50", review=ReviewState.VERIFIED)
    screen = visit("savings", analyst, figure="proven", metric="revenue", unit="USD")
    said = words(screen)

    assert "$120.50" in said and "the sum of 1 line," in said
    assert "/runs?run=" in said


def test_figures_are_never_one(app: Application, visit: Visit, analyst: Actor) -> None:
    history = History(app)
    history.workflow("own", title="Own work")
    run = history.run("own", savings="30")
    history.outcome(run, "100", review=ReviewState.VERIFIED)
    history.outcome(run, "7")

    def said(figure: str, metric: str) -> str:
        return words(visit("savings", analyst, figure=figure, metric=metric, unit="USD"))

    assert "## $30.00" in said("estimated", "weekly_savings")
    assert "## $107.00" in said("measured", "revenue")
    assert "## $100.00" in said("proven", "revenue")


@pytest.mark.parametrize(
    "query",
    [{"figure": "nonsense"}, {"figure": "measured", "metric": "x\0", "unit": "\0"}, {"view": "nothing", "type": "x"},
     {"figure": "estimated", "metric": "revenue", "unit": "USD"}, {"scenario": "x"},
     {"figure": "measured", "metric": "nothing", "unit": "USD"}],
)  # fmt: skip
def test_addresses_that_mean_nothing_are_no_crash(visit: Visit, analyst: Actor, query: dict[str, str]) -> None:
    assert not visit("savings", analyst, **query).exception


def test_without_a_rate_there_is_no_sum_and_with_one_it_is_shown(
    app: Application, visit: Visit, analyst: Actor
) -> None:
    history = History(app)
    history.workflow("own", title="Own work")
    history.outcome(history.run("own"), "100", "INR")
    without = words(visit("savings", analyst, view="Exchange rates"))
    app.savings.add_rate(analyst, "USD", "INR", Decimal("80"), day=date(2026, 1, 2), source="Reserve Bank of India")
    converted = words(visit("savings", analyst, view="Exchange rates"))

    assert "No sum" in without and "There is no rate between INR and USD of 5 Jan 2026 or before" in without
    assert "### $1.25" in converted
    assert "at 1 ÷ 80 USD→INR of 2 Jan 2026, source: Reserve Bank of India" in converted
