"""Sites over the API: read by those who may, published again once for a key, and never past a review."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from tests.core.websites.serving import kept, published


@pytest.fixture
def operator(person: Callable[..., Actor], as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(person(Role.OPERATOR))


def test_site_is_read_with_versions_report_and_messages(app: Application, operator: TestClient) -> None:
    row, version, _ = published(app)
    app.site_messages.receive(
        row.slug, {"name": "Ravi", "email": "ravi@example.org", "message": "Hello"}, address="203.0.113.7"
    )
    (listed,) = operator.get("/api/sites").json()["sites"]
    assert (listed["slug"], listed["versions"], listed["messages"]) == ("harbour-bakery", 1, 1)
    detail = operator.get(f"/api/sites/{row.id}").json()
    assert detail["contact_email"] == "owner@example.com"
    assert [one["kind"] for one in detail["deployments"]] == ["deploy"]
    (only,) = operator.get(f"/api/sites/{row.id}/versions").json()["versions"]
    assert (only["digest"], only["is_live"]) == (version.digest, True)
    assert only["preview"].endswith(f"/preview/{version.id}/")
    assert operator.get(f"/api/sites/{row.id}/report").json() == {"checks": []}
    messages = operator.get(f"/api/sites/{row.id}/messages").json()
    assert (messages["total"], messages["messages"][0]["email"]) == (1, "ravi@example.org")


def test_published_again_once_for_a_key_and_back(app: Application, operator: TestClient) -> None:
    row, first, _ = published(app)
    _, second = kept(app, row=row, said="Second.")
    refused = operator.post(f"/api/sites/{row.id}/deploy", json={"version_id": str(second.id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "NeverPublished")
    app.sites.deploy(row.id, second.id, key="second")
    key = {"idempotency-key": "back-1"}
    back = operator.post(f"/api/sites/{row.id}/rollback", headers=key)
    assert (back.status_code, back.json()["version_id"]) == (200, str(first.id))
    assert operator.post(f"/api/sites/{row.id}/rollback", headers=key).json() == back.json()
    body = {"version_id": str(second.id)}
    made = [operator.post(f"/api/sites/{row.id}/deploy", json=body, headers={"idempotency-key": "f"}) for _ in range(2)]
    assert made[0].json()["id"] == made[1].json()["id"]
    other = operator.post(
        f"/api/sites/{row.id}/deploy", json={**body, "target": "moon"}, headers={"idempotency-key": "g"}
    )
    assert (other.status_code, other.json()["code"]) == (422, "UnknownTarget")


def test_others_neither_see_nor_publish(
    app: Application, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    row, version, _ = published(app)
    council, stranger = as_actor(person(Role.COUNCIL)), as_actor(person(Role.USER))
    assert council.get(f"/api/sites/{row.id}").status_code == 200
    assert council.post(f"/api/sites/{row.id}/deploy", json={"version_id": str(version.id)}).status_code == 403
    assert council.post(f"/api/sites/{row.id}/rollback").status_code == 403
    assert stranger.get("/api/sites").json()["total"] == 0
    for path in ("", "/versions", "/report", "/messages"):
        assert stranger.get(f"/api/sites/{row.id}{path}").status_code == 404
