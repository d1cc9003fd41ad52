"""The same five steps as a plain DBOS application: a workflow from a queue, each step's document kept by DBOS alone."""

from __future__ import annotations

import json
import os
import signal
import threading
from typing import Any

from dbos import DBOS

from benchmarks.workers.stand_in import Writer

QUEUE, WORKFLOW, APPLICATION, VERSION = "plain", "five_steps", "plain", "1"


def main() -> None:
    writer = Writer()

    @DBOS.step()
    def step(number: int, before: dict[str, Any] | None) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(writer.write())
        return document

    @DBOS.workflow(name=WORKFLOW)
    def five_steps() -> dict[str, Any] | None:
        document = None
        for number in range(1, 6):
            document = step(number, document)
        return document

    asked_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.set())
    DBOS(
        config={
            "name": APPLICATION, "system_database_url": os.environ["DATABASE_URL"], "application_version": VERSION,
            "log_level": "WARNING",
        }
    )  # fmt: skip
    DBOS.listen_queues([QUEUE])
    DBOS.launch()
    DBOS.register_queue(
        QUEUE, worker_concurrency=int(os.environ["RUN_CONCURRENCY"]),
        polling_interval_sec=float(os.environ["WORKER_POLL_SECONDS"]), on_conflict="always_update",
    )  # fmt: skip
    asked_to_stop.wait()
    DBOS.destroy()


if __name__ == "__main__":
    main()
