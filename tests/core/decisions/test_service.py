"""Decisions are opened, voted on by those entitled, reopened for another version, and closed at their deadline."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.decisions import service as decisions
from core.decisions.rules import (
    AlreadyVoted,
    AtDeadline,
    DecisionClosed,
    DecisionState,
    Policy,
    Rule,
    SubjectChanged,
    Vote,
    VoteRefused,
)
from core.decisions.service import Subject
from core.decisions.tables import Council, CouncilMember
from core.errors import NotFound
from core.identifiers import new_id

OPERATORS = frozenset({"operator"})
DAY = timedelta(days=1)


def ids(people: list[Actor]) -> frozenset[str]:
    return frozenset(actor.id for actor in people)


def opened(app: Application, policy: Policy, proposer: str = "scout") -> UUID:
    with app.database.begin() as uow:
        subject = Subject("document", "7", "v1")
        return decisions.open_decision(uow, subject, policy, proposer_id=proposer, deadline=uow.now + DAY)


def vote(app: Application, actor: Actor, decision: UUID, choice: Vote, digest: str = "v1") -> DecisionState:
    with app.database.begin() as uow:
        return decisions.cast(uow, actor, decision, digest=digest, vote=choice, reason="seen")


def close_due(app: Application) -> list[DecisionState]:
    with app.database.begin() as uow:
        return [state for _, state in decisions.close_due(uow)]


@pytest.fixture
def operators(person: Callable[..., Actor]) -> list[Actor]:
    return [person(Role.OPERATOR) for _ in range(3)]


def test_majority_closes_as_soon_as_it_is_certain(app: Application, operators: list[Actor]) -> None:
    decision = opened(app, Policy(users=ids(operators), rule=Rule.MAJORITY))

    assert vote(app, operators[0], decision, Vote.APPROVE) is DecisionState.OPEN
    assert vote(app, operators[1], decision, Vote.APPROVE) is DecisionState.APPROVED

    with pytest.raises(DecisionClosed, match="it was approved"):
        vote(app, operators[2], decision, Vote.REJECT)
    view = app.decisions_queries.decision(operators[2], decision)
    assert view is not None and [one.vote for one in view.ballots] == [Vote.APPROVE, Vote.APPROVE]
    with app.database.reading() as session:
        assert decisions.is_approved(session, decision, "v1")
        assert not decisions.is_approved(session, decision, "v2")
        assert not decisions.is_approved(session, None, "v1")


def test_ballot_for_another_version_a_second_ballot_and_outsiders_are_refused(
    app: Application, operators: list[Actor], person: Callable[..., Actor]
) -> None:
    decision = opened(app, Policy(roles=OPERATORS, rule=Rule.UNANIMOUS))
    with pytest.raises(SubjectChanged):
        vote(app, operators[0], decision, Vote.APPROVE, digest="v2")
    vote(app, operators[0], decision, Vote.APPROVE)
    with pytest.raises(AlreadyVoted, match="approve"):
        vote(app, operators[0], decision, Vote.REJECT)
    with pytest.raises(VoteRefused):
        vote(app, person(Role.ANALYST), decision, Vote.REJECT)
    with pytest.raises(NotFound):
        vote(app, operators[0], new_id(), Vote.REJECT)


def test_ballots_cast_at_the_same_instant_are_all_counted_and_close_it_once(
    app: Application, person: Callable[..., Actor]
) -> None:
    people = [person(Role.OPERATOR) for _ in range(8)]
    decision = opened(app, Policy(roles=OPERATORS, rule=Rule.N_OF, n=5))

    def approve(actor: Actor) -> str:
        try:
            return vote(app, actor, decision, Vote.APPROVE).value
        except DecisionClosed:
            return "closed"

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(approve, people))

    assert answers == ["approved"] + ["closed"] * 3 + ["open"] * 4


def test_proposer_is_recused_and_does_not_count_in_the_electorate(app: Application, operators: list[Actor]) -> None:
    decision = opened(app, Policy(users=ids(operators), rule=Rule.UNANIMOUS), proposer=operators[0].id)
    with pytest.raises(VoteRefused, match="proposes does not decide"):
        vote(app, operators[0], decision, Vote.APPROVE)
    vote(app, operators[1], decision, Vote.APPROVE)
    assert vote(app, operators[2], decision, Vote.APPROVE) is DecisionState.APPROVED


def test_reopening_voids_the_ballots_and_keeps_them_in_the_audit(app: Application, operators: list[Actor]) -> None:
    decision = opened(app, Policy(roles=OPERATORS, rule=Rule.MAJORITY))
    vote(app, operators[0], decision, Vote.APPROVE)

    with app.database.begin() as uow:
        decisions.reopen(uow, operators[1], decision, digest="v2", deadline=uow.now + DAY)

    (entry,) = app.audit_queries.entries(event="decision.reopened")
    assert entry.before is not None and entry.before["ballots"][0]["voter"] == operators[0].name
    with pytest.raises(SubjectChanged):
        vote(app, operators[0], decision, Vote.APPROVE)
    assert vote(app, operators[0], decision, Vote.APPROVE, digest="v2") is DecisionState.OPEN


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(AtDeadline.EXPIRE, DecisionState.EXPIRED), (AtDeadline.REJECT, DecisionState.REJECTED)],
)
def test_deadline_closes_what_is_open_as_the_policy_says(
    app: Application, operators: list[Actor], clock: ManualClock, outcome: AtDeadline, expected: DecisionState
) -> None:
    decision = opened(app, Policy(roles=OPERATORS, rule=Rule.N_OF, n=2, at_deadline=outcome))
    vote(app, operators[0], decision, Vote.APPROVE)
    assert close_due(app) == []

    clock.advance(DAY)
    with pytest.raises(DecisionClosed):
        vote(app, operators[1], decision, Vote.APPROVE)
    assert close_due(app) == [expected]
    assert close_due(app) == []


def test_majority_of_those_who_took_part_decides_at_the_deadline(
    app: Application, operators: list[Actor], clock: ManualClock
) -> None:
    few = opened(app, Policy(roles=OPERATORS, rule=Rule.MAJORITY, quorum=1))
    none = opened(app, Policy(roles=OPERATORS, rule=Rule.MAJORITY))
    vote(app, operators[0], few, Vote.APPROVE)
    vote(app, operators[0], none, Vote.APPROVE)

    clock.advance(DAY)

    assert sorted(close_due(app)) == [DecisionState.APPROVED, DecisionState.EXPIRED]


def test_escalation_asks_admins_too_and_expires_after_as_long_again(
    app: Application, admin: Actor, operators: list[Actor], clock: ManualClock
) -> None:
    policy = Policy(users=frozenset({operators[0].id}), at_deadline=AtDeadline.ESCALATE)
    decision, other = opened(app, policy), opened(app, policy)
    with pytest.raises(VoteRefused):
        vote(app, admin, decision, Vote.APPROVE)

    clock.advance(DAY)
    assert close_due(app) == []

    assert vote(app, admin, decision, Vote.APPROVE) is DecisionState.APPROVED
    clock.advance(DAY)
    assert close_due(app) == [DecisionState.EXPIRED]
    view = app.decisions_queries.decision(admin, other)
    assert view is not None and view.state is DecisionState.EXPIRED


@pytest.mark.parametrize("kind", ["unknown", "empty", "inactive"])
@pytest.mark.parametrize("rule", Rule)
def test_council_that_is_unknown_empty_or_inactive_never_approves(
    app: Application, admin: Actor, clock: ManualClock, kind: str, rule: Rule
) -> None:
    if kind != "unknown":
        with app.database.begin() as uow:
            uow.session.add(Council(id="board", name="Board", policy={}, active=kind != "inactive", created_at=uow.now))
            uow.session.flush()
            if kind == "inactive":
                assert admin.user_id is not None
                uow.session.add(CouncilMember(council_id="board", user_id=admin.user_id))
    decision = opened(app, Policy(council="board", rule=rule))

    with pytest.raises(VoteRefused, match="members of the council"):
        vote(app, admin, decision, Vote.APPROVE)
    clock.advance(DAY)
    assert close_due(app) == [DecisionState.EXPIRED]
