"""Agents ask over MCP and HTTP, a person approves in a real browser, a worker executes, and the receipt reaches the agent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from playwright.sync_api import Page, expect

from core.actor import Role
from core.bootstrap import Application
from core.identity.rules import Scope
from core.identity.service import actor_of
from core.settings import ROOT
from tests.browser.product import Product

SLOW = 20_000
EXAMPLES = ROOT / "examples"


@pytest.fixture
def token(inside: Application, request: pytest.FixtureRequest) -> str:
    """Of an agent of this test's own."""
    found, _ = inside.identity_queries.people(text="asha@example.com")
    admin = actor_of(found[0].user)
    agent_id = str(request.node.name).replace("test_", "")[:40].strip("_")
    inside.tokens.add_agent(admin, agent_id, agent_id.replace("_", " ").title())
    scopes = frozenset({Scope.READ, Scope.PROPOSE})
    return inside.tokens.issue_token(admin, label="browser", scopes=scopes, agent_id=agent_id)


def approve(page: Page, *texts: str) -> None:
    for one in texts:
        expect(page.get_by_text(one).first).to_be_visible(timeout=SLOW)
    button = page.get_by_role("button", name="Approve & Execute")
    expect(button).to_be_enabled(timeout=SLOW)
    button.click()
    expect(page.get_by_role("button", name="Executed")).to_be_visible(timeout=SLOW)


def program(product: Product, token: str, *command: str) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "COUNTERSIGN_URL": product.url, "COUNTERSIGN_TOKEN": token}
    return subprocess.Popen(
        command, cwd=EXAMPLES, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def card_of(started: subprocess.Popen[str]) -> str:
    """The path of the card that the program names on one of its lines."""
    assert started.stdout is not None
    for line in started.stdout:
        if "/inbox?card=" in line:
            return "/inbox?card=" + line.strip().rpartition("card=")[2]
    raise AssertionError("the program named no card")


async def _mcp(url: str, token: str, found: Callable[[str], None]) -> dict[str, Any]:
    """Proposes a run, says on which card, and follows it to its receipt."""
    headers = {"authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=70) as web,
        Client(streamable_http_client(f"{url}/mcp", http_client=web)) as client,
    ):

        async def call(tool: str, **arguments: Any) -> dict[str, Any]:
            answer = await client.call_tool(tool, arguments)
            assert not answer.is_error, answer.content
            said: dict[str, Any] = answer.structured_content
            return said

        proposed = await call("propose_run", workflow_type_id="resume_generator", reason="Ravi asked for it.")
        found(proposed["action_id"])
        while (waited := await call("wait_for_decision", action_id=proposed["action_id"], seconds=20, until="over"))[
            "still_waiting"
        ]:
            pass
        ended: dict[str, Any] = waited["action"]
        return {**ended, "run": await call("read_run", run_id=ended["run_id"])}


def test_agent_over_mcp(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], product: Product, token: str
) -> None:
    cards: list[str] = []
    operator = account("ines@example.com", Role.OPERATOR)
    with ThreadPoolExecutor(1) as pool:
        agent = pool.submit(anyio.run, _mcp, product.url, token, cards.append)
        page = sign_in(account=operator)
        while not cards and not agent.done():
            page.wait_for_timeout(50)
        assert cards, agent.result()
        page.goto(f"{product.url}/inbox?card={cards[0]}")
        approve(page, "Revision", "Ravi asked for it.")
        ended = agent.result(timeout=60)
    assert (ended["status"], ended["decided_by"]) == ("executed", "Ines")
    assert ended["receipt"]["outcome"] == "confirmed"
    assert ended["run"]["workflow_type_id"] == "resume_generator"
    assert ended["run"]["for_person"] == "Ines"
    expect(page.get_by_text(ended["receipt"]["reference"])).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Open the run").click()
    expect(page).to_have_url(re.compile(f"{ended['run_id']}$"), timeout=SLOW)
    expect(page.get_by_role("heading", name="Write resumes for clients with AI")).to_be_visible(timeout=SLOW)


def test_example_agent_in_python(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], product: Product, token: str
) -> None:
    operator = account("joao@example.com", Role.OPERATOR)
    message = "The example agent was told so."
    started = program(product, token, sys.executable, "agent.py", "resume_generator", message)
    try:
        approve(sign_in(account=operator, path=card_of(started)), message)
        told, _ = started.communicate(timeout=60)
    finally:
        started.kill()
    assert started.returncode == 0, told
    assert "Approved by Joao." in told
    assert "Reference: run " in told


def test_example_session_with_curl(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], product: Product, token: str
) -> None:
    operator = account("kofi@example.com", Role.OPERATOR)
    started = program(product, token, "sh", "session.sh", "session@example.org")
    try:
        approve(sign_in(account=operator, path=card_of(started)), "People agreed to this message.")
        told, _ = started.communicate(timeout=60)
    finally:
        started.kill()
    assert started.returncode == 0, told
    assert "4. It is executed." in told
    assert "Written to the outbox folder" in told


def test_example_agent_is_told_what_is_missing(product: Product, token: str) -> None:
    told, _ = program(product, token, sys.executable, "agent.py", "market_offer", "An offer").communicate(timeout=60)
    assert "customer=…" in told
    refused = program(product, "cs_made_up", sys.executable, "agent.py", "market_offer", "An offer")
    assert "401: This token is unknown" in refused.communicate(timeout=60)[0]
