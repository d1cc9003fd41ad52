"""Two operations on the counting system, and a worker process that knows them: `python -m tests.integrity.counting_operations`.

COUNTING_PORT says where the system is.
"""

from __future__ import annotations

import http.client
import os
import signal
import sys
import threading
from datetime import timedelta
from types import FrameType

from pydantic import BaseModel

from core.actions import rules
from core.bootstrap import Application, application
from core.connectors.plan import Change, Effect, Plan, Receipt, confirmed, deferred, rejected, unknown
from core.connectors.protocol import Operation
from core.logs import set_up_logs
from jobs.__main__ import run
from jobs.found import all_jobs


class CountedParams(BaseModel):
    name: str


class Counted(Operation[CountedParams]):
    """Puts a name; a repeat would count, so it is never repeated blindly."""

    effect = Effect.IRREVERSIBLE
    params = CountedParams
    repeatable = False

    def __init__(self, port: int) -> None:
        self._port = port

    def plan(self, params: CountedParams) -> Plan:
        return Plan(
            operation=self.name, account=f"the counting system's {self.channel}", summary=f"Put {params.name}",
            request=params.model_dump(), changes=(Change("name", "Name", None, params.name),),
        )  # fmt: skip

    def execute(self, plan: Plan, key: str) -> Receipt:
        try:
            status = self._ask("POST", plan)
        except OSError:
            return unknown("The counting system did not answer.")
        if status == 503:
            return deferred("The counting system is down.", retry_after=1)
        return confirmed("Put.", reference=str(plan.request["name"]))

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        try:
            there = self._ask("GET", plan) == 200
        except OSError:
            return None
        return confirmed("Put.", reference=str(plan.request["name"])) if there else rejected("It is not there.")

    def _ask(self, method: str, plan: Plan) -> int:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            line.request(method, f"/{self.channel}/{plan.request['name']}")
            return line.getresponse().status
        finally:
            line.close()


class Post(Counted):
    name, title, channel = "test_post", "Publish a test post", "social"


class Record(Counted):
    name, title, channel = "test_record", "Write a test record", "odoo"


def add_operations(app: Application, port: int) -> None:
    for kind in (Post, Record):
        app.connectors.add(kind(port))


def main() -> int:
    rules.FIRST_WAIT = timedelta(seconds=8)  # what is down in a test is down for seconds
    asked_to_stop = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        asked_to_stop.set()

    signal.signal(signal.SIGTERM, stop)
    app = application()
    set_up_logs(app.settings.log_format)
    add_operations(app, int(os.environ["COUNTING_PORT"]))
    return run(app, all_jobs(), asked_to_stop, works=True, schedules=False)


if __name__ == "__main__":
    sys.exit(main())
