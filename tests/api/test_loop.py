"""The loop as a program goes through it: profile, run, outcome with proof, figures; and what other people may not do."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from core.actor import SYSTEM, Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
PROFILE = {"goal": "save_time", "market": "freelancer", "skill_level": "beginner", "country": "in"}


def test_profile_is_saved_and_read(user: TestClient) -> None:
    assert user.get("/api/profile").json()["goal"] is None

    saved = user.post("/api/profile", json=PROFILE)

    assert saved.status_code == 200
    assert saved.json() | PROFILE | {"country": "IN"} == user.get("/api/profile").json()


def test_agent_has_no_profile(as_agent: Callable[..., TestClient]) -> None:
    assert as_agent().get("/api/profile").status_code == 422


def test_run_goes_from_start_to_completed(user: TestClient, clock: ManualClock) -> None:
    # Given a started run
    started = user.post("/api/execution", json={"workflow_id": "resume_generator"})
    assert started.status_code == 201
    run = started.json()
    url = started.headers["location"]
    assert (run["status"], run["total_steps"], run["steps_completed"]) == ("started", 5, 0)
    assert user.post("/api/execution", json={"workflow_id": "resume_generator"}).json()["id"] == run["id"]

    # When four of five steps are done, and somebody says fewer
    clock.advance(timedelta(minutes=12))
    progressed = user.put(f"{url}/progress", json={"steps_completed": 4, "notes": "Nearly there"}).json()
    again = user.put(f"{url}/progress", json={"steps_completed": 2})

    # Then progress is kept, the clock is read, and completing ends it
    assert (progressed["steps_completed"], progressed["steps"][3]["notes"]) == (4, "Nearly there")
    assert progressed["times"]["work_seconds"] == 720
    assert again.json()["steps_completed"] == 4
    completed = user.post(f"{url}/complete")
    assert (completed.status_code, completed.json()["status"]) == (200, "completed")
    assert user.put(f"{url}/progress", json={"steps_completed": 5}).status_code == 409


def test_total_steps_never_come_from_the_client(user: TestClient) -> None:
    url = user.post("/api/execution", json={"workflow_id": "resume_generator"}).headers["location"]

    assert user.put(f"{url}/progress", json={"steps_completed": 6}).status_code == 422
    refused = user.put(f"{url}/progress", json={"steps_completed": 1, "total_steps": 1})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "total_steps"


def test_change_on_an_answer_out_of_date_is_refused(user: TestClient) -> None:
    first = user.post("/api/execution", json={"workflow_id": "resume_generator"})
    url, etag = first.headers["location"], first.headers["etag"]
    user.put(f"{url}/progress", json={"steps_completed": 1})

    stale = user.put(f"{url}/progress", json={"steps_completed": 2}, headers={"if-match": etag})

    assert (stale.status_code, stale.json()["code"]) == (412, "Conflict")
    assert user.put(f"{url}/progress", json={"steps_completed": 2}, headers={"if-match": "*"}).status_code == 200
    assert user.put(f"{url}/progress", json={"steps_completed": 2}, headers={"if-match": "x"}).status_code == 422


def test_workflow_of_a_higher_tier_is_refused(user: TestClient) -> None:
    refused = user.post("/api/execution", json={"workflow_id": "prompt_selling"})

    assert (refused.status_code, refused.json()["code"]) == (403, "TierTooLow")
    assert user.get("/api/workflows").json()["total"] == 0


def test_run_of_somebody_else_is_not_found(
    user: TestClient, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    url = user.post("/api/execution", json={"workflow_id": "resume_generator"}).headers["location"]
    other = as_actor(person(Role.USER))

    assert other.get(url).status_code == 404
    assert other.put(f"{url}/progress", json={"steps_completed": 1}).status_code == 404
    assert other.post(f"{url}/complete").status_code == 404
    assert other.post(f"{url}/abandon", json={"reason": "mine now"}).status_code == 404
    assert other.get(url.replace("/execution/", "/workflows/")).status_code == 404
    assert user.get(url).json()["status"] == "started"


def test_outcome_with_proof_is_logged_and_downloaded_by_its_owner(
    user: TestClient, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    logged = _log(user, value="1250.50")
    assert logged.status_code == 201
    outcome = logged.json()
    assert (outcome["value"], outcome["unit"], outcome["proof_type"]) == ("1250.5000", "USD", "none")

    proven = user.post(
        f"/api/outcome/{outcome['id']}/proof",
        files=[("files", ("../../invoice 1.png", PNG, "text/html"))], data={"proof_type": "invoice"},
    )  # fmt: skip

    assert proven.status_code == 200, proven.text
    (proof,) = proven.json()["proofs"]
    assert (proof["name"], proof["content_type"], proven.json()["proof_type"]) == (
        "invoice 1.png", "image/png", "invoice",
    )  # fmt: skip
    download = user.get(f"/api/proof/{proof['id']}")
    assert download.content == PNG
    assert download.headers["content-disposition"] == "attachment; filename*=UTF-8''invoice%201.png"
    assert download.headers["x-content-type-options"] == "nosniff"
    assert as_actor(person(Role.USER)).get(f"/api/proof/{proof['id']}").status_code == 404
    assert as_actor(person(Role.USER)).get("/api/outcome").json()["total"] == 0


def test_outcome_for_another_person_is_refused(user: TestClient) -> None:
    refused = _log(user, user_id=str(uuid4()))

    assert (refused.status_code, refused.json()["code"]) == (403, "NotAllowed")
    assert _log(user, user_id=user.get("/api/profile").json()["user_id"]).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"metric_type": "time_saved", "currency": "USD"},
        {"metric_type": "revenue", "currency": None, "unit": "hours"},
        {"currency": "QQQ"},
        {"value": "NaN"},
        {"value": "-1"},
        {"value": "1.00001"},
        {"value": "1e400"},
        {"unit": "hours"},
        {"proof_type": "video"},
    ],
    ids=str,
)
def test_value_or_unit_that_does_not_fit_is_refused(user: TestClient, change: dict[str, Any]) -> None:
    refused = _log(user, **change)

    assert refused.status_code == 422, refused.text
    assert user.get("/api/outcome").json()["total"] == 0


def test_proof_too_large_or_of_another_type_is_refused(user: TestClient) -> None:
    url = f"/api/outcome/{_log(user).json()['id']}/proof"

    def upload(name: str, data: bytes) -> int:
        return user.post(url, files=[("files", (name, data))]).status_code

    assert upload("big.png", PNG + bytes(5 * 1024 * 1024)) == 413
    assert upload("huge.png", PNG + bytes(7 * 1024 * 1024)) == 413
    assert upload("page.html", b"<script>alert(1)</script>") == 422
    assert upload("lies.png", b"%PDF-1.7 not a picture") == 422
    assert upload("empty.png", b"") == 422
    assert user.post(url, files=[("files", ("a.png", PNG))] * 6).status_code == 422
    assert user.post(url, content=b"no parts", headers={"content-type": "multipart/form-data"}).status_code == 400
    assert user.get("/api/outcome").json()["outcomes"][0]["proofs"] == []


def test_list_has_the_documented_fields_filters_and_pages(user: TestClient, operator: TestClient) -> None:
    runs = [
        user.post("/api/execution", json={"workflow_id": "resume_generator", "again": True}).json()["id"]
        for _ in range(5)
    ]
    user.post(f"/api/execution/{runs[0]}/abandon", json={"reason": "No time"})

    page = operator.get("/api/workflows", params={"limit": 2, "offset": 1}).json()
    assert [run["id"] for run in page["workflows"]] == [runs[3], runs[2]]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 1)
    assert set(page["workflows"][0]) >= {
        "id", "workflow_type_id", "created_by_agent", "assigned_council_id", "status", "inputs", "outputs",
        "calculated_savings", "created_at", "started_at", "completed_at",
    }  # fmt: skip
    following = operator.get("/api/workflows", params={"limit": 2, "cursor": page["next_cursor"]}).json()
    assert [run["id"] for run in following["workflows"]] == [runs[1], runs[0]]
    assert following["next_cursor"] is None
    for spelling in ("cancelled", "CANCELLED", "Cancelled"):
        found = operator.get("/api/workflows", params={"status": spelling}).json()
        assert [run["id"] for run in found["workflows"]] == [runs[0]]
    for wrong in ({"limit": 1001}, {"limit": 0}, {"offset": -1}, {"status": "done"}, {"cursor": "made up"}):
        assert operator.get("/api/workflows", params=wrong).status_code == 422, wrong


@pytest.mark.parametrize("moment", ["0461-02-14T21:54:53+16:24", "0001-01-01T00:00:00+23:59", "2026-01-05T09:00:00"])
def test_cursor_somebody_made_up_breaks_nothing(user: TestClient, moment: str) -> None:
    made_up = base64.urlsafe_b64encode(f"{moment}|{uuid4()}".encode()).decode()

    assert user.get("/api/workflows", params={"cursor": made_up}).status_code in {200, 422}
    assert user.get("/api/outcome", params={"cursor": f"{moment}~{uuid4()}"}).status_code in {200, 422}


def test_detail_adds_decision_metrics_and_votes(user: TestClient) -> None:
    run = user.post("/api/execution", json={"workflow_id": "resume_generator"}).json()["id"]

    detail = user.get(f"/api/workflows/{run}").json()

    assert detail["status"] == "IN_PROGRESS"
    assert (detail["decision"], detail["votes"]) == (None, [])
    assert set(detail["metrics"][0]) == {
        "id", "workflow_id", "duration_seconds", "estimated_weekly_savings", "success_rate", "error_count",
    }  # fmt: skip


def test_metrics_and_performance_count_what_happened(
    app: Application, user: TestClient, operator: TestClient, person: Callable[..., Actor],
    as_actor: Callable[..., TestClient],
) -> None:  # fmt: skip
    _log(user)
    url = f"/api/execution/{user.get('/api/workflows').json()['workflows'][0]['id']}"
    user.put(f"{url}/progress", json={"steps_completed": 4})
    assert user.post(f"{url}/complete").status_code == 200
    app.analytics.aggregate(SYSTEM)

    metrics = operator.get("/api/workflows/metrics").json()
    assert (metrics["total_workflows"], metrics["success_rate"], metrics["error_count"]) == (1, 1.0, 0)
    assert metrics["status_distribution"] == {
        "PENDING": 0, "IN_PROGRESS": 0, "COMPLETED": 1, "FAILED": 0, "CANCELLED": 0,
    }  # fmt: skip
    assert as_actor(person(Role.USER)).get("/api/workflows/metrics").json()["total_workflows"] == 0
    (cell,) = operator.get("/api/performance").json()["cells"]
    assert (cell["workflow_id"], cell["success_rate"], cell["data_points"]) == ("resume_generator", 1.0, 1)
    assert cell["average_values"] == [{"metric_type": "revenue", "unit": "USD", "average": "100.0000", "count": 1}]
    assert user.get("/api/performance").json()["cells"] == []  # a cell of one person would say what they earned


def test_recommendations_say_why_and_reading_them_counts_as_nothing(app: Application, user: TestClient) -> None:
    user.post("/api/profile", json=PROFILE)

    found = user.get("/api/recommendations", params={"limit": 2}).json()["recommendations"]

    assert [one["rank"] for one in found] == [1, 2]
    assert found[0]["reason"]
    assert (found[0]["allowed"], found[0]["n"]) == (True, 0)
    assert app.recommendations_queries.uptake() == []


def test_agent_runs_are_its_own(as_agent: Callable[..., TestClient], user: TestClient) -> None:
    user.post("/api/execution", json={"workflow_id": "resume_generator"})

    assert as_agent("scout").get("/api/workflows").json()["total"] == 0


def test_health_says_what_is_missing(client: TestClient) -> None:
    health = client.get("/api/health").json()

    assert (health["status"], health["database"], health["workers"]) == ("degraded", True, 0)
    assert any("python -m jobs worker" in problem for problem in health["problems"])
    assert client.get("/api/health/live").json() == {"status": "ok"}
    assert client.get("/api/health/ready").status_code == 200


def _log(caller: TestClient, **change: Any) -> Any:
    run = caller.post("/api/execution", json={"workflow_id": "resume_generator"}).json()["id"]
    body = {"execution_id": run, "metric_type": "revenue", "value": 100, "currency": "USD"} | change
    return caller.post("/api/outcome", json={name: value for name, value in body.items() if value is not None})
