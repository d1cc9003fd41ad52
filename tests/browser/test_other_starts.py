"""The two other ways somebody may try to start it: one works, the other says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect

from core.settings import ROOT
from tests.browser.product import free_port


@contextmanager
def streamlit_run(script: str, var: Path) -> Iterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
    ]
    environment = os.environ | {"VAR_DIR": str(var), "DATABASE_URL": ""}
    with (var / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def test_home_alone_says_how_to_start(browser: Browser, tmp_path: Path) -> None:
    with streamlit_run("Home.py", tmp_path) as url:
        page = browser.new_context().new_page()
        for path in ("/", "/audit"):
            _open(page, url + path)
            expect(page.get_by_role("heading", name="Start Countersign with its server")).to_be_visible(timeout=20_000)
            expect(page.get_by_text("make run")).to_be_visible()


def test_server_alone_asks_for_set_up(browser: Browser, tmp_path: Path) -> None:
    with streamlit_run("server.py", tmp_path) as url:
        page = browser.new_context().new_page()
        _open(page, url)
        expect(page.get_by_role("heading", name="Set up Countersign")).to_be_visible(timeout=20_000)


def _open(page: Page, url: str) -> None:
    for _ in range(100):
        try:
            page.goto(url)
            return
        except Error:
            page.wait_for_timeout(200)
    raise AssertionError(f"{url} does not answer")
