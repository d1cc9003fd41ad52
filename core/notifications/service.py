"""Telling people what waits for them: their preferences, and one digest for each person and slot, whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.actions.queries import ActionQueries, InboxFilter, InboxSort
from core.actor import Actor
from core.audit import service as audit
from core.connectors.email import Road, mail_roads
from core.connectors.plan import AttemptOutcome, Receipt, rejected
from core.connectors.registry import Connectors
from core.connectors.transports.outbox import OUTBOX
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import CountersignError, NotAllowed
from core.identifiers import new_id
from core.identity.service import actor_of
from core.identity.tables import User
from core.notifications.digest_mail import News, Waiting, compose
from core.notifications.leaving import may_leave
from core.notifications.slots import (
    LATELY,
    MAX_SENDS,
    DigestState,
    Every,
    Preference,
    checked_preference,
    default_for,
    latest_slot,
)
from core.notifications.tables import Digest, DigestPreference
from core.settings import Settings

log = structlog.get_logger(__name__)

MOST_ITEMS = 50
"""Cards named in one part of a message; the rest is counted."""

OVERLAP = timedelta(seconds=10)
"""A card may have been committed a moment after the look that it was too late for: told twice is better than never."""

LOST_AFTER = timedelta(minutes=15)
"""Longer than a message takes: whoever was at it has ended, and it may have been sent."""

_STATE_OF = {
    AttemptOutcome.CONFIRMED: DigestState.SENT,
    AttemptOutcome.REJECTED: DigestState.FAILED,
    AttemptOutcome.DEFERRED: DigestState.DEFERRED,
    AttemptOutcome.UNKNOWN: DigestState.UNKNOWN,
}


@dataclass(frozen=True)
class DigestReport:
    sent: int
    failed: int
    """Among them those that are tried again."""


@dataclass(frozen=True)
class _Reader:
    """Somebody to be told, with the zone to tell it in."""

    user: User
    preference: Preference
    slot: datetime


class NotificationService:
    def __init__(self, database: Database, actions: ActionQueries, connectors: Connectors, settings: Settings) -> None:
        self._database, self._actions, self._connectors, self._settings = database, actions, connectors, settings

    def choose(self, actor: Actor, every: Every, *, hour: int = 8, zone: str = "UTC") -> Preference:
        """How often `actor` is told what waits for them; the first digest comes at the next slot."""
        if actor.user_id is None:
            raise NotAllowed(who=actor.name, what="get digests", needs="an account of a person")
        chosen = checked_preference(every, hour, zone)
        with self._database.begin() as uow:
            row = uow.session.get(DigestPreference, actor.user_id, with_for_update=True)
            before = {"every": row.every, "hour": row.hour, "zone": row.zone} if row else None
            after = {"every": chosen.every, "hour": chosen.hour, "zone": chosen.zone}
            if before == after:
                return chosen
            said = insert(DigestPreference).values(user_id=actor.user_id, changed_at=uow.now, **after)
            uow.session.execute(
                said.on_conflict_do_update(
                    index_elements=[DigestPreference.user_id], set_={**after, "changed_at": uow.now}
                )
            )
            audit.record(uow, actor, "digest.chosen", f"user:{actor.user_id}", before=before, after=after)
        return chosen

    def send_due(self) -> DigestReport:
        """Makes every digest that is due. Any number of workers may do it at once: each slot of a person is one row."""
        sent = failed = 0
        for reader in self._due():
            try:
                state = self._tell(reader)
            except Exception:  # one person's trouble must not keep the others from their mail
                log.exception("digest.failed", user=str(reader.user.id))
                failed += 1
                continue
            sent += state is DigestState.SENT
            failed += state in (DigestState.FAILED, DigestState.DEFERRED, DigestState.UNKNOWN)
        return DigestReport(sent, failed)

    def settle_lost(self) -> int:
        """Says of digests that were begun and never ended that they may have been sent; answers how many."""
        with self._database.begin() as uow:
            lost = (
                update(Digest)
                .where(Digest.state == DigestState.SENDING, Digest.made_at < uow.now - LOST_AFTER)
                .values(state=DigestState.UNKNOWN, words="The worker ended while sending. It was not repeated.")
                .returning(Digest.id)
            )
            return len(uow.session.scalars(lost).all())

    def forget(self, *, made_before: datetime) -> int:
        """Deletes digests made before then, but for each person's last one; answers how many."""
        newest = select(func.max(Digest.slot)).where(Digest.user_id == User.id).correlate(User).scalar_subquery()
        kept = select(Digest.id).join(User, User.id == Digest.user_id).where(Digest.slot == newest)
        with self._database.begin() as uow:
            gone = delete(Digest).where(Digest.made_at < made_before, Digest.id.not_in(kept)).returning(Digest.id)
            return len(uow.session.scalars(gone).all())

    # -- who is due -----------------------------------------------------------------------------------------------

    def _due(self) -> Sequence[_Reader]:
        """Active people, never sample people, whose slot has come since they chose it and who have no digest for it."""
        now = self._database.clock.now()
        query = (
            select(User, DigestPreference)
            .outerjoin(DigestPreference, DigestPreference.user_id == User.id)
            .where(User.active, ~User.sample)
            .order_by(User.id)
        )
        with self._database.reading() as session:
            people = session.execute(query).all()
            readers = [found for user, row in people if (found := _reader(user, row, now)) is not None]
            done = select(Digest.user_id, Digest.slot).where(
                Digest.slot.in_({reader.slot for reader in readers}), ~_may_try_again()
            )
            settled = {(row.user_id, row.slot) for row in session.execute(done)} if readers else set()
        return [reader for reader in readers if (reader.user.id, reader.slot) not in settled]

    # -- one person -----------------------------------------------------------------------------------------------

    def _tell(self, reader: _Reader) -> DigestState | None:
        """None when another worker was first."""
        looked_at = self._database.clock.now()
        news = self._news(reader)
        state = DigestState.SENDING if news else DigestState.EMPTY
        with self._database.begin() as uow:
            digest_id = _claim(uow, reader, state, looked_at, len(news.ending) + len(news.new) if news else 0)
            leaves = may_leave(uow, self._settings, channel="email")
        if digest_id is None or news is None:
            return None if digest_id is None else state
        road: Road | None = None
        try:
            road = mail_roads(self._connectors).named(None if leaves else OUTBOX).client
            message = compose(
                news, sender=road.sender, recipient=reader.user.email, name=reader.user.name,
                base_url=self._settings.base_url, zone=ZoneInfo(reader.preference.zone),
            )  # fmt: skip
            receipt = road.send(message, f"digest:{reader.user.id}:{reader.slot.isoformat()}")
        except CountersignError as problem:  # the connection is switched off, or cannot be read
            receipt = rejected(str(problem))
        except Exception as problem:  # recorded for this person; nothing was handed over that raised
            log.exception("digest.not_sent", user=str(reader.user.id))
            receipt = Receipt(AttemptOutcome.REJECTED, f"It could not be made ({type(problem).__name__}).")
        return self._record(digest_id, receipt, road.account if road else "")

    def _news(self, reader: _Reader) -> News | None:
        """What is new since the digest before, and what has come so near to its end since; None if nothing has."""
        now, actor = self._database.clock.now(), actor_of(reader.user)
        before = self._told_until(reader.user.id)
        mine = InboxFilter(mine=True, sample=False)
        soonest = self._actions.inbox(actor, mine, sort=InboxSort.EXPIRY, limit=MOST_ITEMS)
        newest = self._actions.inbox(actor, mine, sort=InboxSort.NEWEST, limit=MOST_ITEMS)
        ending = [row for row in soonest.rows if row.expires_at <= now + LATELY]
        told = {row.id for row in ending}
        new = [row for row in newest.rows if (before is None or row.waiting_since > before)]
        came_near = [row for row in ending if before is None or row.expires_at > before + LATELY]
        if not new and not came_near:
            return None
        return News(
            ending=[Waiting(row.id, row.title, row.proposer_name, row.expires_at, row.amount) for row in ending],
            new=[
                Waiting(row.id, row.title, row.proposer_name, row.expires_at, row.amount)
                for row in new
                if row.id not in told
            ],
            total=soonest.total,
        )  # fmt: skip

    def _told_until(self, user_id: UUID) -> datetime | None:
        """Until when this person has been told for sure."""
        told = (DigestState.SENT, DigestState.EMPTY)
        query = select(func.max(Digest.made_at)).where(Digest.user_id == user_id, Digest.state.in_(told))
        with self._database.reading() as session:
            until = session.scalar(query)
        return until - OVERLAP if until else None

    def _record(self, digest_id: UUID, receipt: Receipt, road: str) -> DigestState:
        state = _STATE_OF[receipt.outcome]
        with self._database.begin() as uow:
            ended = (
                update(Digest)
                .where(Digest.id == digest_id, Digest.state.in_([DigestState.SENDING, DigestState.UNKNOWN]))
                .values(state=state, road=road[:300], words=receipt.message[:1000], reference=receipt.reference)
            )
            uow.session.execute(ended)
        return state


def _reader(user: User, row: DigestPreference | None, now: datetime) -> _Reader | None:
    if row is not None:
        preference, since = Preference(row.every, row.hour, row.zone), row.changed_at
    else:
        preference, since = default_for(user.roles), user.created_at
    slot = latest_slot(preference, now)
    return _Reader(user, preference, slot) if slot is not None and slot > since else None


def _may_try_again() -> ColumnElement[bool]:
    return (Digest.state == DigestState.DEFERRED) & (Digest.attempts < MAX_SENDS)


def _claim(uow: UnitOfWork, reader: _Reader, state: DigestState, looked_at: datetime, items: int) -> UUID | None:
    """The row of this digest, written before anything is sent; None if somebody else has written it."""
    values = {"state": state, "made_at": looked_at, "items": items}
    row = insert(Digest).values(
        id=new_id(), user_id=reader.user.id, slot=reader.slot, attempts=1, road="", words="", **values
    )
    return uow.session.scalar(
        row.on_conflict_do_update(
            index_elements=[Digest.user_id, Digest.slot],
            set_={**values, "attempts": Digest.attempts + 1},
            where=_may_try_again(),
        ).returning(Digest.id)
    )
