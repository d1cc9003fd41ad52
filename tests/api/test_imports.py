"""Event logs over the API: handed in with their mapping, followed, refused rows read, taken back; for analysts and admins."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import edge
from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Scope
from tests.core.imports.logs import csv_bytes, loans, work_off

MAPPING = {
    "source": "loans", "case": "Case ID", "activity": "Activity", "start": "Start time", "time": "Complete timestamp",
    "dates": "iso", "new_title": "Loan application",
}  # fmt: skip


def hand_in(client: TestClient, data: bytes, mapping: Any = None, **headers: str) -> Any:
    files = {"file": ("loans.csv", data, "text/csv")}
    said = {"mapping": json.dumps(MAPPING if mapping is None else mapping)}
    return client.post("/api/imports", files=files, data=said, headers=headers)


def test_log_is_handed_in_followed_and_taken_back(
    app: Application, as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    client = as_actor(admin)
    rows = [*loans(20), ("L-900000", "Decide", "yesterday", "today", "", "", "")]

    answer = hand_in(client, csv_bytes(rows))
    assert answer.status_code == 202, answer.text
    address = answer.headers["location"]
    assert answer.json()["state"] == "reading"
    work_off(app, answer.json()["id"])

    told = client.get(address).json()
    assert told["state"] == "done" and sum(told["runs"].values()) == 20
    assert told["refused_rows"] == {"bad_time": 1} and told["refused_cases"] == {"broken_case": 1}
    refused = client.get(f"{address}/refused").json()["refused"]
    assert [(one["line"], one["reason"]) for one in refused] == [
        (len(rows) + 1, "bad_time"),
        (len(rows) + 1, "broken_case"),
    ]
    assert b"L-900000" in client.get(f"{address}/refused.csv").content

    assert client.delete(address).status_code == 202
    work_off(app, told["id"])
    assert client.get(address).json()["state"] == "taken_back"
    assert client.delete(address).json()["state"] == "taken_back"


def test_repeat_with_its_key_is_the_same_import(
    app: Application, as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    client, data = as_actor(admin), csv_bytes(loans(3))
    first = hand_in(client, data, **{"idempotency-key": "import-2025"})
    again = hand_in(client, data, **{"idempotency-key": "import-2025"})
    other = hand_in(client, csv_bytes(loans(4)), **{"idempotency-key": "import-2025"})

    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 422 or other.status_code == 409
    assert app.imports_queries.page(admin)[1] == 1


@pytest.mark.parametrize("role", [Role.USER, Role.OPERATOR, Role.COUNCIL])
def test_others_may_neither_import_nor_read_imports(
    app: Application, as_actor: Callable[..., TestClient], person: Callable[..., Actor], admin: Actor, role: Role
) -> None:
    made = hand_in(as_actor(admin), csv_bytes(loans(3))).json()["id"]
    client = as_actor(person(role))
    assert hand_in(client, csv_bytes(loans(3))).status_code == 403
    for address in (f"/api/imports/{made}", f"/api/imports/{made}/refused", f"/api/imports/{made}/refused.csv"):
        assert client.get(address).status_code == 403
    assert client.delete(f"/api/imports/{made}").status_code == 403


def test_token_without_execute_may_not_import(as_actor: Callable[..., TestClient], admin: Actor) -> None:
    assert hand_in(as_actor(admin, Scope.READ, Scope.PROPOSE), csv_bytes(loans(3))).status_code == 403


@pytest.mark.parametrize(
    "mapping",
    [{}, [], "text", {**MAPPING, "unheard": 1}, {**MAPPING, "case": "No such column"}, {**MAPPING, "dates": "guess"},
     {**MAPPING, "zone": "Atlantis"}, {**MAPPING, "workflow_id": "no_such"}, {**MAPPING, "source": "x" * 200},
     {**MAPPING, "steps": {"Decide": 99}}, {**MAPPING, "metric": "revenue"}, {**MAPPING, "source": "nul\0"}],
)  # fmt: skip
def test_mapping_that_does_not_fit_is_refused_and_nothing_is_kept(
    app: Application, as_actor: Callable[..., TestClient], admin: Actor, mapping: Any
) -> None:
    answer = hand_in(as_actor(admin), csv_bytes(loans(3)), mapping)
    if isinstance(mapping, dict) and "steps" in mapping:  # what steps there are is known when it was read
        assert work_off(app, answer.json()["id"]) == "failed"
        return
    assert answer.status_code in (404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert app.imports_queries.page(admin)[1] == 0
    assert not [path for path in app.settings.imports_dir.rglob("*") if path.is_file()]


def test_body_without_a_file_and_with_another_type_is_refused(
    as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    client = as_actor(admin)
    assert client.post("/api/imports", json={}).status_code == 422
    assert client.post("/api/imports", data={"mapping": "{}"}).status_code == 415
    assert client.post("/api/imports", files={"mapping": (None, "{}")}).status_code == 422
    assert client.post("/api/imports", content=b"x", headers={"content-type": "multipart/form-data"}).status_code == 400


def test_body_over_the_limit_is_refused_as_it_streams(
    as_actor: Callable[..., TestClient], admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "MAX_LOG_BYTES", 10_000)
    assert hand_in(as_actor(admin), csv_bytes(loans(200))).status_code == 413


def test_larger_limit_is_for_logs_alone(as_actor: Callable[..., TestClient], admin: Actor) -> None:
    files = {"file": ("big.csv", b"x" * (edge.MAX_UPLOAD_BYTES + 1), "text/csv")}
    assert as_actor(admin).post("/api/files", files=files).status_code == 413
