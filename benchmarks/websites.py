"""What a site of twelve pages costs: to build, to verify with and without a browser, and to serve through the dashboard."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from benchmarks.judged_sites import publish
from benchmarks.measure import Figure, family, percentile, pss_mib, show
from benchmarks.sample_sites import Sample, twelve_pages
from benchmarks.serving.dashboard import served as server_of
from core import bootstrap
from core.settings import Settings
from core.websites.built import BuiltSite
from core.websites.check import CheckSubject, find_checks
from core.websites.content import Site
from core.websites.generating import generate
from core.websites.rules import CheckState
from core.websites.verifying import verify
from tests.browser.product import Product

BUILD, READ, LOOK, SERVED = 1.0, 2.0, 30.0, 500.0
_REQUESTS, _CONNECTIONS = 3_000, 4


def measure() -> None:
    first, warm = _built_anew()
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder) / "var").start()
        try:
            settings = Settings(_env_file=None, var_dir=product.var, public_url=product.url)
            app = bootstrap.build(settings, url=bootstrap.database_url(settings))
            served = publish(app, Sample("harbour-bakery", twelve_pages(posts=1)))
            figures = [
                Figure("a site of 12 pages built, the first of a process", first, "s", BUILD),
                Figure("the next one", warm, "s", BUILD),
                *_verified(served.sample.site, served.built, served.address),
                *_served(product, served.address),
            ]
            app.close()
        finally:
            product.stop()
    show("A website of 12 pages, with a blog and a contact form", figures)


def _built_anew() -> tuple[float, float]:
    """In a new process, as a worker that was just started; without its imports."""
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.websites", "build"], check=True, capture_output=True, text=True
    ).stdout.split()  # fmt: skip
    return float(told[-2]), float(told[-1])


def _verified(site: Site, built: BuiltSite, address: str) -> Sequence[Figure]:
    """The contact form apart: its message waits for a worker that knows of this site's mailbox."""
    subject = CheckSubject(site, built, address)
    known = find_checks()
    reading = [name for name, one in known.items() if one.needs != "browser" and not one.uses_browser]
    reading.remove("contact_form")
    looking = [name for name in known if name not in (*reading, "contact_form")]
    figures = []
    for title, wanted, most in (
        ("verified without a browser", reading, READ),
        ("verified with one", [*reading, *looking], LOOK),
    ):
        began = time.perf_counter()
        results = verify(subject, wanted)
        seconds = time.perf_counter() - began
        passed = sum(one.state is CheckState.PASS for one in results.values())
        figures += [Figure(title, seconds, "s", most), Figure(f"  of {len(results)} criteria, passed", passed, "")]
    return figures


def _served(product: Product, address: str) -> Sequence[Figure]:
    assert product.process is not None
    dashboard = family(product.process.pid)
    before = pss_mib(dashboard)
    tag = _tag(address)
    with server_of("benchmarks.serving.empty:app", "/empty") as empty:
        rows: Sequence[tuple[str, str, Mapping[str, str], float | None]] = (
            ("a page", address, {"accept-encoding": "gzip"}, None),
            ("a page the browser has (ETag, 304)", address, {"if-none-match": tag}, SERVED),
            ("an empty FastAPI route, in a process of its own", f"http://127.0.0.1:{empty.port}/empty", {}, None),
        )
        figures = [one for title, url, headers, least in rows for one in _asked(title, url, headers, least)]
    return [*figures, Figure("memory of the product, before", before, "MiB"),
            Figure("  after", pss_mib([one for one in dashboard if psutil.pid_exists(one.pid)]), "MiB")]  # fmt: skip


def _asked(title: str, url: str, headers: Mapping[str, str], least: float | None) -> Sequence[Figure]:
    times: list[float] = []
    began = time.perf_counter()
    threads = [threading.Thread(target=_ask, args=(url, headers, times.append)) for _ in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(times) / (time.perf_counter() - began)
    return (
        Figure(title, rate, "/s", least, at_least=True),
        Figure("  p50", percentile(times, 0.5) * 1000, "ms"),
        Figure("  p99", percentile(times, 0.99) * 1000, "ms"),
    )


def _ask(url: str, headers: Mapping[str, str], tell: Callable[[float], None]) -> None:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    for _ in range(_REQUESTS // _CONNECTIONS):
        began = time.perf_counter()
        connection.request("GET", parts.path, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 304)
        tell(time.perf_counter() - began)
    connection.close()


def _tag(url: str) -> str:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers["etag"]


def _build() -> None:
    site, times = twelve_pages(posts=1), []
    for _ in range(2):
        began = time.perf_counter()
        generate(site, address="https://example.com/sites/harbour/", form_action="/form")
        times.append(time.perf_counter() - began)
    print(*times)


if __name__ == "__main__":
    _build() if sys.argv[1:] == ["build"] else measure()
