"""Reading the files that are kept, for those who may."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from core.actor import Actor
from core.database.unit_of_work import Database
from core.errors import NotFound
from core.files.rules import may_read
from core.files.storage import FileStore
from core.files.tables import KeptFileRow


@dataclass(frozen=True)
class FileContent:
    name: str
    media_type: str
    data: bytes = field(repr=False)


class FileQueries:
    def __init__(self, database: Database, store: FileStore) -> None:
        self._database, self._store = database, store

    def content(self, actor: Actor, sha256: str) -> FileContent:
        """The file with its bytes; NotFound also for whoever may not have it, FileMissing, FileDamaged."""
        with self._database.reading() as session:
            row = session.scalar(select(KeptFileRow).where(KeptFileRow.sha256 == sha256))
        if row is None or not may_read(actor, row.kept_by_id):
            raise NotFound(kind="file", id=sha256)
        return FileContent(row.name, row.media_type, self._store.get(row.sha256))
