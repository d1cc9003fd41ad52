"""The ASGI app of the dashboard: Streamlit pages, the REST API and sign-in, in one process behind one gate.

Start it with `make run`, `uvicorn server:app` or `streamlit run server.py`.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from types import FrameType
from typing import Any

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from streamlit.runtime.pages_manager import PagesManager

from api.app import ApiMount
from api.mcp.door import McpDoor
from core.bootstrap import Application, application, migrate
from core.logs import set_up_logs
from core.secret import installation_secret
from core.settings import ROOT, Settings
from web.answers import create_answers
from web.gate import Gate
from web.metrics import Metrics, create_metrics
from web.requests import Requests
from web.sign_in import create_sign_in
from web.sites import create_previews, create_sites, robots


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Builds the application before the first request, and freezes what was imported out of the collector's way."""
    countersign = await to_thread.run_sync(application)
    set_up_logs(countersign.settings.log_format, "dashboard")
    await to_thread.run_sync(migrate, countersign.url)
    await to_thread.run_sync(countersign.guardrails.ensure)
    await to_thread.run_sync(countersign.catalog.sync, countersign.settings.workflows_file)
    await to_thread.run_sync(countersign.catalog.sync_official)
    gc.collect()
    gc.freeze()
    async with mcp.run():
        _end_streams_with(countersign)
        yield {}
    countersign.close()


def _end_streams_with(countersign: Application) -> None:
    """Uvicorn waits for open answers before it says that it ends, and an event stream is open until it is told so."""
    loop = asyncio.get_running_loop()

    def ending(number: int, frame: FrameType | None, before: Callable[..., object]) -> None:
        loop.call_soon_threadsafe(countersign.changes.end_listeners)
        before(number, frame)

    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before) and threading.current_thread() is threading.main_thread():
            signal.signal(number, partial(ending, before=before))


# Streamlit must never route a URL to a file of `pages/` by itself: Home.py decides who sees which page.
PagesManager.uses_pages_directory = False

settings = Settings()
mcp = McpDoor(application)
metrics = Metrics(application)

# Written out here, and not made by a function, because `streamlit run server.py` looks for this line.
app = st.App(
    ROOT / "Home.py",
    routes=[
        ApiMount(application),
        Route("/mcp", endpoint=mcp, methods=None),
        Mount("/auth", app=create_sign_in(application, settings, installation_secret(settings))),
        Mount("/answer", app=create_answers(application)),
        Mount("/sites", app=create_sites(application)),
        Route("/robots.txt", robots, methods=["GET"]),
        Mount("/preview", app=create_previews(application)),
        Route("/metrics", create_metrics(metrics, application, settings), methods=["GET"]),
    ],
    middleware=[
        Middleware(Requests, observe=metrics.observe, opened=metrics.opened, lines=settings.log_format == "json"),
        Middleware(Gate, get_app=application),
    ],
    lifespan=lifespan,
)
