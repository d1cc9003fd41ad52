"""Definitions enter by the file or by import, and old revisions stay for the runs that began with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.catalog.service import DefinedInFile, DefinitionsRefused
from core.errors import NotAllowed, NotFound
from core.settings import ROOT
from tests.core.catalog.test_validation import definition


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a definitions file: `file(one=definition(…))`."""

    def write(**workflows: Any) -> Path:
        path = tmp_path / "workflows.json"
        path.write_text(json.dumps({"workflows": workflows}))
        return path

    return write


def test_shipped_file_is_taken_in_and_listed_by_tier(app: Application) -> None:
    report = app.catalog.sync(ROOT / "workflows.json")

    assert len(report.added) == 3
    found = app.catalog_queries.current()
    assert [definition.workflow_id for definition in found] == ["resume_generator", "whatsapp_bot", "prompt_selling"]
    assert found[0].workflow.steps[0].title == "Gather the facts"


def test_an_unchanged_file_writes_nothing(app: Application, file: Callable[..., Path]) -> None:
    app.catalog.sync(file(one=definition()))
    entries = app.audit_queries.count()

    report = app.catalog.sync(file(one=definition()))

    assert (report.added, report.changed, report.withdrawn) == ((), (), ())
    assert app.audit_queries.count() == entries


def test_a_change_makes_a_new_revision_and_keeps_the_old_one(app: Application, file: Callable[..., Path]) -> None:
    app.catalog.sync(file(one=definition()))
    old = app.catalog_queries.by_id("one")

    report = app.catalog.sync(file(one=definition(title="Better")))

    assert report.changed == ("one",)
    assert app.catalog_queries.by_id("one").title == "Better"
    assert app.catalog_queries.by_revision(old.digest).title == "A workflow"
    assert len(app.catalog_queries.revisions("one")) == 2


def test_going_back_to_an_earlier_content_makes_no_third_revision(app: Application, file: Callable[..., Path]) -> None:
    for title in ("First", "Second", "First"):
        app.catalog.sync(file(one=definition(title=title)))

    assert app.catalog_queries.by_id("one").title == "First"
    assert len(app.catalog_queries.revisions("one")) == 2


def test_a_broken_file_keeps_the_last_good_revisions_and_reports_everything(
    app: Application, file: Callable[..., Path], tmp_path: Path
) -> None:
    app.catalog.sync(file(one=definition()))

    report = app.catalog.sync(file(one=definition(title=""), two=definition(tier="gold"), three=definition()))

    assert [problem.code for problem in report.problems] == ["EMPTY_TEXT", "UNKNOWN_TIER"]
    assert [found.workflow_id for found in app.catalog_queries.current()] == ["one"]
    assert app.catalog.sync(tmp_path / "absent.json").problems[0].code == "UNREADABLE_FILE"


def test_a_workflow_that_left_the_file_is_offered_no_more(app: Application, file: Callable[..., Path]) -> None:
    app.catalog.sync(file(one=definition(), two=definition()))

    assert app.catalog.sync(file(two=definition())).withdrawn == ("one",)
    with pytest.raises(NotFound):
        app.catalog_queries.by_id("one")
    assert len(app.catalog_queries.revisions("one")) == 1


def test_several_processes_may_sync_at_once(app: Application, file: Callable[..., Path]) -> None:
    path = file(one=definition(), two=definition())
    with ThreadPoolExecutor(6) as pool:
        reports = list(pool.map(lambda _: app.catalog.sync(path), range(6)))

    assert sorted(len(report.added) for report in reports) == [0, 0, 0, 0, 0, 2]


def test_an_import_is_checked_and_survives_the_next_sync(
    app: Application, admin: Actor, file: Callable[..., Path]
) -> None:
    digests = app.catalog.import_definitions(admin, {"workflows": {"imported": definition(extra=1.5)}})
    app.catalog.sync(file(one=definition()))

    found = app.catalog_queries.by_id("imported")
    assert (found.digest, found.source["extra"]) == (digests["imported"], 1.5)


def test_an_import_with_problems_takes_in_nothing(app: Application, admin: Actor) -> None:
    with pytest.raises(DefinitionsRefused) as refused:
        app.catalog.import_definitions(admin, {"workflows": {"good": definition(), "bad": definition(title="")}})

    assert [problem.path for problem in refused.value.problems] == ["$.workflows.bad.title"]
    assert app.catalog_queries.current() == []


def test_an_import_may_not_shadow_the_file(app: Application, admin: Actor, file: Callable[..., Path]) -> None:
    app.catalog.sync(file(one=definition()))
    with pytest.raises(DefinedInFile):
        app.catalog.import_definitions(admin, {"workflows": {"one": definition(title="Mine")}})


def test_a_user_may_not_import(app: Application, person: Callable[..., Actor]) -> None:
    with pytest.raises(NotAllowed):
        app.catalog.import_definitions(person(Role.USER), {"workflows": {"one": definition()}})
