"""The worker is killed in each step from inputs to a published site: in the end there is one of everything, whole."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from core.audit.tables import AuditEntry
from core.engine.steps import InlineSteps
from core.executions.automated.rules import GateKind
from core.executions.rules import ENDED, ExecutionState
from core.websites.rules import DeploymentState, MessageState
from core.websites.tables import SiteDeploymentRow, SiteMessageRow, SiteReportRow, SiteRow, SiteVersionRow
from tests.core.websites.serving import Dashboard, dashboard
from tests.core.websites.types.running import INPUTS, SiteDriver, with_council
from tests.doubles.mail_server import MailServer, running_mail_server
from tests.doubles.web_hosts import served_sftp_host
from tests.integrity import killed_site
from tests.integrity.conftest import Installation
from tests.waiting import until

pytestmark = pytest.mark.processes

MOMENTS = (
    ("initialise", "done"), ("pages", "done"), ("pages", "answered"), ("branding", "done"), ("seo", "done"),
    ("navigation", "done"), ("contact_form", "done"), ("preview", "done"), ("deploy", "before the switch"),
    ("deploy", "before the end"), ("deploy", "done"), ("verify", "done"),
)  # fmt: skip


@dataclass
class Site:
    """An installation whose dashboard answers, whose letters leave, and whose workers are killed."""

    here: Installation
    it: SiteDriver
    mail: MailServer
    values: dict[str, Any]

    def killed(self, run_id: UUID, step: str, moment: str) -> None:
        """A worker takes the run over and dies in `step`; people answer what it asks meanwhile."""
        process = self.worker(step, moment)
        until(lambda: not process.is_alive() or self.answered(run_id), seconds=90, what=f"the end in {step}")
        assert process.exitcode == -signal.SIGKILL, (step, moment, process.exitcode, self.it.failure(run_id))

    def answered(self, run_id: UUID) -> bool:
        """Does what people would; whether the run is over."""
        for gate in self.it.gates(run_id):
            if gate.kind is GateKind.FORM:
                self.it.answer(gate, {"content": gate.content["draft"]})
            if gate.kind is GateKind.VOTE:
                for voter in self.it.voters:
                    self.it.vote(gate, by=voter)
        return self.it.row(run_id).state in ENDED

    def worker(self, step: str = "", moment: str = "") -> ForkServerProcess:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.integrity.killed_site"])
        process = context.Process(
            target=killed_site.main, args=(self.here.app.url, self.values, step, moment), daemon=True
        )
        process.start()
        return process

    def ended(self, run_id: UUID) -> None:
        last = self.worker()
        until(lambda: self.answered(run_id), seconds=90, what="the end of the run")
        last.kill()
        last.join()
        assert self.it.row(run_id).state is ExecutionState.COMPLETED, self.it.failure(run_id)


@pytest.fixture
def site(install: Callable[..., Installation]) -> Iterator[Site]:
    with dashboard() as answering, running_mail_server() as mail:
        yield _site(install, answering, mail)


def _site(install: Callable[..., Installation], answering: Dashboard, mail: MailServer) -> Site:
    here = install(
        PUBLIC_URL=answering.url, EXECUTION_ENABLED="true", EXECUTION_DRY_RUN="false", SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(mail.port), SMTP_SECURITY="none", EMAIL_FROM="sites@example.com",
    )  # fmt: skip
    answering.apps[:] = [here.app]
    here.app.guardrails.ensure()
    it = with_council(here.app, here.admin)
    values = {
        "public_url": answering.url, "var_dir": here.app.settings.var_dir, "execution_enabled": True,
        "execution_dry_run": False, "smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_security": "none",
        "email_from": "sites@example.com",
    }  # fmt: skip
    return Site(here, it, mail, values)


@pytest.mark.timeout(900)
def test_killed_in_each_step_there_is_one_of_everything(site: Site) -> None:
    run_id = site.it.begin("website.create_basic_site", **INPUTS["website.create_basic_site"])
    for step, moment in MOMENTS:
        site.killed(run_id, step, moment)
    site.ended(run_id)

    with site.here.app.database.reading() as session:
        (row,) = session.scalars(select(SiteRow)).all()
        (version,) = session.scalars(select(SiteVersionRow)).all()
        (deployment,) = session.scalars(select(SiteDeploymentRow)).all()
        reports = session.scalars(select(SiteReportRow)).all()
        (message,) = session.scalars(select(SiteMessageRow)).all()
        events = Counter(
            session.scalars(select(AuditEntry.event).where(AuditEntry.subject == f"site:{row.id}"))
        )  # fmt: skip
    assert row.live_version_id == version.id and deployment.state is DeploymentState.LIVE
    report = site.it.document(run_id, "site_report")
    assert report["digest"] == version.digest == site.it.document(run_id, "site_preview")["digest"]
    assert {(one.version_id, one.deployment_id) for one in reports} == {(version.id, deployment.id)}
    assert len(reports) == len({one.check_name for one in reports}) == len(report["results"])
    assert (events["site.reserved"], events["site.version_kept"], events["site.deployment_begun"]) == (1, 1, 1)
    assert events["site.deployed"] in (1, 2)  # told again where the worker died between the switch and its end
    assert httpx2.get(row.address or "").content == site.here.app.sites.built(version.id).files["index.html"].data

    # the test message of verification lies in the mailbox of the site's owner, once
    assert (message.is_test, message.state) == (True, MessageState.SENT)
    ((to, letter),) = site.mail.accepted
    assert to == ["hello@example.com"] and message.mark is not None and message.mark in letter.get_content()
    states = {one["name"]: one["state"] for one in report["results"]}
    assert states["contact_form"] == "pass"


@pytest.mark.timeout(600)
def test_killed_while_it_is_put_on_a_web_host_it_is_there_once_and_whole(site: Site, tmp_path: Path) -> None:
    with served_sftp_host(tmp_path / "host") as host:
        site.here.app.connections.add(site.here.admin, system="sftp", name="host", values=host.account())
        inputs = {**INPUTS["website.create_landing_page"], "publish_to": "sftp"}
        run_id = site.it.begin("website.create_landing_page", **inputs)
        for moment in ("before the switch", "before the end", "done"):
            site.killed(run_id, "deploy", moment)
        site.ended(run_id)
        with site.here.app.database.reading() as session:
            (deployment,) = session.scalars(select(SiteDeploymentRow)).all()
        assert deployment.state is DeploymentState.LIVE and deployment.address.startswith(host.address)
        assert site.here.app.sites.differences(deployment.id) == []
        assert len(list((host.root / "www" / ".versions" / "harbour-bakery").iterdir())) == 1


@pytest.mark.timeout(600)
def test_killed_while_somebody_waits_for_a_rollback_another_worker_ends_it(site: Site) -> None:
    run_id = site.it.begin("website.create_landing_page", **INPUTS["website.create_landing_page"])
    site.ended(run_id)
    app = site.here.app
    with app.database.reading() as session:
        row, version = session.scalars(select(SiteRow)).one(), session.scalars(select(SiteVersionRow)).one()
    asked = app.sites.redeploy(site.here.admin, row.id, version.id)
    for moment in ("before the switch", "before the end"):
        process = site.worker("deploy", moment)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
    last = site.worker()
    until(lambda: app.sites_queries.state_of(asked.id) is DeploymentState.LIVE, seconds=60, what="the deployment")
    last.kill()
    last.join()
    assert app.sites.publish_asked(InlineSteps(), str(asked.id)) == "left alone"
    with app.database.reading() as session:
        events = Counter(session.scalars(select(AuditEntry.event).where(AuditEntry.subject == f"site:{row.id}")))
    assert events["site.deployment_requested"] == 1 and events["site.deployment_begun"] == 2  # the run's, and this
