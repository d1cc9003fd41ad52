"""Closed decisions come out again the same from their stored ballots; what was tampered with is found."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from core.clock import ManualClock
from core.decisions import service as decisions
from core.decisions.closing import replayed
from core.decisions.electorate import as_cast, ballots_of
from core.decisions.policy import AtDeadline, Policy, Rule
from core.decisions.queries import NoRoll
from core.decisions.rules import DecisionClosed, DecisionState, Vote
from core.decisions.tables import Ballot, Decision
from core.errors import NotFound
from core.identifiers import new_id
from tests.core.decisions.conftest import DAY, Room

OPEN, APPROVED, REJECTED, EXPIRED = DecisionState


def test_stored_ballots_give_the_stored_result_in_whatever_order_they_are_read(room: Room, clock: ManualClock) -> None:
    people = room.people(4)
    money = [
        Policy(council="money", rule=Rule.MAJORITY, at_deadline=AtDeadline.REJECT),
        Policy(council="money", rule=Rule.N_OF, n=2),
        Policy(council="money", rule=Rule.UNANIMOUS),
        Policy(council="money", veto=frozenset({people[0].id}), rule=Rule.MAJORITY),
    ]
    room.council("money", people[:3], policy=money[0])
    words = room.council("words", people[1:])
    asked = []
    for policy, panels, votes in product(money, (1, 2), product(Vote, repeat=3)):
        decision = room.ask(policy, *([words] if panels == 2 else []))
        asked.append(decision)
        for actor, vote in zip(people, votes, strict=False):
            try:
                room.vote(actor, decision, vote)
            except DecisionClosed:
                break
    clock.advance(DAY)
    room.close_due()

    seen = set()
    with room.app.database.reading() as session:
        for decision in asked:
            row, cast = session.get_one(Decision, decision), as_cast(ballots_of(session, decision))
            assert row.outcome is not None
            for order in permutations(cast):
                assert replayed(row.outcome, order) is row.state
            seen.add((row.state, row.outcome["by"]))
    assert {state for state, _ in seen} == {APPROVED, REJECTED, EXPIRED}
    assert {by for _, by in seen} == {"ballots", "deadline"}
    report = room.app.decisions_queries.replay_all()
    assert (report.replayed, report.faults) == (len(asked), ())
    assert all(room.app.decisions_queries.replay(one) is room.seen(room.admin, one).state for one in asked)


def test_replay_goes_by_the_roll_of_then_not_by_the_members_of_now(room: Room) -> None:
    asha, bela = room.people(2)
    decision = room.ask(room.council("money", [asha, bela], policy=Policy(council="money", rule=Rule.UNANIMOUS)))
    room.vote(asha, decision)
    room.vote(bela, decision)
    assert bela.user_id
    room.app.councils.set_members(room.admin, "money", [bela.user_id], expected_version=1)

    assert room.app.decisions_queries.replay(decision) is APPROVED
    (panel,) = room.seen(asha, decision).panels
    assert (panel.seats, panel.approve) == (2, 2)


def test_rule_and_withdrawal_replay_too_and_open_ones_have_nothing_to_replay(room: Room) -> None:
    operators = Policy(roles=frozenset({"operator"}))
    ruled, withdrawn, still_open = (room.ask(operators) for _ in range(3))
    with room.app.database.begin() as uow:
        decisions.approve_by_rule(uow, ruled, digest="v1", why="Every rule allows it.")
        decisions.withdraw(uow, withdrawn)
    assert room.app.decisions_queries.replay(ruled) is APPROVED
    assert room.app.decisions_queries.replay(withdrawn) is EXPIRED
    with pytest.raises(NoRoll):
        room.app.decisions_queries.replay(still_open)
    with pytest.raises(NotFound):
        room.app.decisions_queries.replay(new_id())
    with room.app.database.begin() as uow:
        uow.session.execute(update(Decision).where(Decision.id == ruled).values(outcome=None))
    report = room.app.decisions_queries.replay_all()
    assert (report.replayed, report.without_roll, report.faults) == (1, 1, ())


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        ("UPDATE decisions SET state = 'rejected'", "its ballots say approved"),
        ("UPDATE ballots SET vote = 'reject'", "its ballots say rejected"),
        ("DELETE FROM ballots", "its ballots say open"),
        ("UPDATE ballots SET reason = 'Something else'", "not those it was closed with"),
        ("UPDATE decisions SET outcome = '{}'", "cannot be read"),
        ("""UPDATE decisions SET outcome = jsonb_set(outcome, '{panels,0,seats}', '[]')""", "its ballots say open"),
        (
            """UPDATE decisions SET outcome = '{"by": "rule", "why": "I say so", "panels": []}'""",
            "its ballots say open",
        ),
    ],
)
def test_what_was_changed_behind_its_back_is_found(room: Room, tamper: str, words: str) -> None:
    asha = room.people(1)[0]
    room.vote(asha, room.ask(room.council("money", [asha])))
    assert room.app.decisions_queries.replay_all().faults == ()
    with room.app.database.begin() as uow:
        uow.session.execute(text(tamper))
    (fault,) = room.app.decisions_queries.replay_all().faults
    assert words in fault


def test_one_human_cannot_have_two_ballots_even_past_the_service(room: Room) -> None:
    asha, bela = room.people(2)
    decision = room.ask(room.council("money", [asha, bela], policy=Policy(council="money", rule=Rule.UNANIMOUS)))
    room.vote(asha, decision)
    with room.app.database.reading() as session:
        ballot = session.scalars(select(Ballot)).one()
        assert (ballot.voter_id, ballot.cast_by_id) == (asha.user_id, asha.user_id)
    for voter, caster in ((asha, bela), (bela, asha)):
        with pytest.raises(IntegrityError), room.app.database.begin() as uow:
            uow.session.add(
                Ballot(
                    decision_id=decision, voter_id=voter.user_id, voter_name="x", cast_by_id=caster.user_id,
                    cast_by_name="x", vote=Vote.APPROVE, cast_at=uow.now,
                )
            )  # fmt: skip
