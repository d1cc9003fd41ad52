"""The official SDK's client against the MCP server as it is mounted behind the gate, in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from api.app import create_api
from api.mcp.door import McpDoor
from core.bootstrap import Application
from web.gate import Gate

URL = "http://127.0.0.1:8501/mcp"
ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@asynccontextmanager
async def serving(app: Application) -> AsyncIterator[Starlette]:
    """The routes of server.py that programs use, with their lifespan begun."""
    door = McpDoor(lambda: app)
    routes = [Route("/mcp", endpoint=door, methods=None), Mount("/api", app=create_api(lambda: app))]
    async with door.run():
        yield Starlette(routes=routes, middleware=[Middleware(Gate, get_app=lambda: app)])


def http(asgi: Starlette, token: str | None, **headers: str) -> httpx2.AsyncClient:
    authorization = {"authorization": f"Bearer {token}"} if token else {}
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(asgi), base_url="http://127.0.0.1:8501", headers={**authorization, **headers},
        timeout=60,
    )  # fmt: skip


@asynccontextmanager
async def connected(asgi: Starlette, token: str, mode: str = "auto", **more: Any) -> AsyncIterator[Client]:
    """A client that has agreed on a version of the protocol: today's, or with `legacy` the one with a handshake."""
    async with (
        http(asgi, token) as web,
        Client(streamable_http_client(URL, http_client=web), mode=mode, **more) as made,
    ):
        yield made


def words(result: Any) -> str:
    """What a tool said as text."""
    return "".join(one.text for one in result.content)
