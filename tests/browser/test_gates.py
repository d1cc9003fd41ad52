"""A run that stops for people, in a real browser: written in a form, sent back, accepted by its group, and gone on."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

from core.actor import Actor, Role
from core.bootstrap import Application
from core.executions.rules import ExecutionState
from core.identity.service import actor_of
from tests.browser.conftest import settle
from tests.core.executions.automated.driving import definition, production
from tests.waiting import until as until_true

SLOW = 30_000
GOAL = re.compile("^Goal")
until = partial(until_true, seconds=30)
SCHEMA = {
    "type": "object", "required": ["goal", "epics"],
    "properties": {
        "goal": {"type": "string", "pattern": "^More"},
        "epics": {
            "type": "array", "minItems": 1,
            "items": {"type": "object", "properties": {"id": {"type": "string"}, "title": {"type": "string"}}},
        },
    },
}  # fmt: skip


@pytest.fixture
def asha(inside: Application) -> Actor:
    return actor_of(inside.identity_queries.people(text="asha@example.com")[0][0].user)


@pytest.fixture
def run(inside: Application, asha: Actor) -> UUID:
    documents = {
        "plan": {
            "name": "Plan of the gates", "scope": "project", "collection_field": "epics", "json_schema": SCHEMA,
            "acceptance_required": True, "accepted_by": ["gatekeepers"], "on_rejection": "revise",
        }
    }  # fmt: skip
    steps = [production("plan", "plan", "project", title="Plan it")]
    inside.catalog.import_definitions(asha, definition(steps, documents, workflow_id="through_gates", name="Gates"))
    return inside.runs.start(asha, "through_gates", inputs={})


def open_gate(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=SLOW)
    settle(page)


def hand_in(page: Page, goal: str) -> None:
    field = page.get_by_label(GOAL)
    field.fill(goal)
    field.press("Tab")
    settle(page)
    page.get_by_role("button", name="Hand in").click()


def add_row(page: Page, *cells: str) -> None:
    """Types a row into the table, as with a spreadsheet."""
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    row = box["y"] + 52  # the empty one below the heads; a click makes it a row
    page.mouse.click(box["x"] + 80, row)
    editor = page.locator(".gdg-input")

    def opened(x: float) -> bool:
        page.mouse.dblclick(x, row)
        with suppress(TimeoutError):
            editor.wait_for(timeout=1_000)
        return editor.is_visible()

    for place, cell in enumerate(cells):
        until(partial(opened, box["x"] + 80 + 250 * place))
        editor.fill(cell)
        editor.press("Enter")
        expect(editor).to_have_count(0)
    settle(page)


def test_document_is_written_sent_back_written_again_and_accepted_by_its_group(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application, asha: Actor, run: UUID
) -> None:
    email, password = account("petra@example.com", Role.USER)
    pia = inside.identity_queries.people(text=email)[0][0].user
    gate = until(lambda: inside.gates_queries.waiting(asha)[0])[0]
    page = sign_in(path=f"/inbox?gate={gate.id}")
    open_gate(page, "Write the plan of the gates")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()

    add_row(page, "E1", "Clients")
    hand_in(page, "Fewer clients")
    expect(page.get_by_text("$.goal")).to_be_visible(timeout=SLOW)
    expect(page.get_by_label(GOAL)).to_have_value("Fewer clients")
    settle(page)
    hand_in(page, "More clients")
    settle(page)
    accept = until(lambda: [one for one in inside.gates_queries.of_run(asha, run) if one.kind == "acceptance"])[0]
    page.goto(page.url.split("/inbox")[0] + f"/inbox?gate={accept.id}")
    expect(page.get_by_text("Nobody is in the group gatekeepers. An admin assigns people under People.")).to_be_visible(
        timeout=SLOW
    )

    page.goto(page.url.split("/inbox")[0] + f"/people?person={pia.id}")
    groups = page.get_by_role("combobox", name="Groups")
    groups.fill("Gatekeepers", timeout=SLOW)
    groups.press("Enter")
    groups.press("Tab")
    settle(page)
    page.get_by_role("button", name="Save", exact=True).click(timeout=9000)
    until(lambda: "gatekeepers" in inside.identity_queries.groups())

    phone = sign_in(account=(email, password), phone=True, path="/inbox")
    open_gate(phone, "Accept the plan of the gates")
    expect(phone.get_by_text("Clients", exact=True)).to_be_visible(timeout=SLOW)
    results = Axe().run(phone)
    assert results.violations_count == 0, results.generate_report()
    phone.get_by_label("Reason").fill("Say for whom")
    phone.get_by_role("button", name="Send back").click()
    expect(phone.get_by_text("Nothing waits for you")).to_be_visible(timeout=SLOW)

    again = until(lambda: [one for one in inside.gates_queries.waiting(asha)[0] if one.id != gate.id])[0]
    page.goto(page.url.split("/people")[0] + f"/runs?run={run}")
    open_gate(page, again.title)
    expect(page.get_by_text("Sent back: Say for whom")).to_be_visible(timeout=SLOW)
    hand_in(page, "More clients in May")
    until(lambda: inside.gates_queries.waiting(actor_of(pia))[0])
    phone.reload()
    open_gate(phone, "Accept the plan of the gates")
    phone.get_by_text("What changed since version 1").click()
    expect(phone.get_by_text("More clients in May").first).to_be_visible(timeout=SLOW)
    phone.get_by_role("button", name="Accept").click()
    until(lambda: inside.tree_queries.tree(asha, run).head.state is ExecutionState.COMPLETED)
    accepted = inside.tree_queries.documents(asha, run)[0].current
    assert (accepted.version, accepted.accepted_by) == (2, "Petra")
