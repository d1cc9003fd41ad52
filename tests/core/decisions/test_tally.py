"""The tally agrees with a specification written on its own, for every small electorate, policy and set of ballots."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actor import Actor, ActorKind, Role
from core.decisions.rules import (
    Cast,
    DecisionState,
    InvalidPolicy,
    Policy,
    Rule,
    Vote,
    electorate_of,
    tally,
    why_not_vote,
)

PEOPLE = ("asha", "bela", "chen", "dora")
Votes = dict[str, Vote]


def satisfied(policy: Policy, electorate: tuple[str, ...], votes: Votes) -> bool:
    """The specification: whether these ballots, were they all there will ever be, carry the motion."""
    counted = list(votes.values())
    yes, no = counted.count(Vote.APPROVE), counted.count(Vote.REJECT)
    if any(votes.get(person) is Vote.REJECT for person in policy.veto):
        return False
    return {
        Rule.ANY_ONE: yes > 0 and no == 0,
        Rule.N_OF: yes >= policy.n,
        Rule.MAJORITY: yes > no,
        Rule.UNANIMOUS: yes > 0 and no == 0 and set(votes) == set(electorate),
    }[policy.rule]


def futures(electorate: tuple[str, ...], votes: Votes) -> Iterator[Votes]:
    """Every way in which those who have not voted may still vote, or stay silent."""
    waiting = [person for person in electorate if person not in votes]
    for choice in product([None, *Vote], repeat=len(waiting)):
        yield votes | {person: vote for person, vote in zip(waiting, choice, strict=True) if vote is not None}


def specified(policy: Policy, electorate: tuple[str, ...], votes: Votes) -> DecisionState:
    if not votes:
        return DecisionState.OPEN
    if any(votes.get(person) is Vote.REJECT for person in policy.veto):
        return DecisionState.REJECTED
    if policy.quorum > len(electorate):
        return DecisionState.OPEN
    if not any(satisfied(policy, electorate, future) for future in futures(electorate, votes)):
        return DecisionState.REJECTED
    # With "any one" the first side taken decides; with the others nothing that may still come can change it.
    certain = policy.rule is Rule.ANY_ONE or all(
        satisfied(policy, electorate, future) for future in futures(electorate, votes)
    )
    carried = satisfied(policy, electorate, votes) and certain
    return DecisionState.APPROVED if carried and len(votes) >= policy.quorum else DecisionState.OPEN


def policies(veto: frozenset[str]) -> Iterator[Policy]:
    for rule, n, quorum in product(Rule, (1, 2, 3), (0, 1, 2, 3, 5)):
        if n == 1 or rule is Rule.N_OF:
            yield Policy(users=frozenset(PEOPLE), rule=rule, n=n, quorum=quorum, veto=veto)


@pytest.mark.parametrize("size", range(5))
@pytest.mark.parametrize("veto", [frozenset(), frozenset({"asha"})], ids=["no veto", "veto"])
def test_tally_is_as_specified_for_every_small_electorate(size: int, veto: frozenset[str]) -> None:
    electorate = PEOPLE[:size]
    for policy in policies(veto):
        for choice in product([None, *Vote], repeat=size):
            votes = {person: vote for person, vote in zip(electorate, choice, strict=True) if vote is not None}
            found = tally(policy, frozenset(electorate), [Cast(*one) for one in votes.items()])
            assert found is specified(policy, electorate, votes), (policy, votes)


def test_tie_of_a_majority_is_rejected_once_everybody_has_voted() -> None:
    policy = Policy(users=frozenset(PEOPLE), rule=Rule.MAJORITY)
    votes = [Cast("asha", Vote.APPROVE), Cast("bela", Vote.APPROVE), Cast("chen", Vote.REJECT)]

    assert tally(policy, frozenset(PEOPLE), votes) is DecisionState.OPEN
    assert tally(policy, frozenset(PEOPLE), [*votes, Cast("dora", Vote.REJECT)]) is DecisionState.REJECTED


@pytest.mark.parametrize(
    ("quorum", "cast", "expected"),
    [
        (0, "AA", DecisionState.OPEN),  # two of four: not more than half took part
        (0, "AAR", DecisionState.APPROVED),
        (0, "ARx", DecisionState.REJECTED),
        (2, "AA", DecisionState.APPROVED),
        (4, "AAA", DecisionState.OPEN),
    ],
)
def test_majority_at_the_deadline_counts_the_ballots_if_enough_took_part(
    quorum: int, cast: str, expected: DecisionState
) -> None:
    policy = Policy(users=frozenset(PEOPLE), rule=Rule.MAJORITY, quorum=quorum)
    letters = {"A": Vote.APPROVE, "R": Vote.REJECT, "x": Vote.ABSTAIN}
    ballots = [Cast(person, letters[letter]) for person, letter in zip(PEOPLE, cast, strict=False)]

    assert tally(policy, frozenset(PEOPLE), ballots, final=True) is expected


@given(
    rule=st.sampled_from(Rule),
    votes=st.dictionaries(st.sampled_from(("eve", "mallory")), st.sampled_from(Vote)),
    final=st.booleans(),
)
def test_ballots_of_outsiders_never_count(rule: Rule, votes: Votes, final: bool) -> None:
    policy = Policy(users=frozenset(PEOPLE), rule=rule)
    ballots = [Cast(*one) for one in votes.items()]
    assert tally(policy, frozenset(PEOPLE), ballots, final=final) is DecisionState.OPEN
    assert tally(policy, frozenset(), ballots, final=final) is DecisionState.OPEN


@given(
    roles=st.frozensets(st.sampled_from(["operator", "admin"]), min_size=1), rule=st.sampled_from(Rule),
    n=st.integers(1, 9), quorum=st.integers(0, 9), recusal=st.booleans(), veto=st.frozensets(st.text(max_size=5)),
)  # fmt: skip
def test_policy_survives_storage(
    roles: frozenset[str], rule: Rule, n: int, quorum: int, recusal: bool, veto: frozenset[str]
) -> None:
    policy = Policy(roles=roles, rule=rule, n=n, quorum=quorum, recusal=recusal, veto=veto)
    assert Policy.from_json(policy.to_json()) == policy


@pytest.mark.parametrize(
    "stored", [{}, {"roles": []}, {"council": "x", "roles": ["admin"]}, {"roles": ["admin"], "n": 0},
               {"roles": ["admin"], "rule": "whoever"}, {"roles": ["admin"], "n": "many"}],
)  # fmt: skip
def test_policy_that_could_not_decide_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy):
        Policy.from_json(stored)


def test_who_may_vote() -> None:
    asha = Actor(ActorKind.PERSON, "asha", "Asha", frozenset({Role.OPERATOR}))
    policy = Policy(roles=frozenset({"operator"}))
    everyone = frozenset({"asha", "bela"})

    assert why_not_vote(asha, policy, everyone, "scout") is None
    assert "proposes does not decide" in str(why_not_vote(asha, policy, everyone, "asha"))
    assert "decided by operator" in str(why_not_vote(asha, policy, frozenset({"bela"}), "scout"))
    agent = Actor(ActorKind.AGENT, "asha", "Asha's agent")
    assert "people decide" in str(why_not_vote(agent, policy, everyone, "scout"))
    reader = Actor(ActorKind.PERSON, "asha", "Asha", frozenset({Role.OPERATOR}), scopes=frozenset({"read"}))
    assert "token" in str(why_not_vote(reader, policy, everyone, "scout"))
    assert electorate_of(policy, everyone, "asha") == {"bela"}
    open_to_all = Policy(roles=frozenset({"operator"}), recusal=False)
    assert electorate_of(open_to_all, everyone, "asha") == everyone
    assert why_not_vote(asha, open_to_all, everyone, "asha") is None
