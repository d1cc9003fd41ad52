"""One id from the click to the receipt: request, audit, attempt, the worker's log, and the answer of the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import PIPE, Popen, TimeoutExpired
from uuid import UUID

from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.app import create_api
from core.actions.rules import ActionState
from core.actor import Actor
from core.audit.tables import AuditEntry
from core.correlation import request_bound
from core.guardrails.limits import ExecutionMode
from core.identity.rules import Scope
from tests.integrity.conftest import Installation

CLICK = "click-4711-of-asha"


def test_one_id_finds_approval_attempt_receipt_and_the_workers_lines(install: Callable[..., Installation]) -> None:
    # Given a card, and a worker that writes JSON
    here = install(EXECUTION_CHANNELS="email")
    here.app.guardrails.set_mode(here.admin, ExecutionMode.ON)
    action, digest = here.propose(1)

    # When it is approved over the API under an id of the caller's
    answer = _client(here, here.admin).post(
        f"/api/actions/{action}/approve", json={"plan_digest": digest}, headers={"x-request-id": CLICK}
    )
    assert answer.status_code in (200, 202), answer.text
    worker = here.start_worker(stderr=PIPE, LOG_FORMAT="json")
    assert here.until_settled([action]) == [ActionState.EXECUTED]

    # Then everything that came of it has that id
    assert answer.headers["x-request-id"] == CLICK
    assert {"action.approved", "action.executed"} <= _events(here, CLICK)
    card = _client(here, here.admin).get(f"/api/actions/{action}").json()
    assert [one["request_id"] for one in card["attempt_history"]] == [CLICK]
    assert here.app.audit_queries.entries(text=CLICK)[0].event == "action.executed"
    assert here.app.audit_queries.verify().fault is None

    # and so have the worker's lines, in which nothing secret stands
    lines = _lines(worker)
    ours = [line for line in lines if line.get("request") == CLICK]
    assert [line["event"] for line in ours] == ["action.attempted"]
    assert (ours[0]["action"], ours[0]["outcome"], ours[0]["process"]) == (str(action), "confirmed", "worker")


def test_whatever_is_bound_inside_stays_inside() -> None:
    with request_bound("outer-request") as outer, request_bound() as same, request_bound("other-request") as other:
        assert (outer, same, other) == ("outer-request", "outer-request", "other-request")
    with request_bound() as new:
        assert UUID(new)


def _client(here: Installation, actor: Actor) -> TestClient:
    token = here.app.tokens.issue_token(actor, label="test", scopes=frozenset(Scope))
    app = Starlette(routes=[Mount("/api", app=create_api(lambda: here.app))])
    return TestClient(app, headers={"authorization": f"Bearer {token}"})


def _events(here: Installation, request: str) -> set[str]:
    with here.app.database.reading() as session:
        return set(session.scalars(select(AuditEntry.event).where(AuditEntry.request_id == request)))


def _lines(worker: Popen[bytes]) -> list[dict[str, object]]:
    worker.terminate()
    try:
        _, said = worker.communicate(timeout=20)
    except TimeoutExpired:
        worker.kill()
        _, said = worker.communicate()
    return [json.loads(line) for line in said.decode().splitlines() if line.startswith("{")]
