"""Giving a seat away until a date: what it lets the other person do, what it does not, and who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from core.actor import Actor, ActorKind, Role
from core.clock import ManualClock
from core.decisions.delegations import AlreadyDelegated
from core.decisions.policy import Policy, Rule
from core.decisions.rules import AlreadyVoted, DecisionState, Vote, VoteRefused
from core.errors import InvalidInput, NotAllowed, NotFound
from tests.core.decisions.conftest import DAY, Room

OPEN, APPROVED, REJECTED, EXPIRED = DecisionState
BOTH = Rule.UNANIMOUS


def test_seat_votes_by_the_person_it_was_given_to_and_the_ballot_says_so(room: Room) -> None:
    asha, bela = room.people(2)
    decision = room.ask(room.council("money", [asha]))
    assert room.waits(bela) == set()
    room.delegate(asha, bela, reason="On leave")

    assert room.waits(bela) == {decision}
    assert room.seen(bela, decision).votes_for == asha.name
    assert room.vote(bela, decision) is APPROVED

    (ballot,) = room.seen(asha, decision).ballots
    assert (ballot.voter, ballot.on_behalf_of, ballot.mine) == (bela.name, asha.name, True)


def test_seat_votes_once_whoever_is_first(room: Room) -> None:
    asha, bela, chen = room.people(3)
    both = Policy(council="money", rule=BOTH)
    first = room.ask(room.council("money", [asha, chen], policy=both))
    second = room.ask(both)
    room.delegate(asha, bela)
    room.vote(bela, first)
    room.vote(asha, second)

    assert room.waits(asha) == set()
    with pytest.raises(AlreadyVoted):
        room.vote(asha, first)
    with pytest.raises(VoteRefused, match="has voted already"):
        room.vote(bela, second)
    assert room.waits(bela) == set()


def test_who_has_a_seat_votes_with_that_one_only(room: Room) -> None:
    asha, bela = room.people(2)
    decision = room.ask(room.council("money", [asha, bela], policy=Policy(council="money", rule=BOTH)))
    room.delegate(asha, bela)

    assert room.seen(bela, decision).votes_for is None
    assert room.vote(bela, decision) is OPEN
    with pytest.raises(AlreadyVoted):
        room.vote(bela, decision)
    assert room.waits(bela) == set() and room.waits(asha) == {decision}
    assert room.vote(asha, decision) is APPROVED


def test_one_human_fills_one_seat_of_a_decision_however_many_were_given(room: Room) -> None:
    asha, bela, chen = room.people(3)
    decision = room.ask(room.council("money", [asha, bela], policy=Policy(council="money", rule=BOTH)))
    room.delegate(asha, chen)
    room.delegate(bela, chen)

    assert room.vote(chen, decision) is OPEN
    with pytest.raises(AlreadyVoted):
        room.vote(chen, decision)
    assert room.waits(chen) == set()


def test_it_is_not_given_on(room: Room) -> None:
    asha, bela, chen = room.people(3)
    decision = room.ask(room.council("money", [asha]))
    room.delegate(asha, bela)
    room.delegate(bela, chen)
    with pytest.raises(VoteRefused, match="council Money"):
        room.vote(chen, decision)


def test_it_holds_from_its_start_to_its_end_by_the_clock(room: Room, clock: ManualClock) -> None:
    asha, bela = room.people(2)
    money = room.council("money", [asha])
    one, two, three = (room.ask(money, hours=999) for _ in range(3))
    room.delegate(asha, bela, days=3, starts_at=clock.now() + DAY)

    with pytest.raises(VoteRefused):
        room.vote(bela, one)
    clock.advance(DAY)
    assert room.waits(bela) == {one, two, three}
    assert room.vote(bela, one) is APPROVED
    clock.advance(2 * DAY - timedelta(seconds=1))
    assert room.vote(bela, two) is APPROVED
    clock.advance(timedelta(seconds=1))
    assert room.waits(bela) == set()
    with pytest.raises(VoteRefused):
        room.vote(bela, three)


def test_taking_it_back_holds_at_once_and_what_was_voted_stands(room: Room) -> None:
    asha, bela = room.people(2)
    one, two = room.ask(room.council("money", [asha])), room.ask(Policy(council="money"))
    given = room.delegate(asha, bela)
    room.vote(bela, one)
    with pytest.raises(NotFound):
        room.app.delegations.revoke(bela, given)

    room.app.delegations.revoke(asha, given)

    with pytest.raises(VoteRefused):
        room.vote(bela, two)
    assert room.seen(asha, one).state is APPROVED
    assert room.app.delegations_queries.mine(asha) == []
    room.app.delegations.revoke(asha, given)
    assert len(room.app.audit_queries.entries(event="delegation.revoked")) == 1


def test_authors_neither_vote_through_others_nor_for_others(room: Room) -> None:
    asha, bela, chen = room.people(3)
    money = room.council("money", [asha, chen])
    by_giver, by_receiver = room.ask(money, author=asha.id), room.ask(money, author=bela.id)
    room.delegate(asha, bela)

    for decision in (by_giver, by_receiver):
        with pytest.raises(VoteRefused):
            room.vote(bela, decision)
    assert room.waits(bela) == set()
    assert room.waits(chen) == {by_giver, by_receiver}


def test_seat_given_for_one_council_votes_there_alone(room: Room) -> None:
    asha, bela = room.people(2)
    money, words = room.council("money", [asha]), room.council("words", [asha])
    only_money, only_words, in_both = room.ask(money), room.ask(words), room.ask(money, words)
    room.delegate(asha, bela, council_id="money")

    assert room.waits(bela) == {only_money}
    with pytest.raises(VoteRefused, match="sits on more of the panels"):
        room.vote(bela, in_both)
    with pytest.raises(VoteRefused, match="council Words"):
        room.vote(bela, only_words)
    assert room.vote(bela, only_money) is APPROVED


def test_operators_seat_can_be_given_too(room: Room) -> None:
    asha, bela = room.person(Role.OPERATOR), room.person(Role.COUNCIL)
    decision = room.ask(Policy(roles=frozenset({"operator"})))
    room.delegate(asha, bela)
    assert room.waits(bela) == {decision}
    assert room.vote(bela, decision, Vote.REJECT) is REJECTED


def test_who_lost_the_roles_or_the_account_of_the_giver_is_closed_votes_no_more(room: Room) -> None:
    asha, bela, chen, dora = room.people(4)
    first = room.ask(room.council("money", [asha]))
    second = room.ask(room.council("words", [chen]))
    room.delegate(asha, bela)
    room.delegate(chen, dora)
    assert bela.user_id and chen.user_id
    room.app.identity.change_user(room.admin, bela.user_id, roles=frozenset({Role.USER}))
    room.app.identity.change_user(room.admin, chen.user_id, active=False)

    with pytest.raises(VoteRefused):
        room.vote(replace(bela, roles=frozenset({Role.USER})), first)
    with pytest.raises(VoteRefused):
        room.vote(dora, second)
    assert room.waits(dora) == set()


def test_admin_gives_the_seat_of_an_absent_person_and_nobody_else_does(room: Room) -> None:
    asha, bela, chen = room.people(3)
    decision = room.ask(room.council("money", [asha]))
    with pytest.raises(NotAllowed, match="another person's seat"):
        room.delegate(chen, bela, of=asha.user_id)
    room.delegate(room.admin, bela, of=asha.user_id, reason="Ill")

    (row,) = room.app.delegations_queries.all(chen)
    assert (row.from_name, row.to_name, row.by_admin, row.in_force) == (asha.name, bela.name, True, True)
    assert room.vote(bela, decision) is APPROVED
    (entry,) = room.app.audit_queries.entries(event="delegation.given")
    assert entry.actor_id == room.admin.id and entry.after is not None and entry.after["from"] == asha.id
    room.app.delegations.revoke(room.admin, row.id)


def test_what_makes_no_sense_is_refused(room: Room, clock: ManualClock) -> None:
    asha, bela = room.people(2)
    reader = room.person(Role.USER, Role.ANALYST)
    room.council("money", [bela])
    with pytest.raises(InvalidInput, match="another person"):
        room.delegate(asha, asha)
    with pytest.raises(InvalidInput, match="none of the roles"):
        room.delegate(asha, reader)
    with pytest.raises(InvalidInput, match="none of the roles"):
        room.delegate(reader, asha)
    with pytest.raises(InvalidInput, match="after the start"):
        room.delegate(asha, bela, days=0)
    with pytest.raises(InvalidInput, match="after the start"):
        room.delegate(asha, bela, days=-1, starts_at=clock.now() - 5 * DAY)
    with pytest.raises(InvalidInput, match="365 days"):
        room.delegate(asha, bela, days=366)
    with pytest.raises(InvalidInput, match="does not sit"):
        room.delegate(asha, bela, council_id="money")
    with pytest.raises(NotFound):
        room.app.delegations.give(asha, to=uuid4(), ends_at=clock.now() + DAY)
    agent = Actor(ActorKind.AGENT, "scout", "Scout", frozenset(Role))
    with pytest.raises(NotAllowed):
        room.delegate(agent, bela)
    with pytest.raises(NotAllowed, match="this token"):
        room.delegate(replace(asha, scopes=frozenset({"read", "propose"})), bela)
    with pytest.raises(NotAllowed):
        room.delegate(replace(room.admin, scopes=frozenset({"decide"})), bela, of=asha.user_id)
    with pytest.raises(NotAllowed):
        room.app.delegations_queries.all(reader)
    assert room.app.audit_queries.entries(event="delegation.given") == []


def test_one_seat_is_given_to_one_person_at_a_time(room: Room, clock: ManualClock) -> None:
    asha, bela, chen = room.people(3)
    room.council("money", [asha])
    room.council("words", [asha])
    room.delegate(asha, bela, council_id="money", days=2)
    with pytest.raises(AlreadyDelegated, match=bela.name):
        room.delegate(asha, chen, council_id="money")
    with pytest.raises(AlreadyDelegated):
        room.delegate(asha, chen)
    room.delegate(asha, chen, council_id="words")
    room.delegate(asha, chen, council_id="money", starts_at=clock.now() + 2 * DAY)


def test_two_requests_at_once_give_a_seat_once(room: Room) -> None:
    asha, bela = room.people(2)

    def give(_: int) -> str:
        try:
            room.delegate(asha, bela)
            return "given"
        except AlreadyDelegated:
            return "refused"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(give, range(6))) == ["given"] + ["refused"] * 5


def test_author_whom_any_panel_recuses_is_not_voted_for_in_another_panel_either(room: Room) -> None:
    asha, bela, chen = room.people(3)
    strict = room.council("money", [asha, chen])
    lax = room.council("words", [asha], policy=Policy(council="words", recusal=False))
    decision = room.ask(strict, lax, author=asha.id)
    room.delegate(asha, bela)

    with pytest.raises(VoteRefused):
        room.vote(bela, decision)
    assert room.waits(bela) == set() and room.waits(asha) == {decision}
