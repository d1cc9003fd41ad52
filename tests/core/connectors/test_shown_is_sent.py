"""What a card shows is all that is sent, and nothing that is sent back holds a key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.clock import ManualClock
from core.connectors.plan import Effect
from core.connectors.protocol import Account, ConnectorContext
from core.connectors.registry import Connectors, find_systems
from core.connectors.transports.crm.account import HubspotAccount
from core.errors import InvalidInput
from core.files.storage import FolderStore
from core.settings import Settings
from tests.core.connectors.conftest import ConnectTo, GivenAccounts
from tests.core.connectors.counterparts.http_request import WebService, running
from tests.doubles.hubspot import PORTAL, TOKEN, running_hubspot
from tests.doubles.odoo import Odoo
from tests.doubles.serving import serve


@pytest.fixture
def service() -> Iterator[WebService]:
    with running() as found:
        yield found


@pytest.fixture
def connectors(service: WebService, connect_to: ConnectTo) -> Connectors:
    return connect_to(service)


# -- web requests -------------------------------------------------------------------------------------------------


def test_no_header_stands_where_method_address_or_body_are_shown(connectors: Connectors, service: WebService) -> None:
    url, disguise = f"{service.url}/v1/orders/1", {"method": "GET", "url": "https://harmless.example", "body": "none"}
    plan = connectors.plan("http_request", {"method": "DELETE", "url": url, "headers": {**disguise, "X-Empty": ""}})

    shown = {one.label: one.after for one in plan.changes}
    assert (shown["Method"], shown["Address"]) == ("DELETE", url)
    assert {name: shown[f"Header {name}"] for name in disguise} == disguise
    assert "Header X-Empty" in shown and len({one.field for one in plan.changes}) == len(plan.changes)


def test_header_of_the_connection_is_not_the_proposers_in_any_case(service: WebService, connect_to: ConnectTo) -> None:
    class Keyed(WebService):
        def account(self) -> Any:
            return {**super().account(), "header": "X-Api-Key"}

    keyed = Keyed()
    keyed.url = service.url
    with pytest.raises(InvalidInput, match="x-api-key"):
        connect_to(keyed).plan("http_request", {"url": f"{service.url}/v1/x", "headers": {"x-api-key": "another"}})


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override"])
def test_no_header_makes_another_method_of_it(connectors: Connectors, service: WebService, header: str) -> None:
    with pytest.raises(InvalidInput, match="choose the method itself"):
        connectors.plan("http_request", {"url": f"{service.url}/v1/x", "headers": {header: "DELETE"}})


@pytest.mark.parametrize("path", ["/v1/..;/admin", "/v1/..;a=b/admin", "/v1/%2e%2e%3b/admin"])
def test_path_parameters_lead_no_further_up_than_two_dots(
    connectors: Connectors, service: WebService, path: str
) -> None:
    with pytest.raises(InvalidInput):
        connectors.plan("http_request", {"url": service.url + path})


@contextmanager
def _repeating(status: int) -> Iterator[str]:
    """A service that repeats the key in every way that services do."""

    async def answer(request: Request) -> Response:
        bare = request.headers["authorization"].removeprefix("Bearer ")
        long = "x" * 1_990 + bare
        headers = {"location": f"/v1/orders/1?token={bare}"}
        return JSONResponse({"token": bare, "escaped": json.dumps(bare), "long": long}, status, headers)

    with serve(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])) as url:
        yield url


@pytest.mark.parametrize("status", [201, 301, 307, 401, 500])
def test_key_is_struck_out_wherever_the_answer_repeats_it(connect_to: ConnectTo, status: int) -> None:
    key = 'k"y/77+aa=bb'
    with _repeating(status) as url:

        class Repeating(WebService):
            def account(self) -> Any:
                return {**super().account(), "secret": f"Bearer {key}"}

        repeating = Repeating()
        repeating.url = url
        connectors = connect_to(repeating)
        plan = connectors.plan("http_request", {"method": "POST", "url": f"{url}/v1/orders"})
        receipt = connectors.operation("http_request").execute(plan, "one-key")

    told = json.dumps(receipt.to_json())
    for part in (key, json.dumps(key)[1:-1], 'k\\\\\\"y', "k%22y", 'k"y'):
        assert part not in told


# -- keys in headers ----------------------------------------------------------------------------------------------

_ACCOUNTS: dict[str, tuple[str, dict[str, Any]]] = {
    "http": ("secret", {"base_url": "https://api.example.com"}),
    "hubspot": ("token", {"portal": "12"}),
    "smtp2go": ("api_key", {"sender": "a@example.com"}),
    "linkedin": ("token", {"author": "urn:li:organization:1", "name": "Example"}),
    "x": ("token", {"handle": "example"}),
    "mastodon": ("token", {"server": "https://social.example", "handle": "example"}),
    "instagram": ("token", {"user_id": "1", "handle": "example"}),
}


@pytest.mark.parametrize("system", _ACCOUNTS)
def test_key_that_fits_in_no_header_is_refused_before_an_error_could_repeat_it(system: str) -> None:
    field, others = _ACCOUNTS[system]
    account = find_systems()[system].account

    kept = account.model_validate({**others, field: "Key77aa \n"})
    assert getattr(kept, field).get_secret_value() == "Key77aa"
    for wrong in ("Key\n77aa", "Key\x0077aa", "Key€77aa"):
        with pytest.raises(ValidationError, match="as it is shown there"):
            account.model_validate({**others, field: wrong})


# -- records ------------------------------------------------------------------------------------------------------


def test_numbers_that_are_texts_are_shown_when_they_change(settings: Settings, clock: ManualClock) -> None:
    with running_hubspot() as hubspot:
        hubspot.add("contacts", email="asha@example.com", phone="123", annualrevenue="1000.50")
        values = HubspotAccount.model_validate({"portal": str(PORTAL), "token": TOKEN, "base_url": hubspot.url})
        accounts = GivenAccounts(Account("main", "hubspot", values, "1"), "hubspot")
        connectors = Connectors(ConnectorContext(settings, clock, accounts, FolderStore(settings.files_dir)))
        for other in ("0123", "1_23", "١٢٣"):
            fields = {"phone": other, "annualrevenue": "1000.5"}
            params = {"target": "contact", "email": "asha@example.com", "fields": fields}
            plan = connectors.plan("crm_upsert", params)
            assert [(one.label, one.after) for one in plan.changes] == [("Phone number", other)]
            assert connectors.operation("crm_upsert").verify(plan, "key") is None
        connectors.close()


def test_deal_in_another_currency_moves_money_in_both(settings: Settings, clock: ManualClock) -> None:
    with running_hubspot() as hubspot:
        deal = hubspot.add("deals", dealname="Meridian", amount="5000", deal_currency_code="USD")
        values = HubspotAccount.model_validate({"portal": str(PORTAL), "token": TOKEN, "base_url": hubspot.url})
        accounts = GivenAccounts(Account("main", "hubspot", values, "1"), "hubspot")
        connectors = Connectors(ConnectorContext(settings, clock, accounts, FolderStore(settings.files_dir)))
        plan = connectors.plan("crm_upsert", {"target": "deal", "id": deal, "fields": {"deal_currency_code": "EUR"}})
        assert {(one.value, one.currency) for one in plan.amounts} == {(Decimal(5000), "USD"), (Decimal(5000), "EUR")}
        assert connectors.operation("crm_upsert").effect_of(plan) is Effect.FINANCIAL
        connectors.close()


def test_no_parameter_reads_backwards_on_the_card(
    odoo: Odoo, connected: Connectors, connectors: Connectors, service: WebService
) -> None:
    backwards = "Pay DE12 \u202e34 not DE43"
    with pytest.raises(InvalidInput, match="direction of text"):
        connected.plan("odoo_create", {"model": "crm.lead", "values": {"name": backwards}})
    with pytest.raises(InvalidInput, match="direction of text"):
        connected.plan("odoo_create", {"model": "crm.lead", "values": '{"name": "Pay \\u202e34"}'})
    with pytest.raises(InvalidInput, match="direction of text"):
        connectors.plan("http_request", {"method": "POST", "url": f"{service.url}/v1/x", "body": backwards})


def test_link_that_leads_elsewhere_is_another_text_in_odoo(odoo: Odoo, connected: Connectors) -> None:
    here, there = (f'<p><a href="https://{one}.example">Pay</a></p>' for one in ("here", "there"))
    lead = odoo.add_lead(name="Meridian", description=here)
    operation = connected.operation("odoo_update")
    plan = connected.plan("odoo_update", {"model": "crm.lead", "ids": [lead], "values": {"description": there}})

    assert [(one.before, one.after) for one in plan.changes] == [(here, there)]
    assert operation.verify(plan, "key") is None, "nothing was written yet"
    odoo.leads[lead]["description"] = here.replace("here", "elsewhere")
    assert operation.drift(plan) is not None


def test_lead_is_overseen_as_the_record_in_odoo_that_it_is(odoo: Odoo, connected: Connectors) -> None:
    known = odoo.add_lead(name="Meridian", email_from="asha@example.com")
    operation = connected.operation("crm_upsert")
    asked = {"target": "lead", "fields": {"name": "Meridian Ltd"}}
    change = connected.plan("crm_upsert", {**asked, "id": str(known)})
    new = connected.plan("crm_upsert", {**asked, "email": "ravi@example.com"})

    assert operation.model_of(change) == operation.model_of(new) == "crm.lead"
    assert operation.concerns(change) == {"odoo", "odoo_update"}
    assert operation.concerns(new) == {"odoo", "odoo_create"}
