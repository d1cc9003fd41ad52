"""What a package is, the states it goes through, and who may make and read one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.actor import Role
from core.errors import CountersignError

READERS = (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)

SEE_ALL = (Role.OPERATOR, Role.COUNCIL, Role.ADMIN)
"""Who read every decision and action, and so every package: one holds what whoever asked for it may read."""

BUILD_PACKAGE = "build_package"
"""The work a worker does for a package: read its source, render what is missing, seal it."""

EVERYTHING = "package.zip"

MOST_TRIES = 3
"""Of one format: one that ends its worker must not end the next ones too."""

MOST_WAITING = 20
"""Packages that one requester may have under way."""

DRAFTS_LAST = timedelta(days=1)


class PackageState(StrEnum):
    WAITING = "waiting"
    READING = "reading"
    RENDERING = "rendering"
    DONE = "done"
    """Sealed: at least one file was made, and nothing of it changes any more."""
    FAILED = "failed"
    """No file could be made."""


UNDER_WAY = frozenset({PackageState.WAITING, PackageState.READING, PackageState.RENDERING})


class FormatState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class PackageUnderWay(CountersignError):
    """This package is still being made. Wait until it is ready; nothing was changed."""

    http_status = 409


class PackageIsWhole(CountersignError):
    """This package is complete, and a package never changes. Make a new one for what is known now."""

    http_status = 409


class TooManyPackages(CountersignError):
    """{number} packages of yours are being made. Wait until one is ready; nothing was started."""

    http_status = 429


class PackageIdTaken(CountersignError):
    """Another package has this id. Nothing was started."""

    http_status = 409


@dataclass(frozen=True)
class PackageResult:
    """What came of packaging, as SPEC P1 names it; paths are addresses below the installation's own."""

    package_id: UUID
    project_id: UUID | None
    """Of a package of a project."""
    pdf_path: str | None
    pptx_path: str | None
    html_summary_path: str | None
    paths: Mapping[str, str] = field(default_factory=dict)
    """Every file that was made, by format."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Title, number, state, language, theme, figures counted, digests of manifest and report."""
    success: bool = False
    """Any file was made."""
    errors: tuple[str, ...] = ()
    created_at: datetime | None = None

    def file_count(self) -> int:
        return len(self.paths)
