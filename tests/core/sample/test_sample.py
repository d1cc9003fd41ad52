"""Sample data is a believable half year, marked throughout, and leaves without a trace in what is real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from core.actions.tables import Action
from core.actor import SYSTEM, Actor, Role
from core.analytics.breakdowns import Dimension
from core.analytics.filters import Filters
from core.analytics.rules import Dataset
from core.bootstrap import Application
from core.database.base import Base
from core.errors import NotAllowed
from core.executions.rules import ENDED, ExecutionState
from core.executions.tables import Execution
from core.identity.rules import SignInRefused
from core.identity.tables import User
from core.sample.service import SampleStatus
from tests.conftest import PASSWORD
from tests.core.analytics.history import History

SAMPLE = Filters(Dataset.SAMPLE)


SUMS = ("rollups", "rollup_amounts", "rollup_progress", "cell_people")
"""They sum what there is: a row changes with the next run."""


def everything(app: Application) -> dict[str, list[Any]]:
    """Every row of every table but the audit chain and the engine's, as text."""
    with app.database.reading() as session:
        return {
            name: sorted(session.scalars(text(f"SELECT t::text FROM {name} t")))
            for name in Base.metadata.tables
            if name not in {"audit_entries", "rollup_passes", "run_changes", "guardrails", "workflow_revisions"}
        }


def scalar(app: Application, query: Any) -> Any:
    with app.database.reading() as session:
        return session.scalar(query)


@pytest.fixture
def loaded(app: Application, admin: Actor) -> SampleStatus:
    return app.sample.load(admin)


def test_loading_makes_a_half_year(app: Application, admin: Actor) -> None:
    status = app.sample.load(admin)

    assert (status.people, status.runs) == (60, 2_500)
    assert status.outcomes > 1_000
    first, last = (scalar(app, select(bound(Execution.created_at))) for bound in (func.min, func.max))
    assert timedelta(days=170) < last - first <= timedelta(days=184)
    assert last < app.clock.now()


def test_nothing_lies_in_the_future_and_times_add_up(app: Application, loaded: SampleStatus) -> None:
    now = app.clock.now()
    with app.database.reading() as session:
        for run in session.scalars(select(Execution)):
            assert run.created_at <= run.last_activity_at <= now
            assert (run.completed_at is not None) == (run.state in ENDED)
            if run.state is ExecutionState.COMPLETED:
                assert run.started_at is not None
                assert run.completed_at is not None
                elapsed = (run.completed_at - run.started_at).total_seconds() * 1000
                assert elapsed == pytest.approx(run.work_ms + run.wait_ms + run.ai_ms, abs=50)
                assert run.steps_completed == run.total_steps


def test_results_differ_by_workflow_and_segment(app: Application, loaded: SampleStatus) -> None:
    rates = [group.rate.share for group in app.analytics_queries.groups(SAMPLE, Dimension.WORKFLOW)]
    segments = [
        group.rate.share for group in app.analytics_queries.groups(SAMPLE, Dimension.SEGMENT) if not group.rate.small
    ]
    assert len(rates) == 3
    assert max(segments) - min(segments) > 0.15  # type: ignore[type-var, operator]
    savings = app.analytics_queries.savings(SAMPLE)
    assert {total.unit for total in savings.estimated} == {"USD", "INR"}
    assert {(total.metric, total.unit) for total in savings.proven} >= {("revenue", "USD"), ("time_saved", "hours")}


def test_the_same_moment_gives_the_same_data(app: Application, admin: Actor) -> None:
    app.sample.load(admin, runs=200)
    columns = select(Execution.id, Execution.user_id, Execution.state, Execution.work_ms).order_by(Execution.id)
    with app.database.reading() as session:
        first = session.execute(columns).all()
    app.sample.remove(admin)
    app.sample.load(admin, runs=200)
    with app.database.reading() as session:
        assert session.execute(columns).all() == first


def test_twelve_cards_wait_and_older_ones_are_decided(app: Application, loaded: SampleStatus) -> None:
    with app.database.reading() as session:
        counted = session.execute(select(Action.state, func.count()).where(Action.sample).group_by(Action.state))
        states = {row[0].value: row[1] for row in counted}
        waiting = session.scalars(select(Action).where(Action.state == "pending")).all()
    assert states["pending"] == 12
    assert {"executed", "rejected"} <= set(states)
    assert all(action.rationale and action.sources and action.impact and action.decision_id for action in waiting)
    assert len({action.priority for action in waiting}) == 4
    assert "Send reminder 2 to Meridian Ltd" in {action.title for action in waiting}


def test_loading_twice_adds_nothing(app: Application, admin: Actor, loaded: SampleStatus) -> None:
    before = everything(app)
    assert app.sample.load(admin) == loaded
    assert everything(app) == before


def test_invented_people_cannot_sign_in(app: Application, loaded: SampleStatus) -> None:
    with app.database.reading() as session:
        people = session.scalars(select(User).where(User.sample)).all()
    assert all(person.password_hash is None and not person.active for person in people)
    assert all(person.email.endswith(".example.com") for person in people)
    with pytest.raises(SignInRefused):
        app.identity.sign_in(email=people[0].email, password=PASSWORD, address="test")
    with pytest.raises(SignInRefused):
        app.identity.sign_in_with_provider(subject="x", email=people[0].email, name="X")


def test_removal_takes_exactly_the_sample(app: Application, admin: Actor, person: Callable[..., Actor]) -> None:
    """Real people, runs, outcomes and rollups stand before, between and after; they stay as they are, letter by letter."""
    app.catalog.sync(app.settings.workflows_file)
    history = History(app)
    history.workflow("own")
    ravi = person(Role.USER)
    history.outcome(history.run("own", user_id=ravi.user_id, savings="10"))
    app.executions.start(ravi, "resume_generator")
    app.analytics.aggregate(SYSTEM)
    before = everything(app)

    app.sample.load(admin)
    meera = person(Role.USER, name="Meera")
    history.run("own", user_id=meera.user_id)
    app.analytics.aggregate(SYSTEM)
    entries = app.audit_queries.count()
    app.sample.remove(admin)

    assert not app.sample.status().loaded
    after = everything(app)
    lost = {name: set(rows) - set(after[name]) for name, rows in before.items() if name not in SUMS}
    assert not any(lost.values())
    assert scalar(app, select(func.count()).select_from(Execution)) == 3
    assert [scalar(app, text(f"SELECT count(*) FROM {name} WHERE sample")) for name in SUMS] == [0, 0, 0, 0]
    app.analytics.aggregate(SYSTEM)
    by_differences = everything(app)
    app.analytics.rebuild(SYSTEM)
    summed_anew = everything(app)
    assert [by_differences[name] for name in SUMS] == [summed_anew[name] for name in SUMS]
    assert scalar(app, text("SELECT runs FROM rollups WHERE lens = 'total' AND grain = 'all'")) == 3
    for table in ("decisions", "ballots", "councils", "agents", "council_members", "attempts", "actions"):
        assert after[table] == before[table] == []
    assert app.audit_queries.count() == entries + 2  # the removal and the rebuild
    assert app.audit_queries.verify().fault is None


def test_council_and_agent_that_real_work_uses_stay(app: Application, admin: Actor, loaded: SampleStatus) -> None:
    run = app.executions.start(admin, "resume_generator", agent_id="sample-support", council_id="sample-spending")

    app.sample.remove(admin)

    kept = app.run_queries.detail(admin, run).row
    assert (kept.agent, kept.council) == ("Support drafter", "Spending council")


def test_removing_what_is_not_there_changes_nothing(app: Application, admin: Actor) -> None:
    entries = app.audit_queries.count()
    assert not app.sample.remove(admin).loaded
    assert app.audit_queries.count() == entries


def test_only_an_admin_loads_and_removes(app: Application, person: Callable[..., Actor]) -> None:
    operator = person(Role.OPERATOR)
    with pytest.raises(NotAllowed):
        app.sample.load(operator)
    with pytest.raises(NotAllowed):
        app.sample.remove(operator)
