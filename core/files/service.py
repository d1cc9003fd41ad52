"""Keeping files that are sent with actions: checked by their content, kept once, whoever hands them in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert

from core.actor import Actor
from core.audit import service as audit
from core.database.unit_of_work import Database
from core.files.contents import NotThatKind, media_type_of, sha256_of, shown_name, shown_size
from core.files.rules import MOST_FILE_BYTES, FileRefused, FileTooLarge, must_keep
from core.files.storage import FileStore
from core.files.tables import KeptFileRow


@dataclass(frozen=True)
class KeptFile:
    """A file that is kept, by the name it was handed in with now."""

    sha256: str
    name: str
    media_type: str
    size: int


class FileService:
    def __init__(self, database: Database, store: FileStore) -> None:
        self._database, self._store = database, store

    def keep(self, actor: Actor, name: str, data: bytes) -> KeptFile:
        """Keeps the file for good; the same content again is the same file.

        Raises NotAllowed, FileTooLarge, FileRefused where its content is not what its name says, and what the store
        raises.
        """
        must_keep(actor)
        shown = shown_name(name)
        if len(data) > MOST_FILE_BYTES:
            raise FileTooLarge(name=shown, size=shown_size(len(data)))
        try:
            media_type = media_type_of(shown, data)
        except NotThatKind as problem:
            raise FileRefused(name=shown, problem=str(problem)) from problem
        kept = KeptFile(sha256_of(data), shown, media_type, len(data))
        self._store.put(kept.sha256, data)  # before the row: what the database names must be there
        with self._database.begin() as uow:
            added = uow.session.execute(
                insert(KeptFileRow)
                .values(
                    sha256=kept.sha256, name=shown, media_type=media_type, size=kept.size,
                    kept_by=actor.name[:200], kept_by_id=actor.id, kept_at=uow.now,
                )
                .on_conflict_do_nothing()
                .returning(KeptFileRow.sha256)
            )  # fmt: skip
            if added.first() is not None:
                after = {"name": shown, "media_type": media_type, "size": kept.size}
                audit.record(uow, actor, "file.kept", f"file:{kept.sha256}", after=after)
        return kept
