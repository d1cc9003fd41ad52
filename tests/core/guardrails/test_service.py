"""Judging leaves records, rates are exact however many work at once, and only those who may change anything do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import select, text

from core.actor import SYSTEM, Actor, ActorKind, Role, job_actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.database.unit_of_work import Database
from core.errors import NotAllowed
from core.guardrails import service as guardrails
from core.guardrails.rules import Evaluation, ExecutionMode, Facts, Judgement, Stage
from core.guardrails.tables import LedgerEntry
from tests.core.guardrails.conftest import facts
from tests.waiting import until


def about(number: int = 0, **more: Any) -> Facts:
    """A message of its own to somebody of their own."""
    usual = {"same_as": f"{number:064d}", "recipients": (f"person{number}@example.com",), "leaves_machine": False}
    return facts(**{**usual, **more})


def judge(app: Application, wanted: Facts, subject: str = "action:1", *, stage: Stage = Stage.APPROVAL) -> Evaluation:
    with app.database.begin() as uow:
        return guardrails.judge(uow, app.settings, wanted, stage=stage, subject=subject, actor=SYSTEM)


def run(app: Application, wanted: Facts, subject: str, database: Database | None = None) -> Evaluation:
    """As execution does: judge under the lock, and reserve if nothing speaks against it."""
    with (database or app.database).begin() as uow:
        found = guardrails.judge(
            uow, app.settings, wanted, stage=Stage.EXECUTION, subject=subject, actor=SYSTEM, hold=True
        )
        if found.judgement is Judgement.PASS:
            guardrails.reserve(uow, wanted, holder=subject)
        return found


def somebody_waits(app: Application) -> bool:
    """Whether a transaction in this test's database waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with app.database.reading() as session:
        return bool(session.scalar(text(query)))


# -- records --------------------------------------------------------------------------------------------------------


def test_each_evaluation_leaves_a_record_with_what_every_rule_saw(app: Application, admin: Actor) -> None:
    judge(app, about(), stage=Stage.PROPOSAL)
    app.guardrails.change(admin, {"channels": []})
    judge(app, about(), stage=Stage.APPROVAL)
    first, second = app.guardrails_queries.records("action:1")
    assert (first.stage, first.outcome, first.revision, first.actor) == ("proposal", "pass", 1, "Countersign")
    assert (second.stage, second.outcome, second.revision, second.allowed) == ("approval", "stop", 2, False)
    assert [one.rule for one in second.verdicts if one.stops] == ["channel"]
    assert {one.rule: one.input for one in first.verdicts}["recipient_lists"] == "person0@example.com"
    assert app.guardrails_queries.records("action:2") == []


def test_looking_says_the_same_and_writes_nothing(app: Application, admin: Actor) -> None:
    run(app, about(), "action:1")
    twin = about(recipients=("person0@example.com",), same_as="b" * 64)
    with app.database.reading() as session:
        looked = guardrails.look(session, app.settings, twin)
    assert looked.wait_until == twin.now + timedelta(minutes=240)
    assert looked == judge(app, twin, "action:2")
    assert len(app.guardrails_queries.records("action:2")) == 1


def test_record_says_until_when_it_waits(app: Application) -> None:
    run(app, about(), "action:1")
    judge(app, about(same_as="b" * 64), "action:2")
    (record,) = app.guardrails_queries.records("action:2")
    assert record.outcome is Judgement.WAIT and record.until == about().now + timedelta(minutes=240)


# -- rates ----------------------------------------------------------------------------------------------------------


def test_same_recipient_waits_240_minutes_however_the_address_is_spelled(app: Application, clock: ManualClock) -> None:
    assert run(app, about(), "action:1").judgement is Judgement.PASS
    again = about(1, recipients=("PERSON0@Example.com",))
    assert run(app, again, "action:2").wait_until == clock.now() + timedelta(minutes=240)
    later = about(1, now=clock.now() + timedelta(minutes=240), recipients=("person0@example.com",))
    assert run(app, later, "action:2").judgement is Judgement.PASS


def test_same_content_stops_within_the_window_and_not_after_it(app: Application, clock: ManualClock) -> None:
    run(app, about(), "action:1")
    twin = about(recipients=("somebody.else@example.com",))
    assert (stop := run(app, twin, "action:2").stop) is not None and stop.rule == "duplicate"
    tomorrow = clock.now() + timedelta(hours=24)
    assert run(app, about(now=tomorrow, expires_at=tomorrow + timedelta(1)), "action:2").judgement is Judgement.PASS


def test_work_does_not_stand_in_its_own_way_and_what_did_nothing_is_given_back(app: Application) -> None:
    run(app, about(), "action:1")
    assert run(app, about(), "action:1").judgement is Judgement.PASS  # a second attempt of the same work
    with app.database.begin() as uow:
        guardrails.release(uow, holder="action:1")
    assert run(app, about(), "action:2").judgement is Judgement.PASS


def test_what_only_reads_uses_nothing_up(app: Application) -> None:
    run(app, about(effect="read"), "action:1")
    with app.database.reading() as session:
        assert session.scalars(select(LedgerEntry)).all() == []


def test_channels_are_counted_apart(app: Application, admin: Actor) -> None:
    app.guardrails.change(
        admin, {"channels": ["email", "odoo"], "channel_rates": {"email": {"count": 1, "minutes": 60}}}
    )
    run(app, about(1, channel="odoo"), "action:1")
    assert run(app, about(2), "action:2").judgement is Judgement.PASS
    assert run(app, about(3), "action:3").judgement is Judgement.WAIT


@pytest.mark.parametrize("limit", ["channel_rates", "recipient_rates"])
def test_two_workers_racing_on_one_limit_let_exactly_as_many_through(
    app: Application, admin: Actor, limit: str
) -> None:
    # Given a limit of 5 and two workers with connections of their own
    app.guardrails.change(admin, {"recipient_rates": {}, limit: {"email": {"count": 5, "minutes": 60}}})
    workers = [Database(app.url, app.clock), Database(app.url, app.clock)]
    start = Barrier(24)

    def work(number: int) -> Judgement:
        start.wait()
        wanted = about(number, recipients=("ravi@example.com",))
        return run(app, wanted, f"action:{number}", workers[number % 2]).judgement

    # When 24 pieces of work arrive at the same instant
    with ThreadPoolExecutor(24) as pool:
        found = list(pool.map(work, range(24)))
    for worker in workers:
        worker.close()

    # Then exactly 5 run and the others wait
    assert (found.count(Judgement.PASS), found.count(Judgement.WAIT)) == (5, 19)
    with app.database.reading() as session:
        holders = session.scalars(select(LedgerEntry.holder).where(LedgerEntry.recipient.is_(None))).all()
    assert len(holders) == 5


def test_second_worker_counts_only_when_the_first_has_committed(app: Application) -> None:
    judged, finish = Event(), Event()

    def first() -> None:
        with app.database.begin() as uow:
            guardrails.judge(
                uow, app.settings, about(), stage=Stage.EXECUTION, subject="action:1", actor=SYSTEM, hold=True
            )
            judged.set()
            assert finish.wait(10)
            guardrails.reserve(uow, about(), holder="action:1")

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first)
        assert judged.wait(10)
        two = pool.submit(run, app, about(), "action:2")
        until(lambda: somebody_waits(app), what="the second at the lock")
        finish.set()
        one.result(10)
        assert two.result(10).stop is not None


def test_kill_switch_waits_for_work_that_was_just_allowed_and_stops_the_next(app: Application, admin: Actor) -> None:
    app.guardrails.ensure()
    judged, finish = Event(), Event()

    def first() -> Judgement:
        with app.database.begin() as uow:
            found = guardrails.judge(
                uow, app.settings, about(), stage=Stage.EXECUTION, subject="action:1", actor=SYSTEM, hold=True
            )
            judged.set()
            assert finish.wait(10)
            return found.judgement

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first)
        assert judged.wait(10)
        switch = pool.submit(app.guardrails.stop, admin)
        until(lambda: somebody_waits(app), what="the switch at the lock")
        finish.set()
        assert one.result(10) is Judgement.PASS
        assert switch.result(10).mode is ExecutionMode.OFF
    assert run(app, about(2), "action:2").stop is not None


def test_counting_in_a_long_ledger_walks_an_index(app: Application, admin: Actor) -> None:
    app.guardrails.change(admin, {"channel_rates": {"email": {"count": 50, "minutes": 60}}})
    with app.database.begin() as uow:
        uow.session.execute(
            text(
                "INSERT INTO guardrail_ledger (id, holder, channel, recipient, same_as, at) "
                "SELECT gen_random_uuid(), 'action:' || n, 'email', "
                "CASE WHEN n % 2 = 0 THEN 'person' || n % 500 || '@example.com' END, md5(n::text), "
                "timestamptz '2026-01-01' + n * interval '1 second' FROM generate_series(1, 40000) n"
            )
        )
        uow.session.execute(text("ANALYZE guardrail_ledger"))
    for where in (
        "recipient IS NULL AND channel = 'email'",
        "recipient IS NULL AND same_as = 'x'",
        "channel = 'email' AND recipient = 'person4@example.com'",
    ):
        query = f"EXPLAIN SELECT at FROM guardrail_ledger WHERE {where} AND holder <> 'x' ORDER BY at DESC OFFSET 49 LIMIT 1"
        with app.database.reading() as session:
            plan = "\n".join(session.scalars(text(query)))
        assert "Seq Scan" not in plan and "Sort" not in plan, plan


def test_old_entries_and_records_are_removed_and_young_ones_kept(app: Application, clock: ManualClock) -> None:
    run(app, about(1), "action:1")
    clock.advance(timedelta(days=40))
    run(app, about(2, now=clock.now(), expires_at=clock.now() + timedelta(1)), "action:2")
    assert app.guardrails.forget_old(
        ledger_before=clock.now() - timedelta(days=31), records_before=clock.now() - timedelta(days=31)
    ) == (2, 1)
    assert len(app.guardrails_queries.records("action:2")) == 1
    with app.database.begin() as uow:
        guardrails.forget(uow, ["action:2"])
    with app.database.reading() as session:
        assert session.scalars(select(LedgerEntry)).all() == []
    assert app.guardrails_queries.records("action:2") == []


# -- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins_change_anything_and_start_again(
    app: Application, person: Callable[..., Actor], role: Role
) -> None:
    somebody = person(role)
    before = app.guardrails.ensure()
    with pytest.raises(NotAllowed):
        app.guardrails.change(somebody, {"max_recipients": 5})
    for mode in (ExecutionMode.ON, ExecutionMode.PREVIEW):
        with pytest.raises(NotAllowed):
            app.guardrails.set_mode(somebody, mode)
    with pytest.raises(NotAllowed):
        app.guardrails.change(somebody, {"mode": "on"})
    assert app.guardrails_queries.current() == before


@pytest.mark.parametrize(("role", "may"), [(Role.OPERATOR, True), (Role.USER, False), (Role.COUNCIL, False)])
def test_whoever_operates_may_stop_everything(
    app: Application, person: Callable[..., Actor], role: Role, may: bool
) -> None:
    somebody = person(role, name="Omar")
    if may:
        assert app.guardrails.stop(somebody).mode_by == "Omar"
        assert judge(app, about()).stop is not None
    else:
        with pytest.raises(NotAllowed):
            app.guardrails.stop(somebody)


@pytest.mark.parametrize(
    "program",
    [job_actor("nightly"), Actor(kind=ActorKind.AGENT, id="scout", name="Scout", roles=frozenset({Role.ADMIN}))],
)
def test_no_program_changes_the_guardrails(app: Application, program: Actor) -> None:
    with pytest.raises(NotAllowed):
        app.guardrails.change(program, {"max_recipients": 5})
    with pytest.raises(NotAllowed):
        app.guardrails.set_mode(program, ExecutionMode.ON)


def test_token_needs_the_scope(app: Application, admin: Actor) -> None:
    reads = Actor(admin.kind, admin.id, admin.name, admin.roles, admin.tier, scopes=frozenset({"read", "propose"}))
    decides = Actor(admin.kind, admin.id, admin.name, admin.roles, admin.tier, scopes=frozenset({"decide"}))
    with pytest.raises(NotAllowed, match="scope decide"):
        app.guardrails.stop(reads)
    with pytest.raises(NotAllowed, match="scope admin"):
        app.guardrails.change(decides, {"max_recipients": 5})
    assert app.guardrails.stop(decides).mode is ExecutionMode.OFF


def test_users_do_not_read_the_policy(app: Application, person: Callable[..., Actor]) -> None:
    with pytest.raises(NotAllowed):
        app.guardrails_queries.policy(person(Role.USER))
    with pytest.raises(NotAllowed):
        app.guardrails_queries.refusals(person(Role.ANALYST))
    assert app.guardrails_queries.policy(person(Role.OPERATOR)).max_recipients == 10
