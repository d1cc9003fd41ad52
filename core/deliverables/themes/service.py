"""Commands on themes: admins add, change and remove them, and say which one is the default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.actor import Actor
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.deliverables.content import Picture
from core.deliverables.fonts import families
from core.deliverables.themes.logo import checked_logo
from core.deliverables.themes.rules import (
    EDITORS,
    MOST_THEMES,
    Paper,
    ThemeTitleTaken,
    TooManyThemes,
    checked_colour,
    readable,
)
from core.deliverables.themes.tables import Theme
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.files.contents import sha256_of
from core.identifiers import new_id
from core.text import can_be_seen, has_controls, turns

MOST_NAME, MOST_FOOTER, MOST_ALT = 80, 120, 200


@dataclass(frozen=True)
class ThemeInput:
    title: str
    house: str
    accent: str = "#2B47B8"
    """Colours that cannot be read on white are kept as the lightest shade of theirs that can."""
    ink: str = "#14171F"
    heading_font: str = "Inter"
    body_font: str = "Inter"
    footer: str = ""
    paper: Paper = Paper.A4
    logo_alt: str = ""


@dataclass(frozen=True)
class LogoFile:
    name: str
    data: bytes


class ThemeService:
    """Every change is one transaction with one audit entry. Packages keep the look they were made in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor, said: ThemeInput, *, logo: LogoFile | None = None) -> UUID:
        """The first one becomes the default."""
        _must_edit(actor, "add themes")
        values = _checked(said) | _kept(_new_logo(said, logo))
        with self._database.begin() as uow:
            _take_turn(uow)
            there = uow.session.scalar(select(func.count()).select_from(Theme)) or 0
            if there >= MOST_THEMES:
                raise TooManyThemes(most=MOST_THEMES)
            _must_be_free(uow, values["title"], None)
            who = actor.name[:200]
            row = Theme(
                id=new_id(), is_default=not there, created_by=who, created_at=uow.now, changed_by=who,
                changed_at=uow.now, version=1, **values,
            )  # fmt: skip
            uow.session.add(row)
            uow.session.flush()
            audit.record(uow, actor, "theme.added", f"theme:{row.id}", after=_facts(row))
            return row.id

    def change(
        self,
        actor: Actor,
        theme_id: UUID,
        said: ThemeInput,
        *,
        version: int,
        logo: LogoFile | None = None,
        without_logo: bool = False,
    ) -> None:
        """Without `logo` the one there stays, unless it goes. Raises Conflict where it was changed since `version`."""
        _must_edit(actor, "change themes")
        values, new = _checked(said), _new_logo(said, logo)
        with self._database.begin() as uow:
            _take_turn(uow)
            row = _row(uow, theme_id)
            if row.version != version:
                raise Conflict(what="This theme")
            _must_be_free(uow, values["title"], row.id)
            before = _facts(row)
            if new is not None or without_logo:
                values |= _kept(new)
            elif row.logo is not None:
                values["logo_alt"] = _alt(said)
            for field, value in values.items():
                setattr(row, field, value)
            row.changed_by, row.changed_at, row.version = actor.name[:200], uow.now, row.version + 1
            audit.record(uow, actor, "theme.changed", f"theme:{row.id}", before=before, after=_facts(row))

    def make_default(self, actor: Actor, theme_id: UUID) -> None:
        """Packages get it from now on, unless another one is chosen."""
        _must_edit(actor, "choose the default theme")
        with self._database.begin() as uow:
            _take_turn(uow)
            row = _row(uow, theme_id)
            if row.is_default:
                return
            uow.session.execute(update(Theme).where(Theme.is_default).values(is_default=False))
            row.is_default = True
            audit.record(uow, actor, "theme.made_default", f"theme:{row.id}", after={"title": row.title})

    def remove(self, actor: Actor, theme_id: UUID, *, version: int | None = None) -> None:
        """Where it was the default, the look that comes with Countersign is, until another one is made so.

        Raises Conflict where it was changed since `version`; None: whichever there is.
        """
        _must_edit(actor, "remove themes")
        with self._database.begin() as uow:
            _take_turn(uow)
            row = _row(uow, theme_id)
            if version is not None and row.version != version:
                raise Conflict(what="This theme")
            uow.session.delete(row)
            audit.record(uow, actor, "theme.removed", f"theme:{row.id}", before=_facts(row))


def _must_edit(actor: Actor, to: str) -> None:
    if actor.scopes is not None and "admin" not in actor.scopes:
        raise NotAllowed(who=actor.name, what=f"{to} with this token", needs="token with the scope admin")
    actor.must_have(*EDITORS, to=to)


def _checked(said: ThemeInput) -> dict[str, Any]:
    known = families()
    for field, family in (("Heading font", said.heading_font), ("Text font", said.body_font)):
        if family not in known:
            raise InvalidInput(field=field, problem=f"choose one of {', '.join(known)}.")
    try:
        paper = Paper(said.paper)
    except ValueError:
        raise InvalidInput(field="Paper", problem="choose A4 or US letter.") from None
    return {
        "title": _line("Title", said.title, MOST_NAME), "house": _line("Handed over by", said.house, MOST_NAME),
        "accent": readable(checked_colour("Accent", said.accent)), "ink": readable(checked_colour("Ink", said.ink)),
        "heading_font": said.heading_font, "body_font": said.body_font,
        "footer": _line("Footer", said.footer, MOST_FOOTER, least=0), "paper": paper,
    }  # fmt: skip


def _new_logo(said: ThemeInput, logo: LogoFile | None) -> Picture | None:
    return checked_logo(logo.name, logo.data, _alt(said)) if logo else None


def _alt(said: ThemeInput) -> str:
    """Who cannot see the logo hears what it is, the name of the house where nothing else was said."""
    return _line("What the logo shows", said.logo_alt.strip() or said.house, MOST_ALT)


def _kept(logo: Picture | None) -> dict[str, Any]:
    if logo is None:
        return {"logo": None, "logo_width": None, "logo_height": None, "logo_alt": ""}
    return {"logo": logo.data, "logo_width": logo.width, "logo_height": logo.height, "logo_alt": logo.alt}


def _line(field: str, said: str, most: int, *, least: int = 1) -> str:
    """One line that people can read, as it is stored."""
    said = " ".join(said.split(" ")).strip()
    fits = least <= len(said) <= most and (not said or can_be_seen(said))
    halves = any("\ud800" <= letter <= "\udfff" for letter in said)
    if not fits or has_controls(said) or turns(said) or halves:
        raise InvalidInput(field=field, problem=f"use one line of {least} to {most} characters that can be seen.")
    return said


def _take_turn(uow: UnitOfWork) -> None:
    """Two that change themes at the same moment do so one after the other: titles, numbers and the default are looked at."""
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("themes", 0))))


def _row(uow: UnitOfWork, theme_id: UUID) -> Theme:
    row = uow.session.get(Theme, theme_id, with_for_update=True)
    if row is None:
        raise NotFound(kind="theme", id=theme_id)
    return row


def _must_be_free(uow: UnitOfWork, title: str, own: UUID | None) -> None:
    same = select(Theme.id).where(func.lower(Theme.title) == func.lower(title))
    if any(found != own for found in uow.session.scalars(same)):
        raise ThemeTitleTaken(title=title)


def _facts(row: Theme) -> dict[str, Any]:
    names = ("title", "house", "accent", "ink", "heading_font", "body_font", "footer", "paper", "logo_alt")
    return {name: getattr(row, name) for name in names} | {"logo": sha256_of(row.logo) if row.logo else None}
