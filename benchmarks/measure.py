"""What every benchmark shares: percentiles, processes' memory and processor time, and one way to print."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Figure:
    """One measured figure beside what was asked for; `limit` None: only told."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def line(self) -> str:
        target = "" if self.limit is None else f"   asked ≤ {self.limit:g} {self.unit}"
        verdict = "" if self.limit is None else ("   reached" if self.value <= self.limit else "   NOT reached")
        return f"  {self.name:<58} {self.value:>9.2f} {self.unit}{target}{verdict}"


def show(title: str, figures: Sequence[Figure]) -> None:
    print(f"\n{title}")
    for figure in figures:
        print(figure.line)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def family(pid: int) -> list[psutil.Process]:
    """A process and everything below it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def pss_mib(processes: Sequence[psutil.Process]) -> float:
    """Proportional set size: pages that several processes share are counted once."""
    return sum(process.memory_full_info().pss for process in processes) / 2**20


def busy_share(processes: Sequence[psutil.Process], seconds: float) -> float:
    """Processor time used while waiting, in percent of one core."""

    def used() -> float:
        return sum(times.user + times.system for times in (process.cpu_times() for process in processes))

    before = used()
    time.sleep(seconds)
    return (used() - before) / seconds * 100
