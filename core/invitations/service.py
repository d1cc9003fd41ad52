"""Commands on links: make one, withdraw it, answer through it once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.audit import service as audit
from core.database.unit_of_work import Database
from core.errors import CountersignError, NotFound
from core.executions.automated.gate_service import GateService
from core.executions.automated.rules import GateKind, GateState
from core.executions.automated.tables import RunGate
from core.identifiers import new_id
from core.identity.rules import checked_line
from core.identity.service import actor_of, token_hash
from core.identity.tables import User
from core.invitations.asked import Field, Typed, answer_of, fields_of
from core.invitations.rules import (
    MOST_LABEL,
    MOST_LINKS,
    LinkOver,
    LinkUnknown,
    NotForLinks,
    TooManyLinks,
    lasting,
    why_over,
)
from core.invitations.tables import Invitation

BY_LINK = frozenset({GateKind.CLARIFICATION, GateKind.FORM, GateKind.GUIDE})
"""What may be answered for somebody; a decision never, and whether a run starts neither."""


@dataclass(frozen=True)
class NewLink:
    """Shown once: `token` is the only way in, and is kept nowhere."""

    id: UUID
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Request:
    """What whoever follows a link is asked; nothing else of the run is theirs to see."""

    title: str
    label: str
    asked_by: str
    kind: GateKind
    content: Mapping[str, Any]
    fields: tuple[Field, ...]
    expires_at: datetime


class InvitationService:
    def __init__(self, database: Database, gates: GateService) -> None:
        self._database, self._gates = database, gates

    def make(self, actor: Actor, gate_id: UUID, *, label: str, days: int = 7) -> NewLink:
        """A link for `label`, by which this gate as it is now is answered once, on the responsibility of `actor`.

        Only whoever may answer it themselves may hand it on (NotAllowed, NotFound); of approvals there are no links.
        """
        label, lasts = checked_line("For", label, MOST_LABEL), lasting(days)
        token = secrets.token_urlsafe(32)
        with self._database.begin() as uow:
            gate = self._gates.must_answer(uow, actor, gate_id)
            assert actor.user_id is not None
            if gate.kind not in BY_LINK:
                raise NotForLinks()
            live = select(func.count()).where(
                Invitation.gate_id == gate_id, Invitation.revoked_at.is_(None), Invitation.expires_at > uow.now
            )
            if (uow.session.scalar(live) or 0) >= MOST_LINKS:
                raise TooManyLinks(most=MOST_LINKS)
            row = Invitation(
                id=new_id(), token_hash=token_hash(token), gate_id=gate_id, digest=gate.digest, label=label,
                made_by=actor.user_id, created_at=uow.now, expires_at=uow.now + lasts,
            )  # fmt: skip
            uow.session.add(row)
            after = {"gate": gate_id, "for": label, "until": row.expires_at}
            audit.record(uow, actor, "link.made", f"run:{gate.execution_id}", after=after)
            return NewLink(row.id, token, row.expires_at)

    def revoke(self, actor: Actor, link_id: UUID) -> None:
        """Withdraws a link of one's own; operators and admins, anybody's. A second time changes nothing."""
        with self._database.begin() as uow:
            row = uow.session.get(Invitation, link_id, with_for_update=True, populate_existing=True)
            if row is None or (row.made_by != actor.user_id and not actor.has(Role.OPERATOR, Role.ADMIN)):
                raise NotFound(kind="link", id=link_id)
            if row.revoked_at is None and row.used_at is None:
                row.revoked_at = uow.now
                gate = uow.session.get_one(RunGate, row.gate_id)
                after = {"gate": gate.id, "for": row.label}
                audit.record(uow, actor, "link.withdrawn", f"run:{gate.execution_id}", after=after)

    def request(self, token: str) -> Request:
        """What the link asks; LinkUnknown, or LinkOver with the reason."""
        with self._database.reading() as session:
            row, gate, maker = _known(session, token, self._database.clock.now())
            return Request(
                title=gate.title, label=row.label, asked_by=maker.name, kind=gate.kind, content=gate.content,
                fields=fields_of(gate.kind, gate.content), expires_at=row.expires_at,
            )  # fmt: skip

    def answer_typed(self, token: str, typed: Typed) -> None:
        """As `answer`, with what a form posted."""
        request = self.request(token)
        self.answer(token, answer_of(request.kind, request.content, typed))

    def answer(self, token: str, answer: Mapping[str, Any]) -> None:
        """Answers the gate once, in the transaction that uses the link up; the run goes on.

        What is refused (DocumentRefused, AnswersRefused, InvalidInput) leaves the link as it was. It is the ballot of
        whoever made the link: if they may not answer any more, neither may it.
        """
        with self._database.begin() as uow:
            row, gate, maker = _known(uow.session, token, uow.now, lock=True)
            for_them = replace(actor_of(maker), name=f"{row.label}, by the link of {maker.name}"[:200])
            try:
                self._gates.answer_in(uow, for_them, gate.id, answer, digest=row.digest)
            except CountersignError as refusal:
                if refusal.http_status in (403, 404):  # theirs to know, not a stranger's
                    raise LinkOver(why="whoever sent it may not answer this any more.") from refusal
                raise
            row.used_at = uow.now


def _known(session: Session, token: str, now: datetime, *, lock: bool = False) -> tuple[Invitation, RunGate, User]:
    query = select(Invitation).where(Invitation.token_hash == token_hash(token))
    row = session.scalar(query.with_for_update() if lock else query)
    gate = session.get(RunGate, row.gate_id) if row else None
    maker = session.get(User, row.made_by) if row else None
    if row is None or gate is None or maker is None:
        raise LinkUnknown()
    why = why_over(
        now=now, expires_at=row.expires_at, revoked=row.revoked_at is not None or not maker.active,
        used=row.used_at is not None, open_still=gate.state is GateState.OPEN, same=gate.digest == row.digest,
    )  # fmt: skip
    if why is not None:
        raise LinkOver(why=why)
    return row, gate, maker
