"""A world with one of each thing in it, made by the services and the API, and the addresses at which it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.testclient import TestClient

from core.actor import Actor
from core.bootstrap import Application
from core.executions.automated.rules import GateKind
from tests.api.test_contract import operations
from tests.api.test_imports import hand_in
from tests.core.deliverables.pretended import made, pretended
from tests.core.executions.automated.driving import Driver, definition, production
from tests.core.imports.logs import csv_bytes, loans
from tests.core.invitations.test_invitations import BRIEF
from tests.core.projects.conftest import letter
from tests.core.websites.serving import published

RUNS = 30
CARD = {
    "workflow_id": "resume_generator", "tasks_per_week": "10", "minutes_per_task": "30", "hourly_wage": "75",
    "automation_percent": "0.8", "currency": "USD",
}  # fmt: skip
MAIL = {"to": ["ravi@example.com"], "subject": "Hello", "body": "One"}


@dataclass
class World:
    """Names of path parameters and what they may be; `of` one address alone goes before what is said for all."""

    known: dict[str, list[str]] = field(default_factory=dict)
    alone: dict[str, dict[str, str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.known[name][0]

    def add(self, name: str, *values: object) -> None:
        held = self.known.setdefault(name, [])
        held.extend(text for value in values if (text := str(value)) not in held)

    def place(self, path: str, name: str, number: int) -> str | None:
        """What stands for `name` in `path`; other numbers are others of its kind. None: nothing is known of it."""
        if (said := self.alone.get(path, {}).get(name)) is not None:
            return said
        held = self.known.get(name)
        return held[number % len(held)] if held else None


def populated(app: Application, admin: Actor, root: TestClient, owner: Actor) -> World:
    """Most of it is `owner`'s, an operator's; `root` calls as the admin."""
    world = World()
    world.add("number", 1)
    world.add("job", "verify_audit")
    world.add("user_id", owner.user_id)
    app.sample.load(admin, runs=RUNS)
    _runs(app, admin, owner, root, world)
    _packages_and_projects(app, owner, root, world)
    _kept_by_admins(app, root, world)
    _figures(root, world)
    site, version, deployment = published(app)
    message = {"name": "Ravi", "email": "ravi@example.org", "message": "Hello"}
    app.site_messages.receive(site.slug, message, address="203.0.113.7")
    world.add("site_id", site.id)
    world.add("deployment_id", deployment.id)
    world.add("version_id", version.id)
    _listed(root, world)
    return world


def missing(world: World) -> Mapping[str, str]:
    """Parameters in addresses of which the world has nothing, by operation."""
    return {
        where: one["name"]
        for where, operation in operations().items()
        for one in operation.get("parameters", ())
        if one["in"] == "path" and world.place(where.partition(" ")[2], one["name"], 0) is None
    }


def _made(answer: Any) -> dict[str, Any]:
    assert answer.status_code in (200, 201, 202), answer.text
    told: dict[str, Any] = answer.json()
    return told


def _runs(app: Application, admin: Actor, owner: Actor, root: TestClient, world: World) -> None:
    run = app.executions.start(owner, "resume_generator")
    world.add("execution_id", run)
    outcome = app.outcomes.log(owner, run, metric_type="time_saved", value=30, unit="minutes")  # type: ignore[arg-type]
    world.add("outcome_id", outcome)
    proof = _made(root.post("/api/files", files={"file": ("note.txt", b"As agreed.")}))
    world.add("sha256", proof["sha256"])
    text = {"files": ("note.txt", b"Paid in full.", "text/plain")}
    run_of_root = app.executions.start(admin, "resume_generator")
    own = app.outcomes.log(admin, run_of_root, metric_type="time_saved", value=30, unit="minutes")  # type: ignore[arg-type]
    world.add("proof_id", _made(root.post(f"/api/outcome/{own}/proof", files=text))["proofs"][0]["id"])
    driver = Driver(app, admin)
    automated = driver.start(definition([production("brief", "brief", "project")], {"brief": BRIEF}))
    driver.drive(automated)
    gate = driver.gate(automated, GateKind.FORM)
    world.add("workflow_id", automated, run)
    world.add("gate_id", gate.id)
    link = _made(root.post(f"/api/gates/{gate.id}/links", json={"label": "Billing system"}))
    world.add("link_id", link["id"])
    world.add("token", link["callback_url"].rpartition("/")[2])
    second = driver.start(definition([production("brief", "brief", "project")], {"brief": BRIEF}))
    driver.drive(second)
    driver.answer(driver.gate(second, GateKind.FORM), {"content": {"goal": "More clients"}})
    driver.drive(second)
    (document,) = root.get(f"/api/workflows/{second}/documents").json()["documents"]
    world.alone["/workflows/{workflow_id}/documents/{document_id}"] = {
        "workflow_id": str(second), "document_id": document["current"],
    }  # fmt: skip


def _packages_and_projects(app: Application, owner: Actor, root: TestClient, world: World) -> None:
    project = app.projects.create(owner, "Winter campaign")
    app.projects.add_items(owner, project, [letter(1), letter(2)])
    world.add("project_id", project)
    with pretended():
        body = {"source": "project", "params": {"project_id": str(project)}}
        package = _made(root.post("/api/packages", json=body, headers={"prefer": "respond-async"}))["id"]
        made(app, UUID(package))
    world.add("package_id", package)
    found = root.get(f"/api/packages/{package}").json()["files"][0]["name"]
    world.alone["/packages/{package_id}/files/{name}"] = {"package_id": package, "name": found}
    for number in range(3):
        action = app.actions.propose(owner, "email_send", {**MAIL, "subject": f"Hello {number}"}, title="Write")
        world.add("action_id", action)


def _kept_by_admins(app: Application, root: TestClient, world: World) -> None:
    theme = _made(root.post("/api/themes", json={"title": "Meridian", "house": "Meridian"}))
    world.add("theme_id", theme["id"])
    hook = {"url": "https://chat.example.com/in", "events": ["decision.waiting", "action.failed"]}
    webhook = _made(root.post("/api/webhooks", json=hook))["id"]
    world.add("webhook_id", webhook)
    _made(root.post(f"/api/webhooks/{webhook}/test"))
    (delivery,) = root.get(f"/api/webhooks/{webhook}/deliveries").json()["deliveries"]
    world.add("delivery_id", delivery["id"])
    made_token = _made(root.post("/api/tokens", json={"label": "Billing", "scopes": ["read"]}))
    world.add("token_id", made_token["id"])
    ends = app.clock.now() + timedelta(days=20)
    seat = {"to": world["user_id"], "ends_at": ends.isoformat()}
    world.add("delegation_id", _made(root.post("/api/delegations", json=seat))["id"])
    values = {"host": "mail.example.com", "port": 587, "sender": "office@example.com"}
    connection = {"system": "smtp", "name": "office-mail", "values": values}
    _made(root.post("/api/connections", json=connection))
    world.alone["/connections/{name}"] = world.alone["/connections/{name}/test"] = {"name": "office-mail"}
    world.alone["/operations/{name}"] = {"name": "email_send"}
    prompt = root.get("/api/prompts").json()["prompts"][0]
    world.alone["/prompts/{kind}/{name}"] = {"kind": prompt["kind"], "name": prompt["name"]}


def _figures(root: TestClient, world: World) -> None:
    card = _made(root.post("/api/savings/rate-cards", json={**CARD, "effective_from": "2027-01-01"}))
    world.add("card_id", card["id"])
    shown = _made(root.post("/api/recommendations/shown"))["recommendations"]
    world.add("recommendation_id", *(one["id"] for one in shown))
    scenario = _made(root.post("/api/savings/scenarios", json={**CARD, "name": "Half of it"}))
    world.add("scenario_id", scenario["id"])
    rate = {"base": "EUR", "quote": "USD", "rate": "1.08", "day": "2026-01-01", "source": "The bank"}
    world.add("rate_id", _made(root.post("/api/savings/exchange-rates", json=rate))["id"])


def _listed(root: TestClient, world: World) -> None:
    """What is there by itself, or came about with something else."""
    imported = hand_in(root, csv_bytes([*loans(5), ("L-900000", "Decide", "yesterday", "today", "", "", "")]))
    world.add("import_id", _made(imported)["id"])
    for address, name, many, key in (
        ("/decisions", "decision_id", "decisions", "id"),
        ("/councils", "council_id", "councils", "id"),
        ("/workflow-types", "type_id", "workflow_types", "id"),
        ("/brain/rules", "rule", "rules", "name"),
        ("/tasks", "task_id", "tasks", "id"),
        ("/jobs/runs", "run_id", "runs", "id"),
        ("/actions?dataset=sample", "action_id", "actions", "id"),
    ):
        answer = root.get(f"/api{address}")
        assert answer.status_code == 200, answer.text
        rows = answer.json().get(many)
        assert rows is not None, (address, list(answer.json()))
        world.add(name, *(row[key] for row in rows[:4]))
