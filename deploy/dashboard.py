"""One dashboard that leaves politely: first it says that it is not ready, then it takes nothing new, then it ends."""

from __future__ import annotations

import sys
import threading
from types import FrameType

import uvicorn

from core.monitoring import draining
from core.settings import ROOT, Settings


def serve(settings: Settings) -> int:
    """Runs until it is asked to stop (SIGTERM, SIGINT); a second signal ends it at once.

    `/api/health/ready` answers 503 for DRAIN_SECONDS, in which balancers turn to the others and everything is still
    served. Then connections are taken no more, requests under way have STOP_SECONDS, and open pages connect again
    elsewhere.
    """
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    config = uvicorn.Config(
        "server:app", host=settings.countersign_host, port=settings.countersign_port, log_level="warning",
        access_log=False, timeout_graceful_shutdown=settings.stop_seconds, ws_max_size=32 * 1024 * 1024,
    )  # fmt: skip
    server = Leaving(config, settings.drain_seconds)
    server.run()
    return 0 if server.started else 1


class Leaving(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, drain_seconds: float) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if draining.is_draining() or self._drain_seconds <= 0:
            draining.begin()
            self._end(sig, frame)
            return
        draining.begin()
        timer = threading.Timer(self._drain_seconds, self._end, args=(sig, None))
        timer.daemon = True
        timer.start()

    def _end(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._captured_signals.clear()  # it was asked for and done: the process ends with 0, not by the signal
