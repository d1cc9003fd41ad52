"""Publishing again is a worker's work: asked for in one transaction, in one order, done once whoever ends meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from core.actor import Actor, Role
from core.audit.tables import AuditEntry
from core.bootstrap import Application
from core.clock import ManualClock
from core.engine.steps import InlineSteps
from core.websites.built import BuiltSite
from core.websites.deployments import LEASE, MOST_TAKES, DeploymentKeyTaken, SiteDeploymentUnderWay
from core.websites.rules import DeploymentState
from core.websites.tables import SiteDeploymentRow, SiteRow, SiteVersionRow
from core.websites.target import Place, Published
from core.websites.targets.here import Here
from tests.core.websites.serving import carried_out, kept, published


class Killed(BaseException):
    pass


@pytest.fixture
def two(hosted: Application) -> tuple[SiteRow, SiteVersionRow, SiteVersionRow]:
    """A site with two versions that were published, the second live."""
    row, first, _ = published(hosted)
    _, second = kept(hosted, row=row, said="Second.")
    hosted.sites.deploy(row.id, second.id, key="second")
    return row, first, second


def _take(app: Application, deployment_id: UUID) -> str:
    return app.sites.publish_asked(InlineSteps(), str(deployment_id))


def _live(app: Application, site_id: UUID) -> UUID | None:
    with app.database.reading() as session:
        return session.scalar(select(SiteRow.live_version_id).where(SiteRow.id == site_id))


def _queued(app: Application) -> int:
    with app.database.reading() as session:
        found = session.scalar(text("SELECT count(*) FROM dbos.workflow_status WHERE name = 'publish_site'"))
    return int(found or 0)


def _events(app: Application) -> list[tuple[str, str]]:
    query = select(AuditEntry.event, AuditEntry.actor_name).order_by(AuditEntry.sequence)
    with app.database.reading() as session:
        return [(event, name) for event, name in session.execute(query) if event.startswith("site.")]


def test_nothing_is_published_before_a_worker_has_it(
    hosted: Application, admin_of: Actor, two: tuple[SiteRow, SiteVersionRow, SiteVersionRow]
) -> None:
    row, first, second = two
    asked = hosted.sites.redeploy(admin_of, row.id, first.id)
    assert asked.state is DeploymentState.WAITING and _live(hosted, row.id) == second.id and _queued(hosted) == 1
    assert _take(hosted, asked.id) == "live"
    assert _live(hosted, row.id) == first.id
    assert _take(hosted, asked.id) == "left alone"
    assert _events(hosted)[-3:] == [
        ("site.deployment_requested", "Asha"), ("site.deployment_begun", "Asha"), ("site.deployed", "Asha"),
    ]  # fmt: skip


def test_two_people_at_once_are_one_order_and_both_are_told(
    hosted: Application, person: Callable[..., Actor], two: tuple[SiteRow, SiteVersionRow, SiteVersionRow]
) -> None:
    row, first, second = two
    people = [person(Role.OPERATOR, name=name) for name in ("Mira", "Noor")]
    barrier = threading.Barrier(2)
    asked: dict[str, UUID] = {}

    def ask(who: Actor, version: UUID) -> None:
        barrier.wait()
        asked[who.name] = hosted.sites.redeploy(who, row.id, version).id

    threads = [
        threading.Thread(target=ask, args=pair) for pair in zip(people, (first.id, second.id), strict=True)
    ]  # fmt: skip
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    with hosted.database.reading() as session:
        rows = session.scalars(
            select(SiteDeploymentRow).where(SiteDeploymentRow.id.in_(asked.values())).order_by(SiteDeploymentRow.number)
        ).all()
    earlier, later = rows
    assert _take(hosted, later.id) == "left alone"  # it waits for the one before it, and is queued again
    assert _queued(hosted) == 3
    assert _take(hosted, earlier.id) == "live"
    assert _take(hosted, later.id) == "live"
    assert _live(hosted, row.id) == later.version_id
    assert [one for one in _events(hosted) if one[0] == "site.deployed"][-2:] == [
        ("site.deployed", earlier.by_name), ("site.deployed", later.by_name),
    ]  # fmt: skip


def test_the_same_name_twice_is_one_deployment_and_another_one_is_refused(
    hosted: Application, admin_of: Actor, two: tuple[SiteRow, SiteVersionRow, SiteVersionRow]
) -> None:
    row, first, second = two
    name = uuid4()
    for _ in range(2):
        assert hosted.sites.redeploy(admin_of, row.id, first.id, deployment_id=name).id == name
    with pytest.raises(DeploymentKeyTaken):
        hosted.sites.redeploy(admin_of, row.id, second.id, deployment_id=name)
    assert _queued(hosted) == 1


def test_killed_in_the_middle_another_worker_ends_it_and_it_is_on_record_once(
    hosted: Application, admin_of: Actor, two: tuple[SiteRow, SiteVersionRow, SiteVersionRow],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    row, first, second = two
    asked = hosted.sites.redeploy(admin_of, row.id, first.id)

    def killed(self: Here, place: Place, built: BuiltSite, key: str) -> Published:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Here, "publish", killed)
        with pytest.raises(Killed):
            _take(hosted, asked.id)
    assert _live(hosted, row.id) == second.id
    with pytest.raises(SiteDeploymentUnderWay):  # a run's step comes after it
        hosted.sites.deploy(row.id, second.id, key="third")
    assert _take(hosted, asked.id) == "live"
    events = [event for event, _ in _events(hosted)]
    assert events.count("site.deployment_requested") == 1 and events[-2:] == ["site.deployment_begun", "site.deployed"]


def test_what_ends_workers_is_told_as_failed(
    hosted: Application, admin_of: Actor, two: tuple[SiteRow, SiteVersionRow, SiteVersionRow],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    row, first, second = two
    asked = hosted.sites.redeploy(admin_of, row.id, first.id)

    def killed(self: Here, place: Place, built: BuiltSite, key: str) -> Published:
        raise Killed

    monkeypatch.setattr(Here, "publish", killed)
    for _ in range(MOST_TAKES):
        with pytest.raises(Killed):
            _take(hosted, asked.id)
    assert _take(hosted, asked.id) == "left alone"
    view = hosted.sites_queries.deployment(admin_of, row.id, asked.id)
    assert view.state is DeploymentState.FAILED and "workers ended" in view.error
    assert _live(hosted, row.id) == second.id


def test_what_nobody_thought_of_is_told_and_the_next_one_goes(
    hosted: Application, admin_of: Actor, two: tuple[SiteRow, SiteVersionRow, SiteVersionRow],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    row, first, _ = two
    asked = hosted.sites.redeploy(admin_of, row.id, first.id)

    def broken(self: Here, place: Place, built: BuiltSite, key: str) -> Published:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(Here, "publish", broken)
        assert _take(hosted, asked.id) == "failed"
    assert "ZeroDivisionError" in hosted.sites_queries.deployment(admin_of, row.id, asked.id).error
    hosted.sites.redeploy(admin_of, row.id, first.id)
    carried_out(hosted)
    assert _live(hosted, row.id) == first.id


def test_one_that_nobody_is_at_any_more_holds_up_nobody(
    hosted: Application, admin_of: Actor, clock: ManualClock, two: tuple[SiteRow, SiteVersionRow, SiteVersionRow]
) -> None:
    row, first, second = two
    lost = hosted.sites.redeploy(admin_of, row.id, first.id)
    clock.advance(LEASE + timedelta(seconds=1))
    last = hosted.sites.redeploy(admin_of, row.id, second.id)
    assert _take(hosted, last.id) == "live"
    assert _take(hosted, lost.id) == "left alone"
    assert hosted.sites_queries.state_of(lost.id) is DeploymentState.OVERTAKEN
    with hosted.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SiteDeploymentRow)) == 4
