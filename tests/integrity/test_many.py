"""Many people and two workers at two hundred cards: each is done once, and no limit is overrun."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from core.actions.rules import ActionAlreadyDecided, ActionState
from core.actor import Actor
from tests.integrity.conftest import Installation
from tests.integrity.test_once import subjects
from tests.waiting import until

Install = Callable[..., Installation]

CARDS, SESSIONS = 200, 20


def approve_at_once(here: Installation, people: Sequence[Actor], cards: Sequence[tuple[UUID, str]]) -> Counter[str]:
    """Everybody approves every card, in an order of their own; answers how many approvals each brought home."""
    start = Barrier(len(people))

    def approve_all(number: int, actor: Actor) -> int:
        mine = list(cards)
        random.Random(number).shuffle(mine)
        start.wait()
        first = 0
        for action_id, digest in mine:
            try:
                here.app.actions.approve(actor, action_id, digest)
                first += 1
            except ActionAlreadyDecided:
                continue
        return first

    with ThreadPoolExecutor(len(people)) as pool:
        done = [pool.submit(approve_all, number, actor) for number, actor in enumerate(people)]
        return Counter({actor.name: one.result() for actor, one in zip(people, done, strict=True)})


def test_two_hundred_cards_twenty_sessions_and_a_killed_worker_make_two_hundred_messages(install: Install) -> None:
    # Given 200 cards, 20 people and two workers
    here = install(WORKER_CONCURRENCY="4")
    cards = [here.propose(number) for number in range(CARDS)]
    people = [here.operator(f"Person{number}") for number in range(SESSIONS)]
    doomed, _ = here.start_worker(), here.start_worker()

    # When all approve everything at once, and one worker is killed in the middle of it
    with ThreadPoolExecutor(1) as pool:
        approving = pool.submit(approve_at_once, here, people, cards)
        until(lambda: len(here.outbox()) >= 20, seconds=60, what="messages under way")
        doomed.kill()
        doomed.wait()
        first = approving.result()

    # Then each card was approved by one person and executed once
    assert sum(first.values()) == CARDS
    states = here.until_settled([action_id for action_id, _ in cards], seconds=90)
    assert Counter(states) == {ActionState.EXECUTED: CARDS}
    assert subjects(here) == Counter({f"Reminder {number}": 1 for number in range(CARDS)})
    assert here.app.audit_queries.verify().fault is None


def test_two_workers_never_overrun_one_limit(install: Install) -> None:
    # Given a limit of 25 messages a day, and 60 of them approved
    here = install(WORKER_CONCURRENCY="4")
    here.app.guardrails.change(here.admin, {"channel_rates": {"email": {"count": 25, "minutes": 1440}}})
    cards = [here.propose(number) for number in range(60)]
    people = [here.operator(f"Person{number}") for number in range(4)]
    approve_at_once(here, people, cards)

    # When two workers take them up, and one is killed
    doomed, _ = here.start_worker(), here.start_worker()
    until(lambda: len(here.outbox()) >= 5, seconds=60, what="messages under way")
    doomed.kill()
    doomed.wait()
    actions = [action_id for action_id, _ in cards]

    def all_looked_at() -> bool:
        found = here.app.actions_queries.progress(actions).values()
        return all(one.state is not ActionState.EXECUTING and (one.executed_at or one.error) for one in found)

    until(all_looked_at, seconds=90, what="an answer for every card")

    # Then 25 were sent, once each, and the others say when it goes on or that they expire before
    assert len(here.outbox()) == 25 and max(subjects(here).values()) == 1
    left = [one for one in here.app.actions_queries.progress(actions).values() if one.executed_at is None]
    assert len(left) == 35
    assert {one.state for one in left} <= {ActionState.APPROVED, ActionState.FAILED}
    assert all(one.error and "25" in one.error for one in left)
