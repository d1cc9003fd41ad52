"""Runs of official types at their edges: pictures that are not there, runs of agents, and sites that outlive their run."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import delete, select

from core.actor import Actor, ActorKind
from core.bootstrap import Application
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.files.contents import sha256_of
from core.settings import Settings
from core.websites.check import CheckSubject, Measured
from core.websites.rules import DeploymentState
from core.websites.steps import verify as verify_step
from core.websites.tables import SiteRow
from core.websites.verifying import verify
from tests.core.websites.serving import carried_out
from tests.core.websites.types.running import INPUTS, SiteDriver, with_council

STORE = "website.create_ecommerce_store"
LANDING = "website.create_landing_page"


@pytest.fixture
def it(hosted: Application, admin_of: Actor, monkeypatch: pytest.MonkeyPatch) -> SiteDriver:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    return with_council(hosted, admin_of)


def _store(picture: str) -> dict[str, object]:
    return {**INPUTS[STORE], "products_csv": f"name,price,currency,picture\nRye bread,4.50,EUR,{picture}"}


def test_a_picture_that_is_not_kept_stops_the_run_before_anybody_has_work_with_it(it: SiteDriver) -> None:
    run = it.begin(STORE, **_store("ab" * 32))
    assert it.drive(run) is ExecutionState.FAILED
    assert "abababababab… " not in it.failure(run) and "abababababab…" in it.failure(run)
    with it.app.database.reading() as session:
        assert session.scalars(select(SiteRow)).all() == []


def test_a_file_that_is_no_picture_is_told_and_one_that_is_goes_on(it: SiteDriver) -> None:
    files = it.app.run_execution.tools.files
    text, out = b"no picture", BytesIO()
    Image.new("RGB", (40, 30), "#446688").save(out, "PNG")
    for data in (text, out.getvalue()):
        files.put(sha256_of(data), data)
    wrong = it.begin(STORE, **_store(sha256_of(text)))
    assert it.drive(wrong) is ExecutionState.FAILED
    right = it.begin(STORE, **_store(sha256_of(out.getvalue())))
    assert it.drive(right) is not ExecutionState.FAILED, it.failure(right)


def test_a_run_that_only_an_agent_stands_for_is_that_agents(it: SiteDriver) -> None:
    it.app.tokens.add_agent(it.owner, "scout", "Scout")
    run = it.app.runs.start(it.owner, LANDING, inputs=INPUTS[LANDING], agent_id="scout")
    with it.app.database.begin() as uow:
        uow.session.get_one(Execution, run).user_id = None  # whoever started it is gone
    it.drive(run)
    with it.app.database.reading() as session:
        row = session.scalars(select(SiteRow)).one()
    assert (row.made_by_kind, row.made_by_id) == (ActorKind.AGENT, "scout")


def test_a_site_whose_run_was_removed_is_still_read_taken_back_and_published_again(it: SiteDriver) -> None:
    run = it.publish(LANDING, **INPUTS[LANDING])
    post = it.publish("content.create_blog_post", site="harbour-bakery", title="A new oven", text="Hot.")
    report = it.document(run, "site_report")
    with it.app.database.begin() as uow:
        uow.session.execute(delete(Execution).where(Execution.id.in_((run, post))))
    (site,) = it.app.sites_queries.page(it.owner).rows
    assert site.run_id is None
    view = it.app.sites_queries.one(it.owner, site.id)
    assert [one.number for one in view.versions] == [2, 1] and view.report
    back = it.app.sites.rollback(it.owner, site.id)
    carried_out(it.app)
    assert it.app.sites_queries.state_of(back.id) is DeploymentState.LIVE
    first = it.app.sites_queries.one(it.owner, site.id).versions[-1]
    assert first.is_live and first.digest == report["digest"]
    again = it.app.sites.redeploy(it.owner, site.id, view.versions[0].id)
    carried_out(it.app)
    assert it.app.sites_queries.state_of(again.id) is DeploymentState.LIVE
    assert isinstance(site.id, UUID)


@pytest.mark.parametrize("asks", [False, True])
def test_pages_of_others_are_asked_only_where_the_installation_says_so(
    it: SiteDriver, monkeypatch: pytest.MonkeyPatch, asks: bool
) -> None:
    assert Settings(_env_file=None).sites_ask_outside is False
    monkeypatch.setitem(vars(it.app.settings), "sites_ask_outside", asks)
    seen: list[tuple[bool, str]] = []

    def looked(subject: CheckSubject, *arguments: Any, **more: Any) -> Mapping[str, Measured]:
        seen.append((subject.ask_outside, subject.test_key))
        return verify(subject, *arguments, **more)

    monkeypatch.setattr(verify_step, "verify", looked)
    it.to_review(run := it.begin(LANDING, **INPUTS[LANDING]))
    it.decide(run)
    ((asked, key),) = seen
    assert asked is asks and key
