"""Ids with a dot, of workflows that this version brings along: over the API."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from core.bootstrap import Application

NAME = "website.create_basic_site"
INPUTS = {
    "site_name": "Harbour Bakery", "site_description": "Bread by the harbour.", "contact_email": "hello@example.com",
    "brand_colors": ["#1F4B3F", "#1B1F24"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _taken_in(app: Application) -> None:
    assert not app.catalog.sync_official().problems


def test_official_workflow_is_listed_read_and_started(app: Application, operator: TestClient) -> None:
    listed = operator.get("/api/workflow-types", params={"limit": 100}).json()
    assert NAME in str(listed)
    answer = operator.post("/api/workflows", json={"workflow_type_id": NAME, "inputs": INPUTS})
    assert answer.status_code in (201, 202), answer.text
    run = answer.json()
    assert operator.get(f"/api/workflows/{run['id']}").json()["workflow_type_id"] == NAME
    found = operator.get("/api/workflows", params={"workflow_type_id": NAME}).json()
    assert [one["id"] for one in found["workflows"]] == [run["id"]]
    assert operator.get("/api/workflows/metrics").status_code == 200


def test_input_that_does_not_fit_is_refused_at_the_start(operator: TestClient) -> None:
    long = {**INPUTS, "site_name": "x" * 10_000}
    answer = operator.post("/api/workflows", json={"workflow_type_id": NAME, "inputs": long})
    assert answer.status_code == 422 and "80 characters" in answer.text
    colors = {**INPUTS, "brand_colors": {"primary": "red;}"}}
    assert operator.post("/api/workflows", json={"workflow_type_id": NAME, "inputs": colors}).status_code == 422


def test_official_definition_cannot_be_imported_over(app: Application, operator: TestClient) -> None:
    definition = dict(app.catalog_queries.by_id(NAME).source)
    assert operator.post("/api/workflow-types", json=definition).status_code == 422


def test_it_has_a_rate_card_and_a_name_that_needs_no_spelling_in_addresses(app: Application) -> None:
    definition = app.catalog_queries.by_id(NAME)
    assert definition.workflow.rate_cards and quote(NAME, safe="") == NAME
