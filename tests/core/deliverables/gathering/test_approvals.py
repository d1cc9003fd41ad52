"""Decisions and audit entries are told as they were: by which rule, with every vote, and only to those who may read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from core.actor import SYSTEM, Actor, Role
from core.audit import service as audit
from core.bootstrap import Application
from core.clock import ManualClock
from core.decisions import service as decisions
from core.decisions.rules import AtDeadline, Policy, Rule, Vote
from core.decisions.service import Subject
from core.decisions.tables import Council, CouncilMember
from core.deliverables.content import Approval, Note, text_of
from core.deliverables.gathering.approvals import approvals_of, decisions_on
from core.deliverables.gathering.audit_lines import audit_lines_of, left_out
from core.deliverables.source import Reading
from core.deliverables.words import Words
from core.files.stores import file_store

OPERATORS = Policy(roles=frozenset({"operator"}))
DAY = timedelta(days=1)


def reading(app: Application, reader: Actor, session: object) -> Reading:
    files = file_store(app.settings, app.settings.files_dir, prefix=app.settings.files_s3_prefix)
    return Reading(session, app.database, app.settings, files, reader, Words())  # type: ignore[arg-type]


def told(app: Application, reader: Actor, ids: Sequence[UUID], *, bare: bool = False) -> tuple[Approval, ...]:
    with app.database.reading() as session:
        return approvals_of(reading(app, reader, session), ids, bare=bare)


def opened(app: Application, *panels: Policy, subject: str = "7") -> UUID:
    with app.database.begin() as uow:
        about = Subject("document", subject, "ab" * 32)
        return decisions.open_decision(uow, about, panels, proposer_id="scout", deadline=uow.now + DAY)


def vote(app: Application, actor: Actor, decision: UUID, choice: Vote, reason: str = "") -> None:
    with app.database.begin() as uow:
        decisions.cast(uow, actor, decision, digest="ab" * 32, vote=choice, reason=reason)


@pytest.fixture
def omar(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Omar")


def test_a_vote_is_there_with_its_reason_and_what_it_was_about(
    app: Application, omar: Actor, clock: ManualClock
) -> None:
    decision = opened(app, OPERATORS)
    clock.advance(timedelta(hours=1))
    vote(app, omar, decision, Vote.REJECT, "Too early")
    (found,) = told(app, omar, [decision])

    assert (found.id, found.subject, found.digest) == (str(decision), "document:7", "ab" * 32)
    assert (found.result, found.rule) == ("rejected", "any one of operators")
    assert [(one.who, one.word, one.reason, one.at) for one in found.votes] == [
        ("Omar", "rejected", "Too early", clock.now())
    ]
    assert found.decided_at == clock.now()
    assert found.decided_text == Words().moment(clock.now())


def test_rules_are_said_by_whom_they_ask_and_how_many(app: Application, omar: Actor) -> None:
    with app.database.begin() as uow:
        rule = {"council": "money", "rule": "n_of", "n": 2}
        uow.session.add(Council(id="money", name="Finance", policy=rule, created_at=uow.now))
        uow.session.flush()
        uow.session.add(CouncilMember(council_id="money", user_id=omar.user_id))
    both = opened(
        app, Policy(council="money", rule=Rule.N_OF, n=2), Policy(groups=frozenset({"pm"}), rule=Rule.UNANIMOUS)
    )
    most = opened(app, Policy(roles=frozenset({"admin", "operator"}), rule=Rule.MAJORITY), subject="8")

    assert [one.rule for one in told(app, omar, [both, most])] == [
        "2 of Finance and all of the group pm", "more than half of admins and operators",
    ]  # fmt: skip


def test_what_no_ballot_decided_says_what_did(app: Application, omar: Actor, clock: ManualClock) -> None:
    by_rule, taken_back = opened(app, OPERATORS, subject="1"), opened(app, OPERATORS, subject="2")
    late = opened(app, Policy(roles=frozenset({"operator"}), at_deadline=AtDeadline.REJECT), subject="3")
    with app.database.begin() as uow:
        decisions.approve_by_rule(uow, by_rule, digest="ab" * 32, why="Reading changes nothing.")
        decisions.withdraw(uow, taken_back)
    clock.advance(2 * DAY)
    with app.database.begin() as uow:
        decisions.close_due(uow)
    found = {one.id: (one.result, one.rule) for one in told(app, omar, [by_rule, taken_back, late])}

    assert found[str(by_rule)] == ("approved", "the guardrails: Reading changes nothing.")
    assert found[str(taken_back)] == ("expired", "taken back before it was decided")
    assert found[str(late)] == ("rejected", "any one of operators, at the deadline")


def test_they_stand_in_the_order_in_which_they_were_closed_and_open_ones_last(
    app: Application, omar: Actor, clock: ManualClock
) -> None:
    first, second, third = (opened(app, OPERATORS, subject=str(at)) for at in range(3))
    vote(app, omar, third, Vote.APPROVE)
    clock.advance(timedelta(minutes=1))
    vote(app, omar, second, Vote.APPROVE)
    found = told(app, omar, [first, second, third])

    assert [(one.id, one.result) for one in found] == [
        (str(third), "approved"), (str(second), "approved"), (str(first), "waits"),
    ]  # fmt: skip
    with app.database.reading() as session:
        assert decisions_on(reading(app, omar, session), "document", ["0", "2"]) == (first, third)


def test_whoever_may_not_read_a_decision_is_told_nothing_of_it_or_its_result_alone(
    app: Application, omar: Actor, person: Callable[..., Actor]
) -> None:
    decision = opened(app, OPERATORS)
    vote(app, omar, decision, Vote.APPROVE, "A reason for few")
    analyst = person(Role.ANALYST)

    assert told(app, analyst, [decision]) == ()
    (found,) = told(app, analyst, [decision], bare=True)
    assert (found.result, found.votes) == ("approved", ())
    assert told(app, omar, [decision], bare=True)[0].votes


def test_audit_lines_are_the_latest_in_order_and_say_what_they_leave_out(app: Application, omar: Actor) -> None:
    for at in range(5):
        with app.database.begin() as uow:
            audit.record(uow, SYSTEM, "note.made", "note:1", after={"secret": at})
            audit.record(uow, SYSTEM, "note.made", "note:2")
    with app.database.reading() as session:
        it = reading(app, omar, session)
        lines, none = audit_lines_of(it, ["note:1"], limit=3), audit_lines_of(it, [])
        (remark,), nothing = left_out(it, ["note:1"], limit=3), left_out(it, ["note:1"], limit=5)
        stored = {one.sequence: one for one in app.audit_queries.entries(subject="note:1")}

    assert (none, nothing) == ((), ())
    assert [one.sequence for one in lines] == sorted(stored)[-3:]
    assert all(
        (one.hash, one.previous_hash) == (stored[one.sequence].hash, stored[one.sequence].previous_hash)
        for one in lines
    )
    assert {one.subject for one in lines} == {"note:1"}
    assert isinstance(remark, Note)
    assert text_of(remark.spans) == "The excerpt has the latest 3 of 5 entries."
