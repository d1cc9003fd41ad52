"""Webhooks are told of runs, decisions, outcomes and packages; of each once, in order, and never of sample data."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from core.actor import Actor, Role
from core.bootstrap import Application
from core.executions.automated.rules import GateKind
from core.executions.tables import Execution
from core.notifications.rules import WebhookEvent
from core.notifications.telling import tellers
from core.notifications.webhooks import NewSecret
from core.outcomes.rules import MetricType
from core.settings import ROOT
from tests.core.executions.automated.driving import Driver, definition, production
from tests.doubles.webhook_receiver import Receiver

Subscribe = Callable[..., NewSecret]
BRIEF = {
    "name": "Brief",
    "scope": "project",
    "json_schema": {"type": "object", "properties": {"goal": {"type": "string"}}},
}


@pytest.fixture
def ravi(app: Application, person: Callable[..., Actor]) -> Actor:
    app.catalog.sync(ROOT / "workflows.json")
    return person(Role.USER, name="Ravi")


@pytest.fixture
def told(app: Application, live: None, subscribe: Subscribe, receiver: Receiver) -> Callable[[], list[dict[str, Any]]]:
    """Delivers, and answers everything that was told so far."""
    subscribe()

    def deliver() -> list[dict[str, Any]]:
        app.webhook_deliveries.deliver_due()
        return [one.json for one in receiver.received]

    return deliver


def test_guided_run_is_told_from_its_start_to_its_outcome(
    app: Application, ravi: Actor, admin: Actor, told: Callable[[], list[dict[str, Any]]]
) -> None:
    run = app.executions.start(ravi, "resume_generator")
    app.executions.record_progress(ravi, run, 5)
    app.executions.complete(ravi, run)
    outcome = app.outcomes.log(ravi, run, metric_type=MetricType.REVENUE, value=Decimal(120), unit="EUR")

    events = told()

    assert [one["type"] for one in events] == ["execution.started", "execution.completed", "outcome.logged"]
    started, completed, logged = (one["data"] for one in events)
    assert started["execution"]["id"] == str(run)
    assert started["by"] == {"kind": "person", "name": "Ravi"}
    assert completed["execution"]["status"] == "COMPLETED"
    assert completed["execution"]["api_url"].endswith(f"/api/workflows/{run}")
    assert logged["outcome"] == {
        "id": str(outcome), "metric_type": "revenue", "value": "120.0000", "unit": "EUR", "proof_type": "none",
        "review": "pending",
    }  # fmt: skip
    assert logged["execution"]["id"] == str(run)


def test_gate_of_a_run_is_told_when_it_waits_and_when_it_is_decided(
    app: Application, admin: Actor, told: Callable[[], list[dict[str, Any]]]
) -> None:
    driver = Driver(app, admin)
    run = driver.start(definition([production("brief", "brief", "project")], {"brief": BRIEF}))
    driver.drive(run)
    gate = driver.gate(run, GateKind.FORM)
    driver.answer(gate, {"content": {"goal": "More clients"}})
    driver.drive(run)

    events = {one["type"]: one["data"] for one in told()}

    assert list(events) == ["execution.started", "decision.waiting", "decision.closed", "execution.completed"]
    waiting, closed = events["decision.waiting"], events["decision.closed"]
    assert waiting["gate"]["id"] == closed["gate"]["id"] == str(gate.id)
    assert (waiting["gate"]["kind"], waiting["gate"]["digest"]) == ("form", gate.digest)
    assert waiting["execution"]["id"] == str(run)
    assert closed["decision"]["result"] == "approved"
    assert "More clients" not in str(events)


def test_package_is_told_when_it_can_be_fetched(
    app: Application, person: Callable[..., Actor], told: Callable[[], list[dict[str, Any]]]
) -> None:
    omar = person(Role.OPERATOR, name="Omar")
    project = app.projects.create(omar, "Winter")
    package = app.packages.request(omar, "project", {"project_id": str(project)}, formats=["data"])
    app.package_making.make(package)

    (event,) = told()

    assert event["type"] == "package.completed"
    assert event["data"]["package"]["id"] == str(package)
    assert event["data"]["package"]["files"]


def test_of_sample_runs_nothing_is_told(
    app: Application, ravi: Actor, told: Callable[[], list[dict[str, Any]]]
) -> None:
    run = app.executions.start(ravi, "resume_generator")
    _as_sample(app, run)

    assert told() == []


def test_every_event_has_a_teller_and_every_teller_a_kind_of_subject() -> None:
    assert set(tellers()) == {"action", "decision", "outcome", "package", "run"}
    assert {event.family for event in WebhookEvent} == {"action", "decision", "execution", "outcome", "package"}


def _as_sample(app: Application, run: UUID) -> None:
    with app.database.begin() as uow:
        uow.session.execute(update(Execution).where(Execution.id == run).values(sample=True))
