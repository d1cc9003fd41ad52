"""Official types from their inputs to an address that answers, with a council's vote on what was built."""

from __future__ import annotations

from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from core.actor import Actor
from core.bootstrap import Application
from core.decisions.rules import Vote
from core.errors import InvalidInput
from core.executions.automated.documents import Version, keep
from core.executions.automated.rules import GateKind
from core.executions.automated.tables import RunDocument
from core.executions.rules import ExecutionState
from core.websites import hosting
from tests.core.executions.automated.driving import SaidModel
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
    assert it.app.sites_queries.live.serve("harbour-bakery", "") is None


@pytest.mark.parametrize("workflow_id", sorted(INPUTS))
def test_each_type_comes_to_its_preview_and_then_to_addresses_that_answer(it: SiteDriver, workflow_id: str) -> None:
    run = it.begin(workflow_id, **INPUTS[workflow_id])
    it.to_review(run)
    preview = it.document(run, "site_preview")
    page = it.app.sites_queries.preview(it.owner, UUID(preview["version_id"]), "")
    assert page is not None and b"Harbour Bakery" in page.data
    assert it.decide(run) is ExecutionState.COMPLETED, it.failure(run)
    for address in it.row(run).outputs["pages"]:
        assert httpx2.get(address).status_code == 200


def test_what_a_type_refuses_is_said_before_anything_is_started(it: SiteDriver) -> None:
    given = {**INPUTS["website.create_ecommerce_store"], "checkout_address": "http://pay.example.com/"}
    with pytest.raises(InvalidInput, match="Checkout: Begin it with https://"):
        it.begin("website.create_ecommerce_store", **given)
    with pytest.raises(InvalidInput, match="Products: Line 2"):
        it.begin(
            "website.create_ecommerce_store",
            **{**INPUTS["website.create_ecommerce_store"], "products_csv": "name,price\nRye,much"},
        )
    with pytest.raises(InvalidInput, match="Language: Write it like this: en"):
        it.begin("website.create_basic_site", **{**INPUTS["website.create_basic_site"], "language": "my own"})


def test_product_texts_are_edited_and_a_cleared_text_is_left_out(it: SiteDriver) -> None:
    run = it.begin("website.create_ecommerce_store", **INPUTS["website.create_ecommerce_store"])
    it.drive(run)
    draft = it.gate(run, GateKind.FORM).content["draft"]
    assert [one["key"] for one in draft["products"]] == ["rye-bread", "seed-roll"]
    changed = [
        {"key": "rye-bread", "name": "Dark rye", "text": "Twelve hours"},
        {"key": "seed-roll", "name": "Seed roll"},
    ]
    it.answer(it.gate(run, GateKind.FORM), {"content": {**draft, "products": changed, "p1_b1_text": ""}})
    it.drive(run)
    content = it.document(run, "site_pages")["site"]
    assert [one["name"] for one in content["products"]] == ["Dark rye", "Seed roll"]
    assert "text" not in content["pages"][0]["blocks"][0]


def test_reviewers_tick_what_the_type_asks_them_to_look_at(it: SiteDriver) -> None:
    run = it.begin("website.create_landing_page", **INPUTS["website.create_landing_page"])
    it.to_review(run)
    decision = it.app.gates_queries.gate(it.voters[0], it.gates(run)[0].id).decision
    assert decision is not None
    (panel,) = decision.panels
    assert "It can be read on a phone and on a large screen." in panel.criteria and panel.criteria[-1] == "It is ours."


def test_post_goes_into_the_site_that_is_there_and_its_history_has_both(it: SiteDriver) -> None:
    it.publish("website.create_landing_page", **INPUTS["website.create_landing_page"])
    run = it.publish("content.create_blog_post", site="harbour-bakery", title="A new oven", text="It is *hot*.")
    address = it.row(run).outputs["site_url"]
    assert "<em>hot</em>" in httpx2.get(f"{address}blog/a-new-oven/").text
    assert it.row(run).outputs["version"] == 2
    gone = it.begin("content.create_blog_post", site="not-there", title="X", text="Y")
    assert it.drive(gone) is ExecutionState.FAILED and "not-there" in it.failure(gone)


def test_social_posts_wait_for_their_times_once_the_council_has_agreed(it: SiteDriver) -> None:
    table = "at,network,text,link\n2036-01-01T09:00Z,mastodon,The oven is hot,https://example.com/"
    run = it.begin("content.schedule_social_posts", posts_csv=table)
    it.drive(run)
    it.decide(run)
    (gate,) = it.gates(run)
    assert gate.kind is GateKind.TIME and gate.due_at is not None and gate.due_at.year == 2036


def test_without_a_council_nothing_is_begun(hosted: Application, admin_of: Actor) -> None:
    hosted.catalog.sync_official()
    it = SiteDriver(hosted, admin_of)
    run = it.begin("website.create_landing_page", **INPUTS["website.create_landing_page"])
    assert it.drive(run) is ExecutionState.FAILED
    assert "No council oversees media" in it.failure(run)


def test_what_was_built_otherwise_than_approved_is_not_published(it: SiteDriver) -> None:
    run = it.begin("website.create_landing_page", **INPUTS["website.create_landing_page"])
    it.to_review(run)
    preview = it.document(run, "site_preview")
    with it.app.database.begin() as uow:  # the built site is written anew while the council looks at the one before
        row = uow.session.scalars(
            select(RunDocument).where(RunDocument.execution_id == run, RunDocument.doc_type == "site_preview")
        ).one()
        keep(
            uow, run, "site_preview", row.scope, row.scope_id, {**preview, "digest": "0" * 64},
            before=Version(row.id, row.doc_type, row.scope_id, row.version, row.digest, False), path=row.path,
            made_by="Somebody", made_by_user=None, findings=[],
        )  # fmt: skip
    assert it.decide(run) is ExecutionState.FAILED
    assert "not the one that was approved" in it.failure(run)
    assert it.app.sites_queries.live.serve("harbour-bakery", "") is None


def test_model_writes_a_draft_and_what_does_not_fit_stays_as_it_was(it: SiteDriver) -> None:
    said = {"p1_b1_title": "Bread that waits", "p1_b1_text": "x" * 5_000, "unknown": "x"}
    it.models = SaidModel(lambda *_: said)
    run = it.begin("website.create_basic_site", **INPUTS["website.create_basic_site"])
    it.drive(run)
    draft = it.gate(run, GateKind.FORM).content["draft"]
    assert draft["p1_b1_title"] == "Bread that waits" and draft["p1_b1_text"].startswith("Sourdough")
    assert "unknown" not in draft and len(it.calls(run)) == 1


def test_failed_deployment_is_retried_and_ends_published_once(it: SiteDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    run = it.begin("website.create_landing_page", **INPUTS["website.create_landing_page"])
    it.to_review(run)
    monkeypatch.setattr(hosting, "answers_with", lambda *_, **__: "It did not answer.")
    assert it.decide(run) is ExecutionState.FAILED and it.failure(run)
    monkeypatch.undo()
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    it.app.runs.retry(it.owner, run)
    assert it.drive(run) is ExecutionState.COMPLETED, it.failure(run)
