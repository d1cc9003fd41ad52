"""The workflows page: definitions looked over, compared, exported, and imported whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.settings import ROOT
from pages.components import workflow_import
from tests.core.catalog.test_automated import workflow
from tests.core.catalog.test_elsewhere import sparse
from tests.pages.conftest import Visit


def said(screen: AppTest) -> str:
    parts = [*screen.markdown, *screen.info, *screen.caption, *screen.error, *screen.header]
    return " ".join([*(one.value for one in parts), *(str(one.proto.body) for one in screen.get("html"))])


@pytest.fixture
def operator(app: Application, person: Callable[..., Actor]) -> Actor:
    assert not app.catalog.sync(ROOT / "workflows.json").problems
    return person(Role.OPERATOR)


def test_list_counts_both_kinds(visit: Visit, operator: Actor) -> None:
    screen = visit("workflows", operator)
    assert not screen.exception
    assert "5 workflows, 2 of them automated" in said(screen)


def test_definition_shows_its_tree_with_scopes_gates_and_inputs(visit: Visit, operator: Actor) -> None:
    screen = visit("workflows", operator, workflow="software_product_development")
    assert not screen.exception
    told = said(screen)
    assert "for each story of “Story backlog”" in told and "accepted by pm" in told and "story" in told
    assert "Asks for" in told and "Harvest" not in told


def test_guided_definition_is_shown_too(visit: Visit, operator: Actor) -> None:
    screen = visit("workflows", operator, workflow="resume_generator")
    assert not screen.exception and "Gather the facts" in said(screen)


def test_missing_prompts_are_warnings(app: Application, visit: Visit, operator: Actor) -> None:
    app.catalog.import_definitions(operator, sparse())
    told = said(visit("workflows", operator, workflow="sparse"))
    assert "2 warnings" in told and "ROLE_NOT_FOUND" in told and "$.steps[0].task_prompt" in told


def test_two_revisions_are_compared_line_by_line(app: Application, visit: Visit, operator: Actor) -> None:
    app.catalog.import_definitions(operator, sparse())
    app.catalog.import_definitions(operator, sparse() | {"name": "Better"})
    screen = visit("workflows", operator, workflow="sparse")
    assert not screen.exception
    told = said(screen)
    assert "Compare" in told and "removed: " in told and "&quot;name&quot;: &quot;Better&quot;" in told


def test_import_with_errors_shows_all_of_them_and_takes_in_nothing(
    app: Application, visit: Visit, operator: Actor
) -> None:
    document = workflow()
    document["steps"][0]["produces"], document["steps"][1]["scope"] = "moon", "sea"
    screen = visit("workflows", operator)
    screen.button(key="import").click().run()
    screen.text_area(key="definition-text").input(json.dumps(document))
    screen.button(key="import-now").click().run()

    assert {one.workflow_id for one in app.catalog_queries.current()}.isdisjoint({"shop_review"})
    problems = screen.session_state[workflow_import._FOUND]
    assert {one.path for one in problems if one.severity == "error"} == {"$.steps[0].produces", "$.steps[1].scope"}


def test_import_takes_in_what_is_right_and_opens_it(app: Application, visit: Visit, operator: Actor) -> None:
    screen = visit("workflows", operator)
    screen.button(key="import").click().run()
    screen.text_area(key="definition-text").input(json.dumps(sparse()))
    screen.button(key="import-now").click().run()

    assert not screen.exception
    assert app.catalog_queries.by_id("sparse").came_from == "import"
    assert screen.query_params["workflow"] in ("sparse", ["sparse"])


def test_check_takes_in_nothing(app: Application, visit: Visit, operator: Actor) -> None:
    screen = visit("workflows", operator)
    screen.button(key="import").click().run()
    screen.text_area(key="definition-text").input(json.dumps(sparse()))
    screen.button(key="check-now").click().run()
    assert not screen.exception
    assert "sparse" not in {one.workflow_id for one in app.catalog_queries.current()}


def test_analyst_reads_and_does_not_import(visit: Visit, operator: Actor, person: Callable[..., Actor]) -> None:
    screen = visit("workflows", person(Role.ANALYST))
    assert not screen.exception and "import" not in {one.key for one in screen.button}


@pytest.mark.parametrize("wanted", ["absent", "\x00", "'; DROP TABLE users; --", "ü" * 300])
def test_address_of_no_workflow_is_answered_in_words(visit: Visit, operator: Actor, wanted: str) -> None:
    screen = visit("workflows", operator, workflow=wanted)
    assert not screen.exception and "There is no such workflow" in said(screen)
