"""A browser for one verification: found where there is one, kept to one site, and ended for good when it hangs."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from core.connectors.transports.addresses import port_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

log = structlog.get_logger(__name__)

MISSING = (
    "There is no browser here. Install Chromium and `pip install playwright axe-playwright-python`, or run "
    "`playwright install chromium` after it, and verify again."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# One renderer for all: each page of a sandboxed origin would begin a process of its own, with axe to be compiled anew.
_FLAGS = (
    "--renderer-process-limit=1", "--disable-site-isolation-trials",
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--dns-prefetch-disable", "--disable-extensions",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)  # fmt: skip
_START_SECONDS = 30.0


class BrowserUnusable(Exception):
    """Its text says why, for people."""


class Chromium:
    """Makes itself end: `kill` works from any thread, whatever the browser is busy with.

    Names are resolved inside of it: with `address` only that host and port lead anywhere, without one nothing does, so
    that neither a redirect nor a preconnect of a page reaches another server of this network.
    """

    def __init__(self, address: str | None = None) -> None:
        try:
            from playwright.sync_api import Error, sync_playwright
        except ImportError:
            raise BrowserUnusable(MISSING) from None
        self._manager = sync_playwright()
        try:
            self._playwright = self._manager.start()
        except Error as problem:
            raise BrowserUnusable(f"The browser did not start: {_short(problem)}.") from problem
        self.browser: Browser
        self._group = 0
        try:
            path = _found(self._playwright.chromium.executable_path)
            self.browser = self._playwright.chromium.launch(
                executable_path=path, args=[*_flags(), _hosts(address)], timeout=_START_SECONDS * 1000,
                chromium_sandbox=not _is_root(),
            )  # fmt: skip
            told = self.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
            self._group = next(int(one["id"]) for one in told["processInfo"] if one["type"] == "browser")
        except (Error, StopIteration) as problem:
            self.close()
            raise BrowserUnusable(f"The browser did not start: {_short(problem)}.") from problem
        except BrowserUnusable:
            self.close()
            raise

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def kill(self) -> None:
        """Ends every process of it; whoever waits for the browser is told that it is gone."""
        group, self._group = self._group, 0
        if group > 1:
            log.warning("website_browser_killed", process=group)
            with suppress(OSError):  # it is gone already
                os.killpg(os.getpgid(group), signal.SIGKILL) if os.getpgid(group) == group else os.kill(
                    group, signal.SIGKILL
                )

    def close(self) -> None:
        """By hand after ten seconds when it does not go by itself."""
        timer = threading.Timer(10, self.kill)
        timer.daemon = True
        timer.start()
        try:
            with suppress(Exception):  # it may have been killed: then there is nothing left to close
                if hasattr(self, "browser"):
                    self.browser.close()
            with suppress(Exception):
                self._playwright.stop()
        finally:
            timer.cancel()
            self._group = 0


@contextmanager
def open_browser(address: str | None = None) -> Iterator[Browser | None]:
    """A browser for the site at `address`; None where there is none. It belongs to the thread that opened it."""
    try:
        chromium = Chromium(address)
    except BrowserUnusable as problem:
        log.info("website_browser_missing", reason=str(problem))
        yield None
        return
    with chromium:
        yield chromium.browser


def axe_script() -> str | None:
    """axe-core, as the wheel axe-playwright-python carries it; None without."""
    from importlib.util import find_spec

    found = find_spec("axe_playwright_python")
    for place in (found.submodule_search_locations or ()) if found else ():
        script = Path(place) / "axe.min.js"
        if script.is_file():
            return script.read_text(encoding="utf-8")
    return None


def _found(own: str) -> str:
    chosen = os.environ.get("CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if chosen is None and not Path(own).exists():
        raise BrowserUnusable(MISSING)
    return chosen or own


def _flags() -> tuple[str, ...]:
    # Chromium refuses to run its sandbox as root, which containers often are
    return (*_FLAGS, "--no-sandbox") if _is_root() else _FLAGS


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _hosts(address: str | None) -> str:
    if address is None:
        return "--host-resolver-rules=MAP * ~NOTFOUND"
    parts = urlsplit(address)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    place = f"{host}:{port_of(parts)}"
    return f"--host-resolver-rules=MAP {place} {place}, MAP * ~NOTFOUND"


def _short(problem: Any) -> str:
    lines = [line for line in str(problem).splitlines() if line.strip()] or [type(problem).__name__]
    return " ".join(lines[0].split()).rstrip(".")[:200]
