"""What requests and answers about packages look like."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.models import Answer, Body
from core.deliverables.queries import PackageFileView, PackageRow, PackageView
from core.deliverables.rules import FormatState, PackageResult, PackageState

FormatName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class ProjectPackageBody(Body):
    formats: list[FormatName] = Field(
        default_factory=list, max_length=20, description="By name (see `GET /packages/formats`); none named: all.",
        examples=[["pdf", "data"]],
    )  # fmt: skip
    theme: UUID | None = Field(default=None, description="Without one, the installation's default.")
    language: str = Field(default="en", max_length=35, description="A tag of BCP 47: `en`, `de-AT`.")
    zone: str = Field(default="UTC", max_length=60, description="Of its times, as IANA names it: `Europe/Berlin`.")


class PackageBody(ProjectPackageBody):
    source: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(examples=["project"])
    params: dict[str, Any] = Field(
        description="Which one, by the schema of the source (see `GET /packages/sources`).",
        examples=[{"project_id": "0197c0de-0000-7000-8000-000000000000"}],
    )


class AttachBody(Body):
    names: list[FileName] = Field(
        min_length=1, max_length=10, description="Of its files; `package.zip` is all of it.", examples=[["report.pdf"]]
    )


class PackageFileAnswer(Answer):
    format: str
    title: str
    name: str
    media_type: str
    size: int | None
    sha256: str | None
    state: FormatState
    error: str
    remarks: list[str]
    facts: dict[str, Any] = Field(description="What can be counted: pages, slides, files.")
    url: str | None = Field(description="Where to download it; none while it is not there.")


class PackageSummary(Answer):
    id: UUID
    source: str
    subject: str
    label: str
    number: int | None = Field(description="Counts the packages of the same thing.")
    state: PackageState
    formats: list[str]
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    size: int = Field(description="Of all its files, in bytes.")


class PackageAnswer(PackageSummary):
    """One package, with what SPEC P1 names of it."""

    progress: float = Field(description="From 0 to 1.")
    params: dict[str, Any]
    language: str
    zone: str
    theme: str
    files: list[PackageFileAnswer]
    manifest_sha256: str | None
    manifest_url: str | None
    archive_url: str | None = Field(description="All of it as one ZIP archive.")
    project_id: UUID | None
    pdf_path: str | None
    pptx_path: str | None
    html_summary_path: str | None
    metadata: dict[str, Any]
    success: bool = Field(description="It is done, and at least one file was made.")
    errors: list[str] = Field(description="What could not be made, as sentences.")
    file_count: int


class PackagesAnswer(Answer):
    packages: list[PackageSummary]
    total: int
    next_cursor: str | None


class SourceAnswer(Answer):
    name: str
    title: str
    params_schema: dict[str, Any] = Field(description="JSON Schema of `params`.")


class SourcesAnswer(Answer):
    sources: list[SourceAnswer]


class FormatAnswer(Answer):
    name: str
    title: str
    file_name: str
    media_type: str


class FormatsAnswer(Answer):
    formats: list[FormatAnswer]


def summary(row: PackageRow) -> PackageSummary:
    return PackageSummary.model_validate(row)


def answer(view: PackageView, result: PackageResult) -> PackageAnswer:
    whole = f"/api/packages/{view.row.id}"
    sealed = view.row.state is PackageState.DONE and not view.row.draft
    return PackageAnswer(
        **summary(view.row).model_dump(), progress=view.progress, params=dict(view.params), language=view.language,
        zone=view.zone, theme=view.theme_name, files=[_file(one, whole if sealed else None) for one in view.files],
        manifest_sha256=view.manifest_sha256, manifest_url=f"{whole}/manifest" if sealed else None,
        archive_url=f"{whole}/files/package.zip" if sealed else None, project_id=result.project_id,
        pdf_path=result.pdf_path if sealed else None, pptx_path=result.pptx_path if sealed else None,
        html_summary_path=result.html_summary_path if sealed else None, metadata=dict(result.metadata),
        success=result.success, errors=list(result.errors), file_count=result.file_count() if sealed else 0,
    )  # fmt: skip


def _file(file: PackageFileView, package_url: str | None) -> PackageFileAnswer:
    there = package_url is not None and file.state is FormatState.DONE
    return PackageFileAnswer(
        format=file.format, title=file.title, name=file.name, media_type=file.media_type, size=file.size,
        sha256=file.sha256, state=file.state, error=file.error, remarks=list(file.remarks), facts=dict(file.facts),
        url=f"{package_url}/files/{file.name}" if there else None,
    )  # fmt: skip
