"""From approve() until the message is in the outbox, with an idle worker in a process of its own; and what it costs."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psutil

from benchmarks.measure import Figure, busy_share, percentile, pss_mib, show
from core import bootstrap
from core.actor import Actor, ActorKind
from core.bootstrap import Application
from core.connectors.transports.mime import message_name
from core.database.embedded import start_embedded_server
from core.settings import ROOT, Settings
from tests.waiting import until

APPROVALS = 200
IDLE_SECONDS = 20.0
AGENT = Actor(ActorKind.AGENT, "benchmark", "Benchmark", scopes=frozenset({"propose"}))


def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder) / "var"
        url = start_embedded_server(var)
        bootstrap.migrate(url)
        app = bootstrap.build(Settings(_env_file=None, var_dir=var, database_url=url), url=url)
        admin = app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")
        with _worker(app, url, var) as process:
            commands, effects = _approve(app, admin)
            time.sleep(2)
            worker, server = [psutil.Process(process.pid)], _postgres(var)
            idle = busy_share(worker, IDLE_SECONDS)
            idle_server = busy_share(server, IDLE_SECONDS)
            show(
                f"approve() → .eml in the outbox ({APPROVALS} approvals, worker idle between them)",
                [
                    Figure("effect p50", percentile(effects, 0.5), "ms", 60),
                    Figure("effect p99", percentile(effects, 0.99), "ms", 300),
                    Figure("approve() alone, p50", percentile(commands, 0.5), "ms"),
                    Figure(f"idle worker over {IDLE_SECONDS:g} s", idle, "% of a core", 8),
                    Figure("PostgreSQL meanwhile", idle_server, "% of a core"),
                    Figure("idle worker's memory (PSS)", pss_mib(worker), "MiB"),
                ],
            )
        app.close()


def _approve(app: Application, admin: Actor) -> tuple[list[float], list[float]]:
    """Milliseconds of each approve() call, and from its start until the file is there."""
    commands, effects = [], []
    pauses = random.Random(1)  # people are not in step with the worker's polling
    for number in range(APPROVALS + 10):
        action_id, digest = _proposal(app, admin, number)
        file = app.settings.outbox_dir / f"{message_name(f'{action_id}:{digest[:16]}')}.eml"
        time.sleep(pauses.uniform(0.1, 0.3))
        began = time.perf_counter()
        app.actions.approve(admin, action_id, digest)
        approved = time.perf_counter()
        while not file.exists():
            time.sleep(0.0005)
        effects.append((time.perf_counter() - began) * 1000)
        commands.append((approved - began) * 1000)
    return commands[10:], effects[10:]


def _proposal(app: Application, admin: Actor, number: int) -> tuple[UUID, str]:
    message = {"to": [f"a{number}@example.com"], "subject": f"Benchmark {number}", "body": "Hello"}
    action_id = app.actions.propose(AGENT, "email_send", message, title=f"Send benchmark message {number}")
    return action_id, app.actions_queries.card(admin, action_id).row.plan_digest


@contextmanager
def _worker(app: Application, url: str, var: Path) -> Iterator[subprocess.Popen[bytes]]:
    variables = {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(var), "LOG_FORMAT": "json"}
    command = [sys.executable, "-m", "jobs", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)
    try:
        until(lambda: app.engine_queries.workers(), seconds=40, what="a living worker")
        time.sleep(2)
        yield process
    finally:
        process.terminate()
        process.wait()


def _postgres(var: Path) -> list[psutil.Process]:
    """The embedded server and its backends."""
    first = (var / "postgres" / "postmaster.pid").read_text().splitlines()[0]
    server = psutil.Process(int(first))
    return [server, *server.children(recursive=True)]


if __name__ == "__main__":
    measure()
