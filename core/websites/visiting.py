"""Visits pages of one site in a browser, which talks to that site and to nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from core.websites.asking import origin_of
from core.websites.built import BuiltSite
from core.websites.check import CheckSubject, Measured, not_checked
from core.websites.documents import SitePage, pages_of
from core.websites.references import home_of, looked_up
from core.websites.rules import CheckState

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route, ViewportSize, WebSocketRoute

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST_PAGES = 24
_WAIT_MS = 8_000
_FOREIGN_MOST = 20
LATE = "did not open in time"


class NotInTime(Exception):
    """The time of this check is over."""


@dataclass
class Visitor:
    page: Page
    address: str
    until: float
    most_ms: float = _WAIT_MS
    """Longest wait for one page."""
    foreign: dict[str, None] = field(default_factory=dict)
    """What pages asked of others and did not get, in the order it was asked."""

    def go(self, path: str) -> str:
        """Opens the page at `path`; why it cannot be looked at, or nothing."""
        from playwright.sync_api import Error, TimeoutError

        self.check_time()
        wait = self.left_ms()
        try:
            answer = self.page.goto(urljoin(self.address, path), wait_until="load", timeout=wait)
        except TimeoutError:
            if wait < self.most_ms:  # what was left of ours, which says nothing about the page
                raise NotInTime from None
            return LATE
        except Error as problem:
            if self.page.is_closed() or not self.lives():
                raise
            return f"did not open: {str(problem).splitlines()[0][:160]}"
        if origin_of(self.page.url) != origin_of(self.address):
            return "leads away from the site"
        wanted = 404 if path == "404.html" else 200
        return "" if answer is None or answer.status in (200, wanted) else f"answers {answer.status}"

    def left_ms(self) -> float:
        return max(1.0, min(self.most_ms, (self.until - time.monotonic()) * 1000))

    def check_time(self) -> None:
        if time.monotonic() >= self.until:
            raise NotInTime

    def lives(self) -> bool:
        browser = self.page.context.browser
        return browser is not None and browser.is_connected()


@contextmanager
def visiting(subject: CheckSubject, *, phone: bool = False, seconds: float | None = None) -> Iterator[Visitor]:
    """A fresh window, without cookies and cache. Before a site is published its files answer from memory."""
    until = time.monotonic() + (seconds if seconds is not None else subject.timeout_seconds)
    address = subject.address or home_of(subject.built)
    context = subject.browser.new_context(
        viewport=PHONE if phone else DESKTOP, has_touch=phone, is_mobile=phone, device_scale_factor=2 if phone else 1,
        service_workers="block", accept_downloads=False, color_scheme="light", reduced_motion="reduce",
    )  # fmt: skip
    try:
        visitor = Visitor(context.new_page(), address, until)
        own = origin_of(address)

        def answer(route: Route) -> None:
            asked = route.request.url
            if origin_of(asked) != own:
                _note(visitor, asked)
                route.abort("blockedbyclient")
            elif subject.address is None:
                _from_memory(route, subject.built, address)
            else:
                route.continue_()

        def refused(socket: WebSocketRoute) -> None:
            _note(visitor, socket.url)
            socket.close()

        def redirected(request: Request) -> None:  # the browser follows redirects without asking `answer` again
            if origin_of(request.url) != own and not request.url.startswith(("data:", "blob:", "about:")):
                _note(visitor, request.url)

        context.route("**/*", answer)
        context.route_web_socket("**/*", refused)
        context.on("request", redirected)
        context.on("page", lambda page: page.close() if page is not visitor.page else None)
        visitor.page.on("dialog", lambda dialog: dialog.dismiss())
        yield visitor
    finally:
        with suppress(Exception):  # a browser that was killed closes nothing any more
            context.close()


def look_at(
    subject: CheckSubject, measure: Callable[[Visitor, SitePage], Sequence[str]], *, phone: bool = False
) -> tuple[list[str], Sequence[SitePage], Mapping[str, None], bool]:
    """Findings of each page that is looked at, those pages, what they asked elsewhere, and whether time was enough."""
    from playwright.sync_api import Error

    pages = sampled(pages_of(subject.built))
    findings: list[str] = []
    seen: list[SitePage] = []
    with visiting(subject, phone=phone) as visitor:
        try:
            for page in pages:
                trouble = visitor.go(page.path)
                try:
                    findings += [f"{page.name}: {trouble}"] if trouble else measure(visitor, page)
                except Error:
                    if not visitor.lives():
                        raise
                    findings.append(f"{page.name}: it moves on by itself while it is looked at")
                seen.append(page)
        except NotInTime:
            return findings, seen, visitor.foreign, False
    return findings, seen, visitor.foreign, True


def ended(
    findings: list[str], seen: Sequence[SitePage], foreign: Mapping[str, None], whole: bool, *, subject: CheckSubject,
    good: str, bad: Callable[[int], str], facts: Mapping[str, Any] | None = None,
) -> Measured:  # fmt: skip
    """What was seen on pages, as a measured criterion: not whole and nothing found is *not checked*."""
    findings = [*findings, *(f"a page asks for {one[:120]}, which is not this site's" for one in foreign)]
    every = len(pages_of(subject.built))
    told = (
        f"{len(seen)} of {every} pages looked at"
        if len(seen) < every
        else f"{every} page{'s' * (every != 1)} looked at"
    )
    known = {"pages": every, "looked_at": len(seen), "findings": len(findings), **(facts or {})}
    if findings:
        return Measured(CheckState.FAIL, f"{told}; {bad(len(findings))}.", tuple(findings), known)
    if not whole:
        return not_checked(f"{told} in {subject.timeout_seconds:.0f} s, so that it is not known of the others.")
    return Measured(CheckState.PASS, f"{told}; {good}.", facts=known)


def sampled(pages: Sequence[SitePage]) -> Sequence[SitePage]:
    """All pages of a small site; of a large one, the first of each shape, then others in their order."""
    if len(pages) <= MOST_PAGES:
        return pages
    shapes: dict[tuple[str, ...], SitePage] = {}
    for one in pages:
        shapes.setdefault(_shape(one), one)
    chosen = list(dict.fromkeys([pages[0].path, *(one.path for one in shapes.values()), *(one.path for one in pages)]))
    kept = set(chosen[:MOST_PAGES])
    return [one for one in pages if one.path in kept]


def _shape(page: SitePage) -> tuple[str, ...]:
    main = page.document.first("main")
    return tuple(f"{one.tag}.{one.get('class')}" for one in main.children) if main else ()


def _from_memory(route: Route, built: BuiltSite, address: str) -> None:
    path = unquote(urlsplit(route.request.url).path).removeprefix(urlsplit(address).path)
    file = looked_up(built, path)
    if file is None or route.request.method not in ("GET", "HEAD"):
        route.fulfill(status=404, content_type="text/plain", body="")
    else:
        route.fulfill(status=200, content_type=built.files[file].media_type, body=built.files[file].data)


def _note(visitor: Visitor, address: str) -> None:
    if len(visitor.foreign) < _FOREIGN_MOST:
        visitor.foreign[address] = None
