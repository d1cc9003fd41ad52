"""One key makes one thing: repeated, at the same instant, after a crash, and until it expires."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import InvalidInput
from core.idempotency.rules import HELD, KEPT, KeyOfAnotherRequest, RequestUnderWay

SCOUT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
RANGER = Actor(kind=ActorKind.AGENT, id="ranger", name="Ranger")


class Shelf:
    """Where things are made; a second one with the same id would be noticed."""

    def __init__(self) -> None:
        self.made: list[UUID] = []

    def make(self, identity: UUID) -> None:
        assert identity not in self.made
        self.made.append(identity)

    def exists(self, identity: UUID) -> bool:
        return identity in self.made


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def once(app: Application, shelf: Shelf) -> Callable[..., UUID]:
    def ask(actor: Actor = SCOUT, key: str = "k-1", body: dict[str, Any] | None = None, **more: Any) -> UUID:
        means = {"make": shelf.make, "exists": shelf.exists, **more}
        return app.idempotency.once(actor, key, body or {"title": "Pay"}, **means)

    return ask


def test_repeat_finds_what_was_made(once: Callable[..., UUID], shelf: Shelf) -> None:
    assert once() == once() == once(body={"title": "Pay"})
    assert len(shelf.made) == 1


def test_other_body_under_the_same_key_is_refused(once: Callable[..., UUID], shelf: Shelf) -> None:
    once()
    with pytest.raises(KeyOfAnotherRequest):
        once(body={"title": "Pay twice"})
    assert len(shelf.made) == 1


def test_key_means_something_to_its_sender_only(once: Callable[..., UUID], shelf: Shelf) -> None:
    person = Actor(kind=ActorKind.PERSON, id="scout", name="Scout", roles=frozenset({Role.OPERATOR}))
    assert len({once(), once(RANGER), once(person), once(key="k-2")}) == 4


def test_two_at_the_same_instant_make_one(app: Application, shelf: Shelf) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(identity: UUID) -> None:
        begun.set()
        assert go_on.wait(10)
        shelf.make(identity)

    def ask(make: Callable[[UUID], None]) -> UUID:
        return app.idempotency.once(SCOUT, "k", {}, make=make, exists=shelf.exists)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, slowly)
        assert begun.wait(10)
        with pytest.raises(RequestUnderWay):
            ask(shelf.make)
        go_on.set()
        assert first.result() == ask(shelf.make)
    assert len(shelf.made) == 1


def test_process_that_died_before_making_is_followed_under_the_same_id(
    once: Callable[..., UUID], shelf: Shelf, clock: ManualClock
) -> None:
    class Killed(BaseException):
        pass

    given: list[UUID] = []

    def dying(identity: UUID) -> None:
        given.append(identity)
        raise Killed

    with pytest.raises(Killed):
        once(make=dying)
    with pytest.raises(RequestUnderWay):
        once()
    clock.advance(HELD)
    assert once() == given[0]


def test_process_that_died_after_making_made_it_once(once: Callable[..., UUID], shelf: Shelf) -> None:
    class Killed(BaseException):
        pass

    def dying(identity: UUID) -> None:
        shelf.make(identity)
        raise Killed

    with pytest.raises(Killed):
        once(make=dying)
    assert once() == shelf.made[0]
    assert len(shelf.made) == 1


def test_refused_request_frees_its_key(once: Callable[..., UUID], shelf: Shelf) -> None:
    def refusing(identity: UUID) -> None:
        raise InvalidInput(field="To", problem="wrong.")

    with pytest.raises(InvalidInput):
        once(make=refusing)
    once(body={"title": "Corrected"})
    assert len(shelf.made) == 1


def test_key_expires_and_is_forgotten(
    app: Application, once: Callable[..., UUID], shelf: Shelf, clock: ManualClock
) -> None:
    first = once()
    clock.advance(KEPT - timedelta(seconds=1))
    assert app.idempotency.forget_expired() == 0
    assert once() == first
    clock.advance(timedelta(seconds=1))
    assert once(body={"title": "Another"}) != first
    clock.advance(KEPT)
    assert app.idempotency.forget_expired() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 256, "ümlaut", "line\nbreak", "nul\0"])
def test_key_that_is_none_is_refused(once: Callable[..., UUID], shelf: Shelf, key: str) -> None:
    with pytest.raises(InvalidInput, match="Idempotency-Key"):
        once(key=key)
    assert not shelf.made
