"""One database server, the worker processes on it, and the server outside that steps wait for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType

from sqlalchemy import Engine, create_engine, make_url, text

from benchmarks.workers.stand_in import OUTSIDE
from core.actor import Actor
from core.bootstrap import Application
from core.engine.client import engine_url
from core.settings import ROOT
from tests.browser.product import free_port
from tests.waiting import until

CONCURRENCY, POLL_SECONDS = 8, 0.08
"""As both are by default, and the same for plain DBOS."""


class Ground:
    """Our application on its database, and another database on the same server for plain DBOS."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._port = free_port()
        self._outside: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Ground:
        command = [sys.executable, "-m", "uvicorn", "benchmarks.workers.outside:app", "--log-level", "error"]
        self._outside = subprocess.Popen([*command, "--port", str(self._port)], cwd=ROOT)
        until(self._outside_answers, seconds=20, what="the server outside")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._outside is not None
        self._outside.terminate()
        self._outside.wait()

    @cached_property
    def admin(self) -> Actor:
        return self.app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")

    @cached_property
    def plain_url(self) -> str:
        """The address of the other database, made when first asked for."""
        with self.app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CREATE DATABASE plain"))
        url = make_url(engine_url(self.app.url)).set(database="plain")
        return url.render_as_string(hide_password=False)

    @cached_property
    def plain_database(self) -> Engine:
        return create_engine(make_url(self.plain_url).set(drivername="postgresql+psycopg2"))

    @contextmanager
    def worker(
        self, module: str, url: str, *arguments: str, at_once: int = CONCURRENCY, outside: float | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """`python -m module` on that database; each step waits `outside` seconds, or none without."""
        variables = {
            **os.environ, "DATABASE_URL": url, "VAR_DIR": str(self.app.settings.var_dir), "LOG_FORMAT": "json",
            "RUN_CONCURRENCY": str(at_once), "WORKER_POLL_SECONDS": str(POLL_SECONDS),
        }  # fmt: skip
        variables.pop(OUTSIDE, None)
        if outside is not None:
            variables[OUTSIDE] = f"http://127.0.0.1:{self._port}/{outside:g}"
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()

    def settle(self) -> None:
        """Between rounds: what one side left behind shall not slow the other."""
        for engine in (self.app.database.engine, self.plain_database):
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
                connection.execute(text("CHECKPOINT"))
        time.sleep(1)

    def _outside_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/0", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
