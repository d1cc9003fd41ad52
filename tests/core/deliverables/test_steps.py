"""A run packs itself: documents, approvals and all, once, whatever happens to its worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.bootstrap import Application
from core.catalog.validation import check_document
from core.deliverables.making import PackageMaking
from core.deliverables.rules import PackageState
from core.deliverables.tables import Package
from core.executions.automated.rules import GateKind
from core.executions.rules import ExecutionState
from tests.core.executions.automated.conftest import driver as driver
from tests.core.executions.automated.driving import Driver, definition, production

DOCUMENTS = {"brief": {"name": "Brief", "scope": "project"}, "handover": {"name": "Handover", "scope": "project"}}
BRIEF = [{"doc_type": "brief", "scope": "project"}]


def packing(**fields: Any) -> dict[str, Any]:
    step = {"step_id": "pack", "kind": "package", "scope": "project", "inputs": BRIEF, "produces": "handover", **fields}
    return definition([production("write", "brief", "project"), step], DOCUMENTS, inputs={"language": {"type": "text"}})


@pytest.fixture
def it(app: Application, driver: Callable[..., Driver]) -> Driver:
    return driver(lambda *_: {"goal": "More clients", "text": "## Findings\n\nThe *harbour* is open."})


def packages(app: Application) -> list[Package]:
    with app.database.reading() as session:
        return list(session.scalars(select(Package)))


def test_a_step_packs_its_run_and_later_steps_see_the_files(app: Application, it: Driver) -> None:
    run = it.start(packing(formats=["html", "data"]))
    assert it.drive(run) is ExecutionState.COMPLETED

    handover = it.documents(run)["handover", "", 1]
    assert [file["format"] for file in handover["files"]] == ["html", "data"]
    assert [one["name"] for one in handover["attachments"]] == ["Trial v1.html", "Trial v1 data.zip"]
    [package] = packages(app)
    assert (str(package.id), package.execution_id, package.state) == (handover["package_id"], run, PackageState.DONE)
    page = app.packages_queries.file(it.owner, package.id, "report.html").data.decode()
    assert "Findings" in page and "<em>harbour</em>" in page


def test_a_later_step_sends_what_was_packed(app: Application, it: Driver) -> None:
    sending = {
        "step_id": "send", "kind": "action", "scope": "project", "title": "Send it", "operation": "email_send",
        "inputs": [{"doc_type": "handover", "scope": "project"}],
        "params": {
            "to": ["client@example.com"], "subject": "Your report", "body": "Here it is.",
            "attachments": "{{documents.handover.attachments}}",
        },
    }  # fmt: skip
    told = packing(formats=["html"])
    told["steps"].append(sending)

    run = it.start(told)
    it.drive(run)

    gate = it.gate(run, GateKind.ACTION)
    card = app.actions_queries.card(it.owner, gate.action_id) if gate.action_id else None
    handover = it.documents(run)["handover", "", 1]
    assert card is not None and handover["files"][0]["sha256"] in json.dumps(card.plan.request)


def test_killed_in_the_middle_it_makes_the_same_package(
    app: Application, it: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = it.start(packing(formats=["html"]))
    with monkeypatch.context() as dies, pytest.raises(SystemExit):
        dies.setattr(PackageMaking, "_seal", lambda *_: (_ for _ in ()).throw(SystemExit()))
        it.drive(run)

    it.work(run)

    assert it.row(run).state is ExecutionState.COMPLETED
    with app.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Package)) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"theme": "No such theme"}, "no theme called"), ({"language": "{{documents.brief.goal}}"}, "no language")],
)
def test_what_cannot_be_packed_fails_with_what_to_do(it: Driver, fields: dict[str, Any], said: str) -> None:
    run = it.start(packing(**fields))
    assert it.drive(run) is ExecutionState.FAILED
    assert said in (it.nodes(run)["pack"].error or "")


@pytest.mark.parametrize(
    ("fields", "path"),
    [({"formats": ["docx"]}, "formats"), ({"language": "not a language"}, "language"), ({"time_zone": "Mars"}, "time_zone"),
     ({"language": "{{documents.other.x}}"}, "language")],
)  # fmt: skip
def test_a_definition_that_cannot_be_packed_is_told_before(fields: dict[str, Any], path: str) -> None:
    checked = check_document(packing(**fields))
    assert any(path in problem.path for problem in checked.problems if problem.severity == "error")


def test_the_owner_of_a_run_sees_its_package(app: Application, it: Driver, person: Callable[..., Any]) -> None:
    run: UUID = it.start(packing(formats=["html"]))
    it.drive(run)
    [package] = packages(app)

    assert package.requested_by_id == str(it.row(run).user_id)
