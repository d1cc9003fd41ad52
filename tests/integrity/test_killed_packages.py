"""A worker is killed again and again while it makes a package: in the end there is one, of one moment, sealed once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.actor import SYSTEM
from core.audit.tables import AuditEntry
from core.deliverables.rules import FormatState, PackageState
from core.deliverables.tables import Package, PackageFile
from tests.integrity.conftest import Installation
from tests.waiting import until

EVENTS = {
    "packaging.requested": 1, "packaging.started": 1, "packaging.pdf_generated": 1, "packaging.pptx_generated": 1,
    "packaging.html_generated": 1, "packaging.data_generated": 1, "packaging.completed": 1,
}  # fmt: skip


@pytest.mark.timeout(240)
def test_package_is_made_once_whoever_is_killed_meanwhile(install: Callable[..., Installation]) -> None:
    here = install()
    here.app.sample.load(SYSTEM)
    today = here.app.clock.now().date()
    period = {"first": str(today - timedelta(days=182)), "last": str(today), "dataset": "sample"}
    package_id = here.app.packages.request(here.admin, "period", period)

    def state() -> PackageState | None:
        return here.app.packages_queries.state(package_id)

    def begun() -> int:
        with here.app.database.reading() as session:
            return session.scalar(select(func.count()).where(PackageFile.tries > 0)) or 0

    reading = here.start_worker()
    until(lambda: state() is not PackageState.WAITING, seconds=60, what="a worker that reads")
    reading.kill()
    reading.wait()
    rendering = here.start_worker()
    until(lambda: begun() > 0, seconds=60, what="a format that is being made")
    rendering.kill()
    rendering.wait()
    here.start_worker()
    until(lambda: state() in (PackageState.DONE, PackageState.FAILED), seconds=90, what="the end of the package")

    view = here.app.packages_queries.one(here.admin, package_id)
    assert view.row.state is PackageState.DONE, view.error
    assert all(file.state is FormatState.DONE for file in view.files), [file.error for file in view.files]
    manifest = json.loads(here.app.packages_queries.file(here.admin, package_id, "manifest.json").data)
    assert {file["name"]: file["sha256"] for file in manifest["files"]} == {
        file.name: file.sha256 for file in view.files
    }
    with here.app.database.reading() as session:
        told = session.scalars(select(AuditEntry.event).where(AuditEntry.subject == f"package:{package_id}"))
        assert Counter(told) == EVENTS
        assert session.scalar(select(func.count()).select_from(Package)) == 1
