"""The dashboard is killed in the middle of a keyed POST: the repeat, to another one, does nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.app import create_api
from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.idempotency.rules import HELD
from core.identity.rules import Scope
from core.settings import ROOT

RUN = "/api/execution", {"workflow_id": "resume_generator", "again": True}
CARD = "/api/actions", {
    "operation": "email_send", "title": "Ask",
    "params": {"to": ["ravi@example.com"], "subject": "Hello", "body": "Are you there?"},
}  # fmt: skip


class Killed:
    def __init__(self, app: Application, clock: ManualClock, admin: Actor) -> None:
        app.catalog.sync(ROOT / "workflows.json")
        self.app, self.clock = app, clock
        self.token = app.tokens.issue_token(admin, label="test", scopes=frozenset(Scope))

    def at(self, place: str, path: str, body: dict[str, Any]) -> None:
        arguments = [self.app.url, str(self.app.settings.var_dir), self.token, place, path, json.dumps(body)]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.integrity.killed_request", *arguments],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode == -signal.SIGKILL, ended.stdout + ended.stderr

    def repeat(self, path: str, body: dict[str, Any]) -> Any:
        client = TestClient(Starlette(routes=[Mount("/api", app=create_api(lambda: self.app))]))
        headers = {"authorization": f"Bearer {self.token}", "Idempotency-Key": "k"}
        return client.post(path, json=body, headers=headers)

    def count(self, table: str) -> int:
        with self.app.database.reading() as session:
            return session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


@pytest.fixture
def killed(app: Application, clock: ManualClock, admin: Actor) -> Killed:
    return Killed(app, clock, admin)


@pytest.mark.parametrize("place", ["executions.start", "commit"])
def test_killed_before_anything_was_committed_it_is_done_by_the_repeat(
    killed: Killed, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    killed.at(place, *RUN)
    assert killed.count("executions") == 0
    monkeypatch.setattr("api.repeats._LOOKS", 1)
    assert killed.repeat(*RUN).json()["code"] == "RequestUnderWay"

    killed.clock.advance(HELD)
    assert killed.repeat(*RUN).status_code == 201
    assert killed.repeat(*RUN).headers["idempotency-replayed"] == "true"
    assert killed.count("executions") == 1


@pytest.mark.parametrize("place", ["walk.walk", "answer.answer"])
def test_killed_between_doing_and_answering_it_is_not_done_again(killed: Killed, place: str) -> None:
    killed.at(place, *RUN)
    assert killed.count("executions") == 1

    killed.clock.advance(HELD)
    again = killed.repeat(*RUN)
    assert (again.status_code, again.json()["code"]) == (409, "RequestCutOff")
    assert killed.count("executions") == 1


@pytest.mark.parametrize("place", ["card.card", "answer.answer"])
def test_killed_after_proposing_the_repeat_answers_with_the_action_that_was_made(killed: Killed, place: str) -> None:
    killed.at(place, *CARD)
    assert killed.count("actions") == 1

    killed.clock.advance(HELD)
    again = killed.repeat(*CARD)
    assert again.status_code == 201, again.text
    assert again.json()["title"] == "Ask"
    assert killed.repeat(*CARD).content == again.content
    assert killed.count("actions") == 1
