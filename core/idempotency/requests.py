"""Whole requests under a key: taken by one at a time, marked in the transactions they change things in, answered once.

What a request changes and the mark that it has changed something are one transaction, so a process may die anywhere:
a repeat finds the answer, or that nothing was done (and does it), or the mark (and does nothing twice).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from core.actor import Actor
from core.database.unit_of_work import Database, UnitOfWork, beside_every_commit
from core.errors import CountersignError
from core.idempotency.rules import (
    HELD,
    KEPT,
    MOST_ANSWER,
    AnswerNotKept,
    BodyNotRead,
    Changed,
    KeyOfAnotherRequest,
    RequestCutOff,
    RequestUnderWay,
    checked_key,
    is_free_for_another,
    is_kept,
)
from core.idempotency.tables import IdempotencyKey
from core.identifiers import new_id


@dataclass(frozen=True)
class KeptAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Claim:
    """One request at work under a key. It has neither row nor id before `RequestService.claim` took the key for it."""

    actor: Actor
    key: str
    resource_id: UUID | None = None
    """What the thing that the request makes is to be called, if it makes one."""
    holder: UUID = field(default_factory=new_id)
    changes: Changed = Changed.FINAL
    """What a commit from here on counts as."""

    def once(self, make: Callable[[UUID], object], exists: Callable[[UUID], bool]) -> UUID:
        """The id of what `make` makes under the id it is given, now or when this request was done before."""
        if self.resource_id is None:
            raise BodyNotRead()
        self.changes = Changed.RESUMABLE
        try:
            if not exists(self.resource_id):
                make(self.resource_id)
        except (CountersignError, IntegrityError):
            if not exists(self.resource_id):
                raise
        finally:
            self.changes = Changed.FINAL
        return self.resource_id


_current: ContextVar[Claim | None] = ContextVar("claim", default=None)


def current_claim() -> Claim | None:
    """The claim of the request that this code works for."""
    return _current.get()


class RequestService:
    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def working_for(self, claim: Claim) -> Iterator[None]:
        """Whatever is committed in the block, in its threads too, is marked as done for `claim`."""
        claimed, beside = _current.set(claim), beside_every_commit.set(lambda uow: _mark(uow, claim))
        try:
            yield
        finally:
            beside_every_commit.reset(beside)
            _current.reset(claimed)

    def claim(self, claim: Claim, asked: str) -> KeptAnswer | None:
        """Takes the key for this request; or the answer it was given before. `asked` is the digest of all it asks.

        Another request is KeyOfAnotherRequest, unless the one before was refused; one at work RequestUnderWay; one that
        died between changing something and answering RequestCutOff.
        """
        checked_key(claim.key)
        with self._own() as uow:
            row = self._row(uow, claim, asked)
            if row.request_digest != asked:
                if not is_free_for_another(row.status):
                    raise KeyOfAnotherRequest()
                _renewed(row, uow, asked)
            if row.status is not None:
                if row.answer is None:
                    raise AnswerNotKept()
                return KeptAnswer(row.status, row.headers or {}, row.answer)
            if row.held_until > uow.now:
                raise RequestUnderWay()
            if row.changed is Changed.FINAL:
                raise RequestCutOff()
            row.holder, row.held_until = claim.holder, uow.now + HELD
            claim.resource_id = row.resource_id
            return None

    def renew(self, claim: Claim) -> None:
        """The request is still at it."""
        with self._own() as uow:
            mine = update(IdempotencyKey).where(*_mine(claim)).values(held_until=uow.now + HELD)
            uow.session.execute(mine)

    def answer(self, claim: Claim, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
        """Keeps what the request was answered, or frees the key; `body` is None if it must not be kept."""
        with self._own() as uow:
            row = uow.session.get(IdempotencyKey, (claim.actor.key, claim.key), with_for_update=True)
            if row is None or row.holder != claim.holder:
                return
            long = body is not None and len(body) > MOST_ANSWER
            if not is_kept(status, row.changed) or (long and row.changed is Changed.RESUMABLE):
                _let_go(uow, row)
                return
            row.status, row.headers, row.held_until = status, dict(headers), uow.now
            row.answer = None if long else body

    def give_up(self, claim: Claim) -> None:
        """The request ended without an answer; what it has not changed may be tried again at once."""
        with self._own() as uow:
            row = uow.session.get(IdempotencyKey, (claim.actor.key, claim.key), with_for_update=True)
            if row is not None and row.holder == claim.holder:
                _let_go(uow, row)

    @contextmanager
    def _own(self) -> Iterator[UnitOfWork]:
        """A transaction about the key itself, which is no part of what the request changes."""
        beside = beside_every_commit.set(None)
        try:
            with self._database.begin() as uow:
                yield uow
        finally:
            beside_every_commit.reset(beside)

    def _row(self, uow: UnitOfWork, claim: Claim, asked: str) -> IdempotencyKey:
        """The key's row, locked; fresh if there was none or its time was over."""
        fresh = insert(IdempotencyKey).values(
            actor=claim.actor.key, key=claim.key, request_digest=asked, resource_id=new_id(),
            held_until=uow.now, expires_at=uow.now + KEPT,
        )  # fmt: skip
        locked = fresh.on_conflict_do_update(
            index_elements=[IdempotencyKey.actor, IdempotencyKey.key], set_={"key": fresh.excluded.key}
        )
        row = uow.session.scalars(locked.returning(IdempotencyKey)).one()
        if row.expires_at <= uow.now:
            _renewed(row, uow, asked)
        return row


def _renewed(row: IdempotencyKey, uow: UnitOfWork, asked: str) -> None:
    row.request_digest, row.resource_id = asked, new_id()
    row.held_until, row.expires_at = uow.now, uow.now + KEPT
    row.holder = row.changed = row.status = row.headers = row.answer = None


def _let_go(uow: UnitOfWork, row: IdempotencyKey) -> None:
    if row.changed is None:
        uow.session.delete(row)
    else:
        row.held_until = uow.now


def _mark(uow: UnitOfWork, claim: Claim) -> None:
    """In the transaction that changes something: says so, unless somebody else has taken the request over meanwhile."""
    if not uow.writes():
        return
    if claim.resource_id is None:
        raise BodyNotRead()
    # What was final once stays so: the first thing that would be there twice decides.
    changed = Changed.FINAL if claim.changes is Changed.FINAL else func.coalesce(IdempotencyKey.changed, claim.changes)
    marked = update(IdempotencyKey).where(*_mine(claim)).values(changed=changed, held_until=uow.now + HELD)
    if uow.session.scalar(marked.returning(IdempotencyKey.key)) is None:
        raise RequestUnderWay()


def _mine(claim: Claim) -> tuple[Any, ...]:
    return (
        IdempotencyKey.actor == claim.actor.key, IdempotencyKey.key == claim.key,
        IdempotencyKey.holder == claim.holder,
    )  # fmt: skip
