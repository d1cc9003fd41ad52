"""Workflows that this version brings along: taken in at start, apart from files and imports, and never passed for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.actor import Actor
from core.bootstrap import Application
from core.catalog.automated_validation import check_automated
from core.catalog.inputs import RunInput, misfit
from core.catalog.published import published_schema
from core.catalog.service import CatalogService, DefinitionsRefused
from core.errors import NotFound
from core.settings import ROOT
from tests.core.catalog.test_automated import workflow

NAME = "website.trial"


def official(**change: Any) -> dict[str, Any]:
    return workflow() | {"workflow_id": NAME} | change


def catalog(app: Application, *definitions: dict[str, Any]) -> CatalogService:
    return CatalogService(app.database, official=lambda: definitions)


def test_official_workflows_are_taken_in_once_and_outlive_a_sync_of_files(app: Application, tmp_path: Path) -> None:
    assert catalog(app, official()).sync_official().added == (NAME,)
    again = catalog(app, official()).sync_official()
    assert (again.added, again.changed, again.withdrawn) == ((), (), ())
    assert app.catalog.sync(ROOT / "workflows.json").withdrawn == ()
    assert app.catalog_queries.by_id(NAME).automated.workflow_id == NAME
    assert app.catalog_queries.problems(app.catalog_queries.by_id(NAME)) is not None


def test_new_version_is_a_new_revision_and_one_that_is_gone_is_withdrawn_while_files_stay(app: Application) -> None:
    app.catalog.sync(ROOT / "workflows.json")
    catalog(app, official()).sync_official()
    assert catalog(app, official(description="Better.")).sync_official().changed == (NAME,)
    assert len(app.catalog_queries.revisions(NAME)) == 2
    assert catalog(app).sync_official().withdrawn == (NAME,)
    with pytest.raises(NotFound):
        app.catalog_queries.by_id(NAME)
    assert app.catalog_queries.by_id("market_offer").current


def test_imported_definition_never_has_a_dot(app: Application, admin: Actor) -> None:
    with pytest.raises(DefinitionsRefused) as refused:
        app.catalog.import_definitions(admin, official())
    assert [(one.code, one.path) for one in refused.value.problems] == [("BAD_VALUE", "$.workflow_id")]
    under_key = check_automated(official()).problems
    assert under_key and under_key[0].path == "$.workflow_id"
    assert published_schema()["properties"]["workflow_id"]["pattern"] == "^[a-z][a-z0-9_]*$"


@pytest.mark.parametrize("name", ["trial", "website.", ".trial", "a.b.c", "Website.trial", "website.../x"])
def test_official_id_is_a_room_and_a_name(app: Application, name: str) -> None:
    report = catalog(app, official(workflow_id=name)).sync_official()
    assert report.problems and not report.added


COLORS = RunInput.model_validate(
    {"type": "object", "or_list": True, "fields": {name: {"type": "color"} for name in ("primary", "accent")}}
)


@pytest.mark.parametrize("value", [{"primary": "#2B47B8"}, ["#2B47B8", "#ffffff"], ["#2B47B8"], {"primary": ""}])
def test_object_with_declared_fields_is_given_as_one_or_as_a_list(value: Any) -> None:
    assert misfit(COLORS, value) is None


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"primary": "red"}, "#RRGGBB"), ({"border": "#ffffff"}, "was not asked for"), (["#ffffff"] * 3, "at most 2"),
        ("#ffffff", "object"), (["#fff;} body{display:none"], "#RRGGBB"),
    ],
)  # fmt: skip
def test_object_with_declared_fields_says_what_does_not_fit(value: Any, word: str) -> None:
    assert word in (misfit(COLORS, value) or "")


def test_list_is_refused_where_an_object_is_meant_and_a_long_text_where_a_limit_is_set() -> None:
    assert misfit(COLORS.model_copy(update={"or_list": False}), ["#ffffff"])
    assert misfit(RunInput(max_length=3), "four") == "Keep it to 3 characters."
