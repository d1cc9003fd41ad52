"""Sites as pages and API show them, and how their rows become that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.websites.rules import CheckState, DeploymentKind, DeploymentState, MessageState
from core.websites.tables import SiteDeploymentRow, SiteMessageRow, SiteReportRow, SiteRow, SiteVersionRow


@dataclass(frozen=True)
class SiteSummary:
    id: UUID
    slug: str
    name: str
    address: str | None
    """None: never published."""
    target: str | None
    state: DeploymentState | None
    """Of the newest deployment."""
    versions: int
    messages: int
    """Of visitors; test messages are not counted."""
    run_id: UUID | None
    created_at: datetime


@dataclass(frozen=True)
class SitePage:
    rows: Sequence[SiteSummary]
    total: int
    next_cursor: str | None


@dataclass(frozen=True)
class VersionView:
    id: UUID
    number: int
    digest: str
    files: int
    size: int
    pages: Sequence[str]
    """Paths of its pages, for links into the preview."""
    notes: Sequence[str]
    created_at: datetime
    is_live: bool


@dataclass(frozen=True)
class DeploymentView:
    id: UUID
    version_id: UUID
    version_number: int
    kind: DeploymentKind
    target: str
    state: DeploymentState
    address: str
    error: str
    begun_at: datetime
    ended_at: datetime | None
    by: str


@dataclass(frozen=True)
class CheckView:
    name: str
    state: CheckState
    evidence: str
    findings: Sequence[str]
    facts: Mapping[str, Any]
    has_picture: bool
    version_id: UUID
    deployment_id: UUID | None
    measured_at: datetime


@dataclass(frozen=True)
class MessageView:
    id: UUID
    name: str
    email: str
    text: str
    is_test: bool
    state: MessageState
    words: str
    """What is known of its delivery, in a sentence."""
    received_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class SiteView:
    summary: SiteSummary
    contact_email: str | None
    versions: Sequence[VersionView]
    """Newest first."""
    deployments: Sequence[DeploymentView]
    report: Sequence[CheckView]
    """Of the live version, or of the newest one where none is live."""
    messages: Sequence[MessageView]


@dataclass(frozen=True)
class MessagePage:
    rows: Sequence[MessageView]
    total: int
    """Of visitors; tests among the rows are not counted."""
    next_cursor: str | None


def summaries(session: Session, sites: Sequence[SiteRow]) -> list[SiteSummary]:
    ids = [one.id for one in sites]
    versions: dict[UUID, int] = {  # noqa: C416 - a Row is no tuple to mypy
        found: count
        for found, count in session.execute(
            select(SiteVersionRow.site_id, func.count())
            .where(SiteVersionRow.site_id.in_(ids))
            .group_by(SiteVersionRow.site_id)
        )
    }
    messages: dict[UUID, int] = {  # noqa: C416
        found: count
        for found, count in session.execute(
            select(SiteMessageRow.site_id, func.count())
            .where(SiteMessageRow.site_id.in_(ids), ~SiteMessageRow.is_test)
            .group_by(SiteMessageRow.site_id)
        )
    }
    states: dict[UUID, DeploymentState] = {}
    for site_id, state in session.execute(
        select(SiteDeploymentRow.site_id, SiteDeploymentRow.state)
        .where(SiteDeploymentRow.site_id.in_(ids))
        .order_by(SiteDeploymentRow.number)
    ):
        states[site_id] = state
    return [
        SiteSummary(
            id=one.id, slug=one.slug, name=one.name, address=one.address, target=one.live_target,
            state=states.get(one.id), versions=versions.get(one.id, 0), messages=messages.get(one.id, 0),
            run_id=one.run_id, created_at=one.created_at,
        )
        for one in sites
    ]  # fmt: skip


def version_view(row: SiteVersionRow, live: UUID | None) -> VersionView:
    pages = sorted(path.removesuffix("index.html") for path in row.tree if path.endswith("index.html"))
    size = sum(one["size"] for one in row.tree.values())
    return VersionView(
        row.id, row.number, row.digest, len(row.tree), size, pages, row.notes, row.created_at, row.id == live
    )


def deployment_view(row: SiteDeploymentRow, numbers: Mapping[UUID, int]) -> DeploymentView:
    return DeploymentView(
        id=row.id, version_id=row.version_id, version_number=numbers[row.version_id], kind=row.kind, target=row.target,
        state=row.state, address=row.address, error=row.error, begun_at=row.begun_at, ended_at=row.ended_at,
        by=row.by_name,
    )  # fmt: skip


def report_of(session: Session, version_id: UUID) -> list[CheckView]:
    """Each check once, as it was measured last."""
    picture = SiteReportRow.picture.is_not(None).label("has_picture")
    columns = [one for one in SiteReportRow.__table__.columns if one.name != "picture"]
    rows = session.execute(
        select(*columns, picture).where(SiteReportRow.version_id == version_id).order_by(SiteReportRow.measured_at)
    ).all()
    last = {row.check_name: row for row in rows}
    return [
        CheckView(
            name=row.check_name, state=row.state, evidence=row.evidence, findings=row.findings, facts=row.facts,
            has_picture=row.has_picture, version_id=row.version_id, deployment_id=row.deployment_id,
            measured_at=row.measured_at,
        )
        for row in last.values()
    ]  # fmt: skip


def message_view(row: SiteMessageRow) -> MessageView:
    return MessageView(
        row.id, row.name, row.email, row.text, row.is_test, row.state, row.words, row.received_at, row.sent_at
    )
