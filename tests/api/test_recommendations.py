"""What the API says of recommendations: the aim, the interval, what is shown to learn, and nothing of a few people."""

from __future__ import annotations

from starlette.testclient import TestClient

from core.actor import SYSTEM
from core.bootstrap import Application
from core.outcomes.rules import MetricType
from tests.core.analytics.history import History

PROFILE = {"goal": "earn_money", "market": "freelancer", "skill_level": "beginner", "country": "IN"}


def earn(app: Application, people: int, value: str = "50") -> None:
    history = History(app)
    digest = app.catalog_queries.by_id("resume_generator").digest
    for person in [history.user() for _ in range(people)] * 3:
        run = history.run("resume_generator", user_id=person, revision=digest)
        history.outcome(run, value, "USD")
    app.analytics.aggregate(SYSTEM)


def test_answer_names_objective_interval_and_whether_it_explores(app: Application, user: TestClient) -> None:
    user.post("/api/profile", json=PROFILE)
    earn(app, 6)

    found = user.get("/api/recommendations").json()
    first = found["recommendations"][0]

    assert found["objective"] == {"key": "success", "metric_type": None, "unit": None}
    assert [one["key"] for one in found["objectives"]] == ["success", "revenue:USD"]
    assert found["explores"] is True
    assert first["success_chance_low"] < first["success_chance"] < first["success_chance_high"]
    assert {"explored", "explored_because", "note", "benefit"} <= set(first)


def test_by_value_the_benefit_is_in_that_unit_with_its_interval(app: Application, user: TestClient) -> None:
    user.post("/api/profile", json=PROFILE)
    earn(app, 6)

    found = user.get("/api/recommendations", params={"objective": "revenue:USD"}).json()
    rows = {one["workflow_id"]: one for one in found["recommendations"]}

    assert found["objective"] == {"key": "revenue:USD", "metric_type": "revenue", "unit": "USD"}
    benefit = rows["resume_generator"]["benefit"]
    assert benefit["low"] < benefit["expected"] < benefit["high"]
    assert rows["whatsapp_bot"]["benefit"] is None
    assert "Too few have logged revenue in USD" in rows["whatsapp_bot"]["note"]


def test_an_objective_that_is_none_or_not_offered_is_refused_in_words(app: Application, user: TestClient) -> None:
    for asked in ("profit", "revenue:", "revenue:INR", "custom:letters"):
        refused = user.get("/api/recommendations", params={"objective": asked})
        assert refused.status_code == 422
        assert "Objective" in refused.text


def test_performance_tells_nobody_what_one_of_six_people_earned_or_called_their_unit(
    app: Application, user: TestClient, operator: TestClient
) -> None:
    history = History(app)
    digest = app.catalog_queries.by_id("resume_generator").digest
    runs = [history.run("resume_generator", user_id=history.user(), revision=digest) for _ in range(6)]
    history.outcome(runs[0], "8642", "INR")
    for _ in range(6):
        history.outcome(runs[1], "3", "dresses of Meera", metric=MetricType.CUSTOM)
    for run in runs:
        history.outcome(run, "50", "USD")
    app.analytics.aggregate(SYSTEM)

    (cell,) = user.get("/api/performance").json()["cells"]
    assert [(one["unit"], one["count"]) for one in cell["average_values"]] == [("USD", 6)]
    (cell,) = operator.get("/api/performance").json()["cells"]
    assert len(cell["average_values"]) == 3


def test_no_answer_tells_of_the_results_of_four_people(app: Application, user: TestClient) -> None:
    user.post("/api/profile", json=PROFILE)
    earn(app, 4, value="8642")

    for asked in ({}, {"objective": "revenue:USD"}):
        answer = user.get("/api/recommendations", params=asked)
        row = next(one for one in answer.json()["recommendations"] if one["workflow_id"] == "resume_generator")
        assert (row["level"], row["n"], row["people"], row["benefit"]) == ("few", 0, 0, None)
        assert "8642" not in answer.text and "12 runs" not in answer.text


def test_expectations_are_no_finer_than_whole_percents(app: Application, user: TestClient) -> None:
    user.post("/api/profile", json=PROFILE)
    earn(app, 3)
    for row in user.get("/api/recommendations").json()["recommendations"]:
        for name in ("success_chance", "success_chance_low", "success_chance_high"):
            assert round(row[name], 2) == row[name]
