"""The whole product: from the command to the first page, and what it costs while nobody does anything."""

from __future__ import annotations

import time

import psutil

from benchmarks.installation import installation
from benchmarks.measure import Figure, busy_share, family, pss_mib, show

SETTLE_SECONDS = 15
IDLE_SECONDS = 20


def measure() -> None:
    with installation() as ours:
        time.sleep(SETTLE_SECONDS)
        assert ours.product.process is not None
        processes = family(ours.product.process.pid) + _postgres(str(ours.product.var))
        jobs = [p for p in processes if p.cmdline()[-2:] == ["-m", "jobs"]]
        show(
            "The whole product, idle, with sample data",
            [
                Figure("command to first page served", ours.start_seconds, "s", 8),
                Figure("memory of all processes, PostgreSQL included (PSS)", pss_mib(processes), "MiB", 500),
                Figure("worker and scheduler, share of a core", busy_share(jobs, IDLE_SECONDS), "%", 8),
                Figure("everything, share of a core", busy_share(processes, IDLE_SECONDS), "%"),
            ],
        )


def _postgres(var: str) -> list[psutil.Process]:
    servers = [
        p
        for p in psutil.process_iter(["cmdline"])
        if var in " ".join(p.info["cmdline"] or []) and "postgres" in p.name()
    ]
    return [member for server in servers for member in family(server.pid)]
