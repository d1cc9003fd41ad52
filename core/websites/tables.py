"""Sites, their versions, where each was published, what was measured of it, and what visitors wrote."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import ActorKind
from core.database.base import Base, Id, Json, JsonList, Ref, Timestamp, closed_set
from core.websites.rules import CheckState, DeploymentKind, DeploymentState, MessageState


class SiteRow(Base):
    __tablename__ = "sites"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    run_id: Mapped[Ref | None] = mapped_column(
        Uuid, ForeignKey("executions.id", ondelete="SET NULL"), unique=True
    )  # the same run again is the same site
    contact_email: Mapped[str | None] = mapped_column(String(254))
    """Where messages of visitors go; None: they are kept and shown, and nothing is sent."""
    live_version_id: Mapped[Ref | None] = mapped_column(
        Uuid, ForeignKey("site_versions.id", use_alter=True, name="fk_sites_live_version_id")
    )
    """What its target serves; for the target "here" this is the switch itself."""
    live_target: Mapped[str | None] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(2000))
    made_by_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    made_by_id: Mapped[str] = mapped_column(String(80))
    made_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Timestamp]


class SiteVersionRow(Base):
    """Which files a site had once; a trigger keeps it as it is."""

    __tablename__ = "site_versions"
    __table_args__ = (UniqueConstraint("site_id", "number"), UniqueConstraint("site_id", "digest"))

    id: Mapped[Id]
    site_id: Mapped[Ref] = mapped_column(Uuid, ForeignKey("sites.id"))
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    tree: Mapped[Json]
    """{path: {"sha256": …, "size": …, "media_type": …}}; the bytes lie in the store of files."""
    content: Mapped[Json]
    """What the site says, as `content.site_as_json` has it."""
    notes: Mapped[JsonList]
    run_id: Mapped[Ref | None] = mapped_column(Uuid)
    created_at: Mapped[Timestamp]


class SiteDeploymentRow(Base):
    __tablename__ = "site_deployments"
    __table_args__ = (UniqueConstraint("site_id", "number"), Index(None, "version_id"))

    id: Mapped[Id]
    site_id: Mapped[Ref] = mapped_column(Uuid, ForeignKey("sites.id"))
    version_id: Mapped[Ref] = mapped_column(Uuid, ForeignKey("site_versions.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[DeploymentKind] = mapped_column(closed_set(DeploymentKind))
    target: Mapped[str] = mapped_column(String(80))
    """The target's name, with the connection's behind a colon where one was named."""
    state: Mapped[DeploymentState] = mapped_column(closed_set(DeploymentState))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    address: Mapped[str] = mapped_column(String(2000), default="")
    reference: Mapped[str] = mapped_column(String(500), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    begun_at: Mapped[Timestamp]
    ended_at: Mapped[Timestamp | None]
    hands: Mapped[int] = mapped_column(Integer, default=0)
    """Counts how often it was handed to the workers."""
    takes: Mapped[int] = mapped_column(Integer, default=0)
    """Counts how often one began to publish it."""
    by_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    by_id: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(200))


class SiteReportRow(Base):
    """One check of one version, as it was measured last."""

    __tablename__ = "site_reports"
    __table_args__ = (
        Index("ix_site_reports_one", "version_id", "deployment_id", "check_name", unique=True,
              postgresql_nulls_not_distinct=True),
    )  # fmt: skip

    id: Mapped[Id]
    version_id: Mapped[Ref] = mapped_column(Uuid, ForeignKey("site_versions.id"))
    deployment_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("site_deployments.id"))
    """None: measured of the files, before they were published."""
    check_name: Mapped[str] = mapped_column(String(80))
    state: Mapped[CheckState] = mapped_column(closed_set(CheckState))
    evidence: Mapped[str] = mapped_column(Text)
    findings: Mapped[JsonList]
    facts: Mapped[Json]
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)
    measured_at: Mapped[Timestamp]


class SiteMessageRow(Base):
    __tablename__ = "site_messages"
    __table_args__ = (
        Index(None, "site_id", "received_at"),
        Index(None, "site_id", "visitor", "received_at"),
        Index(None, "visitor", "received_at"),
        Index("ix_site_messages_mark", "mark", postgresql_where=text("mark IS NOT NULL")),
        CheckConstraint("is_test OR mark IS NULL", name="only_tests_are_marked"),
    )

    id: Mapped[Id]
    site_id: Mapped[Ref] = mapped_column(Uuid, ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    text: Mapped[str] = mapped_column(Text)
    visitor: Mapped[str] = mapped_column(String(64))
    """The sender's address under a key of this installation: enough to count, not to find anybody."""
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)
    """Sent by verification; listed apart and never counted."""
    mark: Mapped[str | None] = mapped_column(String(80))
    stamp: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the form it was sent with, where that was signed: each is good for one message."""
    state: Mapped[MessageState] = mapped_column(closed_set(MessageState))
    sends: Mapped[int] = mapped_column(Integer, default=0)
    road: Mapped[str] = mapped_column(String(300), default="")
    words: Mapped[str] = mapped_column(String(1000), default="")
    reference: Mapped[str | None] = mapped_column(String(500))
    received_at: Mapped[Timestamp]
    sent_at: Mapped[Timestamp | None]
