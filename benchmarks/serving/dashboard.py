"""One dashboard process on a database, started as `make run` starts it, with a token to ask it by."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2

from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Scope
from core.identity.service import actor_of
from core.settings import ROOT
from tests.browser.product import free_port
from tests.waiting import until

EMAIL = "benchmark@example.com"
LONGEST_START = 300
"""Five seconds alone; where eight others have the two cores, it has been more than ninety."""


@dataclass(frozen=True)
class Served:
    port: int
    pid: int


@contextmanager
def served(target: str, ready: str, environment: dict[str, str] | None = None) -> Iterator[Served]:
    """`uvicorn TARGET` in a process of its own, once `ready` answers."""
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", target, "--log-level", "warning", "--no-access-log", "--port", str(port),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | (environment or {}))
    try:
        until(lambda: _answers(f"http://127.0.0.1:{port}{ready}"), seconds=LONGEST_START, what=f"{target} to answer")
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def dashboard(app: Application) -> Iterator[Served]:
    settings = {"DATABASE_URL": app.url, "VAR_DIR": str(app.settings.var_dir), "API_CALLS_PER_MINUTE": "0"}
    with served("server:app", "/api/health/live", settings) as found:
        yield found


def administrator(app: Application) -> Actor:
    """Somebody who sees all runs; found again in a database that is kept."""
    found, _ = app.identity_queries.people(text=EMAIL)
    if found:
        return actor_of(found[0].user)
    password = "correct horse battery staple"
    if not app.identity_queries.is_set_up():
        return app.identity.set_up(email=EMAIL, name="Benchmark", password=password)
    raise AssertionError("this database has an admin that is not the benchmark's")


def bearer(app: Application, actor: Actor) -> str:
    """Good for an hour."""
    scopes = frozenset(Scope) if actor.has(Role.ADMIN) else frozenset({Scope.READ})
    ends = datetime.now(UTC) + timedelta(hours=1)
    return f"Bearer {app.tokens.issue_token(actor, label='benchmark', scopes=scopes, expires_at=ends)}"


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False
