"""Many listeners of one run's event stream: how long from the commit to each of them, and what they cost."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil

from benchmarks.measure import busy_share, family, pss_mib
from core.actor import Actor
from core.bootstrap import Application
from tests.waiting import until

IDLE_SECONDS, BETWEEN = 10.0, 0.5


@dataclass
class Listened:
    delays: list[float] = field(default_factory=list)
    share: float = 0.0
    kib_each: float = 0.0
    idle_share: float = 0.0


def listen(
    app: Application, reader: Actor, port: int, pid: int, tokens: Sequence[str], *, watchers: int, changes: int
) -> Listened:
    """A guided run moves on `changes` times, `BETWEEN` seconds apart; each listener notes when it is told."""
    run_id = app.executions.start(reader, "resume_generator", again=True)
    committed: dict[int, float] = {}
    told: list[tuple[int, float]] = []
    open_streams: list[int] = []

    async def one(token: str) -> None:
        opened, writer = await asyncio.open_connection("127.0.0.1", port)
        path = f"/api/workflows/{run_id}/events"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        async for line in opened:
            if line.startswith(b"data: ") and b'"version"' in line:
                told.append((json.loads(line[6:])["version"], time.perf_counter()))
                if len(open_streams) < watchers:
                    open_streams.append(1)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(tokens[number % len(tokens)]) for number in range(watchers)))

    found = Listened()
    before = pss_mib(family(pid))
    threading.Thread(target=lambda: asyncio.run(all_of_them()), daemon=True).start()
    until(lambda: len(open_streams) >= watchers, seconds=120, what="the streams")
    time.sleep(3)
    found.kib_each = (pss_mib(family(pid)) - before) * 1024 / watchers
    found.idle_share = busy_share([psutil.Process(pid)], IDLE_SECONDS)
    told.clear()
    for number in range(changes):
        app.executions.save_notes(reader, run_id, 1, f"Note {number}")
        at = time.perf_counter()
        committed[app.run_standings.of(reader, run_id).version] = at
        time.sleep(BETWEEN)
    time.sleep(5)
    found.delays = [(at - committed[version]) * 1000 for version, at in told if version in committed]
    found.share = len(found.delays) / (watchers * changes)
    return found
