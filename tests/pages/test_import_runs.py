"""The import wizard: a file is handed in, its columns are said, the preview tells the truth, and it can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from core.actor import Actor, Role
from core.bootstrap import Application
from core.imports.rules import ImportState
from tests.core.imports.logs import MAPPING, csv_bytes, loans, work_off
from tests.pages.conftest import Visit


def test_columns_are_proposed_and_the_preview_says_what_will_be(visit: Visit, app: Application, admin: Actor) -> None:
    import_id = app.imports.upload(admin, "loans.csv", BytesIO(csv_bytes(loans(30))))
    screen = visit("import_runs", admin, **{"import": str(import_id)})
    assert not screen.exception
    assert screen.selectbox(key="map-case").value == "Case ID"
    assert screen.selectbox(key="map-time").value == "Complete timestamp"
    screen.text_input(key="map-title").set_value("Loan application")
    screen.button(key="check").click().run()
    assert not screen.exception and not screen.error
    assert app.imports_queries.one(admin, import_id).row.state is ImportState.READING

    work_off(app, import_id)
    screen = visit("import_runs", admin, **{"import": str(import_id)})
    assert not screen.exception
    assert screen.button(key="start").label == "Import 30 runs"
    screen.button(key="start").click().run()
    assert not screen.exception
    work_off(app, import_id)
    screen = visit("import_runs", admin, **{"import": str(import_id)})
    assert not screen.exception
    assert [metric.value for metric in screen.metric][:3] == ["30", "18", "12"]


def test_day_and_month_that_could_change_places_must_be_chosen(visit: Visit, app: Application, admin: Actor) -> None:
    data = b"case,activity,time\n1,Open,03/04/2025 10:00\n1,Close,05/04/2025 10:00\n"
    import_id = app.imports.upload(admin, "tickets.csv", BytesIO(data))
    screen = visit("import_runs", admin, **{"import": str(import_id)})
    assert screen.selectbox(key="map-dates").value is None
    screen.text_input(key="map-title").set_value("Tickets")
    screen.button(key="check").click().run()
    assert "choose how they are written" in screen.error[0].value
    assert app.imports_queries.one(admin, import_id).row.state is ImportState.UPLOADED


def test_analyst_cannot_make_a_workflow_of_a_log(visit: Visit, app: Application, person: Callable[..., Actor]) -> None:
    analyst = person(Role.ANALYST)
    import_id = app.imports.upload(analyst, "loans.csv", BytesIO(csv_bytes(loans(3))))
    screen = visit("import_runs", analyst, **{"import": str(import_id)})
    assert screen.radio(key="map-kind").options == ["A workflow that is here"]


def test_match_is_changed_in_the_preview(visit: Visit, app: Application, admin: Actor) -> None:
    import_id = app.imports.upload(admin, "loans.csv", BytesIO(csv_bytes(loans(30))))
    app.imports.check(admin, import_id, MAPPING)
    work_off(app, import_id)
    screen = visit("import_runs", admin, **{"import": str(import_id)})
    screen.multiselect(key="match-ends").set_value(["Decide"])
    screen.button(key="rematch").click().run()
    assert not screen.exception and not screen.error
    work_off(app, import_id)
    plan = app.imports_queries.one(admin, import_id).plan
    assert plan.runs["completed"] == 21


def test_import_is_taken_back_from_its_page(visit: Visit, app: Application, admin: Actor) -> None:
    import_id = app.imports.upload(admin, "loans.csv", BytesIO(csv_bytes(loans(5))))
    app.imports.check(admin, import_id, MAPPING, then_write=True)
    assert work_off(app, import_id) == "done"
    screen = visit("import_runs", admin, **{"import": str(import_id)})
    screen.button(key="take-back").click().run()
    screen.button(key="take-back-now").click().run()
    assert not screen.exception
    assert work_off(app, import_id) == "taken_back"
    assert app.imports_queries.one(admin, import_id).taken_back_by == "Asha"


def test_imported_run_says_so_in_the_list_and_on_its_page(visit: Visit, app: Application, admin: Actor) -> None:
    import_id = app.imports.upload(admin, "loans.csv", BytesIO(csv_bytes(loans(1))))
    app.imports.check(admin, import_id, MAPPING, then_write=True)
    assert work_off(app, import_id) == "done"
    run = app.executions_queries.page(admin).rows[0]
    assert app.imports_queries.marks([run.id])[run.id].source == "loans"
    assert not visit("runs", admin).exception

    screen = visit("runs", admin, run=str(run.id))
    assert not screen.exception
    assert any("Imported" in str(one.value) for one in screen.markdown)
