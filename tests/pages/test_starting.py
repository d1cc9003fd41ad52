"""An automated workflow is started from Discover with a form made from what its definition asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm
from core.settings import ROOT
from tests.core.catalog.test_elsewhere import sparse
from tests.core.catalog.test_starting import INPUTS
from tests.pages.conftest import Visit
from tests.pages.test_run import words

PROFILE = ProfileForm(Goal.EARN_MONEY, Market.FREELANCER, SkillLevel.BEGINNER, "IN")


@pytest.fixture
def ravi(app: Application, person: Callable[..., Actor]) -> Actor:
    assert not app.catalog.sync(ROOT / "workflows.json").problems
    found = person(Role.USER, name="Ravi")
    app.identity.save_profile(found, PROFILE)
    return found


def field(screen: AppTest, app: Application, name: str, workflow_id: str = "sparse") -> str:
    return f"start-{app.catalog_queries.by_id(workflow_id).digest[:12]}-{name}"


def test_discover_shows_both_kinds_and_who_accepts(visit: Visit, ravi: Actor) -> None:
    screen = visit("discover", ravi)
    assert not screen.exception
    said = words(screen)
    assert "Software product development" in said and "Write resumes for clients with AI" in said
    assert "pm and architect accept" in said
    screen.button(key="start-software_product_development").click().run()
    assert "It runs by itself and stops for people" in words(screen)


def test_form_has_a_field_for_each_input_and_starts_the_run_with_their_values(
    app: Application, admin: Actor, visit: Visit, ravi: Actor
) -> None:
    app.catalog.import_definitions(admin, sparse() | {"inputs": INPUTS})
    screen = visit("discover", ravi, start="sparse")
    assert not screen.exception
    assert screen.text_input(key=field(screen, app, "site_name")).placeholder == "Corner Bakery"
    screen.text_input(key=field(screen, app, "site_name")).input("Bakery")
    screen.text_area(key=field(screen, app, "colours")).input('{"primary": "#fff"}')
    screen.multiselect(key=field(screen, app, "pages")).select("home")
    screen.number_input(key=field(screen, app, "rows")).set_value(3)
    screen.button(key="start-run").click().run()

    (row,) = app.executions_queries.page(ravi).rows
    assert row.inputs == {
        "site_name": "Bakery", "colours": {"primary": "#fff"}, "pages": ["home"], "rows": 3, "tone": "plain",
        "blog": False,
    }  # fmt: skip


def test_form_is_filled_with_what_an_earlier_run_was_started_with(
    app: Application, admin: Actor, visit: Visit, ravi: Actor, person: Callable[..., Actor]
) -> None:
    app.catalog.import_definitions(admin, sparse() | {"inputs": INPUTS})
    before = {
        "site_name": "Bakery", "colours": {"primary": "#fff"}, "pages": ["home"], "rows": 3, "tone": "plain",
        "blog": True, "contact": "ada@example.com", "story": "Long ago",
    }  # fmt: skip
    run = app.runs.start(ravi, "sparse", inputs=before)
    screen = visit("discover", ravi, start="sparse", like=str(run))
    assert not screen.exception
    assert "Filled with what the earlier run was started with" in words(screen)
    digest = app.catalog_queries.by_id("sparse").digest[:12]
    screen.text_input(key=f"start-{digest}-{run.hex[:12]}-story").input("Not so long ago")
    screen.button(key="start-run").click().run()

    rows = app.executions_queries.page(ravi).rows
    (made,) = [one for one in rows if one.id != run]
    assert made.inputs == before | {"story": "Not so long ago"}

    stranger = person(Role.USER, name="Noor")
    app.identity.save_profile(stranger, PROFILE)
    screen = visit("discover", stranger, start="sparse", like=str(run))
    assert "Filled with" not in words(screen)
    assert screen.text_input(key=field(screen, app, "site_name")).value == ""


def test_every_problem_stands_at_its_field_and_nothing_typed_is_lost(
    app: Application, admin: Actor, visit: Visit, ravi: Actor
) -> None:
    app.catalog.import_definitions(admin, sparse() | {"inputs": INPUTS})
    screen = visit("discover", ravi, start="sparse")
    screen.text_input(key=field(screen, app, "contact")).input("nobody")
    screen.text_area(key=field(screen, app, "colours")).input("{")
    screen.text_input(key=field(screen, app, "story")).input("Long ago")
    screen.button(key="start-run").click().run()

    assert [one.value.partition(".")[0] for one in screen.error] == [
        "It is needed to start", "Give an e-mail address, for example ada@example", "This is not JSON",
    ]  # fmt: skip
    assert screen.text_input(key=field(screen, app, "story")).value == "Long ago"
    assert app.executions_queries.page(ravi).total == 0

    screen.text_input(key=field(screen, app, "site_name")).input("Bakery")
    screen.text_input(key=field(screen, app, "contact")).input("ada@example.com")
    screen.text_area(key=field(screen, app, "colours")).input("")
    screen.button(key="start-run").click().run()
    (row,) = app.executions_queries.page(ravi).rows
    assert (row.inputs["story"], row.inputs["contact"]) == ("Long ago", "ada@example.com")


def test_definition_without_inputs_asks_what_it_is_about(
    app: Application, admin: Actor, visit: Visit, ravi: Actor
) -> None:
    app.catalog.import_definitions(admin, sparse())
    screen = visit("discover", ravi, start="sparse")
    screen.text_area(key=field(screen, app, "brief")).input("A bakery in Malmö")
    screen.button(key="start-run").click().run()
    (row,) = app.executions_queries.page(ravi).rows
    assert row.inputs == {"brief": "A bakery in Malmö"}


@pytest.mark.parametrize("wanted", ["absent", "resume_generator", "'; DROP TABLE users; --", "\x00"])
def test_address_of_no_automated_workflow_is_answered_in_words(visit: Visit, ravi: Actor, wanted: str) -> None:
    screen = visit("discover", ravi, start=wanted)
    assert not screen.exception and screen.info


def test_form_of_a_higher_tier_has_no_start(app: Application, admin: Actor, visit: Visit, ravi: Actor) -> None:
    definition: dict[str, Any] = sparse() | {"tier": "scale"}
    app.catalog.import_definitions(admin, definition)
    assert visit("discover", ravi).button(key="start-sparse").disabled
    screen = visit("discover", ravi, start="sparse")
    assert "Needs the tier scale; yours is starter" in words(screen)
    assert "start-run" not in {one.key for one in screen.button}
