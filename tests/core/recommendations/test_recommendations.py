"""A person gets a ranked list with reasons; what was shown, clicked and started is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.actor import SYSTEM, Actor, Role, Tier, job_actor
from core.analytics.rules import Dataset
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.executions.rules import ExecutionState
from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm
from core.outcomes.rules import MetricType, UnitDoesNotFit
from core.recommendations.rules import SUCCESS, Counts, Level, Objective
from core.recommendations.tables import Recommendation
from tests.core.analytics.history import History


@pytest.fixture
def ravi(app: Application, person: Callable[..., Actor]) -> Actor:
    app.catalog.sync(app.settings.workflows_file)
    app.recommendations.change_policy(SYSTEM, explore=False)
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
    assert {row.level for row in found.rows} == {Level.NONE}
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

    assert (first.definition.workflow_id, first.level) == ("whatsapp_bot", Level.CELL)
    assert first.reason.startswith("90 % of 10 runs by 5 people like you (freelancer, beginner) ended with")
    assert f"(90 % interval {first.chance.low * 100:.0f}–{first.chance.high * 100:.0f} %)" in first.reason
    assert 0.6 < first.chance.middle < 0.9


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
    assert (uptake.rank, uptake.explored) == (1, row.explored)
    assert (uptake.shown, uptake.clicked, uptake.started, uptake.succeeded) == (1, 1, 1, 1)


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
    assert found.rows[0].level is Level.CELL
    assert "people like you (freelancer, beginner)" in found.rows[0].reason

    app.executions.start(ravi, "resume_generator")

    assert app.recommendations.recommend(ravi).dataset is Dataset.REAL


@pytest.fixture
def mina(app: Application, ravi: Actor) -> Actor:
    """Ravi, with the right to run everything."""
    return Actor(kind=ravi.kind, id=ravi.id, name=ravi.name, roles=ravi.roles, tier=Tier.SCALE)


@dataclass
class Past:
    """Runs of five people or more, with what they logged."""

    app: Application

    def of(self, workflow: str, successes: int, n: int, *logged: tuple[str, str], people: int = 5, **more: Any) -> None:
        history = History(self.app)
        users = [history.user() for _ in range(people)]
        for number in range(n):
            run = history.run(workflow, user_id=users[number % people], revision=digest_of(self.app, workflow), **more)
            if number < successes:
                value, unit = logged[number % len(logged)] if logged else ("1", "USD")
                metric = MetricType.TIME_SAVED if unit in {"hours", "minutes"} else MetricType.REVENUE
                history.outcome(run, value, unit, metric=metric)
        self.app.analytics.aggregate(SYSTEM)


USD, INR = Objective(MetricType.REVENUE, "USD"), Objective(MetricType.REVENUE, "INR")


def test_by_value_a_rare_large_result_beats_a_frequent_small_one(app: Application, mina: Actor) -> None:
    past = Past(app)
    past.of("resume_generator", 18, 20, ("10", "USD"))
    past.of("whatsapp_bot", 8, 20, ("400", "USD"))

    by_success = app.recommendations.look(mina)
    by_value = app.recommendations.look(mina, objective=USD)

    assert by_success.rows[0].definition.workflow_id == "resume_generator"
    assert by_success.rows[0].benefit is None
    assert by_value.rows[0].definition.workflow_id == "whatsapp_bot"
    benefit = by_value.rows[0].benefit
    assert benefit is not None and benefit.low < 160 < benefit.high
    assert USD in by_success.objectives


def test_units_are_never_mixed_and_what_has_no_value_in_the_unit_says_so(app: Application, mina: Actor) -> None:
    past = Past(app)
    past.of("resume_generator", 10, 20, ("50", "USD"))
    past.of("whatsapp_bot", 19, 20, ("90000", "INR"))
    past.of("prompt_selling", 10, 20, ("3000", "minutes"))

    found = app.recommendations.look(mina, objective=USD)

    rows = {row.definition.workflow_id: row for row in found.rows}
    assert found.rows[0].definition.workflow_id == "resume_generator"
    benefit = rows["resume_generator"].benefit
    assert benefit is not None and benefit.high < 100
    for other in ("whatsapp_bot", "prompt_selling"):
        assert rows[other].benefit is None
        assert "Too few have logged revenue in USD" in (rows[other].note or "")
    assert [row.definition.workflow_id for row in found.rows[1:]] == ["whatsapp_bot", "prompt_selling"]


def test_a_value_in_another_currency_changes_nothing_in_this_one(app: Application, mina: Actor) -> None:
    past = Past(app)
    past.of("resume_generator", 10, 20, ("50", "USD"))
    before = app.recommendations.look(mina, objective=USD).rows[0].benefit
    past.of("resume_generator", 0, 0)
    history = History(app)
    run = history.run("resume_generator", ExecutionState.COMPLETED, revision=digest_of(app, "resume_generator"))
    history.outcome(run, "7000000", "INR")
    app.analytics.aggregate(SYSTEM)

    after = app.recommendations.look(mina, objective=USD).rows[0].benefit

    assert before is not None and after is not None
    assert abs(after.middle - before.middle) < 5


def test_person_chooses_the_objective_and_it_is_kept_with_what_was_shown(app: Application, mina: Actor) -> None:
    Past(app).of("resume_generator", 10, 20, ("50", "USD"))
    app.recommendations.choose(mina, USD)

    found = app.recommendations.recommend(mina)

    assert found.objective == USD
    with app.database.reading() as session:
        kept = session.scalars(select(Recommendation).where(Recommendation.rank == 1)).one()
    assert (kept.objective, kept.explored, kept.propensity) == ("revenue:USD", False, 1.0)
    assert kept.evidence["benefit"]["low"] < kept.evidence["benefit"]["middle"]
    app.recommendations.choose(mina, None)
    assert app.recommendations.recommend(mina).objective == SUCCESS


def test_objective_that_nobody_logged_values_in_is_refused(app: Application, mina: Actor) -> None:
    Past(app).of("resume_generator", 10, 20, ("50", "USD"))
    for objective in (INR, Objective(MetricType.CUSTOM, "letters to Meridian")):
        with pytest.raises(InvalidInput, match="nothing can be ordered by"):
            app.recommendations.choose(mina, objective)
        with pytest.raises(InvalidInput, match="nothing can be ordered by"):
            app.recommendations.look(mina, objective=objective)
    assert app.recommendations.look(mina).objective == SUCCESS


def test_units_of_somebodys_own_making_are_not_offered_unless_an_admin_sets_them(
    app: Application, mina: Actor, admin: Actor
) -> None:
    history = History(app)
    for _ in range(6):
        run = history.run("resume_generator", user_id=history.user(), revision=digest_of(app, "resume_generator"))
        history.outcome(run, "3", "letters to Meridian", metric=MetricType.CUSTOM)
    app.analytics.aggregate(SYSTEM)
    letters = Objective(MetricType.CUSTOM, "letters to Meridian")

    assert app.recommendations.look(mina).objectives == (SUCCESS,)
    app.recommendations.change_policy(admin, objective=letters)
    assert app.recommendations.look(mina).objective == letters


def test_only_admins_change_the_policy_and_a_stale_form_overwrites_nothing(
    app: Application, ravi: Actor, admin: Actor, person: Callable[..., Actor]
) -> None:
    for other in (ravi, person(Role.OPERATOR), person(Role.ANALYST)):
        with pytest.raises(NotAllowed):
            app.recommendations.change_policy(other, explore=True)
    with pytest.raises(NotAllowed):
        app.recommendations.change_policy(job_actor("tidy"), explore=True)
    with pytest.raises(NotAllowed):
        app.recommendations.change_policy(replace(admin, scopes=frozenset({"read"})), explore=True)
    for share in (-0.1, 0.51, float("nan")):
        with pytest.raises(InvalidInput):
            app.recommendations.change_policy(admin, explore_share=share)
    with pytest.raises(UnitDoesNotFit):
        app.recommendations.change_policy(admin, objective=Objective(MetricType.REVENUE, "hours"))

    now = app.recommendations_queries.policy()
    changed = app.recommendations.change_policy(admin, explore=True, explore_share=0.3, expected_version=now.version)
    assert (changed.explore, changed.explore_share, changed.changed_by) == (True, 0.3, "Asha")
    with pytest.raises(Conflict):
        app.recommendations.change_policy(admin, explore=False, expected_version=now.version)
    assert app.recommendations_queries.policy() == changed
    entry = app.audit_queries.entries(event="recommendation_policy.changed")[0]
    assert entry.after == {"objective": "success", "explore": True, "explore_share": "0.300"}


def test_exploring_off_is_expected_benefit_alone_every_day(app: Application, mina: Actor, clock: ManualClock) -> None:
    Past(app).of("resume_generator", 14, 20)
    for _ in range(20):
        found = app.recommendations.look(mina)
        assert [row.explored for row in found.rows] == [False] * 3
        assert [row.score for row in found.rows] == sorted((row.score for row in found.rows), reverse=True)
        assert [row.propensity for row in found.rows] == [1.0, 0.0, 0.0]
        clock.advance(timedelta(days=1))


def test_on_some_days_a_workflow_nobody_knows_is_tried_and_kept_as_tried(
    app: Application, mina: Actor, admin: Actor, clock: ManualClock
) -> None:
    Past(app).of("resume_generator", 15, 60)
    best = app.recommendations.look(mina).rows[0].definition.workflow_id
    app.recommendations.change_policy(admin, explore=True, explore_share=0.5)
    tried = 0
    for _ in range(30):
        found = app.recommendations.recommend(mina)
        again = app.recommendations.recommend(mina)
        assert [row.id for row in again.rows] == [row.id for row in found.rows]
        assert sum(row.propensity for row in found.rows) == pytest.approx(1)
        tried += found.rows[0].explored
        assert (found.rows[0].definition.workflow_id != best) == found.rows[0].explored
        clock.advance(timedelta(days=1))

    assert 2 <= tried <= 15
    with app.database.reading() as session:
        kept = session.scalar(select(func.count()).where(Recommendation.rank == 1, Recommendation.explored))
    assert kept == tried
    by_rank = {(one.rank, one.explored): one.shown for one in app.recommendations_queries.uptake()}
    assert (by_rank[1, True], by_rank[1, False]) == (tried, 30 - tried)


def test_exploring_never_leads_to_what_the_tier_does_not_include(
    app: Application, ravi: Actor, admin: Actor, clock: ManualClock
) -> None:
    app.recommendations.change_policy(admin, explore=True, explore_share=0.5)
    for _ in range(30):
        assert app.recommendations.look(ravi).rows[0].allowed
        clock.advance(timedelta(days=1))


def test_results_of_four_people_move_the_expectation_and_are_never_told(app: Application, mina: Actor) -> None:
    Past(app).of("whatsapp_bot", 40, 40, ("777", "USD"), people=4)

    for objective in (None, USD):
        found = app.recommendations.look(mina, objective=objective)
        row = next(row for row in found.rows if row.definition.workflow_id == "whatsapp_bot")
        assert row.rank == 1
        assert (row.level, row.counts, row.benefit) == (Level.FEW, Counts(), None)
        assert "40" not in row.reason and "777" not in f"{row.reason}{row.note}"


def test_market_less_its_cells_tells_of_nobody(app: Application, mina: Actor, ravi: Actor) -> None:
    """Nine freelancers less the six beginners, who are told of themselves, would be three people."""
    past = Past(app)
    past.of("resume_generator", 6, 12, people=6)
    past.of("resume_generator", 3, 3, people=3, skill=SkillLevel.ADVANCED)
    levels = {}
    for skill in SkillLevel:
        app.identity.save_profile(ravi, ProfileForm(Goal.EARN_MONEY, Market.FREELANCER, skill, "IN"))
        levels[skill] = app.recommendations.look(mina, 1).rows[0].level
    assert levels == {
        SkillLevel.BEGINNER: Level.CELL, SkillLevel.INTERMEDIATE: Level.FEW, SkillLevel.ADVANCED: Level.FEW,
    }  # fmt: skip


def test_beliefs_are_kept_until_figures_move_or_a_minute_is_over(
    app: Application, mina: Actor, clock: ManualClock
) -> None:
    past = Past(app)
    past.of("resume_generator", 10, 20)
    before = app.recommendations.look(mina).rows[0].counts
    clock.advance(timedelta(seconds=1))
    past.of("resume_generator", 5, 5)
    assert app.recommendations.look(mina).rows[0].counts.n == before.n + 5


def test_worth_of_first_places_is_told_as_shown_and_without_learning(app: Application, ravi: Actor) -> None:
    row = app.recommendations.recommend(ravi, limit=1).rows[0]
    run = app.executions.start(ravi, row.definition.workflow_id)
    app.recommendations.started(ravi, row.id, run)
    History(app).change(run, state=ExecutionState.COMPLETED)
    History(app).outcome(run, "1", "hours", metric=MetricType.TIME_SAVED)

    assert [(one.n, one.rate) for one in app.recommendations_queries.worth()] == [(1, 1.0), (1, 1.0)]
