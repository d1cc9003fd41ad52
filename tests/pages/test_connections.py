"""The connections page: what an admin reads and does there, and what nobody ever reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from tests.core.connectors.counterparts.http_request import KEY, WebService, running
from tests.pages.conftest import Visit


@pytest.fixture
def service() -> Iterator[WebService]:
    with running() as found:
        yield found


@pytest.fixture
def shop(app: Application, admin: Actor, service: WebService) -> str:
    return app.connections.add(admin, system="http", name="shop", values=service.account())


def said(screen: AppTest) -> str:
    shown = (screen.markdown, screen.info, screen.warning, screen.caption, screen.success, screen.error, screen.header)
    return " ".join(str(one.value) for kind in shown for one in kind)


def test_empty_page_says_what_happens_without(admin: Actor, visit: Visit) -> None:
    assert "outbox folder" in said(visit("connections", admin))


def test_list_says_which_one_needs_a_look(
    app: Application, admin: Actor, visit: Visit, shop: str, service: WebService
) -> None:
    assert "1 connection in use." in said(visit("connections", admin))
    app.connections.change(admin, shop, service.wrong_account())
    app.connections.test(admin, shop)
    assert "Look at shop." in said(visit("connections", admin))
    app.connections.switch(admin, shop, on=False)
    assert "Nothing is connected" in said(visit("connections", admin))


def test_test_button_says_what_was_found(app: Application, admin: Actor, visit: Visit, shop: str) -> None:
    screen = visit("connections", admin, connection=shop, family="http")
    screen.button(key="test").click().run()

    assert not screen.exception
    assert "It answered 200." in said(screen)


def test_secret_is_on_no_page(app: Application, admin: Actor, visit: Visit, shop: str) -> None:
    for query in ({}, {"connection": shop}):
        screen = visit("connections", admin, **query)
        assert KEY not in str(screen.main) + said(screen)
    screen.button(key="change").click().run()
    assert KEY not in str(screen.main)


def test_switching_off_and_on(app: Application, admin: Actor, visit: Visit, shop: str) -> None:
    app.connections.switch(admin, shop, on=False, because="leaked")
    screen = visit("connections", admin, connection=shop)
    assert "Asha switched it off (leaked)." in said(screen)
    screen.button(key="on").click().run()
    assert app.connections_queries.one(admin, shop).enabled


def test_unknown_connection_leads_back_to_the_list(admin: Actor, visit: Visit) -> None:
    assert "no such connection" in said(visit("connections", admin, connection="nowhere"))


def test_page_is_for_admins(person: Callable[..., Actor], visit: Visit, shop: str) -> None:
    screen = visit("connections", person(Role.OPERATOR))
    assert "for the role admin" in screen.error[0].value and not screen.button
