"""/metrics: who may read it, what stands in it, and that it is what Prometheus reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from api.app import create_api
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.engine.steps import InlineSteps
from core.guardrails.limits import ExecutionMode
from core.identity.rules import Scope
from core.monitoring import draining, schema
from core.settings import Settings
from tests.integrity.conftest import AGENT
from web.metrics import FURTHEST, SETTLED, Installation, Metrics, create_metrics
from web.requests import Requests

TOKEN = "a-token-for-prometheus-alone"
HERE = {"base_url": "http://localhost:8501", "client": ("127.0.0.1", 50000)}


def served(app: Application, settings: Settings) -> Starlette:
    metrics = Metrics(lambda: app)
    return Starlette(
        routes=[
            Mount("/api", app=create_api(lambda: app)),
            Route("/metrics", create_metrics(metrics, lambda: app, settings), methods=["GET"]),
        ],
        middleware=[Middleware(Requests, observe=metrics.observe, opened=metrics.opened, lines=False)],
    )


def here(app: Application, settings: Settings, **changes: object) -> TestClient:
    return TestClient(served(app, settings), **{**HERE, **changes})  # type: ignore[arg-type]


def read(client: TestClient) -> dict[str, Metric]:
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(families: dict[str, Metric], name: str, **labels: str) -> float:
    found = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) == 1, (name, labels, found)
    return found[0]


class TestWhoMayReadIt:
    def test_this_machine_may_while_nothing_is_in_front(self, app: Application, settings: Settings) -> None:
        assert here(app, settings).get("/metrics").status_code == 200
        assert here(app, settings, client=("::1", 1)).get("/metrics").status_code == 200

    @pytest.mark.parametrize(
        "header",
        ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host", "x-forwarded-proto"],
    )
    def test_what_came_through_a_proxy_on_this_machine_may_not(
        self, app: Application, settings: Settings, header: str
    ) -> None:
        assert here(app, settings).get("/metrics", headers={header: "127.0.0.1"}).status_code == 404

    @pytest.mark.parametrize(
        "changes",
        [
            {"client": ("192.0.2.7", 5)},
            {"client": ("127.0.0.1.example.com", 5)},
            {"base_url": "http://countersign.example.com"},  # another name for this machine: a page elsewhere asks
        ],
    )
    def test_other_machines_and_names_may_not(
        self, app: Application, settings: Settings, changes: dict[str, object]
    ) -> None:
        assert here(app, settings, **changes).get("/metrics").status_code == 404

    def test_with_a_public_url_or_a_token_this_machine_is_nobody_special(
        self, app: Application, settings: Settings
    ) -> None:
        for change in ({"public_url": "https://countersign.example.com"}, {"metrics_token": SecretStr(TOKEN)}):
            assert here(app, settings.model_copy(update=change)).get("/metrics").status_code == 404

    def test_the_token_opens_it_from_anywhere_and_no_other_word_does(
        self, app: Application, settings: Settings
    ) -> None:
        locked = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
        away = here(app, locked, client=("192.0.2.7", 5), base_url="http://example.com")
        assert away.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
        for wrong in (f"Basic {TOKEN}", TOKEN, "Bearer", f"Bearer {TOKEN}x", "Bearer é"):
            refused = away.get("/metrics", headers={b"authorization": wrong.encode()})
            assert refused.status_code == 404, wrong

    def test_tokens_of_those_who_operate_open_it_and_tokens_of_others_and_of_agents_do_not(
        self, app: Application, settings: Settings, admin: Actor, person: Callable[..., Actor]
    ) -> None:
        away = here(app, settings, client=("192.0.2.7", 5))

        def asked(token: str) -> int:
            return away.get("/metrics", headers={"authorization": f"Bearer {token}"}).status_code

        reading = frozenset({Scope.READ})
        for role, status in ((Role.OPERATOR, 200), (Role.USER, 404), (Role.COUNCIL, 404), (Role.ANALYST, 404)):
            assert asked(app.tokens.issue_token(person(role), label="m", scopes=reading)) == status, role
        assert asked(app.tokens.issue_token(admin, label="m", scopes=reading)) == 200
        assert asked(app.tokens.issue_token(admin, label="m", scopes=frozenset({Scope.PROPOSE}))) == 404
        app.tokens.add_agent(admin, "scout", "Scout")
        assert asked(app.tokens.issue_token(admin, label="m", scopes=reading, agent_id="scout")) == 404

    def test_a_wrong_token_closes_it_to_this_machine_too(self, app: Application, settings: Settings) -> None:
        assert here(app, settings).get("/metrics", headers={"authorization": "Bearer no"}).status_code == 404

    def test_a_token_that_could_be_guessed_is_refused_at_the_start(self) -> None:
        with pytest.raises(ValueError, match="at least 16"):
            Settings(_env_file=None, metrics_token=SecretStr("short"))


class TestWhatStandsInIt:
    @pytest.fixture
    def client(self, app: Application, settings: Settings) -> TestClient:
        return here(app, settings)

    def test_names_units_and_help_follow_the_conventions(self, client: TestClient) -> None:
        client.get("/api/health/live")
        families = read(client)

        ours = {name: one for name, one in families.items() if name.startswith("countersign_")}
        assert len(ours) > 25
        for name, family in ours.items():
            assert re.fullmatch(r"countersign_[a-z][a-z_]*[a-z]", name), name
            assert family.documentation.endswith("."), name
            assert not re.search(r"_(ms|milliseconds|minutes|hours|kb|mb)$", name), name
            if family.type == "counter":
                assert {sample.name for sample in family.samples} <= {f"{name}_total"}, name
            else:
                assert not name.endswith(("_total", "_count", "_sum", "_bucket")), name
            if family.type == "histogram":
                assert name.endswith("_seconds"), name
        assert "process_resident_memory_bytes" in families

    def test_requests_are_counted_by_the_route_and_never_by_what_was_typed(self, client: TestClient) -> None:
        for number in range(3):
            client.get(f"/api/actions/00000000-0000-7000-8000-00000000000{number}")
            client.get(f"/api/nothing/{number}")
            client.request("BREW", f"/cup/{number}")
        families = read(client)

        labels = {
            (sample.labels["method"], sample.labels["route"])
            for sample in families["countersign_http_requests"].samples
        }
        assert ("GET", "/api/actions/{action_id}") in labels
        assert len(labels) <= 4, labels
        assert value(families, "countersign_http_requests_total", route="/api/actions/{action_id}", status="401") == 3

    def test_work_that_waits_its_age_and_open_decisions(
        self, app: Application, admin: Actor, client: TestClient, clock: ManualClock
    ) -> None:
        app.guardrails.set_mode(admin, ExecutionMode.ON)
        first, second = (propose(app, number) for number in range(2))
        app.actions.approve(admin, first, app.actions_queries.card(admin, first).row.plan_digest)
        families = read(client)

        assert second is not None
        assert value(families, "countersign_queue_waiting", queue="actions") == 1
        assert value(families, "countersign_queue_waiting", queue="runs") == 0
        assert value(families, "countersign_decisions_waiting", kind="action") == 1
        assert value(families, "countersign_decisions_oldest_seconds", kind="action") > 0
        assert value(families, "countersign_actions", state="approved") == 1
        assert value(families, "countersign_database_up") == 1
        assert value(families, "countersign_workers") == 0

    def test_receipts_are_counted_once_with_their_connector_and_how_long_they_took(
        self, app: Application, admin: Actor, settings: Settings, clock: ManualClock
    ) -> None:
        # Given a dashboard that looked before
        app.guardrails.set_mode(admin, ExecutionMode.ON)
        metrics = Metrics(lambda: app)
        watching = next(one for one in metrics.registry._collector_to_names if isinstance(one, Installation))
        list(watching._look())

        # When an action is approved, and executed 40 seconds later
        action = propose(app, 1)
        app.actions.approve(admin, action, app.actions_queries.card(admin, action).row.plan_digest)
        clock.advance(timedelta(seconds=40))
        app.action_execution.execute_action(InlineSteps(), str(action), 1)

        # Then it counts as soon as it has settled, and never again
        counted = []
        for _ in range(3):
            clock.advance(SETTLED)
            list(watching._look())
            counted.append(metrics.registry.get_sample_value("countersign_execution_latency_seconds_count"))
        assert counted == [1, 1, 1]
        assert metrics.registry.get_sample_value("countersign_execution_latency_seconds_sum") == 40
        labels = {"connector": "email", "operation": "email_send", "result": "confirmed"}
        assert metrics.registry.get_sample_value("countersign_connector_results_total", labels) == 1
        clock.advance(FURTHEST * 3)
        list(watching._look())

    def test_a_lost_database_is_said_and_the_process_still_answers(
        self, app: Application, client: TestClient, settings: Settings
    ) -> None:
        lost = app.database.engine.url.set(database="there_is_none")
        broken = here(app, settings)
        app.monitoring._database = type(app.database)(lost.render_as_string(hide_password=False), app.clock)
        families = read(broken)

        assert value(families, "countersign_database_up") == 0
        assert value(families, "countersign_collection_failures_total") >= 1
        assert "countersign_queue_waiting" not in families


class TestReady:
    @pytest.fixture(autouse=True)
    def _not_leaving(self) -> Iterator[None]:
        yield
        draining.end()

    def test_ready_until_the_process_is_leaving(self, app: Application, settings: Settings) -> None:
        client = here(app, settings)
        assert client.get("/api/health/ready").status_code == 200

        draining.begin()

        leaving = client.get("/api/health/ready")
        assert (leaving.status_code, leaving.json()["status"]) == (503, "down")
        assert leaving.json()["problems"][0].startswith("This process is stopping")
        assert client.get("/api/health/live").status_code == 200
        assert value(read(client), "countersign_draining") == 1

    @pytest.mark.parametrize(("revision", "status"), [("0026", 503), (None, 503), ("9999", 200)])
    def test_not_ready_on_a_schema_that_is_behind_but_on_one_that_is_ahead(
        self, app: Application, settings: Settings, revision: str | None, status: int
    ) -> None:
        with app.database.begin() as uow:
            was = uow.session.scalar(text("SELECT version_num FROM alembic_version"))
            uow.session.execute(text("DELETE FROM alembic_version"))
            if revision is not None:
                uow.session.execute(text("INSERT INTO alembic_version VALUES (:one)"), {"one": revision})
        try:
            assert here(app, settings).get("/api/health/ready").status_code == status
            assert schema.is_behind(app.database) is (status == 503)
        finally:
            with app.database.begin() as uow:
                uow.session.execute(text("DELETE FROM alembic_version"))
                uow.session.execute(text("INSERT INTO alembic_version VALUES (:one)"), {"one": was})


def propose(app: Application, number: int) -> UUID:
    params = {"to": [f"customer{number}@example.com"], "subject": f"Reminder {number}", "body": "It is due."}
    return app.actions.propose(AGENT, "email_send", params, title=f"Send reminder {number}")
