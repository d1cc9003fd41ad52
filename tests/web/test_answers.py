"""The page behind a link: answered without account or script, safe with hostile text, and silent to everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from core.actor import Actor
from core.bootstrap import Application
from core.executions.automated.rules import GateKind
from tests.core.executions.automated.driving import Driver, definition, production
from tests.core.invitations.test_invitations import BRIEF
from web.answers import MOST_BYTES, create_answers


@pytest.fixture
def browser(app: Application) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[Mount("/answer", app=create_answers(lambda: app))])) as made:
        yield made


@pytest.fixture
def driver(app: Application, admin: Actor) -> Driver:
    return Driver(app, admin)


@pytest.fixture
def run(driver: Driver) -> UUID:
    step = {**production("brief", "brief", "project"), "title": "Your <b>brief</b>"}
    run = driver.start(definition([step], {"brief": BRIEF}))
    driver.drive(run)
    return run


@pytest.fixture
def address(app: Application, admin: Actor, driver: Driver, run: UUID) -> str:
    gate = driver.gate(run, GateKind.FORM)
    return f"/answer/{app.invitations.make(admin, gate.id, label='<script>alert(1)</script>').token}"


def test_form_is_filled_in_and_handed_in(browser: TestClient, driver: Driver, run: UUID, address: str) -> None:
    page = browser.get(address)
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert 'name="goal"' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers

    done = browser.post(address, data={"goal": "More clients", "size": "large", "urgent": "no"})

    assert (done.status_code, "Thank you" in done.text) == (200, True)
    driver.drive(run)
    assert driver.documents(run)["brief", "", 1] == {"goal": "More clients", "size": "large", "urgent": False}
    assert browser.get(address).status_code == 410
    assert browser.post(address, data={"goal": "Again"}).status_code == 410


def test_refused_form_keeps_what_was_typed(browser: TestClient, driver: Driver, run: UUID, address: str) -> None:
    refused = browser.post(address, data={"goal": 'a "quoted" goal', "budget": "many"})
    assert refused.status_code == 422
    assert "use a number" in refused.text
    assert "a &#34;quoted&#34; goal" in refused.text
    assert driver.gates(run)


@pytest.mark.parametrize("typed", ["[" * 300 + "]" * 300, "[" * 70 + "]" * 70, "NaN", '"\\ud800"', '{"\\u0000": 1}'])
def test_json_that_nobody_could_read_again_is_refused(
    app: Application, admin: Actor, browser: TestClient, driver: Driver, typed: str
) -> None:
    brief = {**BRIEF, "json_schema": {"type": "object", "properties": {"extra": {}}}}
    run = driver.start(definition([production("brief", "brief", "project")], {"brief": brief}))
    driver.drive(run)
    link = app.invitations.make(admin, driver.gate(run, GateKind.FORM).id, label="Acme").token

    refused = browser.post(f"/answer/{link}", data={"extra": typed})

    assert refused.status_code == 422, refused.text
    assert driver.gates(run)


def test_unknown_link_says_so_and_nothing_else(browser: TestClient) -> None:
    for token in ("x" * 43, "../auth", "%00", "a" * 5000):
        answer = browser.get(f"/answer/{token}")
        assert answer.status_code == 404
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
)
def test_body_that_is_no_form_or_too_much_changes_nothing(
    browser: TestClient, driver: Driver, run: UUID, address: str, kind: str
) -> None:
    for body in (b"\xff\x00" * 10, b"a" * (MOST_BYTES + 1), b"&".join(b"f%d=1" % n for n in range(2000))):
        answer = browser.post(address, content=body, headers={"content-type": kind})
        assert 400 <= answer.status_code < 500
    assert driver.gates(run)
