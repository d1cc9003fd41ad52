"""A whole installation with real worker processes, which tests may kill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core import bootstrap
from core.actions.rules import ActionState
from core.actor import Actor, ActorKind, Role, Tier
from core.bootstrap import Application
from core.settings import ROOT, Settings
from tests.waiting import until

PASSWORD = "correct horse battery staple"
AGENT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", scopes=frozenset({"propose"}))


class Installation:
    """One database, one `var` folder, and as many workers as a test starts."""

    def __init__(self, new_database: Callable[[], str], folder: Path, environment: dict[str, str]) -> None:
        url = new_database()
        self._environment = {**environment, "DATABASE_URL": url, "VAR_DIR": str(folder / "var")}
        settings: dict[str, Any] = {name.lower(): value for name, value in self._environment.items()}
        self.app: Application = bootstrap.build(Settings(_env_file=None, **settings), url=url)
        self.admin = self.app.identity.set_up(email="asha@example.com", name="Asha", password=PASSWORD)
        self.workers: list[subprocess.Popen[bytes]] = []

    def operator(self, name: str) -> Actor:
        email = f"{name.lower()}@example.com"
        self.app.identity.add_user(
            self.admin, email=email, name=name, password=PASSWORD, roles=frozenset({Role.OPERATOR}), tier=Tier.STARTER
        )
        actor = self.app.identity_queries.actor_of_session(
            self.app.identity.sign_in(email=email, password=PASSWORD, address="test")
        )
        assert actor is not None
        return actor

    def propose(self, number: int) -> tuple[UUID, str]:
        """A message of its own; answers the action and the digest of its plan."""
        params = {"to": [f"customer{number}@example.com"], "subject": f"Reminder {number}", "body": "It is due."}
        action_id = self.app.actions.propose(AGENT, "email_send", params, title=f"Send reminder {number}")
        return action_id, self.app.actions_queries.card(self.admin, action_id).row.plan_digest

    def approve_many(self, count: int) -> list[UUID]:
        proposals = [self.propose(number) for number in range(count)]
        for action_id, digest in proposals:
            self.app.actions.approve(self.admin, action_id, digest)
        return [action_id for action_id, _ in proposals]

    def start_worker(
        self, command: tuple[str, ...] = ("jobs", "worker"), stderr: int | None = None, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Starts `python -m jobs worker` (or another module) and waits until it lives."""
        variables = {**os.environ, **self._environment, **environment}
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=variables, stderr=stderr)
        self.workers.append(process)
        # By its own name: the session of one that was just killed may be listed for a moment longer.
        until(lambda: self._lives(process.pid), seconds=40, what="a living worker")
        return process

    def _lives(self, pid: int) -> bool:
        return any(f"-{pid}-" in worker.executor_id for worker in self.app.engine_queries.workers())

    def states(self, actions: list[UUID]) -> list[ActionState]:
        found = self.app.actions_queries.progress(actions)
        return [found[action].state for action in actions]

    def until_settled(self, actions: list[UUID], *, seconds: float = 40) -> list[ActionState]:
        """Waits until no action is queued or under way any more."""
        moving = {ActionState.APPROVED, ActionState.EXECUTING}
        until(lambda: moving.isdisjoint(self.states(actions)), seconds=seconds, what="the end of all actions")
        return self.states(actions)

    def outbox(self) -> list[Path]:
        return sorted(self.app.settings.outbox_dir.glob("*.eml"))

    def close(self) -> None:
        for process in self.workers:
            process.kill()
            process.wait()
        self.app.close()


@pytest.fixture
def install(new_database: Callable[[], str], tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    made: list[Installation] = []

    def make(**environment: str) -> Installation:
        made.append(Installation(new_database, tmp_path, environment))
        return made[-1]

    yield make
    for installation in made:
        installation.close()
