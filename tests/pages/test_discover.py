"""Discover leads from four answers to the first step, and marks what a tier does not include."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.actor import SYSTEM, Actor, Role, Tier
from core.bootstrap import Application
from core.clock import ManualClock
from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm
from core.settings import ROOT
from tests.core.analytics.history import History
from tests.pages.conftest import Visit
from tests.pages.test_run import words

FORM = ProfileForm(Goal.EARN_MONEY, Market.FREELANCER, SkillLevel.BEGINNER, "IN")


@pytest.fixture
def ravi(app: Application, person: Callable[..., Actor]) -> Actor:
    assert not app.catalog.sync(ROOT / "workflows.json").problems
    return person(Role.USER, name="Ravi")


def test_four_answers_then_the_recommended_workflow(app: Application, visit: Visit, ravi: Actor) -> None:
    screen = visit("discover", ravi)
    screen.selectbox(key="country").select("IN").run()
    screen.button(key="save-profile").click().run()

    assert not screen.exception
    assert "For you: Freelancer, beginner, India" in words(screen)
    assert "Write resumes for clients with AI" in words(screen)
    assert not screen.button(key="start-resume_generator").disabled


def test_a_missing_country_is_said_and_the_answers_stay(app: Application, visit: Visit, ravi: Actor) -> None:
    screen = visit("discover", ravi)
    screen.selectbox(key="country").select(None).run()
    screen.button(key="save-profile").click().run()

    assert "Country: use the two-letter code" in words(screen)
    assert ravi.user_id is not None and app.identity_queries.profile(ravi.user_id) is None


def test_higher_tiers_are_shown_marked_and_cannot_be_started(app: Application, visit: Visit, ravi: Actor) -> None:
    app.identity.save_profile(ravi, FORM)
    screen = visit("discover", ravi)

    assert screen.button(key="start-whatsapp_bot").disabled
    assert screen.button(key="start-prompt_selling").disabled
    assert "Needs the tier pro; yours is starter" in words(screen)


def test_a_tier_that_was_taken_away_in_the_meantime_is_refused_in_words(
    app: Application, admin: Actor, visit: Visit, person: Callable[..., Actor], ravi: Actor
) -> None:
    mina = person(Role.USER, tier=Tier.PRO)
    app.identity.save_profile(mina, FORM)
    screen = visit("discover", mina)
    assert not screen.button(key="start-whatsapp_bot").disabled
    demoted = Actor(kind=mina.kind, id=mina.id, name=mina.name, roles=mina.roles, tier=Tier.STARTER)
    again = visit("discover", demoted)
    assert again.button(key="start-whatsapp_bot").disabled

    screen.button(key="start-whatsapp_bot").click().run()
    assert "needs the tier pro, and yours is starter" in words(screen)
    assert app.executions_queries.page(mina).total == 0


def earning_history(app: Application) -> None:
    history = History(app)
    for workflow, value in (("resume_generator", "50"), ("whatsapp_bot", "400")):
        digest = app.catalog_queries.by_id(workflow).digest
        people = [history.user() for _ in range(6)]
        for number in range(18):
            run = history.run(workflow, user_id=people[number % 6], revision=digest)
            if number < (15 if workflow == "resume_generator" else 8):
                history.outcome(run, value, "USD")
    app.analytics.aggregate(SYSTEM)


def test_a_card_says_whose_results_how_many_and_how_sure(app: Application, visit: Visit, ravi: Actor) -> None:
    app.identity.save_profile(ravi, FORM)
    app.recommendations.change_policy(SYSTEM, explore=False)
    earning_history(app)
    screen = visit("discover", ravi)

    said = words(screen)
    assert not screen.exception
    assert "83 % of 18 runs by 6 people like you (freelancer, beginner)" in said
    assert "90 % interval" in said
    assert screen.selectbox(key="objective").options == ["Chance of a result", "Expected revenue in USD"]


def test_a_person_orders_by_value_and_finds_it_so_again(
    app: Application, visit: Visit, person: Callable[..., Actor], ravi: Actor
) -> None:
    mina = person(Role.USER, tier=Tier.SCALE)
    app.identity.save_profile(mina, FORM)
    app.recommendations.change_policy(SYSTEM, explore=False)
    earning_history(app)
    screen = visit("discover", mina)
    usd = next(one for one in app.recommendations.look(mina).objectives if one.is_value)
    screen.selectbox(key="objective").set_value(usd).run()

    assert not screen.exception
    assert "Expected of a run: about $" in words(screen)
    assert "Too few have logged revenue in USD" in words(screen)
    assert app.recommendations.look(mina).rows[0].definition.workflow_id == "whatsapp_bot"
    assert visit("discover", mina).selectbox(key="objective").value == usd


def test_what_is_shown_to_learn_says_so(app: Application, visit: Visit, admin: Actor, ravi: Actor) -> None:
    app.identity.save_profile(ravi, FORM)
    mina = Actor(kind=ravi.kind, id=ravi.id, name=ravi.name, roles=ravi.roles, tier=Tier.SCALE)
    app.recommendations.change_policy(admin, explore=True, explore_share=0.5)
    clock = app.clock
    assert isinstance(clock, ManualClock)
    while not app.recommendations.look(mina).rows[0].explored:
        clock.advance(timedelta(days=1))

    assert "Tried by few: shown to learn more" in words(visit("discover", mina))


def test_only_an_admin_has_the_switch_for_trying_and_it_holds(
    app: Application, visit: Visit, admin: Actor, ravi: Actor
) -> None:
    app.identity.save_profile(ravi, FORM)
    app.identity.save_profile(admin, FORM)
    assert "policy-explore" not in {one.key for one in visit("discover", ravi).toggle}

    screen = visit("discover", admin)
    screen.toggle(key="policy-explore").set_value(False)
    screen.button(key="save-policy").click().run()

    assert not screen.exception
    assert app.recommendations_queries.policy().share == 0
    assert "Nothing is tried, set by Asha" in words(screen)
