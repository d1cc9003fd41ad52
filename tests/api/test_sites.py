"""Sites over the API: read by those who may, published again once for a key, and never past a review."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from starlette.testclient import TestClient

from core.actor import SYSTEM, Actor, Role
from core.bootstrap import Application
from core.websites.rules import DeploymentState
from tests.core.websites.serving import carried_out, kept, published
from tests.waiting import until

NOW = {"prefer": "respond-async"}


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
    key = {"idempotency-key": "back-1", **NOW}
    back = operator.post(f"/api/sites/{row.id}/rollback", headers=key)
    assert (back.status_code, back.json()["version_id"], back.json()["state"]) == (202, str(first.id), "waiting")
    assert operator.get(back.headers["location"]).json() == back.json()
    assert operator.post(f"/api/sites/{row.id}/rollback", headers=key).json() == back.json()
    carried_out(app)
    assert operator.get(back.headers["location"]).json()["state"] == "unanswered"  # nothing serves it in this test
    body = {"version_id": str(second.id)}
    made = [
        operator.post(f"/api/sites/{row.id}/deploy", json=body, headers={"idempotency-key": "f", **NOW})
        for _ in range(2)
    ]
    assert made[0].json()["id"] == made[1].json()["id"]
    carried_out(app)
    assert len(operator.get(f"/api/sites/{row.id}").json()["deployments"]) == 4
    other = operator.post(
        f"/api/sites/{row.id}/deploy", json={**body, "target": "moon"}, headers={"idempotency-key": "g"}
    )
    assert (other.status_code, other.json()["code"]) == (422, "UnknownTarget")


def test_whoever_waits_is_answered_when_it_is_over(app: Application, operator: TestClient) -> None:
    row, first, _ = published(app)

    def work() -> None:
        until(
            lambda: app.sites_queries.page(SYSTEM).rows[0].state is DeploymentState.WAITING,
            seconds=20,
            what="a request",
        )
        carried_out(app)

    worker = Thread(target=work)
    worker.start()
    done = operator.post(
        f"/api/sites/{row.id}/deploy", json={"version_id": str(first.id)}, headers={"prefer": "wait=20"}
    )
    worker.join()
    assert (done.status_code, done.json()["state"], done.json()["kind"]) == (200, "unanswered", "redeploy")


def test_a_deployment_of_another_site_is_not_found(app: Application, operator: TestClient) -> None:
    row, _, done = published(app)
    other, _ = kept(app, name="Other")
    assert operator.get(f"/api/sites/{row.id}/deployments/{done.id}").status_code == 200
    assert operator.get(f"/api/sites/{other.id}/deployments/{done.id}").status_code == 404


def test_others_neither_see_nor_publish(
    app: Application, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    row, version, done = published(app)
    council, stranger = as_actor(person(Role.COUNCIL)), as_actor(person(Role.USER))
    assert council.get(f"/api/sites/{row.id}").status_code == 200
    assert council.post(f"/api/sites/{row.id}/deploy", json={"version_id": str(version.id)}).status_code == 403
    assert council.post(f"/api/sites/{row.id}/rollback").status_code == 403
    assert stranger.get("/api/sites").json()["total"] == 0
    for path in ("", "/versions", "/report", "/messages", f"/deployments/{done.id}"):
        assert stranger.get(f"/api/sites/{row.id}{path}").status_code == 404
