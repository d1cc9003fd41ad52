"""Making something once for one key, however often and however simultaneously it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from core.actor import Actor
from core.canonical import digest
from core.database.unit_of_work import Database
from core.errors import CountersignError
from core.idempotency.rules import HELD, KEPT, KeyOfAnotherRequest, RequestUnderWay, checked_key
from core.idempotency.tables import IdempotencyKey
from core.identifiers import new_id


class IdempotencyService:
    def __init__(self, database: Database) -> None:
        self._database = database

    def once(
        self,
        actor: Actor,
        key: str,
        request: Mapping[str, Any],
        *,
        make: Callable[[UUID], object],
        exists: Callable[[UUID], bool],
    ) -> UUID:
        """The id of what `actor` asks for with `key`: made now, or found as it was made before.

        `make` is given the id that the new thing must have. The id is kept before `make` begins, so a process that
        dies between making and answering leaves nothing that a repeat would make twice; the primary key of what is
        made is the last guard. What is refused (CountersignError) frees the key. Another body is KeyOfAnotherRequest,
        a request still under way RequestUnderWay.
        """
        key, asked = checked_key(key), digest(request)
        reserved = self._reserve(actor, key, asked)
        if exists(reserved):
            return reserved
        if not self._hold(actor, key, reserved):
            if exists(reserved):  # made while we looked
                return reserved
            raise RequestUnderWay()
        try:
            make(reserved)
        except (CountersignError, IntegrityError) as refusal:
            if exists(reserved):  # held longer than HELD, and overtaken
                return reserved
            if isinstance(refusal, CountersignError):
                self._forget(actor, key, reserved)
            raise
        return reserved

    def forget_expired(self) -> int:
        """Deletes the keys whose time is over; answers how many."""
        with self._database.begin() as uow:
            gone = delete(IdempotencyKey).where(IdempotencyKey.expires_at <= uow.now).returning(IdempotencyKey.key)
            return len(uow.session.scalars(gone).all())

    def _reserve(self, actor: Actor, key: str, asked: str) -> UUID:
        """The id behind the key: a new one, or the one given out before for the same request."""
        with self._database.begin() as uow:
            free = insert(IdempotencyKey).values(
                actor=actor.key, key=key, request_digest=asked, resource_id=new_id(), held_until=uow.now,
                expires_at=uow.now + KEPT,
            )  # fmt: skip
            fresh = {
                name: free.excluded[name]
                for name in (
                    "request_digest", "resource_id", "held_until", "expires_at",
                    "holder", "changed", "status", "headers", "answer",
                )
            }  # fmt: skip
            uow.session.execute(
                free.on_conflict_do_update(
                    index_elements=[IdempotencyKey.actor, IdempotencyKey.key], set_=fresh,
                    where=IdempotencyKey.expires_at <= uow.now,
                )
            )  # fmt: skip
            row = uow.session.get_one(IdempotencyKey, (actor.key, key), populate_existing=True)
            if row.request_digest != asked:
                raise KeyOfAnotherRequest()
            return row.resource_id

    def _hold(self, actor: Actor, key: str, reserved: UUID) -> bool:
        """Whether this request may make it: nobody else is at it now."""
        with self._database.begin() as uow:
            mine = (
                update(IdempotencyKey)
                .where(*_row(actor, key), IdempotencyKey.resource_id == reserved, IdempotencyKey.held_until <= uow.now)
                .values(held_until=uow.now + HELD)
                .returning(IdempotencyKey.key)
            )
            return uow.session.scalar(mine) is not None

    def _forget(self, actor: Actor, key: str, reserved: UUID) -> None:
        with self._database.begin() as uow:
            uow.session.execute(delete(IdempotencyKey).where(*_row(actor, key), IdempotencyKey.resource_id == reserved))


def _row(actor: Actor, key: str) -> tuple[Any, ...]:
    return IdempotencyKey.actor == actor.key, IdempotencyKey.key == key
