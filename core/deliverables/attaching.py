"""Files of packages kept as files that letters can carry, under names that tell their reader what they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from uuid import UUID

from core.actor import Actor
from core.connectors.transports.email_params import MAX_ATTACHMENTS
from core.connectors.transports.enclosures import MOST_BYTES
from core.deliverables.queries import PackageQueries
from core.deliverables.rules import EVERYTHING
from core.errors import CountersignError, InvalidInput
from core.files.contents import shown_name, shown_size
from core.files.rules import MOST_FILE_BYTES, must_keep
from core.files.service import FileService, KeptFile

_NOT_IN_NAMES = str.maketrans(dict.fromkeys('"<>|*?:/\\', " "))
_MOST_LABEL = 120


class TooLargeForLetters(CountersignError):
    """{name} has {size}, and a file of a letter may have {most}. Send a smaller part of the package, or the address where it can be downloaded; nothing was attached."""  # noqa: E501

    http_status = 413


class TooLargeTogether(CountersignError):
    """Together these files have {size}, and what a letter carries may have {most}. Choose fewer of them; nothing was attached."""

    http_status = 413


class Attaching:
    def __init__(self, queries: PackageQueries, files: FileService) -> None:
        self._queries, self._files = queries, files

    def attach(self, actor: Actor, package_id: UUID, names: Sequence[str]) -> Sequence[KeptFile]:
        """Keeps these files of a package (`package.zip` is all of it), so that an e-mail action can name them.

        The bytes are those of the package, so its manifest stands for them. Raises what reading the package and keeping
        files raise: NotFound, NotAllowed, FileRefused; TooLargeForLetters and TooLargeTogether before anything is kept.
        """
        must_keep(actor)
        wanted = list(dict.fromkeys(names))
        if not wanted or len(wanted) > MAX_ATTACHMENTS:
            raise InvalidInput(field="Names", problem=f"name 1 to {MAX_ATTACHMENTS} files of the package.")
        view = self._queries.one(actor, package_id)
        files = [self._queries.file(actor, package_id, name) for name in wanted]
        for one in files:
            if len(one.data) > MOST_FILE_BYTES:
                raise TooLargeForLetters(
                    name=one.name, size=shown_size(len(one.data)), most=shown_size(MOST_FILE_BYTES)
                )
        size = sum(len(one.data) for one in files)
        if size > MOST_BYTES:
            raise TooLargeTogether(size=shown_size(size), most=shown_size(MOST_BYTES))
        return [
            self._files.keep(actor, attached_name(view.row.label, view.row.number, one.name), one.data) for one in files
        ]


def attached_name(label: str, number: int | None, name: str) -> str:
    """`Winter campaign v3.pdf`; of a file that is not the whole or its report also what it is: `… v3 data.zip`."""
    clean = " ".join(label.translate(_NOT_IN_NAMES).split())[:_MOST_LABEL].strip(" .")
    path = PurePosixPath(name)
    of = "" if name == EVERYTHING or path.stem in _ITS_REPORT else f" {path.stem}"
    return shown_name(f"{clean or 'Package'} v{number}{of}{path.suffix}")


_ITS_REPORT = frozenset({"report", "slides", "deck", "summary"})
"""What a file is called that its ending says enough of."""
