"""Putting a package on record: checked, numbered, and ready for whoever makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import func, select, text

from core.actor import Actor, ActorKind
from core.audit import service as audit
from core.canonical import jsonable
from core.database.unit_of_work import UnitOfWork
from core.deliverables.format import find_formats
from core.deliverables.look import Look
from core.deliverables.rules import MOST_WAITING, UNDER_WAY, FormatState, PackageState, TooManyPackages
from core.deliverables.source import AnySource, find_sources
from core.deliverables.tables import Package, PackageFile
from core.deliverables.themes.looks import theme_snapshot
from core.deliverables.words import Words
from core.errors import InvalidInput
from core.identifiers import new_id

_PREVIEWED = "pdf"
"""The format whose first pages a draft shows, unless others are asked for."""

_STALE = timedelta(hours=1)
"""What waits longer counts no more against its requester: the workers may be off."""


@dataclass(frozen=True)
class Order:
    """What somebody wants made, checked."""

    source: AnySource
    params: BaseModel
    formats: tuple[str, ...]
    words: Words
    draft: bool = False

    @property
    def kept_params(self) -> dict[str, Any]:
        """As the package keeps them."""
        kept: dict[str, Any] = jsonable(self.params.model_dump(mode="json"))
        return kept

    @property
    def subject(self) -> str:
        return f"{self.source.name}:{self.source.subject(self.params)}"[:300]


def checked_order(
    source: str, params: Mapping[str, Any], *, formats: Sequence[str], language: str, zone: str, draft: bool
) -> Order:
    """InvalidInput names the first thing that is wrong."""
    found = find_sources().get(source)
    if found is None:
        raise InvalidInput(field="Source", problem=f"use one of {', '.join(find_sources())}.")
    try:
        checked = found.params.model_validate(dict(params))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "Parameters"
        raise InvalidInput(field=where[:80], problem=f"{first['msg'][:200].rstrip('.').lower()}.") from None
    known = find_formats()
    if unknown := sorted(set(formats) - set(known)):
        raise InvalidInput(field="Formats", problem=f"{unknown[0][:40]} is none of {', '.join(known)}.")
    wanted = set(formats) or ({_PREVIEWED} if draft else set(known))
    chosen = tuple(name for name in known if name in wanted)
    return Order(found, checked, chosen, Words(language, zone), draft)


def put_on_record(
    uow: UnitOfWork,
    actor: Actor,
    order: Order,
    *,
    label: str,
    look: Look,
    package_id: UUID | None = None,
    execution_id: UUID | None = None,
) -> Package:
    """The rows of a new package; nothing is made yet."""
    package = Package(
        id=package_id or new_id(), source=order.source.name, params=order.kept_params,
        subject=order.subject, label=label[:300], number=None if order.draft else _next_number(uow, order.subject),
        draft=order.draft, theme_name=look.name[:200], look=theme_snapshot(look),
        language=order.words.language, zone=order.words.zone,
        requested_by_kind=actor.kind, requested_by_id=actor.id, requested_by_name=actor.name[:200],
        scopes=None if actor.scopes is None else sorted(actor.scopes), execution_id=execution_id,
        state=PackageState.WAITING, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(package)
    uow.session.flush()
    formats = find_formats()
    for name in order.formats:
        made = formats[name]
        uow.session.add(
            PackageFile(
                package_id=package.id, format=name, name=made.file_name, media_type=made.media_type,
                state=FormatState.WAITING, facts={}, remarks=[],
            )
        )  # fmt: skip
    if not order.draft:
        after = {
            "source": order.source.name, "subject": order.subject, "number": package.number,
            "formats": list(order.formats), "language": order.words.language, "theme": look.name,
        }  # fmt: skip
        audit.record(uow, actor, "packaging.requested", f"package:{package.id}", after=after)
    return package


def put_back(uow: UnitOfWork, package: Package) -> None:
    """A package of which nothing could be made waits again, as on its first day."""
    package.state, package.error, package.ended_at = PackageState.WAITING, "", None
    package.report_sha256 = None  # what is known now, with the rights its requester has now
    package.tries, package.readings, package.version = package.tries + 1, 0, package.version + 1
    for file in uow.session.scalars(select(PackageFile).where(PackageFile.package_id == package.id)):
        file.state, file.tries, file.error = FormatState.WAITING, 0, ""


def _next_number(uow: UnitOfWork, subject: str) -> int:
    """Counted on under a lock of this subject, so that no two packages of it get the same."""
    _take_turn(uow, subject)
    return (uow.session.scalar(select(func.max(Package.number)).where(Package.subject == subject)) or 0) + 1


def take_turn(uow: UnitOfWork, actor: Actor) -> None:
    """From here on an actor's requests follow each other: neither the count nor an id is passed by two at once."""
    _take_turn(uow, f"packages of {actor.key}")


def not_too_many(uow: UnitOfWork, actor: Actor) -> None:
    """TooManyPackages where the actor has as many under way as one may have; in the actor's turn."""
    if actor.kind in (ActorKind.SYSTEM, ActorKind.JOB):
        return
    waiting = uow.session.scalar(
        select(func.count()).select_from(Package).where(
            Package.requested_by_id == actor.id, Package.state.in_(UNDER_WAY), Package.created_at > uow.now - _STALE
        )
    )  # fmt: skip
    if waiting and waiting >= MOST_WAITING:
        raise TooManyPackages(number=waiting)


def _take_turn(uow: UnitOfWork, of: str) -> None:
    uow.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:of, 0))"), {"of": of})
