"""A worker that ends itself in one step of a site's run, at the moment that a test names."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from core import bootstrap
from core.settings import Settings
from core.websites.deployments import Deployments
from jobs.__main__ import run
from jobs.found import all_jobs


def main(url: str, values: dict[str, Any], step: str, moment: str) -> None:
    """Never returns where the moment comes; `step` is a module of core.websites.steps."""
    os.environ["CHROMIUM"] = "/nowhere/chromium"
    app = bootstrap.build(Settings(_env_file=None, **values), url=url)
    bootstrap.use(app)
    match moment:
        case "done" | "answered":  # its effects are there, and nothing is kept of them
            kind = type(import_module(f"core.websites.steps.{step}").KIND)
            name = "do" if moment == "done" else "go_on"
            setattr(kind, name, _then_killed(getattr(kind, name)))
        case "before the switch":  # the files lie on the target
            Deployments.switch = _killed  # type: ignore[method-assign, assignment]
        case "before the end":  # it is live, and its deployment does not know
            Deployments.end = _killed  # type: ignore[method-assign, assignment]
    run(app, all_jobs(), threading.Event(), works=True, schedules=False)


def _then_killed(act: Callable[..., Any]) -> Callable[..., Any]:
    def acting(*arguments: Any) -> Any:
        act(*arguments)
        _killed()

    return acting


def _killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
