"""`make run`: the embedded database, its migrations, one dashboard, and one process that is worker and scheduler.

A process that ends is started again (a worker that lost its lock ends on purpose); Ctrl-C stops all.
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
_DASHBOARD_STOPS_SECONDS = 5
"""Unless STOP_SECONDS says otherwise: nobody waits longer after Ctrl-C."""
_TOO_SOON_SECONDS = 10
"""A process that ends sooner will end again: its reason must be read, not repeated."""


def main() -> int:
    settings = Settings()
    url = database_url(settings)
    migrate(url)
    environment = {"STOP_SECONDS": str(_DASHBOARD_STOPS_SECONDS)} | os.environ | {"DATABASE_URL": url}
    commands = {
        "dashboard": [sys.executable, "-m", "deploy", "dashboard"],
        "jobs": [sys.executable, "-m", "jobs"],
    }
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _interrupt)

    def start(name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(commands[name], cwd=ROOT, env=environment, start_new_session=True)

    children = {name: start(name) for name in commands}
    started = dict.fromkeys(commands, time.monotonic())
    print(f"Countersign is starting. Open {settings.base_url}  (Ctrl-C stops it)", flush=True)
    try:
        while True:
            time.sleep(0.3)
            for name in [name for name, child in children.items() if child.poll() is not None]:
                if time.monotonic() - started[name] < _TOO_SOON_SECONDS:
                    print(f"The {name} process cannot start; see the lines above. Stopping.", file=sys.stderr)
                    return 1
                print(f"The {name} process ended ({children[name].returncode}); starting it again.", file=sys.stderr)
                children[name], started[name] = start(name), time.monotonic()
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
