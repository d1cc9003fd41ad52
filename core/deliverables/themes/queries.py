"""Reading themes, for those who choose one and for those who change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.actor import Actor
from core.database.unit_of_work import Database
from core.deliverables.look import Look
from core.deliverables.themes.looks import look_from, look_of
from core.deliverables.themes.rules import CHOOSERS
from core.deliverables.themes.tables import Theme
from core.errors import NotAllowed, NotFound


@dataclass(frozen=True)
class ThemeView:
    id: UUID
    title: str
    look: Look
    is_default: bool
    changed_by: str
    changed_at: datetime
    version: int


class ThemeQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, actor: Actor) -> Sequence[ThemeView]:
        """The default first, then by title."""
        _must_read(actor)
        with self._database.reading() as session:
            rows = session.scalars(select(Theme).order_by(Theme.is_default.desc(), Theme.title)).all()
            return [_view(one) for one in rows]

    def theme(self, actor: Actor, theme_id: UUID) -> ThemeView:
        _must_read(actor)
        with self._database.reading() as session:
            row = session.get(Theme, theme_id)
            if row is None:
                raise NotFound(kind="theme", id=theme_id)
            return _view(row)

    def default(self, actor: Actor) -> Look:
        """What a package looks like for which nobody chooses."""
        _must_read(actor)
        with self._database.reading() as session:
            return look_of(session, None)


def _must_read(actor: Actor) -> None:
    if actor.scopes is not None and "read" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="see themes with this token", needs="token with the scope read")
    actor.must_have(*CHOOSERS, to="see themes")


def _view(row: Theme) -> ThemeView:
    return ThemeView(
        id=row.id, title=row.title, look=look_from(row), is_default=row.is_default, changed_by=row.changed_by,
        changed_at=row.changed_at, version=row.version,
    )  # fmt: skip
