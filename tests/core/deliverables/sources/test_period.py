"""A period's report tells the figures of the Analytics page, to whom they may be told, and says so where there are none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from core.actor import Actor, Role
from core.analytics.breakdowns import Dimension
from core.analytics.figures import Bucket
from core.analytics.filters import Filters
from core.analytics.rules import Dataset
from core.bootstrap import Application
from core.deliverables.content import Chart, Metric, Report, Table, report_as_json, report_from_json
from core.deliverables.format import find_formats
from core.deliverables.look import Look
from core.deliverables.source import find_sources
from core.deliverables.sources.period.asked import PeriodParams
from core.deliverables.sources.period.rows import MOST_ROWS
from core.deliverables.sources.period.segments import LEAST_PEOPLE
from core.deliverables.words import Words, translated
from core.errors import NotAllowed, NotFound
from core.executions.rules import ExecutionState
from core.identity.rules import Market, SkillLevel
from core.outcomes.rules import MetricType, ProofType, ReviewState
from tests.core.analytics.history import History
from tests.core.deliverables.reports import HOSTILE
from tests.core.deliverables.sources.reading import read

DAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
WHOLE = {"first": "2025-12-01", "last": "2026-01-05"}


@pytest.fixture
def history(app: Application) -> History:
    made = History(app)
    made.workflow("resume", title="Write resumes")
    made.workflow("bot", title="Answer customers")
    return made


def _fill(history: History, seed: int, runs: int = 60) -> None:
    """Runs of five weeks before, of two workflows, some with outcomes in several units."""
    rng, people = Random(seed), [history.user() for _ in range(7)]
    for _ in range(runs):
        state = rng.choice([ExecutionState.COMPLETED] * 4 + [ExecutionState.ABANDONED, ExecutionState.FAILED])
        run = history.run(
            rng.choice(("resume", "bot")), state, user_id=rng.choice(people), market=rng.choice([*Market, None]),
            skill=rng.choice(list(SkillLevel)), at=DAY - timedelta(hours=rng.randrange(1, 800)),
            work=timedelta(minutes=rng.randrange(10, 600)), takes=timedelta(hours=rng.randrange(1, 90)),
            savings=rng.choice((None, "12.50", "80.00")), currency=rng.choice(("USD", "EUR")),
        )  # fmt: skip
        if state is ExecutionState.COMPLETED and rng.random() < 0.7:
            history.outcome(
                run, str(rng.randrange(1, 500)), rng.choice(("USD", "EUR", "INR")),
                review=rng.choice(list(ReviewState)), proof=rng.choice(list(ProofType)),
            )  # fmt: skip
            history.outcome(run, "2.5", "hours", metric=MetricType.TIME_SAVED)


def _metric(report: Report, key: str) -> Metric:
    return next(one for one in report.figures() if one.key == key)


def _table(report: Report, key: str) -> Table:
    return next(one for one in report.tables() if one.key == key)


def _rows(report: Report, key: str) -> list[list[str]]:
    return [[cell.text for cell in row] for row in _table(report, key).rows]


@pytest.mark.parametrize("seed", range(6))
def test_the_report_tells_the_figures_of_the_analytics_page(
    app: Application, admin: Actor, history: History, seed: int
) -> None:
    _fill(history, seed)
    rng = Random(seed)
    first = date(2025, 12, 1) + timedelta(days=rng.randrange(0, 20))
    narrowed: dict[str, Any] = rng.choice(
        ({}, {"workflow_id": "resume"}, {"skill_level": "beginner"}, {"market": "agency"})
    )
    if seed % 2:
        app.analytics.aggregate(admin)
    report = read(app, admin, "period", first=first, last="2026-01-04", **narrowed)

    filters = Filters(
        Dataset.REAL,
        datetime(first.year, first.month, first.day, tzinfo=UTC),
        datetime(2026, 1, 5, tzinfo=UTC),
        **narrowed,
    )
    queries, words = app.analytics_queries, Words()
    summary, savings = queries.summary(filters), queries.savings(filters)
    assert _metric(report, "runs").value == summary.runs
    assert _metric(report, "success").value == Decimal(str(summary.rate.share)).quantize(Decimal("0.0001"))
    assert f"n = {words.number(summary.rate.n)}," in _metric(report, "success").note
    told = [
        (row[0].text, row[2].value, row[3].value) for row in _table(report, "savings").rows
    ]  # fmt: skip
    expected: list[Any] = [
        *(("Estimated", one.value, one.n) for one in savings.estimated),
        *(("Measured", one.value, one.n) for one in savings.measured),
        *(("Proven", one.value, one.n) for one in savings.proven),
    ]  # fmt: skip
    assert told == expected
    workflows = queries.groups(filters, Dimension.WORKFLOW)
    told = [(row[0].text, row[1].value, row[2].value) for row in _table(report, "workflows").rows]
    expected = [(one.label, one.runs, one.rate.n) for one in workflows]
    assert told == expected
    states = queries.states(filters)
    assert [row[1].value for row in _table(report, "runs-by-state").rows] == list(states.values())
    trend = queries.trend(filters, Bucket.DAY if (date(2026, 1, 4) - first).days < 31 else Bucket.WEEK)
    chart = next(one for one in report.blocks() if isinstance(one, Chart) and one.key == "runs-over-time")
    assert [one.values for one in chart.series] == [
        tuple(point.runs for point in trend), tuple(point.completed for point in trend)
    ]  # fmt: skip
    assert len(_table(report, "runs").rows) == summary.runs


def test_no_amount_stands_for_two_currencies(app: Application, admin: Actor, history: History) -> None:
    _fill(history, 3)
    report = read(app, admin, "period", **WHOLE)

    for one in report.figures():
        assert "," not in one.unit
    for row in _table(report, "savings").rows:
        assert sum(sign in row[2].text for sign in ("$", "€", "₹")) <= 1
    assert {"estimates-by-workflow-usd", "estimates-by-workflow-eur"} <= {one.key for one in report.tables()}


def test_sample_data_and_own_runs_are_never_counted_together(app: Application, admin: Actor, history: History) -> None:
    history.run("resume", at=DAY - timedelta(days=2))
    history.run("resume", at=DAY - timedelta(days=2), sample=True)
    history.run("bot", at=DAY - timedelta(days=2), sample=True)

    own, sample = (read(app, admin, "period", dataset=one, **WHOLE) for one in ("own", "sample"))
    assert _metric(own, "runs").value == 1 and not own.sample
    assert _metric(sample, "runs").value == 2 and sample.sample


def test_days_are_whole_and_both_included(app: Application, admin: Actor, history: History) -> None:
    for at in ("2025-12-09T23:59:59", "2025-12-10T00:00:00", "2025-12-11T23:59:59", "2025-12-12T00:00:00"):
        history.run("resume", at=datetime.fromisoformat(at).replace(tzinfo=UTC))

    assert _metric(read(app, admin, "period", first="2025-12-10", last="2025-12-11"), "runs").value == 2


def test_a_period_without_runs_has_a_report_that_says_so(app: Application, admin: Actor, history: History) -> None:
    report = read(app, admin, "period", first="2020-01-01", last="2020-01-31")

    assert report.sections[0].lead == "No run was started in this period, so there is nothing to count."
    assert not report.data and not list(report.figures())


def test_few_runs_are_called_few(app: Application, admin: Actor, history: History) -> None:
    history.outcome(history.run("resume", at=DAY - timedelta(days=2)))
    report = read(app, admin, "period", **WHOLE)

    assert "too few to build on" in _metric(report, "success").note


def test_segments_of_few_people_are_not_told(app: Application, admin: Actor, history: History) -> None:
    for number in range(LEAST_PEOPLE):
        history.run("resume", user_id=history.user(), market=Market.AGENCY, at=DAY - timedelta(days=2))
        if number:
            history.run("resume", user_id=history.user(), market=Market.STUDENT, at=DAY - timedelta(days=2))
    report = read(app, admin, "period", **WHOLE)

    assert [row[0] for row in _rows(report, "success-by-market")] == ["Agency"]
    assert [row[0] for row in _rows(report, "success-by-segment")] == ["Agency · Beginner"]
    assert "1 segment of fewer than 5 people is left out." in _table(report, "success-by-market").note


def test_nobody_is_named_in_the_rows_of_runs(app: Application, admin: Actor, history: History) -> None:
    history.run("resume", user_id=admin.user_id, at=DAY - timedelta(days=2))
    report = read(app, admin, "period", **WHOLE)

    assert admin.name not in json.dumps([report_as_json(report)["data"]])


def test_rows_beyond_the_bound_are_cut_and_it_is_said(
    app: Application, admin: Actor, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_ROWS == 10_000
    monkeypatch.setattr("core.deliverables.sources.period.rows.MOST_ROWS", 2)
    for number in range(3):
        history.run("resume", at=DAY - timedelta(days=2 + number))
    table = _table(read(app, admin, "period", **WHOLE), "runs")

    assert len(table.rows) == 2 and table.note == "Only the newest 2 are here; there are more."


def test_users_may_not_read_the_figures_of_everybody(
    app: Application, person: Callable[..., Actor], history: History
) -> None:
    with pytest.raises(NotAllowed, match="see the figures of a period"):
        read(app, person(Role.USER), "period", **WHOLE)
    for role in (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN):
        assert read(app, person(role), "period", **WHOLE).title == "What workflows brought"


@pytest.mark.parametrize("narrowed", [{"workflow_id": "nothing"}, {"agent_id": "nobody"}, {"council_id": "nowhere"}])
def test_what_it_is_narrowed_to_must_exist(
    app: Application, admin: Actor, history: History, narrowed: dict[str, str]
) -> None:
    with pytest.raises(NotFound):
        read(app, admin, "period", **WHOLE, **narrowed)


@pytest.mark.parametrize(
    "params",
    [
        {"first": "2026-02-01", "last": "2026-01-01"}, {"first": "1999-12-31", "last": "2026-01-01"},
        {"first": "2000-01-01", "last": "2026-01-01"}, {"first": "2026-01-01", "last": "9999-12-31"},
        {**WHOLE, "dataset": "both"}, {**WHOLE, "market": "everybody"}, {**WHOLE, "workflow_id": ""},
        {**WHOLE, "user_id": "0190"}, {"first": "2026-01-01"},
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PeriodParams.model_validate(params)


def test_packages_of_the_same_question_have_the_same_subject() -> None:
    source = find_sources()["period"]
    subjects = [
        source.subject(PeriodParams.model_validate({**WHOLE, **more}))
        for more in ({}, {"compare": False}, {"dataset": "sample"}, {"workflow_id": "a"}, {"agent_id": "a"})
    ]

    assert subjects[0] == subjects[1] == "period:2025-12-01:2026-01-05:own"
    assert len(set(subjects)) == 4


@pytest.mark.parametrize("language", sorted(translated()))
def test_every_language_and_format_renders_the_sample_data(app: Application, admin: Actor, language: str) -> None:
    app.sample.load(admin, runs=120)
    report = read(app, admin, "period", language=language, first="2025-07-01", last="2026-01-05", dataset="sample")

    assert report_from_json(json.loads(json.dumps(report_as_json(report)))) == report
    keys = [one.key for one in report.tables()]
    assert len(set(keys)) == len(keys) and len({one.key for one in report.figures()}) == len(list(report.figures()))
    for one in find_formats().values():
        assert one.render(report, Look("Meridian Advisory")).data


def test_hostile_names_stay_text(app: Application, admin: Actor, history: History) -> None:
    history.workflow("hostile", title=HOSTILE[:150])
    for _ in range(2):
        history.outcome(history.run("hostile", at=DAY - timedelta(days=3), savings="5.00"))
    report = read(app, admin, "period", **WHOLE)

    assert _rows(report, "workflows")[0][0] == HOSTILE[:150]
    for one in find_formats().values():
        assert one.render(report, Look("Meridian Advisory")).data
