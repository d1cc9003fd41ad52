"""Prompts by name: a person's edit first, else the file, else a default made from the definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import bindparam, func, select, text, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.audit import service as audit
from core.canonical import digest
from core.database.unit_of_work import Database
from core.errors import Conflict, InvalidInput, NotFound
from core.identifiers import new_id
from core.language_models.defaults import DocumentFacts, default_role, default_task
from core.language_models.prompt_files import MOST_CHARACTERS, PromptFiles
from core.language_models.storable import storable
from core.language_models.tables import PromptKind, PromptVersionRow
from core.language_models.uses import Use
from core.text import can_be_seen, has_controls, turns

__all__ = ["DocumentFacts", "Prompt", "PromptKind", "PromptVersion", "Prompts"]

_LOCK = 0x50726F6D7074  # any constant that no other lock uses
_EDITORS = (Role.OPERATOR, Role.ADMIN)

Source = Literal["file", "edited", "default"]


@dataclass(frozen=True)
class Prompt:
    name: str
    text: str
    source: Source
    digest: str
    """Of the text: what a call was made with."""


@dataclass(frozen=True)
class PromptVersion:
    version: int
    text: str | None
    """None: the edits were taken back here."""
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True)
class KnownPrompt:
    """One line of the list of prompts."""

    kind: PromptKind
    name: str
    source: Source
    text: str | None
    """None where nothing but a default was ever there, and no workflow asks for it any more."""
    used_by: tuple[str, ...]
    """Titles of workflows."""
    version: int
    """Of the last edit; 0 without any."""
    saved_by: str
    saved_at: datetime | None


_Found = Mapping[tuple[PromptKind, str], Prompt]


class Prompts:
    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._files = database, PromptFiles(folder)

    # -- for those who ask a model --------------------------------------------------------------------------------

    def names(self) -> frozenset[str]:
        """Every role and task that has a text of its own, from a file or a person."""
        with self._database.reading() as session:
            edited = _last_edits(session)
        filed = {name for _, name in self._files.all()}
        return frozenset(filed | {name for (_, name), row in edited.items() if row.text is not None})

    def role(self, session: Session, name: str) -> Prompt:
        return self._role(name, self._found(session, (PromptKind.ROLE, name)))

    def task(self, session: Session, name: str, *, document: DocumentFacts, inputs: Sequence[str]) -> Prompt:
        return self._task(name, self._found(session, (PromptKind.TASK, name)), document, inputs)

    def for_call(
        self, session: Session, role: str, task: str, *, document: DocumentFacts, inputs: Sequence[str]
    ) -> tuple[Prompt, Prompt]:
        """Role and task as one call needs them, read in one statement."""
        found = self._found(session, (PromptKind.ROLE, role), (PromptKind.TASK, task))
        return self._role(role, found), self._task(task, found, document, inputs)

    # -- for people -----------------------------------------------------------------------------------------------

    def known(self, actor: Actor, uses: Mapping[tuple[PromptKind, str], Use] | None = None) -> Sequence[KnownPrompt]:
        """Files, edits, and those of `uses` that have neither; roles first, by name."""
        actor.must_have(*_EDITORS, to="see prompts")
        files, uses = self._files.all(), uses or {}
        with self._database.reading() as session:
            edited = _last_edits(session)
        found = []
        for kind, name in {*files, *edited, *uses}:
            row, filed, use = edited.get((kind, name)), files.get((kind, name)), uses.get((kind, name))
            own = row.text if row else None
            source: Source = "edited" if own is not None else "file" if filed else "default"
            found.append(
                KnownPrompt(
                    kind, name, source, own or (filed.text if filed else use.default if use else None),
                    tuple(use.workflows) if use else (), row.version if row else 0, row.saved_by if row else "",
                    row.saved_at if row else None,
                )
            )  # fmt: skip
        return sorted(found, key=lambda one: (one.kind is PromptKind.TASK, one.name.casefold(), one.name))

    def versions(self, actor: Actor, kind: PromptKind, name: str) -> Sequence[PromptVersion]:
        """Every edit, newest first."""
        actor.must_have(*_EDITORS, to="see prompts")
        query = select(PromptVersionRow).where(PromptVersionRow.kind == kind, PromptVersionRow.name == name)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(PromptVersionRow.version.desc())).all()
        return [PromptVersion(row.version, row.text, row.saved_by, row.saved_at) for row in rows]

    def origin(self, kind: PromptKind, name: str) -> str | None:
        """What the file says; None without one."""
        filed = self._files.all().get((kind, name))
        return filed.text if filed else None

    def save(self, actor: Actor, name: str, kind: PromptKind, text: str, *, expected_version: int | None = None) -> int:
        """Makes `text` the prompt from the next call on; answers its version. What it was before is kept.

        Raises InvalidInput, NotAllowed, and Conflict where somebody else saved since `expected_version`.
        """
        actor.must_have(*_EDITORS, to="edit prompts")
        return self._write(actor, kind, checked_name(name), checked_text(text), "prompt.saved", expected_version)

    def restore(self, actor: Actor, name: str, kind: PromptKind, *, expected_version: int | None = None) -> int:
        """Back to the file, or to the default where there is none; the edits stay in the list of versions."""
        actor.must_have(*_EDITORS, to="edit prompts")
        return self._write(actor, kind, checked_name(name), None, "prompt.restored", expected_version)

    def _write(
        self, actor: Actor, kind: PromptKind, name: str, said: str | None, event: str, expected: int | None
    ) -> int:
        with self._database.begin() as uow:
            uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            row = _last_edit(uow.session, kind, name)
            before = row.version if row else 0
            if expected is not None and expected != before:
                raise Conflict(what="This prompt")
            if said is None and (row is None or row.text is None):
                raise NotFound(kind="edit of the prompt", id=name)
            if row is not None and row.text == said:
                return before
            uow.session.add(
                PromptVersionRow(
                    id=new_id(), kind=kind, name=name, version=before + 1, text=said, saved_by=actor.name[:200],
                    saved_by_id=actor.id, saved_at=uow.now,
                )
            )  # fmt: skip
            audit.record(
                uow, actor, event, f"prompt:{kind}:{name}"[:120], before=_facts(name, before, row.text if row else None),
                after=_facts(name, before + 1, said),
            )  # fmt: skip
            return before + 1

    def _role(self, name: str, found: _Found) -> Prompt:
        return found.get((PromptKind.ROLE, name)) or _prompt(name, default_role(name), "default")

    def _task(self, name: str, found: _Found, document: DocumentFacts, inputs: Sequence[str]) -> Prompt:
        known = found.get((PromptKind.TASK, name))
        return known or _prompt(name, default_task(name, document, inputs), "default")

    def _found(self, session: Session, *wanted: tuple[PromptKind, str]) -> _Found:
        """Those of `wanted` that a person or a file wrote."""
        edits = {(row.kind, row.name): row.text for row in session.connection().execute(_EDITS, {"wanted": wanted})}
        files = self._files.all()
        found: dict[tuple[PromptKind, str], Prompt] = {}
        for kind, name in wanted:
            said, filed = edits.get((kind, name)), files.get((kind, name))
            if said is not None:
                found[kind, name] = _prompt(name, said, "edited")
            elif filed is not None:
                found[kind, name] = _prompt(name, filed.text, "file")
        return found


def checked_name(name: str) -> str:
    name = " ".join(name.split(" ")).strip()
    if (
        not 1 <= len(name) <= 200
        or has_controls(name)
        or turns(name)
        or not can_be_seen(name)
        or storable(name) != name
    ):
        raise InvalidInput(field="Name", problem="use one line of 1 to 200 characters that can be seen.")
    return name


def checked_text(said: str) -> str:
    said = said.replace("\r\n", "\n").strip()
    if not 1 <= len(said) <= MOST_CHARACTERS or not can_be_seen(said):
        raise InvalidInput(field="Text", problem=f"write 1 to {MOST_CHARACTERS:,} characters.")
    if storable(said) != said or turns(said):
        problem = "leave out NUL, halves of characters, and characters that turn the direction of text."
        raise InvalidInput(field="Text", problem=problem)
    return said


def _prompt(name: str, said: str, source: Source) -> Prompt:
    return Prompt(name, said, source, digest(said))


def _facts(name: str, version: int, said: str | None) -> dict[str, object]:
    """What the audit keeps: which text it was; the text itself stands in its version."""
    return {"name": name, "version": version, "text": digest(said) if said is not None else None}


_EDITS = (
    select(PromptVersionRow.kind, PromptVersionRow.name, PromptVersionRow.text)
    .where(tuple_(PromptVersionRow.kind, PromptVersionRow.name).in_(bindparam("wanted", expanding=True)))
    .ext(postgresql.distinct_on(PromptVersionRow.kind, PromptVersionRow.name))
    .order_by(PromptVersionRow.kind, PromptVersionRow.name, PromptVersionRow.version.desc())
)
"""The last edit of each."""


def _last_edit(session: Session, kind: PromptKind, name: str) -> PromptVersionRow | None:
    query = select(PromptVersionRow).where(PromptVersionRow.kind == kind, PromptVersionRow.name == name)
    return session.scalar(query.order_by(PromptVersionRow.version.desc()).limit(1))


def _last_edits(session: Session) -> Mapping[tuple[PromptKind, str], PromptVersionRow]:
    last = (
        select(PromptVersionRow.kind, PromptVersionRow.name, func.max(PromptVersionRow.version).label("version"))
        .group_by(PromptVersionRow.kind, PromptVersionRow.name)
        .subquery()
    )
    query = select(PromptVersionRow).join(
        last,
        (PromptVersionRow.kind == last.c.kind)
        & (PromptVersionRow.name == last.c.name)
        & (PromptVersionRow.version == last.c.version),
    )
    return {(row.kind, row.name): row for row in session.scalars(query)}
