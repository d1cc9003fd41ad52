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
THINK_SECONDS = (5.0, 1.0)
"""People who read what they decide, and a machine gun: one process has one core for Python."""


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
            calm, after = _together(page, lambda: pss_mib(dashboard), think=THINK_SECONDS[0], clicks=4)
            many, _ = _together(page, lambda: pss_mib(dashboard), think=THINK_SECONDS[1], clicks=8)
            show(
                "Rerun of the decisions page (12 waiting cards, one open)",
                [
                    Figure("one session, p50", percentile(one, 0.5), "ms", 15),
                    Figure("one session, p99", percentile(one, 0.99), "ms"),
                    Figure("empty Streamlit page in the same run, p50", percentile(bare, 0.5), "ms"),
                    Figure("ratio to the empty page", percentile(one, 0.5) / percentile(bare, 0.5), "×", 2),
                    Figure(f"{SESSIONS} sessions, each a click in five seconds, p50", percentile(calm, 0.5), "ms", 60),
                    Figure(f"{SESSIONS} sessions, each a click a second, p50", percentile(many, 0.5), "ms"),
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


def _together(
    open_session: Callable[[], StreamlitSession], memory: Callable[[], float], *, think: float, clicks: int
) -> tuple[list[float], float]:
    with ExitStack() as stack:
        sessions = [stack.enter_context(open_session()) for _ in range(SESSIONS)]

        def click(number: int) -> list[float]:
            time.sleep(number * think / SESSIONS)
            times = []
            for _ in range(clicks):
                times.append(sessions[number].rerun())
                time.sleep(think)
            return times

        with ThreadPoolExecutor(SESSIONS) as pool:
            times = [value for found in pool.map(click, range(SESSIONS)) for value in found]
        return times, memory()


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")
