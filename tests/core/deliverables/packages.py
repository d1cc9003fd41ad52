"""A package made by hand, with the CSV files of the data format, for whoever checks packages."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from core.deliverables.content import Report
from core.deliverables.formats import data
from core.deliverables.look import Look
from core.deliverables.sealing.manifest import MANIFEST, PackageFacts, PackedFile, manifest_bytes, manifest_of
from core.deliverables.sealing.signing import signed
from core.settings import Settings
from tests.core.deliverables.reports import report as example

FACTS = PackageFacts(
    id=UUID("01920000-0000-7000-8000-000000000001"), number=3, source="project", subject="project:1",
    label="Winter campaign", theme="Meridian Advisory", made_at=datetime(2026, 11, 20, 9, 31, tzinfo=UTC),
    made_by="Asha Rao", product_version="1.0",
)  # fmt: skip


def members_of(report: Report) -> dict[str, bytes]:
    """Small files in place of the rendered ones."""
    return {
        "report.pdf": b"%PDF-1.7\n" + bytes(range(256)) + b"\n%%EOF\n",
        "report.html": f"<!doctype html><title>{report.title}</title>".encode(),
        "data.zip": data.FORMAT.render(report, Look("Meridian Advisory")).data,
    }


def files_of(members: dict[str, bytes]) -> list[PackedFile]:
    formats = {"report.pdf": "pdf", "report.html": "html", "data.zip": "data"}
    return [
        PackedFile(name, formats[name], "application/octet-stream", len(held), hashlib.sha256(held).hexdigest())
        for name, held in members.items()
    ]


def package(settings: Settings, report: Report | None = None) -> dict[str, bytes]:
    """Every member by name, the signed manifest among them."""
    report = report or example()
    members = members_of(report)
    manifest = signed(settings, manifest_of(FACTS, report, files_of(members)))
    return {MANIFEST: manifest_bytes(manifest), **members}


def written(folder: Path, members: dict[str, bytes]) -> Path:
    """As a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, held in members.items():
        (folder / name).write_bytes(held)
    return folder
