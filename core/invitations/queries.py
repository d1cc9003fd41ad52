"""Reading links: those to one gate, without what would open them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.actor import Actor, Role
from core.database.unit_of_work import Database
from core.executions.automated.gate_queries import GateQueries
from core.executions.automated.rules import GateState
from core.identity.tables import User
from core.invitations.rules import why_over
from core.invitations.tables import Invitation


@dataclass(frozen=True)
class LinkView:
    id: UUID
    label: str
    made_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    over: str | None
    """Why it does nothing any more; None while it answers."""


class InvitationQueries:
    def __init__(self, database: Database, gates: GateQueries) -> None:
        self._database, self._gates = database, gates

    def of_gate(self, actor: Actor, gate_id: UUID, *, limit: int = 100) -> Sequence[LinkView]:
        """The links to a gate that this person may see, newest first: their own; operators and admins, all of them."""
        gate = self._gates.gate(actor, gate_id)
        query = (
            select(Invitation, User.name, User.active)
            .join(User, User.id == Invitation.made_by)
            .where(Invitation.gate_id == gate_id)
            .order_by(Invitation.created_at.desc(), Invitation.id)
            .limit(limit)
        )
        if not actor.has(Role.OPERATOR, Role.ADMIN):
            query = query.where(Invitation.made_by == actor.user_id)
        now = self._database.clock.now()
        with self._database.reading() as session:
            return [
                LinkView(
                    id=row.id, label=row.label, made_by=name, created_at=row.created_at, expires_at=row.expires_at,
                    used_at=row.used_at,
                    over=why_over(
                        now=now, expires_at=row.expires_at, revoked=row.revoked_at is not None or not active,
                        used=row.used_at is not None, open_still=gate.row.state is GateState.OPEN,
                        same=gate.row.digest == row.digest,
                    ),
                )
                for row, name, active in session.execute(query)
            ]  # fmt: skip
