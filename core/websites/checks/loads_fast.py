"""It loads fast: every page in less than the type asks for, over HTTP and in a browser on a phone's network."""

from __future__ import annotations

import math
import time
from statistics import median
from typing import Any
from urllib.parse import urljoin

from core.websites.asking import Asker
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.documents import SitePage, pages_of
from core.websites.references import home_of, references_of
from core.websites.rules import CheckState
from core.websites.visiting import LATE, NotInTime, visiting

MOST_SECONDS = 3.0
"""Where the type of the site names no seconds of its own."""
_LATENCY_MS, _BYTES_PER_SECOND = 165.0, 1_012_500.0
"""4G as the developer tools of Chromium have it ("Fast 4G"): 8.1 Mbit/s, 165 ms there and back."""
_ROUND_TRIPS = 4
"""Name, connection, page, and what the page needs."""
_TIMES = 3


def measure(subject: CheckSubject) -> Measured:
    until = time.monotonic() + subject.timeout_seconds * 0.9
    most = subject.thresholds.get("loads_fast", MOST_SECONDS)
    pages = pages_of(subject.built)
    weights = _weights(subject, pages)
    if not weights:
        return not_checked("There is no page.")
    heaviest = max(weights, key=lambda path: weights[path])
    expected = {path: _ROUND_TRIPS * _LATENCY_MS / 1000 + size / _BYTES_PER_SECOND for path, size in weights.items()}
    findings = [
        f"{path or 'first page'}: {weights[path]:,} bytes take about {seconds:.1f} s on 4G"
        for path, seconds in expected.items()
        if seconds >= most
    ]
    facts: dict[str, Any] = {
        "heaviest": heaviest,
        "heaviest_bytes": weights[heaviest],
        "expected_4g": round(expected[heaviest], 2),
        "asked": most,
    }
    told = f"the heaviest page has {math.ceil(weights[heaviest] / 1000):,} kB, about {expected[heaviest]:.1f} s on 4G"
    if subject.address is None:
        if findings:
            return Measured(
                CheckState.FAIL, f"{_capital(told)}, asked is less than {most:g} s.", tuple(findings), facts
            )
        return not_checked(f"{_capital(told)}; how fast it answers can be measured only once the site is published.")
    slow, late, slowest = _over_http(subject, subject.address, pages, most)
    findings += slow
    facts["slowest_answer"] = round(slowest, 3)
    told = f"pages answer within {slowest:.2f} s; {told}"
    if subject.browser is not None:
        loaded, trouble = _in_browser(subject, dict.fromkeys(("", heaviest)), until, most)
        facts["loaded"] = {path or "first page": round(seconds, 2) for path, seconds in loaded.items()}
        findings += [
            f"{path or 'first page'}: it loads in {seconds:.1f} s or more on 4G"
            for path, seconds in loaded.items()
            if seconds >= most
        ]
        if trouble and not findings:
            return not_checked(f"{_capital(told)}. In the browser it {trouble}.")
        if loaded:
            told = f"in a browser on 4G it loads in {max(loaded.values()):.2f} s (median of {_TIMES}); {told}"
    else:
        told += "; no browser was there to load it"
    told += f"; asked is less than {most:g} s"
    if findings:
        return Measured(CheckState.FAIL, f"{_capital(told)}.", tuple(findings), facts)
    if late:
        return not_checked(f"{late} of {len(pages)} pages were not asked in time.")
    return Measured(CheckState.PASS, f"{_capital(told)}.", facts=facts)


def _weights(subject: CheckSubject, pages: list[SitePage]) -> dict[str, int]:
    """Bytes of each page and of all it loads to be drawn: styles with their pictures, preloaded fonts, pictures, scripts."""
    built = subject.built
    names = {one.name: one.file for one in pages}
    needed: dict[str, set[str]] = {}
    for one in references_of(built, subject.address or home_of(built)):
        if one.opens or one.file is None or one.file.endswith((".html", ".xml", ".webmanifest")):
            continue
        owner = names.get(one.where.partition(" line ")[0], one.where)
        if owner.endswith(".css") and one.file.endswith((".woff2", ".woff")):
            continue  # a browser loads a font only where letters of the page need it
        needed.setdefault(owner, set()).add(one.file)
    sizes: dict[str, int] = {}
    for page in pages:
        files = needed.get(page.file, set())
        whole = files | {deep for one in files for deep in needed.get(one, ())}
        sizes[page.path] = len(built.files[page.file].data) + sum(len(built.files[file].data) for file in whole)
    return sizes


def _over_http(subject: CheckSubject, address: str, pages: list[SitePage], most: float) -> tuple[list[str], int, float]:
    findings: list[str] = []
    late, slowest = 0, 0.0
    with Asker(address, seconds=subject.timeout_seconds * 0.4) as asker:
        for path, answer in (
            (one.path, asker.ask(urljoin(address, one.path))) for one in pages if one.path != "404.html"
        ):
            slowest = max(slowest, answer.seconds)
            if answer.late and "not asked" in answer.error:
                late += 1
            elif answer.late or answer.seconds >= most:
                findings.append(f"{path or 'first page'}: it does not answer within {most:g} s")
            elif answer.error:
                findings.append(f"{path or 'first page'}: it {answer.error}")
    return findings, late, slowest


def _in_browser(
    subject: CheckSubject, paths: dict[str, None], until: float, most: float
) -> tuple[dict[str, float], str]:
    """Median seconds until the load event by page, each time without cache; why it could not be measured."""
    loaded: dict[str, float] = {}
    for path in paths:
        times: list[float] = []
        for _ in range(_TIMES):
            if times.count(math.inf) > _TIMES // 2:
                break  # the median is known
            left = until - time.monotonic()
            if left < 1:
                return loaded, "was not measured in time"
            try:
                with visiting(subject, phone=True, seconds=left) as visitor:
                    visitor.most_ms = (most + 1) * 1000
                    session = visitor.page.context.new_cdp_session(visitor.page)
                    session.send("Network.enable")
                    session.send("Network.emulateNetworkConditions", {
                        "offline": False, "latency": _LATENCY_MS, "downloadThroughput": _BYTES_PER_SECOND,
                        "uploadThroughput": _BYTES_PER_SECOND / 2,
                    })  # fmt: skip
                    trouble = visitor.go(path)
                    if trouble == LATE:
                        times.append(math.inf)
                        continue
                    if trouble:
                        return loaded, trouble
                    times.append(
                        visitor.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart") / 1000
                    )
            except NotInTime:
                return loaded, "was not measured in time"
        loaded[path] = min(median(times), most + 1)
    return loaded, ""


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


CHECK = Check("loads_fast", "It loads fast", "files", measure, order=55, uses_browser=True, unit="s")
