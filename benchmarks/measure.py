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
    at_least: bool = False
    """More is better: the limit is the least, not the most."""

    @property
    def line(self) -> str:
        said = f"  {self.name:<58} {self.value:>9.2f} {self.unit}"
        if self.limit is None:
            return said
        reached = self.value >= self.limit if self.at_least else self.value <= self.limit
        sign = "≥" if self.at_least else "≤"
        return f"{said}   asked {sign} {self.limit:g} {self.unit}   {'reached' if reached else 'NOT reached'}"


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
