"""The Sites page: every site with how it is, one with its preview, report, versions and messages."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.websites.check import Measured
from core.websites.generating import generate
from core.websites.rules import CheckState
from tests.core.websites.serving import carried_out
from tests.core.websites.sites import site
from tests.pages.conftest import Visit

READERS = [Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN]


def words(screen: AppTest) -> str:
    parts = (*screen.markdown, *screen.caption, *screen.info, *screen.error, *screen.header)
    return " ".join(str(part.value) for part in parts).replace("\\", "")


@pytest.fixture
def ravi(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Ravi")


@pytest.fixture
def bakery(app: Application, ravi: Actor) -> UUID:
    """A site with two versions, the first published; nothing answers at its address here."""
    reserved = app.sites.reserve(ravi, name="Harbour <b>Bakery</b>", run_id=None)
    for number, name in enumerate(("Harbour Bakery", "Harbour Bread"), start=1):
        made = site(name=name)
        built = generate(made, address=app.sites.public_address(reserved.slug))
        version = app.sites.keep(reserved.id, built, made)
        if number == 1:
            app.sites.deploy(reserved.id, version.id, key="first", actor=ravi)
            results = {
                "valid_html": Measured(CheckState.FAIL, "One of 9 pages is not valid.", ("about/: <b> twice",)),
                "seo_complete": Measured(CheckState.PASS, "All 9 pages."),
                "accessibility": Measured(CheckState.NOT_CHECKED, "There is no browser here."),
            }
            app.sites.keep_report(version.id, None, results)
    return reserved.id


@pytest.mark.parametrize("role", READERS)
def test_everybody_of_the_house_sees_sites(
    visit: Visit, person: Callable[..., Actor], bakery: UUID, role: Role
) -> None:
    screen = visit("sites", person(role))

    assert not screen.exception
    assert "1 site" in words(screen)


def test_users_have_no_such_page(visit: Visit, person: Callable[..., Actor]) -> None:
    assert visit("sites", person(Role.USER)).title[0].value == "Not your page"


def test_without_sites_it_says_how_to_make_one(visit: Visit, ravi: Actor) -> None:
    assert "No site yet" in words(visit("sites", ravi))


def test_names_are_shown_as_they_are(visit: Visit, ravi: Actor, bakery: UUID) -> None:
    assert "Harbour <b>Bakery</b>" in words(visit("sites", ravi, site=str(bakery)))


def test_the_report_never_lets_what_was_not_checked_look_passed(visit: Visit, ravi: Actor, bakery: UUID) -> None:
    screen = visit("sites", ravi, site=str(bakery), view="Report")

    said = words(screen)
    assert "**1 passed**, 1 failed, 1 not checked" in said
    assert "about/: <b> twice" in said and "There is no browser here." in said


def test_only_what_was_published_before_is_published_from_here(
    visit: Visit, app: Application, ravi: Actor, bakery: UUID
) -> None:
    screen = visit("sites", ravi, site=str(bakery), view="Versions")

    assert [button.label for button in screen.button if "again" in (button.key or "")] == ["Publish again"]
    next(button for button in screen.button if button.key == "again-1").click().run()
    assert len(app.sites_queries.one(ravi, bakery).deployments) == 2
    assert "Version 1 is being published, asked for by Ravi" in words(screen)
    carried_out(app)
    screen.run()
    assert "is being published" not in words(screen) and "could not be reached" in words(screen)


def test_readers_who_may_not_change_see_no_buttons(visit: Visit, person: Callable[..., Actor], bakery: UUID) -> None:
    screen = visit("sites", person(Role.ANALYST), site=str(bakery), view="Versions")

    assert not [button for button in screen.button if "again" in (button.key or "")]


@pytest.mark.parametrize("view", ["Preview", "Report", "Versions", "Messages"])
def test_each_view_of_a_site_without_anything_says_what_will_be_there(
    visit: Visit, app: Application, ravi: Actor, view: str
) -> None:
    empty = app.sites.reserve(ravi, name="New", run_id=None)

    screen = visit("sites", ravi, site=str(empty.id), view=view)

    assert not screen.exception


@pytest.mark.parametrize("wanted", ["nonsense", "'; DROP TABLE sites; --", "0190b6a0-0000-7000-8000-000000000001"])
def test_a_site_that_is_not_there_is_said_so(visit: Visit, ravi: Actor, wanted: str) -> None:
    assert "no such site" in words(visit("sites", ravi, site=wanted))


def test_a_place_in_the_messages_that_nobody_gave_is_the_newest(visit: Visit, ravi: Actor, bakery: UUID) -> None:
    screen = visit("sites", ravi, site=str(bakery), view="Messages", after="nonsense")

    assert not screen.exception and "Nobody wrote yet." in words(screen)
