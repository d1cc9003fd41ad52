"""A project with e-mails and posts, and a worker that executes in the test's own thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.actor import Actor
from core.bootstrap import Application
from core.engine.steps import InlineSteps
from core.guardrails.limits import ExecutionMode
from core.projects.tables import ProjectRun
from tests.core.actions.conftest import AGENT
from tests.core.actions.gift import Gift, World

Item = Mapping[str, Any]


class Post(Gift):
    """What leaves this machine, on a channel of its own."""

    name = "post"
    title = "Publish a post"
    channel = "social"


@pytest.fixture
def world(app: Application) -> World:
    made = World()
    app.connectors.add(Post(made))
    return made


def letter(number: int, **more: Any) -> Item:
    params = {"to": [f"reader{number}@example.com"], "subject": f"News {number}", "body": "Hello."}
    return {"operation": "email_send", "key": f"letter-{number}", "params": params | more}


def post(number: int) -> Item:
    return {"operation": "post", "key": f"post-{number}", "params": {"what": f"post {number}"}}


class Campaign:
    """One project and the hands that carry it out."""

    def __init__(self, app: Application, admin: Actor, author: Actor = AGENT) -> None:
        self.app, self.admin, self.author = app, admin, author
        self.id = app.projects.create(author, "Winter campaign")

    def add(self, *items: Item) -> int:
        return self.app.projects.add_items(self.author, self.id, items)

    def propose(self) -> UUID:
        return self.app.projects.propose(self.author, self.id)

    def approve(self, card: UUID, actor: Actor | None = None) -> None:
        digest = self.app.actions_queries.card(self.admin, card).row.plan_digest
        self.app.actions.approve(actor or self.admin, card, digest)

    def start(self) -> UUID:
        """Proposed, approved, and the card executed; its items wait in their queues."""
        card = self.propose()
        self.approve(card)
        self.execute(card)
        return card

    def execute(self, action_id: UUID) -> str | None:
        number = self.app.actions_queries.progress([action_id])[action_id].attempts
        return self.app.project_execution.execute_action(InlineSteps(), str(action_id), number)

    def waiting(self) -> list[tuple[str, int, int]]:
        """Every item in the engine's queues, as workers are given it."""
        query = text("SELECT workflow_uuid FROM dbos.workflow_status WHERE name = 'execute_item'")
        with self.app.database.reading() as session:
            found = [_arguments(one) for one in session.scalars(query)]
        return sorted(found, key=lambda one: (one[2], one[1]))

    def work(self, *positions: int) -> list[str | None]:
        """Executes what waits (of these positions), once each, as one worker would."""
        return [
            self.app.project_execution.execute_item(InlineSteps(), *one)
            for one in self.waiting()
            if not positions or one[1] in positions
        ]

    def hand_over(self) -> int:
        """What a worker does after somebody resumed the run."""
        with self.app.database.reading() as session:
            run = session.scalars(select(ProjectRun).where(ProjectRun.project_id == self.id)).one()
        return self.app.project_execution.hand_over_items(InlineSteps(), str(run.id), run.generation)

    def report(self) -> dict[str, Any]:
        return self.app.projects_queries.report(self.admin, self.id).to_json()

    def figures(self) -> tuple[int, int, int, int]:
        """(total, sent, failed, skipped)."""
        told = self.report()
        return (
            told["total_items_processed"], told["items_sent_successfully"], told["items_failed"], told["items_skipped"],
        )  # fmt: skip

    def messages(self) -> dict[str, str]:
        return {one["key"]: one["message"] for one in self.report()["execution_results"]}

    def events(self) -> list[str]:
        found = self.app.projects_queries.events(self.admin, self.id)
        return [one.name for one in found if one.name.startswith("execution.")]


def _arguments(work_id: str) -> tuple[str, int, int]:
    _, run, position, generation = work_id.split(":")
    return run, int(position), int(generation)


@pytest.fixture
def campaign(app: Application, admin: Actor) -> Campaign:
    return Campaign(app, admin)


@pytest.fixture
def live(app: Application, admin: Actor) -> Callable[..., None]:
    """Everything may leave, through these channels."""

    def make(*channels: str) -> None:
        app.guardrails.set_mode(admin, ExecutionMode.ON)
        app.guardrails.change(admin, {"channels": sorted({"email", *channels})})

    return make
