"""Measures a site against criteria: every check in its own time, one browser for those that look, and a gate behind them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from core.websites import documents
from core.websites.browser import BrowserUnusable, Chromium
from core.websites.check import Check, CheckSubject, Measured, find_checks, not_checked
from core.websites.rules import CheckState

log = structlog.get_logger(__name__)

MOST_SECONDS = 90.0
"""Of one verification with a browser, whatever the site does."""
_GRACE = 1.0
_BROWSERS = 2


@dataclass(frozen=True)
class Summary:
    passed: Sequence[str]
    failed: Sequence[str]
    not_checked: Sequence[str]

    @property
    def sentence(self) -> str:
        parts = [f"{len(self.passed)} passed", f"{len(self.failed)} failed", f"{len(self.not_checked)} not checked"]
        return f"{', '.join(parts)}."


@dataclass(frozen=True)
class Gate:
    """Whether a site may go on."""

    open: bool
    """No required criterion failed, and each was looked for."""
    stopped_by: Sequence[str]
    """Required criteria that failed, or of which there is no result at all."""
    unproven: Sequence[str]
    """Required criteria that were not checked: the way is open, and nobody may say that they passed."""

    @property
    def proven(self) -> bool:
        """Every required criterion was measured and passed."""
        return self.open and not self.unproven


def verify(
    subject: CheckSubject, wanted: Sequence[str] = (), *, delivered: Callable[[str], bool] | None = None,
    form_address: str | None = None, ask_outside: bool = False, seconds: float = MOST_SECONDS,
    thresholds: Mapping[str, float] | None = None,
) -> Mapping[str, Measured]:  # fmt: skip
    """Results by criterion, in the order of the checks; `wanted` empty is every check there is.

    `delivered` tells whether a message with this mark has arrived; `form_address` is where forms are to be sent;
    `thresholds` are those of the type, by check, and what it leaves out is judged by the check's own. Raises nothing that
    a site could cause, and ends within `seconds` and a little: a check that crashes, hangs or has no time left is *not
    checked*, and says so. A `subject` without browser gets one where there is one; one that is handed in belongs to the
    caller and must be used on the caller's thread.
    """
    until = time.monotonic() + seconds
    checks = find_checks()
    chosen = [one for name, one in checks.items() if not wanted or name in wanted]
    subject = replace(
        subject, delivered=delivered or subject.delivered, form_address=form_address or subject.form_address,
        ask_outside=ask_outside or subject.ask_outside, timeout_seconds=min(subject.timeout_seconds, seconds),
        thresholds={**subject.thresholds, **(thresholds or {})},
    )  # fmt: skip
    results: dict[str, Measured] = {}
    looking = [one for one in chosen if _looks(one)]
    try:
        reading = [_Running(one, subject, until) for one in chosen if not _looks(one)]
        if subject.browser is not None:
            for one in looking:
                results[one.name] = _guarded(one, replace(subject, timeout_seconds=_left(subject, until)))
        elif looking:
            results.update(_look(looking, subject, until))
        results.update({one.check.name: one.result() for one in reading})
    finally:
        documents.read.cache_clear()
    for name in subject.thresholds:
        if name in results and not checks[name].unit:
            results[name] = not_checked("The type asks for a figure, and this check is judged by none.")
    for name in wanted:
        if name not in checks:
            results[name] = not_checked(f"There is no check called {name}.")
    order = [*(one.name for one in chosen), *(name for name in wanted if name not in checks)]
    return {name: results[name] for name in order}


def summary_of(results: Mapping[str, Measured]) -> Summary:
    def names(state: CheckState) -> list[str]:
        return [name for name, one in results.items() if one.state == state]

    return Summary(names(CheckState.PASS), names(CheckState.FAIL), names(CheckState.NOT_CHECKED))


def gate(results: Mapping[str, Measured], criteria: Mapping[str, bool]) -> Gate:
    """What `results` mean where `criteria` says by name which of them are required; the others stop nothing."""
    required = [name for name, needed in criteria.items() if needed]
    passed = [name for name in required if name in results and results[name].state is CheckState.PASS]
    unproven = [name for name in required if name in results and results[name].state is CheckState.NOT_CHECKED]
    stopped = [name for name in required if name not in passed and name not in unproven]
    return Gate(not stopped, stopped, unproven)


def _looks(check: Check) -> bool:
    return check.uses_browser or check.needs == "browser"


def _left(subject: CheckSubject, until: float) -> float:
    return max(0.1, min(subject.timeout_seconds, until - time.monotonic()))


def _guarded(check: Check, subject: CheckSubject) -> Measured:
    began = time.monotonic()
    try:
        measured = check.measure(subject)
    except Exception as problem:
        log.exception("website_check_crashed", check=check.name)
        reason = " ".join(str(problem).split())[:200] or type(problem).__name__
        return not_checked(f"The check itself failed: {type(problem).__name__}: {reason}.")
    return replace(measured, facts={**measured.facts, "seconds": round(time.monotonic() - began, 3)})


class _Running:
    """One check on a thread of its own, which is left behind when its time is over: everything it waits for ends by itself."""

    def __init__(self, check: Check, subject: CheckSubject, until: float) -> None:
        self.check = check
        self._seconds = _left(subject, until)
        self._until = time.monotonic() + self._seconds
        self._measured: Measured | None = None
        self._thread = threading.Thread(target=self._run, args=(subject,), name=f"check-{check.name}", daemon=True)
        self._thread.start()

    def result(self) -> Measured:
        self._thread.join(max(0.0, self._until + _GRACE - time.monotonic()))
        if self._measured is None:
            log.warning("website_check_late", check=self.check.name, seconds=self._seconds)
            return not_checked(f"It did not end within {self._seconds:.0f} s.")
        return self._measured

    def _run(self, subject: CheckSubject) -> None:
        self._measured = _guarded(self.check, replace(subject, timeout_seconds=self._seconds))


def _look(checks: Sequence[Check], subject: CheckSubject, until: float) -> Mapping[str, Measured]:
    """On threads of their own, because a browser belongs to one thread, and to none that runs an event loop.

    One waits for the network most of the time, one reckons: two browsers end in little more than the time of the slower.
    """
    results: dict[str, Measured] = {}
    waiting = deque(sorted(checks, key=lambda one: -one.effort))
    threads = [
        threading.Thread(target=_with_browsers, args=(waiting, subject, until, results), name="checks-in-browser", daemon=True)
        for _ in range(min(_BROWSERS, len(checks)))
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic() + 5 * _GRACE))
    known = dict(results)
    return {one.name: known.get(one.name) or not_checked("There was no time left for it.") for one in checks}


def _with_browsers(waiting: deque[Check], subject: CheckSubject, until: float, results: dict[str, Measured]) -> None:
    """One browser for all that this thread takes; another one only after the first had to be killed."""
    while waiting and time.monotonic() < until:
        try:
            chromium = Chromium(subject.address)
        except BrowserUnusable as problem:
            while one := _next(waiting):
                bare = replace(subject, browser=None, timeout_seconds=_left(subject, until))
                results[one.name] = _without(str(problem), _guarded(one, bare))
            return
        with chromium:
            while time.monotonic() < until and chromium.browser.is_connected() and (one := _next(waiting)):
                seconds = _left(subject, until)
                results[one.name] = _watched(
                    one, replace(subject, browser=chromium.browser, timeout_seconds=seconds), chromium
                )


def _next(waiting: deque[Check]) -> Check | None:
    try:
        return waiting.popleft()
    except IndexError:  # the other browser took the last one
        return None


def _watched(check: Check, subject: CheckSubject, chromium: Chromium) -> Measured:
    """With a hand on the switch: a page that never answers ends with its browser."""
    timer = threading.Timer(subject.timeout_seconds, chromium.kill)
    timer.daemon = True
    timer.start()
    try:
        measured = _guarded(check, subject)
    finally:
        timer.cancel()
    if not chromium.browser.is_connected() and measured.state is not CheckState.FAIL:
        return not_checked(f"The browser hung and was ended after {subject.timeout_seconds:.0f} s.")
    return measured


def _without(reason: str, measured: Measured) -> Measured:
    """Says why there was no browser where a check could not do without."""
    if measured.state is not CheckState.NOT_CHECKED:
        return measured
    facts: dict[str, Any] = dict(measured.facts)
    return replace(measured, evidence=reason, facts=facts)
