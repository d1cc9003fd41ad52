"""What a package of a 30-page report costs: seconds and peak memory of a process that makes it, format by format.

Of the sample data's last half year. The process is a new one, as a worker that was just started; the second package
shows what one costs that has made others before.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from benchmarks.installation import application
from benchmarks.measure import Figure, show
from core import bootstrap
from core.actor import SYSTEM
from core.deliverables.format import find_formats
from core.deliverables.rules import PackageState
from core.settings import Settings

SECONDS, MEGABYTES, PAGES, SLIDES = 4.0, 400.0, 30, 25
_DAYS = 182


def measure(arguments: Sequence[str] = ()) -> None:
    with application() as app:
        app.sample.load(SYSTEM)
        today = app.clock.now().date()
        params = {"first": str(today - timedelta(days=_DAYS)), "last": str(today), "dataset": "sample"}
        ids = [app.packages.request(SYSTEM, "period", params) for _ in range(2)]
        command = [sys.executable, "-m", "benchmarks.packages", app.url, str(app.settings.var_dir), *map(str, ids)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        view = app.packages_queries.one(SYSTEM, ids[0])
        assert view.row.state is PackageState.DONE, view.error
        facts = {file.format: dict(file.facts) for file in view.files}
    cold, warm = told["packages"]
    show(
        "A package of PDF, PowerPoint, HTML and data of half a year of sample data",
        [
            Figure("pages of the PDF", facts["pdf"]["pages"], "pages", PAGES, at_least=True),
            Figure("slides of the deck", facts["pptx"]["slides"], "slides", SLIDES, at_least=True),
            Figure("the first package of a process", cold, "s", SECONDS),
            Figure("the next one", warm, "s", SECONDS),
            Figure("peak memory of the process", told["peak"], "MB", MEGABYTES),
            Figure("of it before the first package", told["before"], "MB"),
            *(Figure(f"{name} alone, rendered again", seconds, "s") for name, seconds in told["formats"].items()),
        ],
    )


def make(url: str, var_dir: str, ids: Sequence[str]) -> None:
    """What the measured process does; its last line is JSON."""
    from core.deliverables.content import report_from_json
    from core.deliverables.look import Look

    app = bootstrap.build(Settings(_env_file=None, var_dir=Path(var_dir)), url=url)
    before, packages = _peak(), []
    for one in ids:
        began = time.perf_counter()
        app.package_making.make(UUID(one))
        packages.append(time.perf_counter() - began)
    peak, formats = _peak(), {}
    kept = app.packages_queries.one(SYSTEM, UUID(ids[-1])).report_sha256
    assert kept is not None
    report = report_from_json(json.loads((app.settings.files_dir / kept[:2] / kept).read_bytes()))
    for name, made in find_formats().items():
        began = time.perf_counter()
        made.render(report, Look("Countersign"))
        formats[name] = time.perf_counter() - began
    app.close()
    print(json.dumps({"packages": packages, "peak": peak, "before": before, "formats": formats}))


def _peak() -> float:
    """Megabytes this process held at most until now (Linux tells kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) > 2:
        os.environ.setdefault("LOG_FORMAT", "json")
        make(sys.argv[1], sys.argv[2], sys.argv[3:])
    else:
        measure()
