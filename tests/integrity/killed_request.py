"""A dashboard that is killed (SIGKILL) in the middle of one POST: started by test_killed_requests.py, at a place it names."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.app import create_api
from core import bootstrap
from core.clock import ManualClock
from core.idempotency.requests import RequestService
from core.settings import Settings


def killed(*_args: Any, **_more: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def main(url: str, var: str, token: str, place: str, path: str, body: str) -> None:
    app = bootstrap.build(Settings(_env_file=None, var_dir=Path(var)), url=url, clock=ManualClock())
    target: Any = {
        "executions": app.executions, "walk": app.executions_queries, "card": app.actions_queries,
        "answer": RequestService, "commit": None,
    }[place.partition(".")[0]]  # fmt: skip
    if place == "commit":  # everything is written, the mark too; nothing is committed
        from core.database.unit_of_work import UnitOfWork

        finish = UnitOfWork.finish

        def finished(unit: UnitOfWork) -> None:
            finish(unit)
            if any(type(row).__name__ == "Execution" for row in unit.session.identity_map.values()):
                killed()

        setattr(UnitOfWork, "finish", finished)  # noqa: B010 - the checker wants methods left alone
    else:
        setattr(target, place.rpartition(".")[2], killed)
    client = TestClient(Starlette(routes=[Mount("/api", app=create_api(lambda: app))]))
    headers = {"authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    answer = client.post(path, json=json.loads(body), headers=headers)
    print(answer.status_code, answer.text)


if __name__ == "__main__":
    main(*sys.argv[1:])
