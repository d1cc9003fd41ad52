"""Which API an Odoo speaks is found out, and again after an upgrade; an account says what it is and never its key."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from core.connectors.transports.calls import NotReached, Refused
from core.connectors.transports.odoo.account import OdooAccount
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.system import OdooSystem
from tests.doubles.odoo import DATABASE, KEY, LOGIN, Odoo


def account(odoo: Odoo, **more: object) -> OdooAccount:
    values = {"url": odoo.url, "database": DATABASE, "login": LOGIN, "key": KEY, **more}
    return OdooAccount.model_validate(values)


@pytest.fixture
def client(odoo: Odoo) -> Iterator[OdooClient]:
    made = OdooClient(account(odoo), timeout=2)
    yield made
    made.close()


def test_test_of_a_connection_says_who_which_version_and_which_apps(odoo: Odoo) -> None:
    said = OdooSystem().test(account(odoo), timeout=2)

    api = "JSON-2" if odoo.version >= 19 else "XML-RPC"
    assert said == f"Signed in as {LOGIN}; Odoo {odoo.version}.0 answers over {api}. Found CRM and Project."
    odoo.forbidden.add(("project.task", "search_read"))
    assert "Not found, or not allowed for this user: Project." in OdooSystem().test(account(odoo), timeout=2)
    assert odoo.changes == 0


def test_test_with_a_wrong_key_says_so(odoo: Odoo, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Refused, match="key was not accepted") as refused:
        OdooSystem().test(account(odoo, key="wrong-key-77"), timeout=2)
    assert not refused.value.signed_in
    assert "wrong-key-77" not in caplog.text + str(refused.value) + repr(account(odoo, key="wrong-key-77"))


def test_server_that_was_upgraded_or_put_back_is_asked_which_api_it_speaks_again(
    odoo: Odoo, client: OdooClient
) -> None:
    before = client.api
    odoo.version = 21 if odoo.version < 19 else 18  # without XML-RPC, or without JSON-2

    assert client.search("crm.stage", [], ["name"], 1)[0]["name"] == "New"
    assert {before, client.api} == {"JSON-2", "XML-RPC"}


def test_api_can_be_chosen(odoo: Odoo) -> None:
    chosen = OdooClient(account(odoo, api="xmlrpc"), timeout=2)
    assert chosen.read("crm.stage", [1], ["name"])[1]["name"] == "New" and chosen.api == "XML-RPC"
    chosen.close()
    chosen = OdooClient(account(odoo, api="json2"), timeout=2)
    if odoo.version >= 19:
        assert chosen.read("crm.stage", [1], ["name"])[1]["name"] == "New"
    else:
        with pytest.raises(Refused, match="does not speak this API"):
            chosen.read("crm.stage", [1], ["name"])
    chosen.close()


def test_xml_rpc_without_database_or_login_says_what_is_missing(odoo: Odoo) -> None:
    client = OdooClient(account(odoo, api="xmlrpc", database=" "), timeout=2)
    with pytest.raises(Refused, match="needs the database and the login"):
        client.fields("crm.lead")
    client.close()


@pytest.mark.parametrize("value", [2**31, "a\x01b", "\ufffe"])
def test_what_xml_rpc_cannot_carry_is_refused_before_it_is_sent(odoo: Odoo, value: object) -> None:
    client = OdooClient(account(odoo, api="xmlrpc"), timeout=2)
    with pytest.raises(Refused, match="XML-RPC cannot carry"):
        client.call("crm.lead", "write", ids=[1], vals={"name": value})
    assert "write" not in odoo.calls
    client.close()


def test_answer_that_does_not_come_is_not_reached_for_whoever_only_read(odoo: Odoo, client: OdooClient) -> None:
    odoo.fail["read"] = "lose"
    with pytest.raises(NotReached):
        client.read("crm.stage", [1], ["name"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://odoo.example.com"),
        ("url", "ftp://odoo.example.com"),
        ("url", "https://asha:secret@odoo.example.com"),
        ("url", "https://odoo.example.com/?db=main"),
        ("url", "http://169.254.169.254"),
        ("url", ""),
        ("key", ""),
        ("key", "a key"),
        ("key", "clé"),
        ("key", "a\r\nX-Other: 1"),
        ("login", "a\nb"),
        ("api", "soap"),
        ("surprise", "x"),
    ],
)
def test_accounts_that_cannot_be_are_refused(field: str, value: str) -> None:
    with pytest.raises(ValidationError):
        OdooAccount.model_validate({"url": "https://odoo.example.com", "key": KEY, field: value})


@pytest.mark.parametrize("url", ["http://localhost:8069", "http://10.0.0.5:8069", "http://odoo:8069", "http://o.lan"])
def test_key_may_travel_unencrypted_only_inside_the_house(url: str) -> None:
    assert OdooAccount.model_validate({"url": f"{url}/", "key": KEY}).url == url


def test_identity_is_made_of_what_is_not_secret() -> None:
    public: dict[str, Any] = {"url": "https://odoo.example.com", "database": "main", "login": "asha@example.com"}
    named: dict[str, Any] = {"url": "https://a.example"}
    whole, bare = OdooAccount.model_construct(**public), OdooAccount.model_construct(**named)

    assert OdooSystem().identity(whole) == "Odoo at https://odoo.example.com (main) as asha@example.com"
    assert OdooSystem().identity(bare) == "Odoo at https://a.example"
