"""The list of what waits for somebody says the same as the one authorisation, in every world that chance makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.actor import Actor, ActorKind, Role
from core.clock import ManualClock
from core.decisions.delegations import AlreadyDelegated
from core.decisions.desk import DecisionDesk, NobodyActsOnIt
from core.decisions.policy import AtDeadline, Policy, Rule
from core.decisions.queries import waits_for
from core.decisions.rules import AlreadyVoted, DecisionClosed, DecisionState, Vote, VoteRefused
from core.decisions.tables import Decision
from core.errors import InvalidInput, NotFound
from tests.core.decisions.conftest import Room


@pytest.mark.parametrize("seed", range(4))
def test_what_waits_is_exactly_what_one_may_vote_on(room: Room, clock: ManualClock, seed: int) -> None:
    """People with roles, councils, delegations for one seat or all, authors, panels that recuse and that do not."""
    rng = Random(seed)
    roles = [(Role.OPERATOR,), (Role.COUNCIL,), (Role.COUNCIL, Role.OPERATOR), (Role.ADMIN,), (Role.ANALYST,)]
    people = [room.person(*roles[number % 5]) for number in range(6)] + [room.admin]
    seated = [one for one in people if one.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN)]
    policies = [Policy(roles=frozenset({"operator", "admin"}), rule=Rule.N_OF, n=3)]
    for name in ("money", "words", "law"):
        policy = Policy(
            council=name, rule=rng.choice(list(Rule)), recusal=rng.random() < 0.7, at_deadline=AtDeadline.ESCALATE
        )
        policies.append(room.council(name, rng.sample(seated, 3), policy=policy))
    policies.append(Policy(users=frozenset({people[4].id}), recusal=False))
    for one in rng.sample(people, 3):
        assert one.user_id is not None
        room.app.identity.change_user(room.admin, one.user_id, groups=["PM "])
    policies.append(Policy(groups=frozenset({"pm"}), at_deadline=AtDeadline.ESCALATE, recusal=rng.random() < 0.5))
    for _ in range(6):
        giver, receiver = rng.sample(seated, 2)
        try:
            room.delegate(giver, receiver, council_id=rng.choice([None, "money", "words"]), days=rng.choice([0.5, 9]))
        except (AlreadyDelegated, InvalidInput):
            continue
    asked = [
        room.ask(*rng.sample(policies, rng.randint(1, 3)), author=rng.choice(people).id, hours=rng.choice([6, 200]))
        for _ in range(10)
    ]
    if rng.random() < 0.5:
        room.app.councils.set_active(room.admin, "law", False, expected_version=1)

    def agree() -> None:
        for actor in people:
            views = {one: room.seen(actor, one) for one in asked if room.app.decisions_queries.decision(actor, one)}
            assert room.waits(actor) == {one for one, view in views.items() if view.why_not_vote is None}

    agree()
    for _ in range(20):
        actor, decision = rng.choice(people), rng.choice(asked)
        before = room.app.decisions_queries.decision(actor, decision)
        may = before is not None and before.why_not_vote is None
        try:
            room.vote(actor, decision, rng.choice(list(Vote)))
            assert may
        except (VoteRefused, AlreadyVoted, DecisionClosed):
            assert not may
    agree()
    clock.advance(timedelta(hours=7))
    agree()
    room.close_due()
    agree()
    assert room.app.decisions_queries.replay_all().faults == ()


def test_agents_and_tokens_that_may_not_decide_have_nothing_waiting(room: Room) -> None:
    asha = room.person(Role.OPERATOR)
    room.ask(Policy(roles=frozenset({"operator"})))
    assert len(room.waits(asha)) == 1
    assert room.waits(replace(asha, scopes=frozenset({"read"}))) == set()
    assert room.waits(Actor(ActorKind.AGENT, "scout", "Scout", frozenset({Role.OPERATOR}))) == set()


def test_people_read_what_they_are_asked_or_wrote_and_no_more(room: Room) -> None:
    asked, other = room.person(Role.USER), room.person(Role.USER)
    mine = room.ask(Policy(users=frozenset({asked.id})))
    written = room.ask(Policy(roles=frozenset({"operator"})), author=other.id)
    desk = DecisionDesk(room.app.database, {})

    def read(actor: Actor) -> set[UUID]:
        return {view.id for view in room.app.decisions_queries.all(actor)[0]}

    assert (read(asked), read(other), read(room.admin)) == ({mine}, {written}, {mine, written})
    assert room.app.decisions_queries.of_subject(asked, "document", "7")[0].id == mine
    assert room.app.decisions_queries.decision(other, mine) is None
    with pytest.raises(NotFound):
        desk.vote(other, mine, digest="v1", vote=Vote.APPROVE)


def test_desk_refuses_what_no_room_acts_on(room: Room) -> None:
    asha = room.person(Role.OPERATOR)
    decision = room.ask(Policy(roles=frozenset({"operator"})))
    with pytest.raises(NobodyActsOnIt, match="about a document"):
        room.app.decisions.vote(asha, decision, digest="v1", vote=Vote.APPROVE)
    assert room.seen(asha, decision).state is DecisionState.OPEN


def test_list_is_found_by_the_index(room: Room) -> None:
    asha = room.person(Role.COUNCIL)
    money = room.council("money", [asha])
    room.ask(money)
    with room.app.database.begin() as uow:
        row = "gen_random_uuid(), 'document', n::text, 'v1', 'scout', '{scout}', '[]', '{council:other}', '{}', 'open', now()"
        columns = "id, subject_kind, subject_id, subject_digest, proposer_id, authors, panels, audience, voted, state, opened_at"
        uow.session.execute(text(f"INSERT INTO decisions ({columns}) SELECT {row} FROM generate_series(1, 5000) n"))
        uow.session.execute(text("ANALYZE decisions"))
    with room.app.database.reading() as session:
        query = select(Decision.id).where(waits_for(session, asha, room.app.clock.now()))
        spelled = query.compile(session.connection())
        plan = "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {spelled}", spelled.params).scalars())
    assert "ix_decisions_open_audience" in plan
    assert len(room.waits(asha)) == 1
