"""A person gets a ranked list with reasons; what was shown, clicked and started is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.actor import SYSTEM, Actor, Role, Tier
from core.analytics.rules import Dataset
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import InvalidInput, NotFound
from core.executions.rules import ExecutionState
from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm
from core.outcomes.rules import MetricType
from core.recommendations.rules import Level
from core.recommendations.tables import Recommendation
from tests.core.analytics.history import History


@pytest.fixture
def ravi(app: Application, person: Callable[..., Actor]) -> Actor:
    app.catalog.sync(app.settings.workflows_file)
    actor = person(Role.USER, name="Ravi")
    app.identity.save_profile(actor, ProfileForm(Goal.EARN_MONEY, Market.FREELANCER, SkillLevel.BEGINNER, "IN"))
    return actor


def digest_of(app: Application, workflow_id: str) -> str:
    return app.catalog_queries.by_id(workflow_id).digest


def test_new_installation_is_honest_and_begins_with_what_the_person_may_run(app: Application, ravi: Actor) -> None:
    found = app.recommendations.recommend(ravi)

    assert found.rows[0].definition.workflow_id == "resume_generator"
    assert [row.allowed for row in found.rows] == [True, False, False]
    assert found.rows[1].needs in {Tier.PRO, Tier.SCALE}
    assert {row.estimate.level for row in found.rows} == {Level.NONE}
    assert all("guess" in row.reason for row in found.rows)
    assert (found.dataset, found.has_profile) == (Dataset.REAL, True)


def test_results_of_people_alike_move_the_ranking(app: Application, ravi: Actor, admin: Actor) -> None:
    app.identity.change_user(admin, ravi.user_id, tier=Tier.SCALE)  # type: ignore[arg-type]
    scale = Actor(kind=ravi.kind, id=ravi.id, name=ravi.name, roles=ravi.roles, tier=Tier.SCALE)
    history = History(app)
    for workflow, successes in (("resume_generator", 1), ("whatsapp_bot", 9)):
        people = [history.user() for _ in range(5)]
        for number in range(10):
            run = history.run(workflow, user_id=people[number % 5], revision=digest_of(app, workflow))
            if number < successes:
                history.outcome(run)
    app.analytics.aggregate(SYSTEM)

    first = app.recommendations.recommend(scale).rows[0]

    assert (first.definition.workflow_id, first.estimate.level) == ("whatsapp_bot", Level.CELL)
    assert first.reason.startswith("90 % of 10 runs by 5 people like you (freelancer, beginner)")


def test_what_was_completed_last_does_not_lead_again(app: Application, ravi: Actor) -> None:
    scale = Actor(kind=ravi.kind, id=ravi.id, name=ravi.name, roles=ravi.roles, tier=Tier.SCALE)
    first = app.recommendations.recommend(scale).rows[0].definition.workflow_id
    History(app).run(first, user_id=ravi.user_id, revision=digest_of(app, first))

    assert app.recommendations.recommend(scale).rows[0].definition.workflow_id != first


def test_an_open_run_is_offered_to_go_on_with(app: Application, ravi: Actor) -> None:
    run = app.executions.start(ravi, "resume_generator")
    assert app.recommendations.recommend(ravi).rows[0].open_run == run


def test_showing_is_kept_once_and_again_after_a_while(app: Application, ravi: Actor, clock: ManualClock) -> None:
    first = app.recommendations.recommend(ravi)
    assert [row.id for row in app.recommendations.recommend(ravi).rows] == [row.id for row in first.rows]
    clock.advance(timedelta(hours=7))
    again = app.recommendations.recommend(ravi)

    assert {row.id for row in again.rows}.isdisjoint(row.id for row in first.rows)
    with app.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Recommendation)) == 6
        ranks = session.scalars(
            select(Recommendation.rank).order_by(Recommendation.shown_at, Recommendation.rank)
        ).all()
    assert ranks == [1, 2, 3, 1, 2, 3]


def test_click_start_and_result_are_kept_by_rank(app: Application, ravi: Actor) -> None:
    row = app.recommendations.recommend(ravi, limit=1).rows[0]
    app.recommendations.clicked(ravi, row.id)
    run = app.executions.start(ravi, row.definition.workflow_id)
    app.recommendations.started(ravi, row.id, run)
    History(app).change(run, state=ExecutionState.COMPLETED)
    History(app).outcome(run, "1", "hours", metric=MetricType.TIME_SAVED)

    (uptake,) = app.recommendations_queries.uptake()
    assert (uptake.rank, uptake.shown, uptake.clicked, uptake.started, uptake.succeeded) == (1, 1, 1, 1, 1)


def test_nobody_touches_the_recommendations_of_others(
    app: Application, ravi: Actor, person: Callable[..., Actor]
) -> None:
    row = app.recommendations.recommend(ravi).rows[0]
    other = person(Role.USER)
    run = app.executions.start(other, "resume_generator")
    with pytest.raises(NotFound):
        app.recommendations.clicked(other, row.id)
    with pytest.raises(NotFound):
        app.recommendations.started(ravi, row.id, run)
    with pytest.raises(NotFound):
        app.recommendations.clicked(ravi, uuid4())
    with pytest.raises(InvalidInput):
        app.recommendations.recommend(SYSTEM)


def test_without_a_profile_there_are_still_recommendations(app: Application, person: Callable[..., Actor]) -> None:
    app.catalog.sync(app.settings.workflows_file)
    found = app.recommendations.recommend(person(Role.USER))
    assert (len(found.rows), found.has_profile) == (3, False)


def test_sample_data_stands_in_until_there_is_a_real_run(app: Application, admin: Actor, ravi: Actor) -> None:
    app.sample.load(admin)
    found = app.recommendations.recommend(ravi)
    assert found.dataset is Dataset.SAMPLE
    assert found.rows[0].estimate.level is Level.CELL
    assert "people like you (freelancer, beginner)" in found.rows[0].reason

    app.executions.start(ravi, "resume_generator")

    assert app.recommendations.recommend(ravi).dataset is Dataset.REAL
