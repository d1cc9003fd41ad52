"""`make run`: the embedded database, its migrations, one dashboard, and one process that is worker and scheduler.

Ends when either process ends or at Ctrl-C, and takes the others down with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

from core.bootstrap import database_url, migrate
from core.settings import ROOT, Settings

_GRACE_SECONDS = 15


def main() -> int:
    settings = Settings()
    url = database_url(settings)
    migrate(url)
    environment = os.environ | {"DATABASE_URL": url}
    commands = {
        "dashboard": [
            sys.executable, "-m", "uvicorn", "server:app", "--log-level", "warning", "--no-access-log",
            "--host", settings.countersign_host, "--port", str(settings.countersign_port),
        ],
        "jobs": [sys.executable, "-m", "jobs"],
    }  # fmt: skip
    signal.signal(signal.SIGTERM, _interrupt)
    children = {
        name: subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        for name, command in commands.items()
    }
    print(f"Countersign is starting. Open {settings.base_url}  (Ctrl-C stops it)", flush=True)
    try:
        while all(child.poll() is None for child in children.values()):
            time.sleep(0.3)
        ended = next(name for name, child in children.items() if child.poll() is not None)
        print(f"The {ended} process ended; see the lines above for why. Stopping the rest.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(list(children.values()))


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
