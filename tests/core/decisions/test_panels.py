"""Several groups deciding one subject: each must approve, one human votes once, authors are recused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.actor import Role
from core.clock import ManualClock
from core.decisions import service as decisions
from core.decisions.checklist import UnknownCriterion, UnknownFinding
from core.decisions.policy import AtDeadline, InvalidPolicy, Policy, Rule
from core.decisions.rules import (
    AlreadyVoted,
    DecisionClosed,
    DecisionState,
    NotForRules,
    SubjectChanged,
    Vote,
    VoteRefused,
)
from tests.core.decisions.conftest import DAY, Room

OPEN, APPROVED, REJECTED, EXPIRED = DecisionState
OPERATORS = Policy(roles=frozenset({"operator"}))


def test_a_card_under_review_needs_each_council(room: Room) -> None:
    asha, bela, chen = room.people(3)
    money, words = room.council("money", [asha, bela]), room.council("words", [bela, chen])
    decision = room.ask(money, words)

    assert room.vote(asha, decision) is OPEN
    view = room.seen(chen, decision)
    assert [(one.council_name, one.state, one.approve, one.missing) for one in view.panels] == [
        ("Money", APPROVED, 1, None), ("Words", OPEN, 0, 1)
    ]  # fmt: skip
    assert [one.mine for one in view.panels] == [False, True]
    assert room.vote(chen, decision) is APPROVED


def test_one_ballot_counts_in_every_panel_where_its_seat_sits(room: Room) -> None:
    asha, bela, chen = room.people(3)
    decision = room.ask(room.council("money", [asha, bela]), room.council("words", [bela, chen]))
    assert room.vote(bela, decision) is APPROVED


def test_rejection_by_one_council_ends_it_for_all(room: Room) -> None:
    asha, bela, chen = room.people(3)
    decision = room.ask(room.council("money", [asha]), room.council("words", [bela, chen]))
    assert room.vote(chen, decision, Vote.REJECT) is REJECTED
    with pytest.raises(DecisionClosed, match="it was rejected"):
        room.vote(asha, decision)


def test_nobody_or_one_council_twice_cannot_be_asked(room: Room) -> None:
    money = room.council("money", room.people(1))
    with pytest.raises(InvalidPolicy, match="nobody is asked"):
        room.ask()
    with pytest.raises(InvalidPolicy, match="asked twice"):
        room.ask(money, money)


def test_who_edited_is_recused_from_then_on_and_ballots_are_void(room: Room) -> None:
    asha, bela = room.people(2, Role.OPERATOR)
    decision = room.ask(Policy(roles=frozenset({"operator"}), rule=Rule.N_OF, n=2))
    room.vote(asha, decision)

    room.reopen(asha, decision, author=asha.id)

    with pytest.raises(VoteRefused, match="edited"):
        room.vote(asha, decision, digest="v2")
    with pytest.raises(SubjectChanged):
        room.vote(bela, decision, digest="v1")
    assert room.seen(asha, decision).authors == tuple(sorted({"scout", asha.id}))
    assert room.waits(asha) == set() and room.waits(bela) == {decision}


def test_reopening_can_ask_others_and_keeps_the_proposer_an_author(room: Room) -> None:
    asha, bela = room.people(2, Role.OPERATOR)
    chen = room.people(1)[0]
    decision = room.ask(OPERATORS, author=asha.id)
    room.vote(bela, decision, Vote.APPROVE)
    room.reopen(bela, decision, panels=[room.council("money", [chen])], authors=[bela.id])

    view = room.seen(chen, decision)
    assert view.state is OPEN and view.ballots == () and view.by is None
    assert set(view.authors) == {asha.id, bela.id}
    with pytest.raises(VoteRefused, match="council Money"):
        room.vote(room.people(1, Role.OPERATOR)[0], decision, digest="v2")
    assert room.vote(chen, decision, digest="v2") is APPROVED


def test_four_eyes_switched_off_lets_the_author_decide(room: Room) -> None:
    asha = room.person(Role.OPERATOR)
    alone = Policy(roles=frozenset({"operator"}), recusal=False)
    decision = room.ask(alone, author=asha.id)
    assert room.waits(asha) == {decision}
    assert room.vote(asha, decision) is APPROVED


def test_author_votes_where_one_panel_does_not_recuse_and_counts_there_alone(room: Room) -> None:
    asha, bela = room.people(2)
    strict = room.council("money", [asha, bela])
    lax = room.council("words", [asha], policy=Policy(council="words", recusal=False))
    decision = room.ask(strict, lax, author=asha.id)

    assert room.waits(asha) == {decision}
    assert room.vote(asha, decision) is OPEN
    assert [one.approve for one in room.seen(asha, decision).panels] == [0, 1]
    assert room.vote(bela, decision) is APPROVED


def test_approval_by_a_rule_leaves_no_ballot_and_never_stands_in_for_a_council(room: Room) -> None:
    by_rule = room.ask(OPERATORS)
    reviewed = room.ask(OPERATORS, room.council("money", room.people(1)))
    voted = room.ask(Policy(roles=frozenset({"operator"}), rule=Rule.N_OF, n=2))
    room.vote(room.person(Role.OPERATOR), voted)
    with room.app.database.begin() as uow:
        decisions.approve_by_rule(uow, by_rule, digest="v1", why="Low risk, and every rule allows it.")
    for decision in (reviewed, voted):
        with pytest.raises(NotForRules), room.app.database.begin() as uow:
            decisions.approve_by_rule(uow, decision, digest="v1", why="Low risk.")
    with pytest.raises(DecisionClosed), room.app.database.begin() as uow:
        decisions.approve_by_rule(uow, by_rule, digest="v1", why="Again.")
    with pytest.raises(SubjectChanged), room.app.database.begin() as uow:
        decisions.approve_by_rule(uow, voted, digest="v0", why="Another version.")

    view = room.seen(room.admin, by_rule)
    assert (view.state, view.by, view.why) == (APPROVED, "rule", "Low risk, and every rule allows it.")
    (entry,) = room.app.audit_queries.entries(event="decision.settled", subject=f"decision:{by_rule}")
    assert entry.after is not None and entry.after["why"].startswith("Low risk")


def test_escalation_asks_admins_of_the_open_panel_only_and_then_expires(room: Room, clock: ManualClock) -> None:
    asha, bela = room.people(2)
    done = room.council("money", [asha], policy=Policy(council="money", at_deadline=AtDeadline.ESCALATE))
    late = room.council("words", [bela], policy=Policy(council="words", at_deadline=AtDeadline.ESCALATE))
    decision, other = room.ask(done, late), room.ask(done, late)
    room.vote(asha, decision)
    assert room.waits(room.admin) == set()

    clock.advance(DAY)
    assert room.close_due() == []

    assert [one.policy.escalated for one in room.seen(asha, decision).panels] == [False, True]
    assert room.waits(room.admin) == {decision, other}
    assert room.vote(room.admin, decision) is APPROVED
    clock.advance(DAY)
    assert room.close_due() == [EXPIRED]


def test_escalation_does_not_put_admins_in_the_place_of_a_council_that_is_switched_off(
    room: Room, clock: ManualClock
) -> None:
    policy = Policy(council="money", at_deadline=AtDeadline.ESCALATE)
    decision = room.ask(room.council("money", room.people(2), policy=policy))
    room.app.councils.set_active(room.admin, "money", False, expected_version=1)

    clock.advance(DAY)
    assert room.close_due() == []

    with pytest.raises(VoteRefused):
        room.vote(room.admin, decision)
    clock.advance(DAY)
    assert room.close_due() == [EXPIRED]


def test_checklist_is_kept_on_the_ballot_and_knows_only_the_voters_criteria(room: Room) -> None:
    asha, bela = room.people(2)
    money = room.council("money", [asha], criteria=("The amount is agreed", "The customer was called"))
    words = room.council("words", [bela], criteria=("It reads well",))
    decision = room.ask(money, words)

    with pytest.raises(UnknownCriterion, match="It reads well"):
        room.vote(asha, decision, checklist={"It reads well": "met"})
    with pytest.raises(UnknownFinding, match="perhaps"):
        room.vote(asha, decision, checklist={"The amount is agreed": "perhaps"})
    room.vote(asha, decision, checklist={"The amount is agreed": "not_met"})

    view = room.seen(bela, decision)
    assert view.ballots[0].checklist == {"The amount is agreed": "not_met"}
    assert [one.criteria for one in view.panels] == [
        ("The amount is agreed", "The customer was called"), ("It reads well",)
    ]  # fmt: skip


def test_ballot_of_who_left_the_council_no_longer_counts(room: Room) -> None:
    asha, bela, chen = room.people(3)
    both = Policy(council="money", rule=Rule.N_OF, n=2)
    decision = room.ask(room.council("money", [asha, bela, chen], policy=both))
    room.vote(asha, decision)
    ids = [one.user_id for one in (bela, chen) if one.user_id is not None]
    room.app.councils.set_members(room.admin, "money", ids, expected_version=1)

    assert room.vote(bela, decision) is OPEN
    assert room.vote(chen, decision) is APPROVED


def test_ballots_of_one_human_at_the_same_instant_are_one(room: Room) -> None:
    """Their own from two browsers, and one they were given from a third."""
    asha, bela = room.people(2)
    decision = room.ask(room.council("money", [asha, bela], policy=Policy(council="money", rule=Rule.UNANIMOUS)))
    room.delegate(bela, asha)

    def approve(_: int) -> str:
        try:
            return room.vote(asha, decision).value
        except AlreadyVoted:
            return "again"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(approve, range(6))) == ["again"] * 5 + ["open"]
    assert len(room.seen(asha, decision).ballots) == 1
