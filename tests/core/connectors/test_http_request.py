"""Web requests: only below an allowed address, never inside the house unless an admin says so, bounded in every way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from core.connectors.plan import AttemptOutcome, Effect, Plan
from core.connectors.registry import Connectors
from core.errors import InvalidInput
from tests.core.connectors.conftest import ConnectTo
from tests.core.connectors.counterparts.http_request import KEY, WebService, running
from tests.doubles.serving import serve


@pytest.fixture
def service() -> Iterator[WebService]:
    with running() as found:
        yield found


@pytest.fixture
def connectors(service: WebService, connect_to: ConnectTo) -> Connectors:
    return connect_to(service)


def planned(connectors: Connectors, url: str, **params: Any) -> Plan:
    return connectors.plan("http_request", {"method": "POST", "url": url, **params})


@pytest.mark.parametrize(
    "path",
    ["/v2/orders", "/v10", "/", "", "/v1/../admin", "/v1/%2e%2e/admin", "/v1/%252e%252e/admin", "/v1/..%5cadmin",
     "/v1/./orders"],
)  # fmt: skip
def test_what_is_not_below_an_allowed_address_is_refused(
    connectors: Connectors, service: WebService, path: str
) -> None:
    with pytest.raises(InvalidInput):
        planned(connectors, service.url + path)


@pytest.mark.parametrize(
    "url",
    ["https://elsewhere.example/v1", "http://127.0.0.1.elsewhere.example/v1", "http://user@127.0.0.1/v1",
     "file:///etc/passwd", "gopher://127.0.0.1/v1", "http://169.254.169.254/latest", "http://2852039166/", "//evil/v1",
     "http://127.0.0.1\\@evil/v1", "http://[::ffff:169.254.169.254]/v1"],
)  # fmt: skip
def test_other_hosts_and_tricks_with_addresses_are_refused(connectors: Connectors, url: str) -> None:
    with pytest.raises(InvalidInput):
        planned(connectors, url)


@pytest.mark.parametrize("header", ["Authorization", "Cookie", "Host", "content-length", "Transfer-Encoding", "X\r\nY"])
def test_headers_that_sign_in_or_frame_the_message_are_refused(
    connectors: Connectors, service: WebService, header: str
) -> None:
    with pytest.raises(InvalidInput):
        planned(connectors, f"{service.url}/v1", headers={header: "x"})
    with pytest.raises(InvalidInput):
        planned(connectors, f"{service.url}/v1", headers={"X-Note": "a\r\nX-Other: b"})


@pytest.mark.parametrize("says", [True, False])
def test_a_get_reads_only_where_an_admin_says_so(service: WebService, connect_to: ConnectTo, says: bool) -> None:
    class Told(WebService):
        def account(self) -> Any:
            return {**super().account(), "reading": says}

    told = Told()
    told.url = service.url
    connectors = connect_to(told)
    effects = {
        method: connectors.operation("http_request").effect_of(
            connectors.plan("http_request", {"method": method, "url": f"{service.url}/v1/x"})
        )
        for method in ("GET", "HEAD", "POST", "DELETE")
    }
    reads = Effect.READ if says else Effect.IRREVERSIBLE
    assert effects == {
        "GET": reads, "HEAD": reads, "POST": Effect.IRREVERSIBLE, "DELETE": Effect.IRREVERSIBLE,
    }  # fmt: skip


def test_secret_goes_only_into_the_header_and_comes_back_hidden(connectors: Connectors, service: WebService) -> None:
    plan = planned(connectors, f"{service.url}/v1/orders", body='{"a": 1}')
    receipt = connectors.operation("http_request").execute(plan, "one-key")

    headers = service.received[0]["headers"]
    assert headers["authorization"] == KEY
    assert headers["idempotency-key"] == "one-key"
    assert headers["content-type"] == "application/json"
    assert "[hidden]" in receipt.details["body"] and KEY not in str(receipt.to_json())


def test_address_inside_the_house_is_refused_when_the_admin_did_not_allow_it(
    service: WebService, connect_to: ConnectTo
) -> None:
    class Careful(WebService):
        def account(self) -> Any:
            return {**super().account(), "private": False}

    careful = Careful()
    careful.url = service.url
    connectors = connect_to(careful)
    receipt = connectors.operation("http_request").execute(planned(connectors, f"{service.url}/v1/x"), "key")

    assert receipt.outcome is AttemptOutcome.REJECTED and "127.0.0.1" in receipt.message
    assert service.received == []


def test_name_that_leads_inside_by_the_time_of_the_call_is_not_called(
    service: WebService, connect_to: ConnectTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Public(WebService):
        def account(self) -> Any:
            return {"base_url": "http://api.partner.example/v1", "secret": KEY}

    connectors = connect_to(Public())
    plan = planned(connectors, "http://api.partner.example/v1/x")
    for inside in ("10.0.0.8", "127.0.0.1", "100.64.0.1", "169.254.169.254", "192.168.1.1"):
        place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (inside, 80))
        monkeypatch.setattr("core.connectors.transports.addresses.socket.getaddrinfo", lambda *_, p=place, **__: [p])
        receipt = connectors.operation("http_request").execute(plan, "key")
        assert receipt.outcome is AttemptOutcome.REJECTED and inside in receipt.message


@contextmanager
def answering(response: Response) -> Iterator[str]:
    async def answer(_: Request) -> Response:
        return response

    with serve(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])) as url:
        yield url


def at(url: str, connect_to: ConnectTo) -> Connectors:
    class There(WebService):
        def account(self) -> Any:
            return {"base_url": url, "private": True}

    return connect_to(There())


@pytest.mark.parametrize(
    ("status", "method", "outcome"),
    [(200, "POST", "confirmed"), (204, "POST", "confirmed"), (303, "POST", "confirmed"), (302, "POST", "unknown"),
     (307, "POST", "rejected"), (404, "POST", "rejected"), (409, "POST", "rejected"), (408, "POST", "unknown"),
     (500, "POST", "unknown"), (503, "POST", "unknown"), (500, "GET", "deferred"), (302, "GET", "deferred")],
)  # fmt: skip
def test_status_says_what_is_known(connect_to: ConnectTo, status: int, method: str, outcome: str) -> None:
    with answering(Response(status_code=status, headers={"location": "http://169.254.169.254/"})) as url:
        connectors = at(url, connect_to)
        plan = connectors.plan("http_request", {"method": method, "url": f"{url}/x"})
        assert connectors.operation("http_request").execute(plan, "key").outcome.value == outcome


def test_busy_service_says_when(connect_to: ConnectTo) -> None:
    with answering(Response(status_code=503, headers={"retry-after": "12"})) as url:
        connectors = at(url, connect_to)
        receipt = connectors.operation("http_request").execute(planned(connectors, f"{url}/x"), "key")
    assert (receipt.outcome, receipt.retry_after) == (AttemptOutcome.DEFERRED, 12)


def test_redirect_is_never_followed(connectors: Connectors, service: WebService, connect_to: ConnectTo) -> None:
    with answering(RedirectResponse(f"{service.url}/v1/orders", status_code=307)) as url:
        elsewhere = at(url, connect_to)
        receipt = elsewhere.operation("http_request").execute(planned(elsewhere, f"{url}/x"), "key")
    assert receipt.outcome is AttemptOutcome.REJECTED and "redirects are not followed" in receipt.message
    assert service.received == []


def test_endless_answer_is_cut_off(connect_to: ConnectTo) -> None:
    async def endless() -> Any:
        for _ in range(1_000):  # far more than is read; a server that never pauses would starve the other doubles
            yield b"x" * 65_536
            await asyncio.sleep(0)

    with answering(StreamingResponse(endless())) as url:
        connectors = at(url, connect_to)
        receipt = connectors.operation("http_request").execute(planned(connectors, f"{url}/x"), "key")
    assert receipt.outcome is AttemptOutcome.UNKNOWN and "1 MB" in receipt.message


def test_long_answer_is_kept_in_part_and_says_so(connect_to: ConnectTo) -> None:
    with answering(JSONResponse({"text": "y" * 5_000})) as url:
        connectors = at(url, connect_to)
        details = connectors.operation("http_request").execute(planned(connectors, f"{url}/x"), "key").details
    assert len(details["body"]) == 2_000 and details["cut"] is True
