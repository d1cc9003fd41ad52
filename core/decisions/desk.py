"""Voting on a decision whatever it is about: finds the room its subject lives in, and lets that room count the vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from core.actor import Actor
from core.database.unit_of_work import Database
from core.decisions.rules import DecisionState, Vote
from core.decisions.tables import Decision
from core.decisions.waiting import may_read
from core.errors import CountersignError, NotFound
from core.identifiers import parse_id


class NobodyActsOnIt(CountersignError):
    """Nothing here acts on a decision about a {kind}, so no vote on it is counted."""

    http_status = 409


class VotingRoom(Protocol):
    """A room whose subjects people decide on: it counts the vote and acts on the result in one transaction."""

    def vote(
        self,
        actor: Actor,
        subject_id: UUID,
        /,
        *,
        digest: str,
        vote: Vote,
        reason: str = "",
        checklist: Mapping[str, str] | None = None,
    ) -> object: ...


class DecisionDesk:
    """Built with one room for each kind of subject; a kind without a room is refused."""

    def __init__(self, database: Database, rooms: Mapping[str, VotingRoom]) -> None:
        self._database, self._rooms = database, dict(rooms)

    def vote(
        self,
        actor: Actor,
        decision_id: UUID,
        *,
        digest: str,
        vote: Vote,
        reason: str = "",
        checklist: Mapping[str, str] | None = None,
    ) -> DecisionState:
        """Casts `actor`'s ballot and answers where the decision stands afterwards."""
        with self._database.reading() as session:
            query = select(Decision.subject_kind, Decision.subject_id)
            found = session.execute(query.where(Decision.id == decision_id, may_read(session, actor))).first()
        if found is None:
            raise NotFound(kind="decision", id=decision_id)
        room, subject_id = self._rooms.get(found.subject_kind), parse_id(found.subject_id)
        if room is None or subject_id is None:
            raise NobodyActsOnIt(kind=found.subject_kind)
        room.vote(actor, subject_id, digest=digest, vote=vote, reason=reason, checklist=checklist)
        with self._database.reading() as session:
            return session.scalars(select(Decision.state).where(Decision.id == decision_id)).one()
