"""An installation as on several machines: one PostgreSQL over TCP, dashboards behind a proxy, workers, schedulers."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import psycopg2

from core import bootstrap
from core.settings import ROOT
from deploy.postgres_tools import find_tools

START_SECONDS = 240


class Cluster:
    """Start with `with Cluster(...) as here`; every process is its own, and is ended with it."""

    def __init__(self, *, dashboards: int = 2, workers: int = 3, schedulers: int = 2) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="countersign-cluster-"))
        self.folder.chmod(0o755)
        self.counts = {"dashboard": dashboards, "worker": workers, "scheduler": schedulers}
        self.ports = [_free_port() for _ in range(dashboards)]
        self.port, self._database_port = _free_port(), _free_port()
        self.processes: dict[str, list[subprocess.Popen[bytes]]] = {"dashboard": [], "worker": [], "scheduler": []}
        self._proxy: subprocess.Popen[bytes] | None = None
        self._postgres: subprocess.Popen[bytes] | None = None
        self.database_url = f"postgresql://countersign@127.0.0.1:{self._database_port}/postgres"
        self.environment = {
            **{key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "TMPDIR"}},
            "DATABASE_URL": self.database_url, "VAR_DIR": str(self.folder / "var"), "LOG_FORMAT": "json",
            "SECRET_KEY": "the same for every process of this cluster", "API_CALLS_PER_MINUTE": "0",
            "EXECUTION_ENABLED": "true", "EXECUTION_DRY_RUN": "false",
        }  # fmt: skip

    @property
    def url(self) -> str:
        """Of the proxy."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Cluster:
        try:
            self._start_postgres()
            bootstrap.migrate(self.database_url)  # as an installation does once, before it is spread out
            for place in range(self.counts["dashboard"]):
                self.start("dashboard", place)
            for place in range(self.counts["worker"]):
                self.start("worker", place)
            for place in range(self.counts["scheduler"]):
                self.start("scheduler", place)
            for port in self.ports:
                _until(lambda port=port: _answers(f"http://127.0.0.1:{port}/api/health/ready"), "a dashboard")  # type: ignore[misc]
            self._start_proxy()
            _until(lambda: _answers(f"{self.url}/api/health/live"), "the proxy")
        except BaseException as problem:
            said = (self.folder / "dashboard-0.log").read_text()[-3000:] if self.processes["dashboard"] else ""
            problem.add_note(said)
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, part: str, place: int) -> subprocess.Popen[bytes]:
        """Starts the `place`th of its kind, or starts it again."""
        command = ["deploy", "dashboard"] if part == "dashboard" else ["jobs", part]
        more = {"COUNTERSIGN_PORT": str(self.ports[place])} if part == "dashboard" else {}
        with (self.folder / f"{part}-{place}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=self.environment | more, stdout=log, stderr=log
            )
        group = self.processes[part]
        group[place : place + 1] = [process]
        return process

    def kill(self, part: str, place: int) -> int:
        """SIGKILL; answers the process id."""
        process = self.processes[part][place]
        process.kill()
        process.wait()
        return process.pid

    def close(self) -> None:
        everyone = [one for group in self.processes.values() for one in group]
        for process in everyone:
            process.kill()
            process.wait()
        for server, ending in ((self._proxy, signal.SIGTERM), (self._postgres, signal.SIGINT)):
            if server is not None and server.poll() is None:
                server.send_signal(ending)
                with suppress(subprocess.TimeoutExpired):
                    server.wait(20)
                server.kill()
                server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_postgres(self) -> None:
        """The wheel's server over TCP; root runs it as nobody, because it refuses to be root."""
        tools = find_tools(1)
        data = self.folder / "postgres"
        data.mkdir()
        user = "nobody" if os.geteuid() == 0 else None
        if user is not None:
            os.chown(data, pwd.getpwnam(user).pw_uid, -1)
        subprocess.run(
            [tools.path("initdb"), "-D", str(data), "-U", "countersign", "--auth=trust", "-E", "UTF8", "--no-locale"],
            check=True, capture_output=True, user=user, cwd="/",
        )  # fmt: skip
        with (self.folder / "postgres.log").open("ab") as log:
            self._postgres = subprocess.Popen(
                [
                    tools.path("postgres"), "-D", str(data), "-p", str(self._database_port), "-k", "",
                    "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300",
                ],
                stdout=log, stderr=log, user=user, cwd="/",
            )  # fmt: skip
        _until(lambda: _lets_in(self.database_url), "PostgreSQL")

    def _start_proxy(self) -> None:
        """nginx with the configuration that is shipped, on these ports."""
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        if not Path(nginx).exists():
            raise RuntimeError("nginx is not installed: apt-get install nginx-light")
        shipped = (ROOT / "deploy/proxy/nginx.conf").read_text().replace("listen 80;", f"listen 127.0.0.1:{self.port};")
        for place, port in enumerate((8501, 8502)):
            shipped = shipped.replace(f"127.0.0.1:{port}", f"127.0.0.1:{self.ports[place % len(self.ports)]}")
        configuration = self.folder / "nginx.conf"
        folders = " ".join(
            f"{name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration.write_text(
            f"daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{ access_log off; {folders}\n{shipped}\n}}\n"
        )
        self._proxy = subprocess.Popen([nginx, "-c", str(configuration)], stderr=subprocess.DEVNULL)


def _until(ready: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not come up")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _lets_in(url: str) -> bool:
    try:
        with closing(psycopg2.connect(url)):
            return True
    except psycopg2.OperationalError:  # it listens before it lets anybody in
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
