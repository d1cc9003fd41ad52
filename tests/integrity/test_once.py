"""What was approved happens once: with two people at one card, with workers killed at work, with the switch flipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.actions.rules import ActionAlreadyDecided, ActionState
from core.actions.tables import Attempt
from core.actor import Actor
from core.guardrails.rules import ExecutionMode
from tests.doubles.mail_server import MailServer, running_mail_server
from tests.integrity.conftest import Installation
from tests.waiting import until

Install = Callable[..., Installation]

LIVE = {"EXECUTION_ENABLED": "true", "EXECUTION_DRY_RUN": "false"}


def over_smtp(mail: MailServer) -> dict[str, str]:
    return {**LIVE, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_SECURITY": "none"}


def subjects(installation: Installation) -> Counter[str]:
    return Counter(str(message_from_bytes(file.read_bytes())["Subject"]) for file in installation.outbox())


def test_two_people_approving_at_the_same_instant_execute_once(install: Install) -> None:
    # Given 50 cards and two operators with a browser each
    here = install()
    people = [here.operator("Omar"), here.operator("Olga")]
    cards = [here.propose(number) for number in range(50)]
    start = Barrier(2)

    def approve(actor: Actor, action_id: UUID, digest: str) -> str:
        start.wait()
        try:
            here.app.actions.approve(actor, action_id, digest)
        except ActionAlreadyDecided as late:
            return str(late)
        return "first"

    # When both approve each card at the same instant
    with ThreadPoolExecutor(2) as pool:
        for action_id, digest in cards:
            answers = [pool.submit(approve, actor, action_id, digest) for actor in people]
            told = {actor.name: answer.result() for actor, answer in zip(people, answers, strict=True)}

            # Then one is first and the other is told who it was
            first = [name for name, answer in told.items() if answer == "first"]
            assert len(first) == 1
            (other,) = [answer for answer in told.values() if answer != "first"]
            assert other.startswith(f"{first[0]} approved this on ")

    # And 50 messages go out
    here.start_worker()
    actions = [action_id for action_id, _ in cards]
    assert set(here.until_settled(actions)) == {ActionState.EXECUTED}
    assert subjects(here) == Counter({f"Reminder {number}": 1 for number in range(50)})
    with here.app.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 50


@pytest.mark.parametrize("written", [1, 5, 12])
def test_killed_worker_loses_no_message_and_repeats_none(install: Install, written: int) -> None:
    # Given 20 approved messages and a worker at them
    here = install(WORKER_CONCURRENCY="2")
    actions = here.approve_many(20)
    worker = here.start_worker()
    until(lambda: len(here.outbox()) >= written, what="some messages")

    # When it is killed, and another one takes over
    worker.kill()
    worker.wait()
    here.start_worker()

    # Then every message is in the outbox once
    assert set(here.until_settled(actions)) == {ActionState.EXECUTED}
    assert subjects(here) == Counter({f"Reminder {number}": 1 for number in range(20)})
    assert here.app.audit_queries.verify().fault is None


def test_killed_worker_sends_nothing_twice_by_smtp_and_says_what_nobody_can_know(install: Install) -> None:
    # Given a slow mail server and a worker handing it four messages at a time
    with running_mail_server() as mail:
        mail.seconds_for_data = 0.4
        here = install(**over_smtp(mail), WORKER_CONCURRENCY="4")
        actions = here.approve_many(20)
        worker = here.start_worker()
        until(lambda: mail.handed_over >= 6, what="messages under way")

        # When the worker is killed between handing over and the answer
        worker.kill()
        worker.wait()
        here.start_worker()
        states = here.until_settled(actions)

        # Then no message was sent twice; those in flight are unknown, all others sent
        assert max(Counter(mail.message_ids()).values()) == 1
        counted = Counter(states)
        assert set(counted) == {ActionState.EXECUTED, ActionState.UNKNOWN}
        assert 1 <= counted[ActionState.UNKNOWN] <= 4
        sent = {str(message["Subject"]) for _, message in mail.accepted}
        for action, state in zip(actions, states, strict=True):
            card = here.app.actions_queries.card(here.admin, action)
            if state is ActionState.EXECUTED:
                assert f"Reminder {card.row.title.rpartition(' ')[2]}" in sent
            else:
                assert card.row.error and "not repeated" in card.row.error

        # And a person who looked can say what happened
        unknown = [action for action, state in zip(actions, states, strict=True) if state is ActionState.UNKNOWN]
        here.app.actions.resolve_unknown(here.admin, unknown[0], happened=True, evidence="the recipient confirmed it")
        assert here.states(unknown[:1]) == [ActionState.EXECUTED]


def test_kill_switch_stops_what_is_queued_already(install: Install) -> None:
    # Given ten approved messages in the queue
    here = install()
    actions = here.approve_many(10)

    # When the switch is flipped before a worker comes
    here.app.guardrails.set_mode(here.admin, ExecutionMode.OFF)
    here.start_worker()

    # Then nothing is sent, and each card says who stopped it
    assert set(here.until_settled(actions)) == {ActionState.FAILED}
    assert here.outbox() == []
    error = here.app.actions_queries.progress(actions)[actions[0]].error
    assert error and error.startswith("Execution was stopped by Asha at ")

    # And once it is on again, a retry sends each once
    here.app.guardrails.set_mode(here.admin, ExecutionMode.PREVIEW)
    for action in actions:
        here.app.actions.retry(here.admin, action)
    assert set(here.until_settled(actions)) == {ActionState.EXECUTED}
    assert len(here.outbox()) == 10


def test_kill_switch_lets_no_call_begin_after_it(install: Install) -> None:
    # Given a worker sending one message after the other
    with running_mail_server() as mail:
        mail.seconds_for_data = 0.2
        here = install(**over_smtp(mail), WORKER_CONCURRENCY="1")
        actions = here.approve_many(10)
        here.start_worker()
        until(lambda: mail.handed_over >= 2, what="messages under way")

        # When the switch is flipped in the middle
        begun = here.app.guardrails.set_mode(here.admin, ExecutionMode.OFF).version
        with here.app.database.reading() as session:
            called = session.scalar(select(func.count()).where(Attempt.called_at.is_not(None))) or 0
        states = Counter(here.until_settled(actions))

        # Then only the calls that had begun were made
        assert begun == 2
        assert mail.handed_over == called < 10
        assert states == {ActionState.EXECUTED: called, ActionState.FAILED: 10 - called}
