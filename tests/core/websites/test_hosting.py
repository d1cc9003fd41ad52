"""A version never changes, a deployment is done once, and what was live before stays whole until the next one is."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.actor import Actor, Role
from core.audit.tables import AuditEntry
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.transports.calls import NotReached
from core.errors import NotAllowed, NotFound
from core.websites.built import BuiltSite
from core.websites.check import Measured
from core.websites.deployments import LEASE, DeploymentKeyTaken, Deployments, SiteDeploymentUnderWay
from core.websites.hosting import NeverPublished, NoVersionBefore
from core.websites.rules import CheckState, DeploymentState
from core.websites.tables import SiteDeploymentRow
from core.websites.target import Place, Published
from core.websites.targets.here import Here
from core.websites.targets_known import TargetNotConnected, UnknownTarget
from tests.core.websites.serving import carried_out, kept, published
from tests.core.websites.sites import site


def _front(app: Application, slug: str) -> str:
    return httpx2.get(app.sites.public_address(slug), timeout=5).text


def test_names_get_an_address_of_their_own_and_a_run_has_one_site(app: Application) -> None:
    run_id = None
    with app.database.begin() as uow:
        made = [app.sites.reserve(uow, name="Café Zürich", run_id=run_id).slug for _ in range(3)]
    assert made == ["cafe-zurich", "cafe-zurich-2", "cafe-zurich-3"]


def test_two_at_once_never_get_the_same_address(app: Application) -> None:
    slugs: list[str] = []
    barrier = threading.Barrier(6)

    def reserve() -> None:
        barrier.wait()
        with app.database.begin() as uow:
            slugs.append(app.sites.reserve(uow, name="Same", run_id=None).slug)

    threads = [threading.Thread(target=reserve) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert sorted(slugs) == ["same", "same-2", "same-3", "same-4", "same-5", "same-6"]


def test_the_same_files_again_are_the_same_version(app: Application) -> None:
    row, first = kept(app)
    _, again = kept(app, row=row)
    _, other = kept(app, row=row, said="More.")
    assert again.id == first.id
    assert (first.number, other.number) == (1, 2)
    assert app.sites.built(first.id).digest == first.digest
    assert app.sites.site_of(first.id).name == "Harbour Bakery"


@pytest.mark.parametrize("statement", ["UPDATE site_versions SET digest = 'x'", "DELETE FROM site_versions"])
def test_a_version_stays_as_it_is(app: Application, statement: str) -> None:
    kept(app)
    with pytest.raises(DBAPIError, match="stays as it is"), app.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_published_site_answers_and_is_asked_before_it_is_told(hosted: Application) -> None:
    row, version, done = published(hosted)
    assert (done.state, done.error) == (DeploymentState.LIVE, "")
    assert done.address == hosted.sites.public_address(row.slug)
    assert _front(hosted, row.slug).encode() == hosted.sites.built(version.id).files["index.html"].data
    assert hosted.sites.differences(done.id) == []


def test_an_address_that_does_not_answer_is_told_as_such(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(app.settings), "base_url", property(lambda _: "http://127.0.0.1:9"))
    _, _, done = published(app)
    assert done.state is DeploymentState.UNANSWERED
    assert "could not be reached" in done.error


def test_a_deployment_is_done_once_for_a_key(hosted: Application) -> None:
    row, version, done = published(hosted)
    again = hosted.sites.deploy(row.id, version.id, key=f"test:{version.id}")
    assert again == done
    with hosted.database.reading() as session:
        assert len(session.scalars(select(SiteDeploymentRow)).all()) == 1


def test_what_failed_is_tried_again_with_its_key_unless_a_later_one_began(
    hosted: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, first = kept(hosted)
    _, second = kept(hosted, row=row, said="Second.")

    def refuse(*_: object) -> Published:
        raise NotReached("the host is away")

    with monkeypatch.context() as patch:
        patch.setattr(Here, "publish", refuse)
        failed = hosted.sites.deploy(row.id, first.id, key="first")
        assert (failed.state, failed.error) == (DeploymentState.FAILED, "the host is away")
    again = hosted.sites.deploy(row.id, first.id, key="first")
    assert (again.id, again.state, again.error) == (failed.id, DeploymentState.LIVE, "")
    with monkeypatch.context() as patch:
        patch.setattr(Here, "publish", refuse)
        hosted.sites.deploy(row.id, second.id, key="second")
    hosted.sites.deploy(row.id, first.id, key="third")
    assert hosted.sites.deploy(row.id, second.id, key="second").state is DeploymentState.FAILED
    assert _front(hosted, row.slug).encode() == hosted.sites.built(first.id).files["index.html"].data


def test_a_key_is_for_one_deployment(hosted: Application) -> None:
    row, version, _ = published(hosted)
    _, other = kept(hosted, row=row, said="Other.")
    with pytest.raises(DeploymentKeyTaken):
        hosted.sites.deploy(row.id, other.id, key=f"test:{version.id}")


def test_a_version_of_another_site_is_not_published(hosted: Application) -> None:
    row, _ = kept(hosted)
    _, foreign = kept(hosted, name="Other")
    with pytest.raises(NotFound):
        hosted.sites.deploy(row.id, foreign.id, key="foreign")


def test_unknown_and_unconnected_targets_leave_no_deployment(app: Application) -> None:
    row, version = kept(app)
    with pytest.raises(UnknownTarget):
        app.sites.deploy(row.id, version.id, target="moon", key="a")
    with pytest.raises(TargetNotConnected):
        app.sites.deploy(row.id, version.id, target="sftp", key="b")
    with app.database.reading() as session:
        assert session.scalars(select(SiteDeploymentRow)).all() == []


def test_of_two_deployments_at_once_one_waits_for_the_other(
    hosted: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, first = kept(hosted)
    _, second = kept(hosted, row=row, said="Second.")
    inside, leave = threading.Event(), threading.Event()

    def slow(self: Here, place: Place, built: BuiltSite, key: str) -> Published:
        inside.set()
        leave.wait(10)
        return Published(f"{place.settings['address']}/{place.slug}/", "")

    monkeypatch.setattr(Here, "publish", slow)
    thread = threading.Thread(target=hosted.sites.deploy, args=(row.id, first.id), kwargs={"key": "first"})
    thread.start()
    assert inside.wait(10)
    with pytest.raises(SiteDeploymentUnderWay):
        hosted.sites.deploy(row.id, second.id, key="second")
    leave.set()
    thread.join(10)
    assert hosted.sites_queries.live.serve(row.slug, "") is not None


def test_killed_between_upload_and_switch_the_old_version_answers_and_a_repeat_ends_it(
    hosted: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, _, _ = published(hosted)
    old = _front(hosted, row.slug)
    _, second = kept(hosted, row=row, said="Second.")

    class Killed(BaseException):
        pass

    def killed(*_: object) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Deployments, "switch", killed)
        with pytest.raises(Killed):
            hosted.sites.deploy(row.id, second.id, key="second")
    assert _front(hosted, row.slug) == old
    assert hosted.sites.deploy(row.id, second.id, key="second").state is DeploymentState.LIVE
    assert _front(hosted, row.slug) != old


def test_one_taken_up_late_never_overwrites_a_newer_one(
    hosted: Application, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, first = kept(hosted)
    _, second = kept(hosted, row=row, said="Second.")

    class Killed(BaseException):
        pass

    def killed(*_: object) -> Published:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Here, "publish", killed)
        with pytest.raises(Killed):
            hosted.sites.deploy(row.id, first.id, key="first")
    clock.advance(LEASE + timedelta(seconds=1))
    assert hosted.sites.deploy(row.id, second.id, key="second").state is DeploymentState.LIVE
    assert hosted.sites.deploy(row.id, first.id, key="first").state is DeploymentState.OVERTAKEN
    assert _front(hosted, row.slug).encode() == hosted.sites.built(second.id).files["index.html"].data


def test_rollback_goes_to_the_version_before_and_no_further(hosted: Application, admin_of: Actor) -> None:
    row, first, _ = published(hosted)
    with pytest.raises(NoVersionBefore):
        hosted.sites.rollback(admin_of, row.id)
    _, second = kept(hosted, row=row, said="Second.")
    hosted.sites.deploy(row.id, second.id, key="second")
    name = uuid4()
    back = hosted.sites.rollback(admin_of, row.id, deployment_id=name)
    assert (back.id, back.version_id, back.state) == (name, first.id, DeploymentState.WAITING)
    assert hosted.sites.rollback(admin_of, row.id, deployment_id=name) == back
    carried_out(hosted)
    assert hosted.sites.rollback(admin_of, row.id, deployment_id=name).state is DeploymentState.LIVE
    _, never = kept(hosted, row=row, said="Never reviewed.")
    with pytest.raises(NeverPublished):
        hosted.sites.redeploy(admin_of, row.id, never.id)
    forward = hosted.sites.redeploy(admin_of, row.id, second.id)
    assert forward.version_id == second.id
    carried_out(hosted)
    assert _front(hosted, row.slug).encode() == hosted.sites.built(second.id).files["index.html"].data
    view = hosted.sites_queries.one(admin_of, row.id)
    assert [one.kind.value for one in view.deployments] == ["redeploy", "rollback", "deploy", "deploy"]


def test_only_operators_and_admins_publish_and_strangers_see_nothing(app: Application, person: object) -> None:
    assert callable(person)
    row, version = kept(app)
    for role in (Role.COUNCIL, Role.ANALYST, Role.USER):
        with pytest.raises(NotAllowed):
            app.sites.redeploy(person(role), row.id, version.id)
    assert app.sites_queries.page(person(Role.COUNCIL)).total == 1
    assert app.sites_queries.page(person(Role.USER)).total == 0
    with pytest.raises(NotFound):
        app.sites_queries.one(person(Role.USER), row.id)
    with pytest.raises(NotFound):
        app.sites_queries.preview(person(Role.USER), version.id, "")
    shown = app.sites_queries.preview(person(Role.ANALYST), version.id, "about/")
    assert shown is not None and b"Our story" in shown.data


def test_a_report_keeps_what_was_measured_last(app: Application, admin: Actor) -> None:
    row, version = kept(app)
    for state in (CheckState.FAIL, CheckState.PASS):
        app.sites.keep_report(version.id, None, {"valid_html": Measured(state, "12 pages.", picture=b"png")})
    (only,) = app.sites_queries.report(admin, row.id)
    assert (only.state, only.has_picture) == (CheckState.PASS, True)
    assert app.sites_queries.picture(admin, row.id, version.id, "valid_html") == b"png"


def test_everything_is_on_record(hosted: Application) -> None:
    published(hosted)
    with hosted.database.reading() as session:
        events = session.scalars(select(AuditEntry.event).order_by(AuditEntry.sequence)).all()
    assert [one for one in events if one.startswith("site.")] == [
        "site.reserved", "site.version_kept", "site.deployment_begun", "site.deployed",
    ]  # fmt: skip


def test_unknown_version_is_not_found(app: Application) -> None:
    with pytest.raises(NotFound):
        app.sites.built(uuid4())
    assert site().name
