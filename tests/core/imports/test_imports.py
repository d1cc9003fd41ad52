"""A past is brought in: handed in, rehearsed, written once, and taken back as one."""

from __future__ import annotations

from core.actor import Actor
from core.bootstrap import Application
from tests.core.imports.logs import MAPPING, csv_bytes, loans, uploaded, work_off


def test_log_becomes_runs(app: Application, admin: Actor) -> None:
    import_id = uploaded(app, admin, csv_bytes(loans(30)))
    view = app.imports_queries.one(admin, import_id)
    print(view.found)
    app.imports.check(admin, import_id, MAPPING)
    assert work_off(app, import_id) == "ready"
    view = app.imports_queries.one(admin, import_id)
    print(view)
    print(app.imports_queries.preview(admin, import_id))
    app.imports.start(admin, import_id)
    assert work_off(app, import_id) == "done"
    view = app.imports_queries.one(admin, import_id)
    print(view.written)
    app.imports.take_back(admin, import_id)
    assert work_off(app, import_id) == "taken_back"
