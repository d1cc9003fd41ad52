"""A running installation with its admin and sample data, for benchmarks that need one."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from core import bootstrap
from core.bootstrap import Application
from core.identity.rules import SESSION_COOKIE
from core.settings import Settings
from tests.browser.product import Product

EMAIL, PASSWORD = "asha@example.com", "correct horse battery staple"


@dataclass(frozen=True)
class Installation:
    product: Product
    cookie: str
    """`name=value`, ready for a Cookie header."""
    start_seconds: float


@contextmanager
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        product = Product(Path(folder) / "var").start()
        start_seconds = time.perf_counter() - started
        try:
            yield Installation(product, _set_up(product.url), start_seconds)
        finally:
            product.stop()


@contextmanager
def application() -> Iterator[Application]:
    """An application with an empty database of its own, in this process; nothing serves it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, var_dir=Path(folder) / "var")
        url = bootstrap.database_url(settings)
        bootstrap.migrate(url)
        app = bootstrap.build(settings, url=url)
        try:
            yield app
        finally:
            app.close()


def _set_up(url: str) -> str:
    """Makes the admin with sample data; answers the session cookie once the data is there."""
    with httpx2.Client(base_url=url, follow_redirects=False) as client:
        found = re.search(r'name="token" value="([^"]+)"', client.get("/auth/set-up").text)
        assert found is not None
        form = {"token": found.group(1), "name": "Asha", "email": EMAIL, "password": PASSWORD, "sample": "1"}
        assert client.post("/auth/set-up", data=form).status_code == 303
        return f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE]}"
