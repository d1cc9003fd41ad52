"""The step that publishes a site: the version that was approved, by its digest, and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.executions.automated.rules import GateKind, GateState
from core.executions.automated.tables import RunGate
from core.executions.automated.work import Done, Fail, Outcome, Tools, Work
from core.websites.kind import WebsiteType
from core.websites.rules import DeploymentState
from core.websites.stages import Stage, document, key_of, owner, sites_of
from core.websites.tables import SiteRow

_PATIENCE_SECONDS = 30.0
"""For what people asked for meanwhile: another version of the same site that is just being published."""

_NOT_APPROVED = (
    "This version of the site is not the one that was approved, or none was, so it is not published. Start the workflow "
    "again, and let the council decide on what is built then."
)
_ALTERED = "The files that are kept are not those that were approved (digest {digest}), so nothing was published."
_MOVED_ON = "The site was published anew since this run began. Start the workflow again, on top of what is there now."


class DeployKind(Stage):
    name = "site_deploy"
    title = "Publish a site"

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        place, preview, sites = document(work, "site"), document(work, "site_preview"), sites_of(tools)
        if not _approved(work, tools):
            return Fail(_NOT_APPROVED)
        site_id, version_id = UUID(preview["site_id"]), UUID(preview["version_id"])
        if sites.built(version_id).digest != preview["digest"]:
            return Fail(_ALTERED.format(digest=preview["digest"][:12]))
        with tools.database.reading() as session:
            row, actor = session.get(SiteRow, site_id), owner(session, work)
            live = row.live_version_id if row is not None else None
        if kind.adds_to_site and live not in (UUID(place["version_id"]), version_id):
            return Fail(_MOVED_ON)
        made = sites.deploy(
            site_id, version_id, target=place["target"], key=key_of(work, "deploy"), actor=actor, patience=_PATIENCE_SECONDS,
        )  # fmt: skip
        if made.state is not DeploymentState.LIVE:
            return Fail(made.error or "The site could not be published. Retry this step.")
        content: dict[str, Any] = {
            "deployment_id": str(made.id), "address": made.address, "version_id": str(version_id),
            "number": preview["number"], "digest": preview["digest"], "target": place["target"],
        }  # fmt: skip
        return Done(content, made_by="Countersign")


def _approved(work: Work, tools: Tools) -> bool:
    """Whether the ballots of this run closed with an approval of this very document of the built site."""
    (preview,) = [one for one in work.inputs if one.name == "site_preview"]
    query = select(RunGate.content, RunGate.answer).where(
        RunGate.execution_id == work.run.id, RunGate.kind == GateKind.VOTE, RunGate.state == GateState.CLOSED
    )
    with tools.database.reading() as session:
        votes = session.execute(query).all()
    about = [
        (answer or {}).get("approved") is True
        for content, answer in votes
        if any(
            one.get("doc_type") == "site_preview" and one.get("digest") == preview.digest
            for one in (content or {}).get("documents", ())
        )
    ]
    return bool(about) and all(about)


KIND = DeployKind()
