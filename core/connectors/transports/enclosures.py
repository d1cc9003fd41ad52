"""The files a letter carries: found by their digest when planning, and read again, byte for byte, when sending."""

from __future__ import annotations

from collections.abc import Sequence

from core.connectors.plan import Plan
from core.connectors.transports.email_params import AttachmentParams
from core.connectors.transports.mime import Attachment
from core.errors import CountersignError, InvalidInput
from core.files.contents import NotThatKind, media_type_of, shown_size
from core.files.storage import FileMissing, FileStore

MOST_BYTES = 20_000_000
"""Most mail servers take 25 MB, and in a letter a file grows by a third."""


class AttachmentChanged(CountersignError):
    """The attachment {name} is not what was approved."""


class Enclosures:
    def __init__(self, files: FileStore) -> None:
        self._files = files

    def described(self, wanted: Sequence[AttachmentParams]) -> Sequence[str]:
        """Name, type, size and digest of each, for people; InvalidInput for one that cannot be sent."""
        found = []
        for one in wanted:
            try:
                found.append(self._read(one))
            except FileMissing:
                problem = f"there is no file {one.sha256[:12]}… for “{one.name}”. Upload it first."
                raise InvalidInput(field="Attachments", problem=problem) from None
            except NotThatKind as refused:
                raise InvalidInput(field="Attachments", problem=f"“{one.name}”: {refused}") from None
        if sum(len(one.data) for one in found) > MOST_BYTES:
            raise InvalidInput(field="Attachments", problem=f"together they have more than {shown_size(MOST_BYTES)}.")
        return [_words(one, file.sha256) for one, file in zip(found, wanted, strict=True)]

    def taken(self, plan: Plan) -> tuple[Attachment, ...]:
        """The files that the plan shows. Whatever differs is raised as a CountersignError: then nothing may be sent."""
        wanted = [AttachmentParams.model_validate(one) for one in plan.request.get("attachments", ())]
        shown = [change.after for change in plan.changes if change.field.startswith("attachments.")]
        found = []
        for number, one in enumerate(wanted):
            try:
                found.append(self._read(one))
            except NotThatKind:
                raise AttachmentChanged(name=one.name) from None
            if len(shown) != len(wanted) or _words(found[-1], one.sha256) != shown[number]:
                raise AttachmentChanged(name=one.name)
        return tuple(found)

    def _read(self, wanted: AttachmentParams) -> Attachment:
        data = self._files.get(wanted.sha256)
        return Attachment(wanted.name, media_type_of(wanted.name, data), data)


def _words(one: Attachment, sha256: str) -> str:
    return f"{one.name} ({one.media_type}, {shown_size(len(one.data))}, SHA-256 {sha256})"
