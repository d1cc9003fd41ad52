"""The ASGI app of the dashboard: Streamlit pages, the REST API and sign-in, in one process behind one gate.

Start it with `make run`, `uvicorn server:app` or `streamlit run server.py`.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.routing import Mount
from streamlit.runtime.pages_manager import PagesManager

from api.app import create_api
from core.bootstrap import application, migrate
from core.logs import set_up_logs
from core.secret import installation_secret
from core.settings import ROOT, Settings
from web.gate import Gate
from web.sign_in import create_sign_in
from web.sites import create_previews, create_sites


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Builds the application before the first request, and freezes what was imported out of the collector's way."""
    countersign = await to_thread.run_sync(application)
    set_up_logs(countersign.settings.log_format)
    await to_thread.run_sync(migrate, countersign.url)
    await to_thread.run_sync(countersign.guardrails.ensure)
    await to_thread.run_sync(countersign.catalog.sync, countersign.settings.workflows_file)
    await to_thread.run_sync(countersign.catalog.sync_official)
    gc.collect()
    gc.freeze()
    yield {}
    countersign.close()


# Streamlit must never route a URL to a file of `pages/` by itself: Home.py decides who sees which page.
PagesManager.uses_pages_directory = False

settings = Settings()

# Written out here, and not made by a function, because `streamlit run server.py` looks for this line.
app = st.App(
    ROOT / "Home.py",
    routes=[
        Mount("/api", app=create_api(application)),
        Mount("/auth", app=create_sign_in(application, settings, installation_secret(settings))),
        Mount("/sites", app=create_sites(application)),
        Mount("/preview", app=create_previews(application)),
    ],
    middleware=[Middleware(Gate, get_app=application)],
    lifespan=lifespan,
)
