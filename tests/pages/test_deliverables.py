"""The Deliverables page: what was handed over, asking for more, each state of one, and themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.deliverables.rules import FormatState, PackageState
from core.deliverables.themes.service import LogoFile, ThemeInput
from core.identifiers import new_id
from tests.core.analytics.history import History
from tests.core.deliverables.pretended import made, pretended
from tests.pages.conftest import Visit

READERS = [Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN]
MERIDIAN = ThemeInput(title="Meridian", house="Meridian Advisory", accent="#0F766E", footer="Confidential")


def words(screen: AppTest) -> str:
    parts = (*screen.markdown, *screen.caption, *screen.get("html"), *screen.warning, *screen.info, *screen.error)
    said = " ".join(str(getattr(part, "value", "") or getattr(part.proto, "body", "")) for part in parts)
    return said.replace("\\", "")  # what is escaped for Markdown reads without it


def labels(screen: AppTest) -> list[str]:
    return [button.label for button in (*screen.button, *screen.get("download_button"))]


def press(screen: AppTest, label: str) -> AppTest:
    return next(button for button in screen.button if button.label == label).click().run()


def rows(screen: AppTest) -> str:
    """What the tables of the page are given."""
    return " ".join(str(one.proto) for one in screen.get("bidi_component"))


def pictures(screen: AppTest) -> int:
    return len(screen.get("image"))


def choose_formats(screen: AppTest, *names: str) -> AppTest:
    field: Any = next(one for one in screen.get("button_group") if getattr(one, "label", "") == "Formats")
    return field.set_value(list(names)).run()  # type: ignore[no-any-return]


def opened(screen: AppTest) -> UUID:
    """The package that the address names."""
    said = screen.query_params["package"]
    return UUID(said if isinstance(said, str) else said[0])


@pytest.fixture
def pretend() -> Iterator[None]:
    with pretended():
        yield


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Ravi")


@pytest.fixture
def project(app: Application, operator: Actor) -> UUID:
    return app.projects.create(operator, "Winter <b>campaign</b>")


def package(app: Application, actor: Actor, project: UUID, **more: object) -> UUID:
    return app.packages.request(actor, "project", {"project_id": str(project)}, **more)  # type: ignore[arg-type]


# -- who, and the list ------------------------------------------------------------------------------------------------


def test_users_are_sent_away(visit: Visit, person: Callable[..., Actor]) -> None:
    assert visit("deliverables", person(Role.USER)).title[0].value == "Not your page"
    assert visit("deliverables", person(Role.USER), package=str(new_id())).title[0].value == "Not your page"


@pytest.mark.parametrize("role", READERS)
def test_an_empty_page_says_what_a_package_is(visit: Visit, person: Callable[..., Actor], role: Role) -> None:
    screen = visit("deliverables", person(role))

    assert not screen.exception
    assert "Nothing was handed over yet" in words(screen)
    assert "New package" in labels(screen)
    shelves = [one.options for one in screen.segmented_control]
    assert shelves == ([["Packages", "Themes"]] if role is Role.ADMIN else [])


@pytest.mark.usefixtures("pretend")
def test_history_names_what_was_made_of_what_and_by_whom(
    app: Application, visit: Visit, operator: Actor, project: UUID
) -> None:
    made(app, package(app, operator, project))
    package(app, operator, project, formats=["pdf"])
    package(app, operator, project, draft=True)
    screen = visit("deliverables", operator)

    assert not screen.exception
    assert "2 packages, the latest just now: Winter <b>campaign</b>." in words(screen)
    told = rows(screen)
    for one in ("number 1", "number 2", "Ravi", "PDF, HTML, ", "Ready", "Waits for a worker", "A project"):
        assert one in told, one


@pytest.mark.usefixtures("pretend")
def test_another_page_of_history_and_one_that_nobody_gave(
    app: Application, visit: Visit, operator: Actor, project: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(app, package(app, operator, project))
    made(app, package(app, operator, project))
    monkeypatch.setattr("pages.components.deliverable_list.PER_PAGE", 1)
    screen = visit("deliverables", operator)
    assert "number 2" in rows(screen)
    screen = press(screen, "Older")
    assert "number 1" in rows(screen) and "number 2" not in rows(screen)
    assert "number 2" in rows(press(screen, "Newest"))
    assert "number 2" in rows(visit("deliverables", operator, after="nonsense"))


@pytest.mark.usefixtures("pretend")
def test_a_filter_without_packages_says_so(app: Application, visit: Visit, operator: Actor, project: UUID) -> None:
    package(app, operator, project)
    assert "number 1" in rows(visit("deliverables", operator, of="project"))
    assert "number 1" in rows(visit("deliverables", operator, of="nonsense"))


# -- a new one --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("pretend")
def test_a_link_from_a_project_makes_its_package(
    app: Application, visit: Visit, operator: Actor, project: UUID
) -> None:
    screen = visit("deliverables", operator, new="1", source="project", id=str(project))
    assert not screen.exception
    screen = press(screen, "Make package")

    assert not screen.exception
    [row] = app.packages_queries.page(operator).rows
    assert (row.number, row.formats, row.state) == (1, ("pdf", "html", "data"), PackageState.WAITING)
    assert opened(screen) == row.id
    assert "Waits for a worker …" in str([one.proto for one in screen.get("progress")])


@pytest.mark.usefixtures("pretend")
def test_formats_theme_and_language_are_what_was_chosen(
    app: Application, visit: Visit, operator: Actor, admin: Actor, project: UUID
) -> None:
    app.themes.add(admin, MERIDIAN)
    other = app.themes.add(admin, replace(MERIDIAN, title="Second", house="Second house"))
    screen = visit("deliverables", operator, new="1", source="project", id=str(project))
    screen = choose_formats(screen, "html")
    boxes = {one.label: one for one in screen.selectbox}
    assert boxes["Theme"].options[0] == "The default: Meridian Advisory"
    boxes["Theme"].set_value(str(other))
    boxes["Language"].set_value("de")
    screen = press(screen.run(), "Make package")

    view = app.packages_queries.one(operator, opened(screen))
    assert (view.row.formats, view.theme_name, view.language) == (("html",), "Second house", "de")


@pytest.mark.usefixtures("pretend")
def test_nothing_can_be_made_before_something_is_chosen(visit: Visit, operator: Actor, project: UUID) -> None:
    screen = visit("deliverables", operator, new="1", source="project")
    buttons = {one.label: one for one in screen.button}
    assert buttons["Make package"].disabled and buttons["Preview"].disabled
    screen = visit("deliverables", operator, new="1", source="project", id=str(project))
    screen = choose_formats(screen)
    assert "Choose a format." in words(screen)
    assert {one.label: one for one in screen.button}["Make package"].disabled


@pytest.mark.usefixtures("pretend")
def test_a_project_that_is_not_there_is_not_chosen(visit: Visit, operator: Actor, project: UUID) -> None:
    screen = visit("deliverables", operator, new="1", source="nonsense", id=str(new_id()))
    assert not screen.exception
    assert {one.label: one for one in screen.button}["Make package"].disabled


@pytest.mark.usefixtures("pretend")
def test_two_clicks_make_one_package(
    app: Application, visit: Visit, operator: Actor, project: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = visit("deliverables", operator, new="1", source="project", id=str(project))
    asked = app.packages.request
    monkeypatch.setattr(
        type(app.packages), "request", lambda _self, *args, **more: (asked(*args, **more), asked(*args, **more))[1]
    )
    screen = press(screen, "Make package")
    assert not screen.exception
    assert app.packages_queries.page(operator).total == 1


@pytest.mark.usefixtures("pretend")
def test_a_preview_shows_its_pages_and_is_no_package(
    app: Application, visit: Visit, operator: Actor, project: UUID
) -> None:
    screen = press(visit("deliverables", operator, new="1", source="project", id=str(project)), "Preview")
    draft, _ = screen.session_state["_draft"]
    assert "Waits for a worker …" in str([one.proto for one in screen.get("progress")])
    made(app, draft)
    screen.run()
    assert not screen.exception
    assert pictures(screen) == 2
    assert app.packages_queries.page(operator).total == 0

    {one.label: one for one in screen.selectbox}["Language"].set_value("fr").run()
    assert "You changed it since the preview" in words(screen)
    assert pictures(screen) == 0


def test_a_period_is_asked_for_as_analytics_names_it(app: Application, visit: Visit, operator: Actor) -> None:
    history = History(app)
    history.workflow("own", title="Own work")
    history.run("own", savings="30")
    screen = visit(
        "deliverables", operator, new="1", source="period", period="Own dates", days="2025-12-01..2025-12-31",
        workflow="Own work",
    )  # fmt: skip
    assert not screen.exception
    screen = press(screen, "Make package")
    assert not screen.exception
    view = app.packages_queries.one(operator, opened(screen))
    assert {name: view.params[name] for name in ("first", "last", "dataset", "workflow_id")} == {
        "first": "2025-12-01", "last": "2025-12-31", "dataset": "own", "workflow_id": "own",
    }  # fmt: skip


def test_a_period_without_end_cannot_be_made(visit: Visit, operator: Actor) -> None:
    screen = visit("deliverables", operator, new="1", source="period", period="All time")
    assert "needs a first and a last day" in words(screen)
    assert {one.label: one for one in screen.button}["Make package"].disabled


# -- one of them ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("pretend")
def test_a_package_that_is_ready_offers_its_files_and_its_proof(
    app: Application, visit: Visit, operator: Actor, project: UUID
) -> None:
    package_id = package(app, operator, project)
    made(app, package_id)
    screen = visit("deliverables", operator, package=str(package_id))

    assert not screen.exception
    assert screen.header[0].value.replace("\\", "") == "Winter <b>campaign</b>, number 1"
    offered = [one.replace("\\", "") for one in labels(screen)]
    for one in ("Download all", "report.pdf", "report.html", "data.zip", "manifest.json", "Write the e-mail"):
        assert one in offered, one
    said = words(screen)
    for one in ("3 pages", "Key fingerprint", "python -m core.deliverables verify package.zip"):
        assert one in said + str([code.value for code in screen.code]), one
    view = app.packages_queries.one(operator, package_id)
    assert view.manifest_sha256 and view.manifest_sha256 in said


@pytest.mark.usefixtures("pretend")
def test_analysts_cannot_propose_so_nothing_is_attached(
    app: Application, visit: Visit, person: Callable[..., Actor], project: UUID
) -> None:
    analyst = person(Role.ANALYST)
    package_id = package(app, analyst, project)
    made(app, package_id)
    screen = visit("deliverables", analyst, package=str(package_id))
    assert not screen.exception
    assert "Write the e-mail" not in labels(screen) and "Download all" in labels(screen)


@pytest.mark.usefixtures("pretend")
def test_analysts_cannot_open_what_was_made_with_the_rights_of_an_operator(
    app: Application, visit: Visit, operator: Actor, person: Callable[..., Actor], project: UUID
) -> None:
    package_id = package(app, operator, project)
    made(app, package_id)
    assert "Download all" not in labels(visit("deliverables", person(Role.ANALYST), package=str(package_id)))


@pytest.mark.usefixtures("pretend")
def test_a_format_that_failed_says_why_and_is_tried_again_as_the_next_number(
    app: Application, visit: Visit, operator: Actor, project: UUID
) -> None:
    package_id = app.packages.request(operator, "project", {"project_id": str(project), "note": "no html"})
    made(app, package_id)
    screen = visit("deliverables", operator, package=str(package_id))
    assert "HTML** could not be made. The page cannot be drawn." in words(screen)
    screen = press(screen, "Try again")

    again = app.packages_queries.one(operator, opened(screen))
    assert again.row.number == 2
    assert app.packages_queries.one(operator, package_id).files[1].state is FormatState.FAILED


@pytest.mark.usefixtures("pretend")
def test_a_package_of_which_nothing_could_be_made_says_why(
    app: Application, visit: Visit, operator: Actor, project: UUID
) -> None:
    package_id = app.packages.request(operator, "project", {"project_id": str(project), "note": "unreadable"})
    made(app, package_id)
    screen = visit("deliverables", operator, package=str(package_id))
    assert "This source cannot be read." in words(screen)
    assert "Download all" not in labels(screen)
    screen = press(screen, "Try again")
    assert app.packages_queries.one(operator, package_id).row.state is PackageState.WAITING


@pytest.mark.usefixtures("pretend")
def test_an_older_package_says_that_there_is_a_newer_one(
    app: Application, visit: Visit, operator: Actor, project: UUID
) -> None:
    first = package(app, operator, project)
    made(app, first)
    made(app, package(app, operator, project))
    screen = visit("deliverables", operator, package=str(first))
    assert "Number 2 is newer than this one." in words(screen)
    assert "number 2" in rows(screen)


@pytest.mark.parametrize("wanted", ["nonsense", "'; DROP TABLE packages; --", "0190b6a0-0000-7000-8000-000000000001"])
def test_a_package_that_is_not_there_is_said_so(visit: Visit, operator: Actor, wanted: str) -> None:
    screen = visit("deliverables", operator, package=wanted)
    assert not screen.exception
    assert "There is no such package" in words(screen)


# -- themes -----------------------------------------------------------------------------------------------------------


def _logo() -> LogoFile:
    made = BytesIO()
    Image.new("RGB", (300, 90), "#0F766E").save(made, "PNG")
    return LogoFile("logo.png", made.getvalue())


def test_admins_see_themes_with_a_picture_of_each(app: Application, visit: Visit, admin: Actor) -> None:
    assert "Packages look as Countersign does" in words(visit("deliverables", admin, tab="Themes"))
    app.themes.add(admin, replace(MERIDIAN, title="<b>#let x = 1</b> 株式会社", house="شركة"), logo=_logo())
    app.themes.add(admin, MERIDIAN)
    screen = visit("deliverables", admin, tab="Themes")
    assert not screen.exception
    assert [one.value.replace("\\", "") for one in screen.header] == ["<b>#let x = 1</b> 株式会社", "Meridian"]
    assert pictures(screen) == 2

    press(screen, "Make it the default")
    assert app.themes_queries.default(admin).name == "Meridian Advisory"


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.COUNCIL, Role.ANALYST])
def test_themes_are_for_admins_alone(
    app: Application, visit: Visit, admin: Actor, person: Callable[..., Actor], role: Role
) -> None:
    app.themes.add(admin, MERIDIAN)
    screen = visit("deliverables", person(role), tab="Themes")
    assert not screen.exception
    assert "New theme…" not in labels(screen) and "Change…" not in labels(screen)


# -- from other pages -------------------------------------------------------------------------------------------------


def test_run_project_and_analytics_lead_to_a_package_of_what_they_show(
    app: Application, visit: Visit, operator: Actor, project: UUID
) -> None:
    history = History(app)
    history.workflow("own", title="Own work")
    run = history.run("own", savings="30")

    assert f"/deliverables?new=1&amp;source=execution&amp;id={run}" in words(visit("runs", operator, run=str(run)))
    assert f"/deliverables?new=1&amp;source=project&amp;id={project}" in words(
        visit("projects", operator, project=str(project))
    )
    said = words(visit("analytics", operator, period="13 weeks", workflow="Own work"))
    assert "/deliverables?new=1&amp;source=period&amp;period=13+weeks&amp;workflow=Own+work" in said


def test_a_user_is_offered_no_package_of_their_run(
    app: Application, visit: Visit, person: Callable[..., Actor]
) -> None:
    owner = person(Role.USER)
    history = History(app)
    history.workflow("own", title="Own work")
    run = history.run("own", user_id=owner.user_id)
    screen = visit("runs", owner, run=str(run))
    assert screen.header[0].value == "Own work"
    assert "/deliverables" not in words(screen)
