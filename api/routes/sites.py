"""Published websites: their versions, reports and messages, and publishing a version again (SPEC S2, S3)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import anyio
from anyio import to_thread
from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.auth import App, Reader, Runner
from api.models import Answer, Body
from api.once import IdempotencyKey, once
from api.prefer import Prefer, patience
from core.actor import Actor
from core.bootstrap import Application
from core.websites.rules import UNDER_WAY, CheckState, DeploymentKind, DeploymentState, MessageState

router = APIRouter(tags=["Sites"])

Cursor = Annotated[str, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=100)]


class SiteAnswer(Answer):
    id: UUID
    slug: str
    name: str
    address: str | None = Field(description="Where it answers; null: never published.")
    target: str | None
    state: DeploymentState | None = Field(description="Of its newest deployment.")
    versions: int
    messages: int
    run_id: UUID | None
    created_at: datetime


class SitesAnswer(Answer):
    sites: list[SiteAnswer]
    total: int
    next_cursor: str | None


class SiteVersionAnswer(Answer):
    id: UUID
    number: int
    digest: str = Field(description="SHA-256 over every path with its file's SHA-256: what a review decides on.")
    files: int
    size: int
    pages: list[str]
    notes: list[str]
    is_live: bool
    preview: str = Field(description="For people who are signed in.")
    created_at: datetime


class DeploymentAnswer(Answer):
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


class CheckAnswer(Answer):
    name: str
    state: CheckState
    evidence: str
    findings: list[str]
    facts: dict[str, Any]
    version_id: UUID
    deployment_id: UUID | None
    measured_at: datetime


class SiteDetailAnswer(SiteAnswer):
    contact_email: str | None
    deployments: list[DeploymentAnswer] = Field(description="Newest first, at most 100.")


class VersionsAnswer(Answer):
    versions: list[SiteVersionAnswer]


class SiteReportAnswer(Answer):
    checks: list[CheckAnswer]


class SiteMessageAnswer(Answer):
    id: UUID
    name: str
    email: str
    text: str
    is_test: bool = Field(description="Sent by verification; not counted in `total`.")
    state: MessageState
    words: str
    received_at: datetime
    sent_at: datetime | None


class SiteMessagesAnswer(Answer):
    messages: list[SiteMessageAnswer]
    total: int
    next_cursor: str | None


class DeployBody(Body):
    version_id: UUID = Field(description="One that was published before; a new one is published by its run.")
    target: Annotated[str, Field(max_length=80)] | None = Field(
        default=None, description="`here`, `sftp` or `s3`, or `sftp:` and a connection; empty: where the site is.",
        examples=["here"],
    )  # fmt: skip


_PUBLISHED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Over within the time you waited: `live`; `unanswered` where its address does not answer with it; "
                         "or `failed` with the reason in `error`, the version before still there."},
    202: {"model": DeploymentAnswer, "description": "A worker has it; its address is in `Location`."},
}  # fmt: skip
_LOOK_EVERY_SECONDS = 0.1


@router.get("/sites", summary="List sites, newest first")
def list_sites(app: App, actor: Reader, limit: Limit = 20, cursor: Cursor = "") -> SitesAnswer:
    """All of them for those who read everything; else those of your own runs."""
    page = app.sites_queries.page(actor, cursor=cursor, limit=limit)
    return SitesAnswer(
        sites=[SiteAnswer.model_validate(one) for one in page.rows], total=page.total, next_cursor=page.next_cursor
    )


@router.get("/sites/{site_id}", summary="Read a site and where it was published")
def read_site(app: App, actor: Reader, site_id: UUID) -> SiteDetailAnswer:
    view = app.sites_queries.one(actor, site_id)
    return SiteDetailAnswer(
        **SiteAnswer.model_validate(view.summary).model_dump(), contact_email=view.contact_email,
        deployments=[DeploymentAnswer.model_validate(one) for one in view.deployments],
    )  # fmt: skip


@router.get("/sites/{site_id}/versions", summary="List the versions of a site, newest first")
def list_site_versions(app: App, actor: Reader, site_id: UUID) -> VersionsAnswer:
    return VersionsAnswer(
        versions=[
            SiteVersionAnswer(
                id=one.id, number=one.number, digest=one.digest, files=one.files, size=one.size, pages=list(one.pages),
                notes=list(one.notes), is_live=one.is_live, preview=app.sites.preview_address(one.id),
                created_at=one.created_at,
            )
            for one in app.sites_queries.one(actor, site_id).versions
        ]
    )  # fmt: skip


@router.get("/sites/{site_id}/report", summary="Read what was measured of a site")
def read_site_report(app: App, actor: Reader, site_id: UUID, version_id: UUID | None = None) -> SiteReportAnswer:
    """Of the version that is live, unless you name one. What could not be measured says `not_checked`."""
    return SiteReportAnswer(
        checks=[CheckAnswer.model_validate(one) for one in app.sites_queries.report(actor, site_id, version_id)]
    )


@router.get("/sites/{site_id}/messages", summary="List what visitors wrote, newest first")
def list_site_messages(
    app: App, actor: Reader, site_id: UUID, limit: Limit = 20, cursor: Cursor = ""
) -> SiteMessagesAnswer:
    page = app.sites_queries.messages(actor, site_id, cursor=cursor, limit=limit)
    return SiteMessagesAnswer(
        messages=[SiteMessageAnswer.model_validate(one) for one in page.rows], total=page.total,
        next_cursor=page.next_cursor,
    )  # fmt: skip


@router.post(
    "/sites/{site_id}/deploy", summary="Publish a version of a site again", response_model=DeploymentAnswer,
    responses=_PUBLISHED,
)  # fmt: skip
async def deploy_site(
    app: App, actor: Runner, site_id: UUID, body: DeployBody, response: Response, prefer: Prefer = "",
    idempotency_key: IdempotencyKey = None,
) -> DeploymentAnswer:  # fmt: skip
    """A worker publishes it, after those asked for before it. Waits up to 30 seconds; `Prefer` says how long you do."""
    asked = {"route": "POST /sites/deploy", "site_id": str(site_id), "body": body.model_dump(mode="json")}

    def make(deployment_id: UUID | None) -> UUID:
        return app.sites.redeploy(
            actor, site_id, body.version_id, target=body.target, deployment_id=deployment_id
        ).id  # fmt: skip

    return await _published(app, actor, site_id, idempotency_key, asked, make, response, prefer)


@router.post(
    "/sites/{site_id}/rollback", summary="Publish the version before the one that is live",
    response_model=DeploymentAnswer, responses=_PUBLISHED,
)  # fmt: skip
async def roll_back_site(
    app: App, actor: Runner, site_id: UUID, response: Response, prefer: Prefer = "",
    idempotency_key: IdempotencyKey = None,
) -> DeploymentAnswer:  # fmt: skip
    """As `POST /sites/{site_id}/deploy`, with the version that was published before."""
    asked = {"route": "POST /sites/rollback", "site_id": str(site_id)}

    def make(deployment_id: UUID | None) -> UUID:
        return app.sites.rollback(actor, site_id, deployment_id=deployment_id).id

    return await _published(app, actor, site_id, idempotency_key, asked, make, response, prefer)


@router.get("/sites/{site_id}/deployments/{deployment_id}", summary="Read how far a deployment is")
def read_deployment(app: App, actor: Reader, site_id: UUID, deployment_id: UUID) -> DeploymentAnswer:
    """`waiting` and `running` are under way; everything else is the end of it."""
    return DeploymentAnswer.model_validate(app.sites_queries.deployment(actor, site_id, deployment_id))


async def _published(
    app: Application, actor: Actor, site_id: UUID, key: str | None, asked: dict[str, Any],
    make: Callable[[UUID | None], UUID], response: Response, prefer: str,
) -> DeploymentAnswer:  # fmt: skip
    deployment_id = await to_thread.run_sync(
        partial(once, app, actor, key, asked, make=make, exists=app.sites_queries.deployed)
    )
    until = time.monotonic() + patience(prefer)
    while True:
        found = await to_thread.run_sync(app.sites_queries.deployment, actor, site_id, deployment_id)
        if found.state not in UNDER_WAY or time.monotonic() >= until:
            break
        await anyio.sleep(_LOOK_EVERY_SECONDS)
    response.status_code = 202 if found.state in UNDER_WAY else 200
    response.headers["Location"] = f"/api/sites/{site_id}/deployments/{deployment_id}"
    return DeploymentAnswer.model_validate(found)
