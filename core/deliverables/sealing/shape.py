"""The shape of a manifest, for whoever reads one: nothing missing, nothing more, nothing of another type."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.files.archives import is_plain_name

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _plain(name: str) -> str:
    if not is_plain_name(name):
        raise ValueError("is no name of a file")
    return name


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PackageShape(_Shape):
    id: str
    number: int | None
    source: str
    subject: str
    label: str
    language: str
    theme: str
    made_at: str
    made_by: str
    product_version: str


class ReportShape(_Shape):
    title: str
    read_at: str
    zone: str
    sample: bool
    sha256: Sha256


class FileShape(_Shape):
    name: Annotated[str, AfterValidator(_plain)]
    format: str
    media_type: str
    size: int
    sha256: Sha256
    facts: dict[str, int]


class FigureShape(_Shape):
    key: str
    label: str
    text: str
    value: str | None
    unit: str
    basis: str


class TableShape(_Shape):
    key: str
    title: str
    rows: int
    sha256: Sha256 = Field(description="Of its titles and cells as the CSV file spells them, as canonical JSON.")


class SourceShape(_Shape):
    what: str
    id: str
    sha256: str


class VoteShape(_Shape):
    who: str
    word: str
    at: str
    reason: str


class ApprovalShape(_Shape):
    id: str
    subject: str
    sha256: Sha256 = Field(description="Of the version that was decided on.")
    result: str
    rule: str
    decided_at: str | None
    votes: list[VoteShape]


class AuditShape(_Shape):
    sequence: int
    at: str
    who: str
    event: str
    subject: str
    hash: Sha256
    previous_hash: Sha256


class SignatureShape(_Shape):
    algorithm: Literal["Ed25519"]
    public_key: Sha256
    fingerprint: Sha256
    value: str = Field(pattern=r"^[0-9a-f]{128}$", description="Over the canonical JSON without this member.")


class ManifestShape(_Shape):
    format: Literal["countersign-package/1"]
    package: PackageShape
    report: ReportShape
    files: list[FileShape]
    missing: dict[str, str] = Field(description="Formats that could not be made, and why.")
    figures: list[FigureShape]
    tables: list[TableShape]
    sources: list[SourceShape]
    approvals: list[ApprovalShape]
    audit: list[AuditShape]
    signature: SignatureShape
