"""What webhooks are told of packages: that one is there to be fetched, or could not be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.tables import AuditEntry
from core.deliverables.tables import Package
from core.notifications.rules import WebhookEvent
from core.notifications.telling.teller import Heard, Teller, by_entry, ids_of


class PackageTeller(Teller):
    name = "package"

    def event_of(self, entry: AuditEntry) -> WebhookEvent | None:
        after = entry.after or {}
        if entry.event == "packaging.completed":
            return WebhookEvent.PACKAGE_COMPLETED
        if entry.event == "packaging.error" and "format" not in after:  # one format's failure does not end the others
            return WebhookEvent.PACKAGE_FAILED
        return None

    def about(self, session: Session, heard: Heard, base_url: str) -> Mapping[int, Mapping[str, Any]]:
        real = select(Package.id, Package.label, Package.source, Package.number).where(
            Package.id.in_(ids_of(heard)), ~Package.draft
        )
        facts = {
            row.id: {
                "id": str(row.id), "title": row.label, "source": row.source, "number": row.number,
                "url": f"{base_url}/deliverables?package={row.id}", "api_url": f"{base_url}/api/packages/{row.id}",
            }
            for row in session.execute(real)
        }  # fmt: skip
        return {
            entry.sequence: {"package": {**about, **_made(entry.after or {})}}
            for entry, about in by_entry(heard, facts)
        }


def _made(after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "manifest_sha256": after.get("manifest"), "files": after.get("files") or {},
        "errors": after.get("errors") or {}, "error": after.get("error"), "failed_formats": after.get("failed") or [],
    }  # fmt: skip


TELLER = PackageTeller()
