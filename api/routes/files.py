"""Files that are sent with actions: handed in before they are named in a proposal, and read back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Path, Response, UploadFile
from pydantic import Field

from api.auth import App, Proposer, Reader
from api.models import Answer
from core.files.rules import MOST_FILE_BYTES

router = APIRouter(tags=["Files"])

Digest = Annotated[str, Path(pattern="^[0-9a-f-]{36,64}$", description="The SHA-256 of its content, as 64 digits.")]


class KeptFileAnswer(Answer):
    sha256: str = Field(description="What an attachment names.")
    name: str
    media_type: str
    size: int


@router.post("/files", status_code=201, summary="Hand in a file that an action will send")
def keep_file(
    app: App,
    actor: Proposer,
    file: Annotated[
        UploadFile,
        File(description="Picture, PDF, text, CSV, HTML, JSON, Office document, or a ZIP of these; 10 MB."),
    ],
) -> KeptFileAnswer:
    """What a file is, is read from its content. The same content again is the same file."""
    data = file.file.read(MOST_FILE_BYTES + 1)
    return KeptFileAnswer.model_validate(app.files.keep(actor, file.filename or "file", data))


@router.get(
    "/files/{sha256}",
    summary="Download a file",
    response_class=Response,
    responses={200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}},
)
def read_file(app: App, actor: Reader, sha256: Digest) -> Response:
    """For those who see every proposal, and whoever handed it in; always as a download, never shown in the window."""
    file = app.files_queries.content(actor, sha256)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(file.data, media_type=file.media_type, headers=headers)
