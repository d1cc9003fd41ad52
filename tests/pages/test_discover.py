"""Discover leads from four answers to the first step, and marks what a tier does not include."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm
from core.settings import ROOT
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
