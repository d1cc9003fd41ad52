"""Connections: kept encrypted, bound to their place, tested, switched off at once, and never shown again."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text, update

from core.actor import Actor, Role
from core.bootstrap import Application
from core.connections.accounts import StoredAccounts
from core.connections.rules import ConnectionDisabled, ConnectionUnreadable, UnknownConnection, checked_name
from core.connections.tables import ConnectionRow
from core.connectors.plan import confirmed, rejected
from core.connectors.registry import find_systems
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests.core.connectors.counterparts.http_request import KEY, running

HTTP = {"base_url": "https://api.example.com/v1", "secret": KEY}


def accounts(app: Application, **changed: Any) -> StoredAccounts:
    return StoredAccounts(app.database, app.settings.model_copy(update=changed), find_systems())


@pytest.fixture
def shop(app: Application, admin: Actor) -> str:
    return app.connections.add(admin, system="http", name="shop", values=HTTP)


def test_secret_is_kept_encrypted_and_found_in_clear_by_operations_alone(
    app: Application, admin: Actor, shop: str
) -> None:
    found = app.connectors.accounts.find("http", "shop")
    assert found is not None and found.values.secret.get_secret_value() == KEY
    with app.database.reading() as session:
        everything = [str(row) for table in ("connections", "audit_entries")
                      for row in session.execute(text(f"SELECT * FROM {table}"))]  # fmt: skip
    assert KEY not in " ".join(everything)
    view = app.connections_queries.one(admin, shop)
    assert view.secrets == ("secret",) and KEY not in repr(view) + repr(found)


def test_secret_moved_to_another_row_or_read_with_another_key_is_no_secret(
    app: Application, admin: Actor, shop: str
) -> None:
    app.connections.add(admin, system="http", name="other", values={**HTTP, "secret": "Bearer two"})
    with app.database.begin() as uow:
        stolen = uow.session.scalars(select(ConnectionRow.secrets).where(ConnectionRow.name == "shop")).one()
        uow.session.execute(update(ConnectionRow).where(ConnectionRow.name == "other").values(secrets=stolen))
    with pytest.raises(ConnectionUnreadable, match="SECRET_KEY"):
        accounts(app).find("http", "other")
    with pytest.raises(ConnectionUnreadable, match="SECRET_KEY"):
        accounts(app, secret_key=SecretStr("another installation")).find("http", "shop")
    assert [one.name for one in accounts(app).all("http")] == ["shop"]


def test_first_of_a_family_is_the_usual_one_until_another_is_made_so(app: Application, admin: Actor, shop: str) -> None:
    app.connections.add(admin, system="http", name="second", values=HTTP)
    assert usual(app) == "shop"
    app.connections.make_usual(admin, "second")
    assert usual(app) == "second"
    app.connections.add(admin, system="http", name="third", values=HTTP, usual=True)
    assert usual(app) == "third"
    app.connections.remove(admin, "third")
    assert app.connectors.accounts.find("http", None) is None


def usual(app: Application) -> str:
    found = app.connectors.accounts.find("http", None)
    assert found is not None
    return found.name


def test_switched_off_connection_is_used_for_nothing_and_says_by_whom(
    app: Application, admin: Actor, shop: str
) -> None:
    app.connections.switch(admin, shop, on=False, because="leaked key")
    with pytest.raises(ConnectionDisabled, match="leaked key"):
        app.connectors.accounts.find("http", "shop")
    with pytest.raises(ConnectionDisabled):
        app.connectors.accounts.find("http", None)
    assert app.connectors.accounts.all("http") == []
    app.connections.switch(admin, shop, on=True)
    assert usual(app) == "shop"


def test_change_keeps_secrets_that_are_left_out_and_makes_another_revision(
    app: Application, admin: Actor, shop: str
) -> None:
    before = app.connectors.accounts.find("http", shop)
    app.connections.change(admin, shop, {"base_url": "https://api.example.com/v2", "secret": ""})
    after = app.connectors.accounts.find("http", shop)
    assert before is not None and after is not None
    assert after.values.secret.get_secret_value() == KEY and after.values.base_url.endswith("/v2")
    assert after.revision != before.revision
    app.connections.change(admin, shop, {"base_url": "https://api.example.com/v2", "secret": "Bearer new"})
    renewed = app.connectors.accounts.find("http", shop)
    assert renewed is not None and renewed.values.secret.get_secret_value() == "Bearer new"
    with pytest.raises(Conflict):
        app.connections.change(admin, shop, HTTP, expected_version=1)


def test_secret_goes_to_no_other_server_unless_it_is_entered_again(app: Application, admin: Actor, shop: str) -> None:
    for elsewhere in ("https://listener.example/v1", "http://api.example.com/v1", "https://api.example.com:8443/v1"):
        with pytest.raises(InvalidInput, match="enter it again"):
            app.connections.change(admin, shop, {"base_url": elsewhere})
    assert app.connections_queries.one(admin, shop).values["base_url"] == HTTP["base_url"]
    app.connections.change(admin, shop, {"base_url": "https://api.example.net/v1", "secret": "Bearer new"})

    mail = {"host": "smtp.example.com", "username": "us", "password": "mail-key-77aa", "sender": "us@example.com"}
    app.connections.add(admin, system="smtp", name="mail", values=mail)
    del mail["password"]
    for changed in ({"host": "listener.example"}, {"port": 2525}, {"security": "none", "host": "mail.internal"}):
        with pytest.raises(InvalidInput, match="Password"):
            app.connections.change(admin, "mail", {**mail, **changed})
    app.connections.change(admin, "mail", {**mail, "sender": "others@example.com"})


@pytest.mark.parametrize(
    ("values", "field"),
    [({}, "Address"), ({"base_url": "ftp://x"}, "Address"), ({"base_url": "http://169.254.169.254"}, "Address"),
     ({**HTTP, "header": "a b"}, "Header"), ({**HTTP, "surprise": 1}, "surprise")],
)  # fmt: skip
def test_what_does_not_fit_the_form_is_named(
    app: Application, admin: Actor, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput, match=field):
        app.connections.add(admin, system="http", name="shop", values=values)
    assert app.connections_queries.all(admin) == []


@pytest.mark.parametrize("name", ["", "1shop", "a b", "environment", "outbox", "x" * 41, "shöp", "a/b", "a"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(InvalidInput):
        checked_name(name)


def test_unknown_names_and_systems_are_named(app: Application, admin: Actor, shop: str) -> None:
    with pytest.raises(UnknownConnection, match="nowhere"):
        app.connectors.accounts.find("http", "nowhere")
    with pytest.raises(UnknownConnection):  # another family's connection is none of this one
        app.connectors.accounts.find("odoo", "shop")
    with pytest.raises(InvalidInput, match="telepathy"):
        app.connections.add(admin, system="telepathy", name="x", values={})
    with pytest.raises(InvalidInput, match="already"):
        app.connections.add(admin, system="http", name="shop", values=HTTP)
    with pytest.raises(NotFound):
        app.connections.remove(admin, "nowhere")


def test_test_says_what_it_found_and_keeps_it(app: Application, admin: Actor) -> None:
    with running() as service:
        name = app.connections.add(admin, system="http", name="local", values=service.account())
        assert app.connections.test(admin, name) == (True, "It answered 200.")
        app.connections.change(admin, name, service.wrong_account())
        passed, words = app.connections.test(admin, name)
        assert not passed and "not accepted" in words
        view = app.connections_queries.one(admin, name)
        assert view.test is not None and (view.test.passed, view.test.words) == (False, words)
        app.connections.change(admin, name, service.account())
        assert app.connections_queries.one(admin, name).test is None


def test_test_of_what_is_not_there_says_so(app: Application, admin: Actor) -> None:
    values = {"base_url": "http://127.0.0.1:9/v1", "private": True}
    app.connections.add(admin, system="http", name="gone", values=values)
    passed, words = app.connections.test(admin, "gone")
    assert not passed and "refused" in words


def test_last_use_is_noted_with_its_words(app: Application, admin: Actor, shop: str) -> None:
    app.connectors.accounts.used(shop, confirmed("Done.", reference="1"))
    app.connectors.accounts.used(shop, rejected("Refused the key."))
    use = app.connections_queries.one(admin, shop).use
    assert use is not None and (use.passed, use.words) == (False, "Refused the key.")
    app.connectors.accounts.used("nowhere", confirmed("Done.", reference="1"))
    app.connectors.accounts.used(None, confirmed("Done.", reference="1"))


def test_only_admins_touch_and_see_connections(app: Application, person: Any, shop: str) -> None:
    operator = person(Role.OPERATOR)
    for act in (
        lambda: app.connections.add(operator, system="http", name="x", values=HTTP),
        lambda: app.connections.change(operator, shop, HTTP),
        lambda: app.connections.switch(operator, shop, on=False),
        lambda: app.connections.make_usual(operator, shop),
        lambda: app.connections.test(operator, shop),
        lambda: app.connections.remove(operator, shop),
        lambda: app.connections_queries.all(operator),
        lambda: app.connections_queries.one(operator, shop),
    ):
        with pytest.raises(NotAllowed):
            act()
