"""Who may answer or decide at a gate, as policies of the one decision engine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Role
from core.catalog.automated import DocumentType
from core.decisions.policy import Policy
from core.executions.automated.tables import RunDocument
from core.guardrails import row as limits_row
from core.settings import Settings

OPERATORS = frozenset({Role.OPERATOR.value, Role.ADMIN.value})


class Owned(Protocol):
    """A run, as a row or as its steps see it."""

    @property
    def user_id(self) -> UUID | None: ...


def answer_panels(run: Owned, fields: object = None) -> tuple[Policy, ...]:
    """Who may answer or start: the owner, operators and admins, and the groups that the step names.

    `fields` is the step, or the own fields of its kind; groups stand in `answered_by` or `done_by`.
    """
    groups = {*_named(fields, "answered_by"), *_named(fields, "done_by")}
    return (Policy(roles=OPERATORS, users=_owner(run), groups=frozenset(groups), recusal=False),)


def acceptance_panels(
    session: Session, settings: Settings, now: datetime, run: Owned, document_type: DocumentType
) -> tuple[Policy, ...]:
    """Who accepts a document: anybody of the groups in `accepted_by` and nobody else; without any, as with answers.

    Whoever wrote the version does not accept it, unless the guardrails' four eyes are off.
    """
    recusal = four_eyes(session, settings, now)
    if document_type.accepted_by:  # names that are none name nobody, and let nobody else in
        return (Policy(groups=frozenset(document_type.accepted_by), recusal=recusal),)
    return (Policy(roles=OPERATORS, users=_owner(run), recusal=recusal),)


def four_eyes(session: Session, settings: Settings, now: datetime) -> bool:
    return limits_row.shown(session, settings, now).four_eyes


def writers_of(session: Session, execution_id: UUID, digests: Iterable[str] | None = None) -> tuple[str, ...]:
    """The ids of the people who wrote versions of the run's documents; with `digests`, of these alone."""
    query = select(RunDocument.made_by_user).where(
        RunDocument.execution_id == execution_id, RunDocument.made_by_user.is_not(None)
    )
    if digests is not None:
        query = query.where(RunDocument.digest.in_(sorted(set(digests))))
    return tuple(sorted({str(one) for one in session.scalars(query)}))


def _owner(run: Owned) -> frozenset[str]:
    return frozenset({str(run.user_id)} if run.user_id is not None else ())


def _named(fields: object, field: str) -> tuple[str, ...]:
    found: Any = getattr(fields, field, ())
    if isinstance(found, str):
        return (found,)
    return tuple(str(one) for one in found or ()) if isinstance(found, (list, tuple, frozenset, set)) else ()
