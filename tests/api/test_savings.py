"""Savings over the API: the golden case, who may change what, and the rows behind a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Scope
from tests.core.analytics.history import History

INPUTS = {
    "tasks_per_week": "20", "minutes_per_task": "30", "hourly_wage": "40", "automation_percent": "0.85",
    "error_rate": "0.05", "cost_per_error": "20",
}  # fmt: skip
CARD = {**INPUTS, "workflow_id": "resume_generator", "effective_from": "2026-01-02", "note": "Survey"}
RATE = {"base": "USD", "quote": "EUR", "rate": "0.8612", "day": "2026-01-05", "source": "ECB"}


@pytest.fixture
def analyst(person: Callable[..., Actor], as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(person(Role.ANALYST, name="Meera"), Scope.READ, Scope.EXECUTE)


def test_golden_case_is_exact_as_text(user: TestClient) -> None:
    answer = user.get("/api/savings/calculate", params=INPUTS).json()

    assert (answer["weekly"], answer["yearly"], answer["rating"]) == ("357.00", "18564.00", "EXCELLENT")
    assert answer["rating_period"] == "year"


@pytest.mark.parametrize(
    "wrong", [{"automation_percent": "85"}, {"hourly_wage": "-1"}, {"hourly_wage": "NaN"}, {"tasks_per_week": "1e12"},
              {"unheard_of": "1"}, {"tasks_per_week": "1000000000", "hourly_wage": "1000000000"}],
)  # fmt: skip
def test_inputs_that_are_none_are_refused(user: TestClient, wrong: dict[str, str]) -> None:
    assert user.get("/api/savings/calculate", params=INPUTS | wrong).status_code == 422


def test_cards_scenarios_and_rates_are_made_listed_and_ended(analyst: TestClient) -> None:
    card = analyst.post("/api/savings/rate-cards", json=CARD).json()
    assert (card["weekly"], card["in_force"], card["created_by"]) == ("357.00", True, "Meera")
    of = {"workflow_id": "resume_generator"}
    cards = analyst.get("/api/savings/rate-cards", params=of).json()["rate_cards"]
    assert [one["in_force"] for one in cards] == [True, False]
    path = f"/api/savings/rate-cards/{card['id']}/withdraw"
    assert analyst.post(path, json={"reason": "Wrong wage"}).status_code == 204
    assert analyst.post(path, json={"reason": "Wrong wage"}).status_code == 409

    body = {**INPUTS, "workflow_id": "resume_generator", "name": "Half of it"}
    scenario = analyst.post("/api/savings/scenarios", json=body).json()
    assert scenario["savings"]["weekly"] == "357.00"
    assert analyst.post("/api/savings/scenarios", json=body).status_code == 409
    assert analyst.delete(f"/api/savings/scenarios/{scenario['id']}").status_code == 204
    assert analyst.get("/api/savings/scenarios", params=of).json()["scenarios"] == []

    rate = analyst.post("/api/savings/exchange-rates", json=RATE).json()
    assert analyst.post("/api/savings/exchange-rates", json={**RATE, "day": "2026-01-06"}).status_code == 422
    assert analyst.post(f"/api/savings/exchange-rates/{rate['id']}/withdraw").status_code == 204
    assert analyst.get("/api/savings/exchange-rates").json()["exchange_rates"][0]["withdrawn_by"] == "Meera"


def test_only_analysts_and_admins_change_and_users_do_not_read(user: TestClient, operator: TestClient) -> None:
    def post(caller: TestClient, path: str, body: dict[str, Any]) -> int:
        return caller.post(f"/api/savings/{path}", json=body).status_code

    for caller in (user, operator):
        assert post(caller, "rate-cards", CARD) == 403
        assert post(caller, "scenarios", {**INPUTS, "workflow_id": "resume_generator", "name": "x"}) == 403
        assert post(caller, "exchange-rates", RATE) == 403
    assert user.get("/api/savings/exchange-rates").status_code == 403
    assert operator.get("/api/savings/exchange-rates").status_code == 200


def test_evidence_pages_sum_to_the_figure(app: Application, operator: TestClient) -> None:
    history = History(app)
    history.workflow("own")
    for value in ("1.10", "2.20", "3.30"):
        history.outcome(history.run("own"), value)
    asked = {"figure": "measured", "metric": "revenue", "unit": "USD", "limit": "2"}

    first = operator.get("/api/savings/evidence", params=asked).json()
    last = operator.get("/api/savings/evidence", params=asked | {"cursor": first["next_cursor"]}).json()

    assert (first["total_value"], first["n"], last["next_cursor"]) == ("6.6000", 3, None)
    assert sorted(row["value"] for row in first["rows"] + last["rows"]) == ["1.1000", "2.2000", "3.3000"]
    assert operator.get("/api/savings/evidence", params=asked | {"metric": "x"}).status_code == 422
    assert operator.get("/api/savings/evidence", params=asked | {"cursor": "x"}).status_code == 422
