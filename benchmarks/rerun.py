"""How long a click waits: reruns of the decisions page beside an empty page's, with one session and with fifty."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from benchmarks.installation import installation
from benchmarks.measure import Figure, family, percentile, pss_mib, show
from benchmarks.streamlit_client import StreamlitSession
from core.settings import ROOT
from tests.browser.product import free_port

SESSIONS = 50
THINK_SECONDS = 1.0
"""Fifty people who each click once a second are a busy office."""


def measure() -> None:
    empty_port = free_port()
    empty = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "benchmarks.empty_page:app",
            "--log-level",
            "error",
            "--port",
            str(empty_port),
        ],
        cwd=ROOT,
    )
    try:
        with installation() as ours:
            _wait(f"http://127.0.0.1:{empty_port}/_stcore/health")
            time.sleep(8)  # sample data is loading in the worker; not what is measured
            assert ours.product.process is not None
            dashboard = [p for p in family(ours.product.process.pid) if "server:app" in " ".join(p.cmdline())]

            def page() -> StreamlitSession:
                return StreamlitSession(ours.product.url, "inbox", ours.cookie)

            def nothing() -> StreamlitSession:
                return StreamlitSession(f"http://127.0.0.1:{empty_port}")

            one, bare = _alone(page), _alone(nothing)
            with page():
                before = pss_mib(dashboard)
            many, after = _together(page, lambda: pss_mib(dashboard))
            show(
                "Rerun of the decisions page (12 waiting cards, one open)",
                [
                    Figure("one session, p50", percentile(one, 0.5), "ms", 15),
                    Figure("one session, p99", percentile(one, 0.99), "ms"),
                    Figure("empty Streamlit page in the same run, p50", percentile(bare, 0.5), "ms"),
                    Figure("ratio to the empty page", percentile(one, 0.5) / percentile(bare, 0.5), "×", 2),
                    Figure(f"{SESSIONS} sessions, each a click a second, p50", percentile(many, 0.5), "ms", 60),
                    Figure("memory per further session (PSS)", (after - before) / SESSIONS, "MiB", 0.5),
                ],
            )
    finally:
        empty.terminate()


def _alone(open_session: Callable[[], StreamlitSession]) -> list[float]:
    with open_session() as session:
        for _ in range(20):
            session.rerun()
        return [session.rerun() for _ in range(200)]


def _together(open_session: Callable[[], StreamlitSession], memory: Callable[[], float]) -> tuple[list[float], float]:
    with ExitStack() as stack:
        sessions = [stack.enter_context(open_session()) for _ in range(SESSIONS)]

        def clicks(number: int) -> list[float]:
            time.sleep(number * THINK_SECONDS / SESSIONS)
            times = []
            for _ in range(10):
                times.append(sessions[number].rerun())
                time.sleep(THINK_SECONDS)
            return times

        with ThreadPoolExecutor(SESSIONS) as pool:
            times = [value for found in pool.map(clicks, range(SESSIONS)) for value in found]
        return times, memory()


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")
