"""What rollups answer is what the runs say: for any history, any filters, before a pass and after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from core.actor import SYSTEM
from core.analytics import breakdowns, figures, rolled, sums
from core.analytics.breakdowns import Dimension
from core.analytics.figures import Bucket
from core.analytics.filters import NONE, Filters
from core.analytics.lenses import ALL_TIME, Grain, Lens, Span, lens_of, spans
from core.analytics.rules import UNKNOWN, Dataset
from core.analytics.tables import CellPerson, Rollup, RollupAmount, RollupProgress, RunChange
from core.bootstrap import Application
from core.decisions.tables import Council
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.identity.rules import Market, SkillLevel
from core.identity.tables import Agent
from core.outcomes.rules import ReviewState
from core.outcomes.tables import Outcome
from tests.core.analytics.history import History

DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)

run_shapes = st.fixed_dictionaries(
    {
        "workflow_id": st.sampled_from(["resume", "bot"]),
        "state": st.sampled_from(ExecutionState),
        "market": st.sampled_from([Market.STUDENT, Market.AGENCY, None]),
        "skill": st.sampled_from([SkillLevel.BEGINNER, SkillLevel.ADVANCED]),
        "at": st.integers(0, 24 * 40).map(lambda hours: MIDNIGHT + timedelta(hours=hours)),
        "savings": st.sampled_from([None, "10.50", "300"]),
        "currency": st.sampled_from(["USD", "INR"]),
        "agent_id": st.sampled_from([None, "scout"]),
        "council_id": st.sampled_from([None, "board"]),
        "sample": st.booleans(),
        "steps_completed": st.integers(0, 4),
    }
)
logged = st.tuples(st.integers(0, 11), st.sampled_from(["USD", "INR"]), st.sampled_from(ReviewState))
moves = st.tuples(st.integers(0, 11), st.sampled_from(ExecutionState))
days = st.one_of(st.none(), st.integers(0, 41).map(lambda number: MIDNIGHT + number * DAY))
questions = st.builds(
    Filters,
    dataset=st.sampled_from(Dataset), since=days, until=days,
    workflow_id=st.sampled_from([None, None, "resume"]), agent_id=st.sampled_from([None, None, "scout", NONE]),
    council_id=st.sampled_from([None, None, "board", NONE]),
    market=st.sampled_from([None, None, "student", UNKNOWN]), skill_level=st.sampled_from([None, None, "beginner"]),
)  # fmt: skip


@pytest.fixture
def owners(app: Application) -> None:
    with app.database.begin() as uow:
        uow.session.add(Agent(id="scout", name="Scout", created_at=uow.now))
        uow.session.add(Council(id="board", name="Board", policy={}, created_at=uow.now))


def same(app: Application, asked: Filters) -> None:
    """Every figure, once from rollups and once from the runs."""
    now = app.clock.now()

    def compare(answer: object, from_runs: object) -> None:
        if answer is not None:
            assert answer == from_runs

    with app.database.reading() as session:
        compare(sums.savings(session, asked), figures.savings(session, asked))
        compare(sums.summary(session, asked), figures.summary(session, asked, now))
        compare(sums.states(session, asked), figures.states(session, asked))
        compare(sums.steps(session, asked, "resume", now), breakdowns.steps(session, asked, "resume", now))
        for bucket in Bucket:
            compare(sums.trend(session, asked, bucket), figures.trend(session, asked, bucket, now))
        for dimension in Dimension:
            compare(sums.groups(session, asked, dimension), breakdowns.groups(session, asked, dimension, now))
        for dimension in (Dimension.WORKFLOW, Dimension.AGENT, Dimension.COUNCIL):
            compare(sums.counts(session, asked, dimension), breakdowns.counts(session, asked, dimension))


def test_rollups_say_what_the_runs_say(app: Application, history: History, owners: None) -> None:
    @settings(
        max_examples=30, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(
        st.lists(run_shapes, max_size=12), st.lists(logged, max_size=10), st.lists(moves, max_size=6),
        st.lists(questions, min_size=1, max_size=4), st.booleans(), st.booleans(),
    )  # fmt: skip
    def compare(
        made: list[dict[str, Any]], outcomes: list[Any], moved: list[Any], asked: list[Filters], early: bool, late: bool
    ) -> None:
        with app.database.begin() as uow:
            for table in (Outcome, Execution, Rollup, RollupAmount, RollupProgress, CellPerson, RunChange):
                uow.session.execute(delete(table))
        runs = [history.run(**shape, last_activity_at=app.clock.now()) for shape in made]
        if early:
            app.analytics.aggregate(SYSTEM)
        for number, unit, review in outcomes:
            if number < len(runs):
                history.outcome(runs[number], "12.25", unit, review=review)
        for number, state in moved:
            if number < len(runs):
                history.change(runs[number], state=state)
        if late:
            app.analytics.aggregate(SYSTEM)
        for question in asked:
            same(app, question)

    compare()


def test_more_changes_than_can_be_added_wait_and_it_says_so(
    app: Application, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolled, "LIVE_CHANGES", 2)
    history.run("resume")
    history.run("resume")
    assert app.analytics_queries.as_of().live

    history.run("resume")
    found = app.analytics_queries.as_of()
    assert (found.live, found.waiting, found.rolled_up_at) == (False, 3, None)
    assert app.analytics_queries.summary(Filters(Dataset.REAL)).runs == 0

    app.analytics.aggregate(SYSTEM)
    assert app.analytics_queries.as_of().live
    assert app.analytics_queries.summary(Filters(Dataset.REAL)).runs == 3


def test_the_lens_with_the_fewest_rows_is_read() -> None:
    assert lens_of([]) is Lens.TOTAL
    assert lens_of(["market"]) is Lens.SEGMENT
    assert lens_of(["workflow_id", "skill_level"]) is Lens.WORKFLOW_SEGMENT
    assert lens_of(["agent_id", "workflow_id"]) is Lens.WORKFLOW_AGENT
    assert lens_of(["agent_id", "council_id"]) is None
    assert lens_of(["agent_id", "market"]) is None


def test_a_period_is_read_by_whole_weeks_with_odd_days_at_its_ends() -> None:
    wednesday, sunday = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 22, tzinfo=UTC)
    assert spans(wednesday, sunday) == [
        Span(Grain.DAY, date(2026, 3, 4), date(2026, 3, 9)),
        Span(Grain.WEEK, date(2026, 3, 9), date(2026, 3, 16)),
        Span(Grain.DAY, date(2026, 3, 16), date(2026, 3, 22)),
    ]
    assert spans(None, None) == [Span(Grain.ALL, ALL_TIME, date.max)]
    assert spans(sunday, wednesday) == []
    assert spans(wednesday + timedelta(hours=5, minutes=30), None) is None


@given(
    st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.sampled_from([None, Grain.DAY, Grain.WEEK])
)
def test_spans_are_the_period_without_gap_or_overlap(first: date, length: int, by: Grain | None) -> None:
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    found = spans(since, since + length * DAY, by=by)
    assert found is not None
    at = first
    for span in found:
        assert span.first == at < span.end
        assert span.grain is Grain.DAY or span.first.weekday() == span.end.weekday() == 0
        at = span.end
    assert at == first + timedelta(days=length) or (length == 0 and found == [])


def test_a_period_that_is_nothing_has_no_runs(app: Application, history: History) -> None:
    history.run("resume")
    empty = replace(Filters(Dataset.REAL), since=MIDNIGHT, until=MIDNIGHT)
    assert app.analytics_queries.summary(empty).runs == 0
    assert app.analytics_queries.trend(empty) == []
