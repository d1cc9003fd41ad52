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
from core.catalog.queries import NotAutomated, NotGuided, automated_at
from core.catalog.service import CatalogService, DefinedInFile, DefinitionsRefused
from core.errors import NotAllowed, NotFound
from core.settings import ROOT
from tests.core.catalog.test_automated import workflow
from tests.core.catalog.test_elsewhere import sparse
from tests.core.catalog.test_validation import definition


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a definitions file: `file(one=definition(…))`."""

    def write(**workflows: Any) -> Path:
        path = tmp_path / "workflows.json"
        path.write_text(json.dumps({"workflows": workflows}))
        return path

    return write


def test_shipped_files_are_taken_in_and_listed_by_tier(app: Application) -> None:
    report = app.catalog.sync(ROOT / "workflows.json")

    assert len(report.added) == 3 + len(list((ROOT / "workflows").glob("*.json")))
    found = [one for one in app.catalog_queries.current() if not one.is_automated]
    assert [definition.workflow_id for definition in found] == ["resume_generator", "whatsapp_bot", "prompt_selling"]
    assert found[0].guided.steps[0].title == "Gather the facts"


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


def automated(**more: Any) -> dict[str, Any]:
    return sparse() | more


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes files beside the definitions file: `folder(a=document)` is `workflows/a.json`."""

    def write(**documents: Any) -> Path:
        (tmp_path / "workflows").mkdir(exist_ok=True)
        for name, document in documents.items():
            (tmp_path / "workflows" / f"{name}.json").write_text(json.dumps(document))
        return tmp_path / "workflows"

    return write


def test_file_and_folder_are_taken_in_as_one_set(
    app: Application, file: Callable[..., Path], folder: Callable[..., Path]
) -> None:
    folder(any_name=automated(tier="pro"))
    path = file(one=definition(), inside=automated(workflow_id="inside"))

    assert sorted(app.catalog.sync(path).added) == ["inside", "one", "sparse"]

    found = {one.workflow_id: one for one in app.catalog_queries.current()}
    assert (found["sparse"].kind, found["sparse"].tier, found["sparse"].total_steps) == ("automated", "pro", 1)
    assert (found["one"].kind, found["inside"].kind) == ("guided", "automated")
    assert found["sparse"].automated.title == "Sparse" == found["sparse"].workflow.title
    with pytest.raises(NotGuided):
        _ = found["sparse"].guided
    with pytest.raises(NotAutomated):
        _ = found["one"].automated
    assert app.catalog_queries.step_titles("sparse") == ["Write"]


def test_one_error_in_any_file_leaves_everything_as_it_was(
    app: Application, file: Callable[..., Path], folder: Callable[..., Path]
) -> None:
    app.catalog.sync(file(one=definition()))
    folder(good=automated(), bad=automated(workflow_id="bad", steps=[]))

    report = app.catalog.sync(file(one=definition(title="Better")))

    assert [problem.code for problem in report.problems] == ["NO_STEPS"]
    assert [one.title for one in app.catalog_queries.current()] == ["A workflow"]


def test_warnings_keep_nothing_out(app: Application, file: Callable[..., Path], folder: Callable[..., Path]) -> None:
    document = workflow()
    document["steps"][2]["steps"][0] |= {"produces": "overview", "scope": "shop", "inputs": []}
    folder(shop=document)

    report = app.catalog.sync(file(one=definition()))

    assert [problem.code for problem in report.problems] == ["OUTSIDE_ITS_ITERATION"]
    assert sorted(report.added) == ["one", "shop_review"]


def test_one_id_in_two_files_is_refused(
    app: Application, file: Callable[..., Path], folder: Callable[..., Path]
) -> None:
    folder(a=automated(), b=automated(name="Other"))
    report = app.catalog.sync(file(one=definition()))
    assert [problem.code for problem in report.problems] == ["DUPLICATE_WORKFLOW"]
    assert app.catalog_queries.current() == []


def test_automated_workflow_that_left_the_folder_is_offered_no_more(
    app: Application, file: Callable[..., Path], folder: Callable[..., Path]
) -> None:
    place = folder(a=automated())
    app.catalog.sync(file(one=definition()))
    (place / "a.json").unlink()
    assert app.catalog.sync(file(one=definition())).withdrawn == ("sparse",)


def test_automated_definition_is_imported_with_its_warnings(app: Application, admin: Actor) -> None:
    service = CatalogService(app.database, lambda: {"Technical Architect 1.0"})

    imported = service.import_file(admin, json.dumps(automated()).encode())

    assert [problem.code for problem in imported.warnings] == ["PROMPT_NOT_FOUND"]
    assert app.catalog_queries.by_id("sparse").digest == imported.digests["sparse"]


def test_import_tells_every_problem_and_takes_in_nothing(app: Application, admin: Actor) -> None:
    document = workflow()
    document["steps"][0]["produces"], document["steps"][1]["produces"] = "moon", "sun"
    with pytest.raises(DefinitionsRefused, match="2 problems") as refused:
        app.catalog.import_file(admin, json.dumps(document).encode())
    errors = [one.path for one in refused.value.problems if one.severity == "error"]
    assert errors == ["$.steps[0].produces", "$.steps[1].produces"]
    assert app.catalog_queries.current() == []


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 100_000, b'{"a": 1, "a": 2}', b"{" + b" " * 6_000_000])
def test_import_of_any_bytes_is_refused_in_words(app: Application, admin: Actor, content: bytes) -> None:
    with pytest.raises(DefinitionsRefused):
        app.catalog.import_file(admin, content)


def test_a_user_may_neither_check_nor_import_a_file(app: Application, person: Callable[..., Actor]) -> None:
    for act in (app.catalog.check, app.catalog.import_file):
        with pytest.raises(NotAllowed):
            act(person(Role.USER), json.dumps(automated()).encode())


def test_automated_definition_is_parsed_once(app: Application, admin: Actor) -> None:
    digest = app.catalog.import_definitions(admin, automated(name="Parsed once"))["sparse"]
    with app.database.reading() as session:
        first = automated_at(session, digest)
        assert automated_at(session, digest) is first and first.title == "Parsed once"
        with pytest.raises(NotFound):
            automated_at(session, "0" * 64)


def test_automated_workflow_is_not_walked_through(app: Application, admin: Actor) -> None:
    app.catalog.import_definitions(admin, automated())
    with pytest.raises(NotGuided, match="Sparse runs by itself"):
        app.executions.start(admin, "sparse")
