"""A package of a real project in every real format: made, downloaded, verified, and fit for a letter."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

from core.actor import Actor, Role
from core.bootstrap import Application
from core.canonical import digest
from core.deliverables.__main__ import main
from core.deliverables.content import report_as_json, report_from_json
from core.deliverables.format import find_formats
from core.deliverables.rules import PackageState
from core.deliverables.sealing.signing import fingerprint
from core.deliverables.sealing.verifying import verify
from core.files.archives import Archive
from core.files.stores import file_store
from core.settings import Settings
from tests.core.deliverables.pretended import made

SUBJECTS = ["=HYPERLINK(1)", "Ünïcode · 中文 · ₹", "<b>bold</b> $x$ #let", "-5", "Plain"]


def test_every_format_of_a_real_project_verifies_and_can_be_sent(
    app: Application, person: Callable[..., Actor], tmp_path: Path
) -> None:
    operator = person(Role.OPERATOR, name="Omar")
    project_id = app.projects.create(operator, "Winter campaign")
    letters = [{"to": [f"a{at}@example.com"], "subject": one, "body": "Hello."} for at, one in enumerate(SUBJECTS)]
    items = [{"operation": "email_send", "key": f"{at}", "params": one} for at, one in enumerate(letters)]
    app.projects.add_items(operator, project_id, items)
    package_id = app.packages.request(operator, "project", {"project_id": str(project_id)}, language="de")

    assert made(app, package_id) is PackageState.DONE
    result = app.packages_queries.result(operator, package_id)
    assert result.errors == () and set(result.paths) == set(find_formats())

    archive = app.packages_queries.file(operator, package_id, "package.zip").data
    verdict = verify(Archive(io.BytesIO(archive)), key=fingerprint(app.settings))
    assert verdict.right, verdict.differences
    assert verdict.remarks == ()
    assert verdict.manifest is not None and verdict.manifest.tables

    path = tmp_path / "package.zip"
    path.write_bytes(archive)
    assert (
        main(["verify", str(path)], Settings(_env_file=None, var_dir=app.settings.var_dir, database_url=app.url)) == 0
    )

    names = [file.name for file in app.packages_queries.one(operator, package_id).files]
    kept = app.packages.attach(operator, package_id, [*names, "manifest.json", "package.zip"])
    assert len({one.name for one in kept}) == len(names) + 2


def test_report_of_the_manifest_is_the_one_that_is_kept(app: Application, person: Callable[..., Actor]) -> None:
    operator = person(Role.OPERATOR, name="Omar")
    project_id = app.projects.create(operator, "Winter campaign")
    package_id = app.packages.request(operator, "project", {"project_id": str(project_id)}, formats=["data"])
    made(app, package_id)
    view = app.packages_queries.one(operator, package_id)
    kept = file_store(app.settings, app.settings.files_dir, prefix=app.settings.files_s3_prefix)
    report = report_from_json(json.loads(kept.get(view.report_sha256 or "")))
    assert view.manifest is not None
    assert view.manifest["report"]["sha256"] == view.report_sha256 == digest(report_as_json(report))
