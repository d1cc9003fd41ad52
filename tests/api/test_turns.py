"""Whoever's requests hang keeps neither threads nor answers from everybody else."""

from __future__ import annotations

from threading import Event
from typing import Any

import anyio
import pytest

from api import turns
from core.actor import Actor
from core.bootstrap import Application
from core.identity.rules import Scope
from tests.api.mcp_clients import http, serving


@pytest.fixture
def hanging(app: Application, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A read that hangs until the event is set, as a plan does while an outside system says nothing."""
    ended, begun, plain = Event(), list[None](), app.catalog_queries.current

    def current() -> Any:
        begun.append(None)
        assert ended.wait(60)
        return plain()

    monkeypatch.setattr(app.catalog_queries, "current", current)
    yield begun, ended
    ended.set()


def _token(app: Application, admin: Actor, agent_id: str) -> str:
    app.tokens.add_agent(admin, agent_id, agent_id.title())
    return app.tokens.issue_token(admin, label="test", scopes=frozenset({Scope.READ}), agent_id=agent_id)


def test_slow_requests_of_one_agent_leave_threads_to_the_others(app: Application, admin: Actor, hanging: Any) -> None:
    begun, ended = hanging
    slow, quick = _token(app, admin, "slow"), _token(app, admin, "quick")
    answers: list[int] = []

    async def main() -> None:
        async with serving(app) as asgi, http(asgi, slow) as theirs, http(asgi, quick) as mine:

            async def ask() -> None:
                answers.append((await theirs.get("/api/workflow-types")).status_code)

            async with anyio.create_task_group() as tasks:
                for _ in range(turns.AT_ONCE + 10):
                    tasks.start_soon(ask)
                try:
                    with anyio.fail_after(30):
                        while len(begun) < turns.AT_ONCE:
                            await anyio.sleep(0.02)
                        assert (await mine.get("/api/actions")).status_code == 200
                    assert len(begun) == turns.AT_ONCE
                finally:
                    ended.set()

    anyio.run(main)
    assert answers == [200] * (turns.AT_ONCE + 10)


def test_request_whose_turn_does_not_come_is_refused_and_changed_nothing(
    app: Application, admin: Actor, hanging: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = hanging
    monkeypatch.setattr(turns, "AT_ONCE", 1)
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.1)
    slow = _token(app, admin, "slow")

    async def main() -> None:
        async with serving(app) as asgi, http(asgi, slow) as theirs, anyio.create_task_group() as tasks:
            tasks.start_soon(theirs.get, "/api/workflow-types")
            try:
                with anyio.fail_after(30):
                    while not begun:
                        await anyio.sleep(0.02)
                    refused = await theirs.get("/api/actions")
                    assert (refused.status_code, refused.json()["code"]) == (429, "TooManyAtOnce")
                    assert refused.headers["retry-after"] == "5"
            finally:
                ended.set()

    anyio.run(main)
