"""A dashboard that is told to end says so to its event streams, and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import httpx2
import pytest

from core import bootstrap
from core.identity.rules import Scope
from core.settings import ROOT, Settings
from tests.browser.product import free_port
from tests.conftest import PASSWORD
from tests.waiting import until


@pytest.mark.timeout(150)
def test_dashboard_with_an_open_stream_ends_when_it_is_told_to(
    new_database: Callable[[], str], settings: Settings
) -> None:
    url, port = new_database(), free_port()
    app = bootstrap.build(settings, url=url)
    admin = app.identity.set_up(email="asha@example.com", name="Asha", password=PASSWORD)
    token = app.tokens.issue_token(admin, label="test", scopes=frozenset(Scope))
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "server:app", "--log-level", "warning", "--port", str(port)], cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "VAR_DIR": str(settings.var_dir)},
    )  # fmt: skip
    try:
        until(lambda: _answers(port), seconds=90, what="the dashboard to answer")
        headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
        address = f"http://127.0.0.1:{port}/api/decisions/events"
        with httpx2.stream("GET", address, headers=headers, timeout=30) as answer:
            lines = answer.iter_lines()
            assert any(line.startswith("event: inbox") for line in lines)

            process.send_signal(signal.SIGTERM)

            assert any('"closing"' in line for line in lines)
        process.wait(20)
    finally:
        process.kill()
        process.wait()
        app.close()


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/api/health/live", timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False
