"""Official types from their inputs to an address that answers, with a council's vote on what was built."""

from __future__ import annotations

from uuid import UUID

import httpx2
import pytest

from core.actor import Actor
from core.bootstrap import Application
from core.decisions.rules import Vote
from core.executions.automated.rules import GateKind
from core.executions.rules import ExecutionState
from tests.core.websites.types.running import INPUTS, SiteDriver, with_council


@pytest.fixture
def it(hosted: Application, admin_of: Actor, monkeypatch: pytest.MonkeyPatch) -> SiteDriver:
    """Without a browser, whose checks have tests of their own."""
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    return with_council(hosted, admin_of)


def test_basic_site_goes_from_its_inputs_to_an_address_that_answers(it: SiteDriver) -> None:
    run = it.begin("website.create_basic_site", **INPUTS["website.create_basic_site"])
    it.to_review(run, p1_b1_title="Bread worth the walk")
    (gate,) = it.gates(run)
    preview = it.document(run, "site_preview")
    assert gate.kind is GateKind.VOTE and preview["digest"] in gate.content["text"]
    assert [one["doc_type"] for one in gate.content["documents"]] == ["site_preview"]
    assert it.decide(run) is ExecutionState.COMPLETED, it.failure(run)
    outputs = it.row(run).outputs
    assert outputs["site_url"].endswith("/sites/harbour-bakery/") and outputs["digest"] == preview["digest"]
    assert len(outputs["pages"]) == 6
    for address in outputs["pages"]:
        assert httpx2.get(address).status_code == 200
    assert "Bread worth the walk" in httpx2.get(outputs["site_url"]).text
    report = it.document(run, "site_report")
    states = {one["name"]: one["state"] for one in report["results"]}
    assert states["contact_form"] == states["valid_html"] == states["links_resolve"] == "pass"
    assert states["mobile_layout"] == "not_checked" and report["proven"] is False


def test_rejected_site_is_not_published_and_is_no_failure(it: SiteDriver) -> None:
    run = it.begin("website.create_landing_page", **INPUTS["website.create_landing_page"])
    it.to_review(run)
    assert it.decide(run, Vote.REJECT) is ExecutionState.CANCELLED
    assert it.app.sites_queries.serve("harbour-bakery", "") is None


@pytest.mark.parametrize("workflow_id", sorted(INPUTS))
def test_each_type_comes_to_its_preview(it: SiteDriver, workflow_id: str) -> None:
    run = it.begin(workflow_id, **INPUTS[workflow_id])
    it.to_review(run)
    preview = it.document(run, "site_preview")
    page = it.app.sites_queries.preview(it.owner, UUID(preview["version_id"]), "")
    assert page is not None and b"Harbour Bakery" in page.data
    assert it.row(run).state is not ExecutionState.FAILED
