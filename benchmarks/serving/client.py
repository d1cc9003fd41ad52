"""A client that sends the same few bytes again and again over kept connections, and times each answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle


@dataclass
class Load:
    """What came of it: milliseconds of each answer, how many of each status, and how long it took in all."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds


def asked(port: int, paths: Sequence[str], headers: Mapping[str, str], *, at_once: int, seconds: float) -> Load:
    """`at_once` connections, each asks for the next of `paths` as soon as it has its answer."""
    return asyncio.run(_asked(port, paths, headers, at_once, seconds))


def paced(port: int, paths: Sequence[str], headers: Mapping[str, str], *, rate: float, seconds: float) -> Load:
    """So many requests a second whether or not answers come (the times include the waiting for a free connection)."""
    return asyncio.run(_paced(port, paths, headers, rate, seconds))


async def _asked(port: int, paths: Sequence[str], headers: Mapping[str, str], at_once: int, seconds: float) -> Load:
    load, requests = Load(), cycle([_request(path, headers) for path in paths])
    until = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            began = time.perf_counter()
            load.statuses[await _ask(reader, writer, next(requests))] += 1
            load.times.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(at_once)))
    load.seconds = time.perf_counter() - began
    return load


async def _paced(port: int, paths: Sequence[str], headers: Mapping[str, str], rate: float, seconds: float) -> Load:
    load, requests = Load(), cycle([_request(path, headers) for path in paths])
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(64):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))

    async def one(due: float) -> None:
        reader, writer = await free.get()
        load.statuses[await _ask(reader, writer, next(requests))] += 1
        load.times.append((time.perf_counter() - due) * 1000)
        free.put_nowait((reader, writer))

    began = time.perf_counter()
    running = []
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        running.append(asyncio.create_task(one(due)))
    await asyncio.gather(*running)
    load.seconds = time.perf_counter() - began
    while not free.empty():
        free.get_nowait()[1].close()
    return load


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    if length and int(length):
        await reader.readexactly(int(length))
    return status


def _request(path: str, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()
