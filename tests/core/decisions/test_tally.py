"""The tally agrees with a specification written on its own, for every council of up to five and every policy."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import combinations, combinations_with_replacement, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actor import Actor, ActorKind, Role
from core.decisions.rules import (
    AtDeadline,
    Base,
    Cast,
    DecisionState,
    InvalidPolicy,
    Panel,
    Policy,
    Rule,
    Vote,
    approvals_missing,
    electorate_of,
    outcome_at_deadline,
    tally,
    tally_all,
    why_not_vote,
)

PEOPLE = ("asha", "bela", "chen", "dora", "emil")
OPEN, APPROVED, REJECTED, EXPIRED = DecisionState
LETTERS = {"A": Vote.APPROVE, "R": Vote.REJECT, "x": Vote.ABSTAIN}
SILENT = "-"

Choices = tuple[str, str]
"""What the people with a veto and those without chose, as sorted letters: who of them chose what makes no difference
(which `test_who_is_who_makes_no_difference` shows), so one arrangement stands for all."""


# -- the specification ------------------------------------------------------------------------------------------------


@cache
def carried(policy: Policy, choices: Choices) -> bool:
    """Whether these ballots, were they all there will ever be, carry the motion; the quorum left aside."""
    with_veto, everybody = choices[0], choices[0] + choices[1]
    yes, no, cast = everybody.count("A"), everybody.count("R"), len(everybody) - everybody.count(SILENT)
    if "R" in with_veto:
        return False
    if policy.rule is Rule.ANY_ONE:
        return yes > 0 and no == 0
    if policy.rule is Rule.N_OF:
        return yes >= policy.n
    if policy.rule is Rule.UNANIMOUS:
        return yes > 0 and no == 0 and cast == len(everybody)
    whole = {Base.MEMBERS: len(everybody), Base.BALLOTS: cast, Base.VOTES: yes + no}[policy.base]
    return whole > 0 and Fraction(yes, whole) > Fraction(1, 2)


@cache
def next_choices(choices: Choices) -> tuple[Choices, ...]:
    """Where one more ballot may lead."""
    found = set()
    for side in (0, 1):
        if SILENT in choices[side]:
            for letter in LETTERS:
                moved = list(choices)
                moved[side] = "".join(sorted(choices[side].replace(SILENT, letter, 1)))
                found.add((moved[0], moved[1]))
    return tuple(sorted(found))


@cache
def may_carry(policy: Policy, choices: Choices) -> bool:
    """Whether there is a way to go on that carries it."""
    return carried(policy, choices) or any(may_carry(policy, one) for one in next_choices(choices))


@cache
def must_carry(policy: Policy, choices: Choices) -> bool:
    """Whether it is carried however it goes on."""
    return carried(policy, choices) and all(must_carry(policy, one) for one in next_choices(choices))


def specified(policy: Policy, quorum: int, choices: Choices, *, final: bool) -> DecisionState:
    everybody = choices[0] + choices[1]
    cast = len(everybody) - everybody.count(SILENT)
    if not cast:
        return OPEN
    if "R" in choices[0] or not may_carry(policy, choices):
        return REJECTED  # a rejection needs no quorum
    if final and policy.rule is Rule.MAJORITY:
        enough = cast >= quorum if quorum else Fraction(cast, len(everybody)) > Fraction(1, 2)
        return OPEN if not enough else APPROVED if carried(policy, choices) else REJECTED
    certain = final or policy.rule is Rule.ANY_ONE or must_carry(policy, choices)
    return APPROVED if carried(policy, choices) and certain and cast >= quorum else OPEN


# -- everything there is ----------------------------------------------------------------------------------------------


def policies(size: int, vetoes: int) -> Iterator[Policy]:
    everybody, veto = frozenset(PEOPLE[:size]) or frozenset({"nobody"}), frozenset(PEOPLE[:vetoes])
    for rule in Rule:
        for n in range(1, 6) if rule is Rule.N_OF else (1,):
            for base in Base if rule is Rule.MAJORITY else (Base.VOTES,):
                for quorum in range(6):
                    yield Policy(users=everybody, rule=rule, n=n, base=base, quorum=quorum, veto=veto)


def without_quorum(policy: Policy) -> Policy:
    return Policy(users=policy.users, rule=policy.rule, n=policy.n, base=policy.base, veto=policy.veto)


def all_choices(size: int, vetoes: int) -> Iterator[Choices]:
    letters = SILENT + "ARx"
    for with_veto in combinations_with_replacement(sorted(letters), vetoes):
        for others in combinations_with_replacement(sorted(letters), size - vetoes):
            yield "".join(with_veto), "".join(others)


def ballots(choices: Choices) -> list[Cast]:
    pairs = zip(PEOPLE, choices[0] + choices[1], strict=False)
    return [Cast(person, LETTERS[letter]) for person, letter in pairs if letter != SILENT]


COUNCILS = [(size, vetoes) for size in range(6) for vetoes in range(size + 1)]


@pytest.mark.parametrize(("size", "vetoes"), COUNCILS)
def test_tally_is_as_specified_for_every_council_policy_and_set_of_ballots(size: int, vetoes: int) -> None:
    electorate = frozenset(PEOPLE[:size])
    states = [(choices, ballots(choices)) for choices in all_choices(size, vetoes)]
    for policy in policies(size, vetoes):
        bare = without_quorum(policy)
        for choices, cast in states:
            for final in (False, True):
                found = tally(policy, electorate, cast, final=final)
                wanted = specified(bare, policy.quorum, choices, final=final)
                assert found is wanted, (policy, choices, final)


@pytest.mark.parametrize(("size", "vetoes"), COUNCILS)
def test_nothing_that_may_still_come_changes_a_closed_result(size: int, vetoes: int) -> None:
    """One more ballot, or the deadline, and so by induction any number of them.

    With "any one" the first side taken decides, so nobody votes after it; what is rejected stays so even then.
    """
    electorate = frozenset(PEOPLE[:size])
    for policy in policies(size, vetoes):
        for choices in all_choices(size, vetoes):
            state = tally(policy, electorate, ballots(choices))
            if state is OPEN or (policy.rule is Rule.ANY_ONE and state is APPROVED):
                continue
            assert tally(policy, electorate, ballots(choices), final=True) is state, (policy, choices)
            for later in next_choices(choices):
                assert tally(policy, electorate, ballots(later)) is state, (policy, choices, later)


@pytest.mark.parametrize("size", range(1, 6))
def test_who_is_who_makes_no_difference(size: int) -> None:
    """Renaming the people, with their vetoes, and shuffling the ballots leaves every result as it is."""
    electorate = frozenset(PEOPLE[:size])
    for vetoes in range(size + 1):
        for policy in policies(size, vetoes):
            if policy.quorum not in {0, size}:
                continue
            for letters in product("-ARx", repeat=size):
                first = [
                    Cast(one, LETTERS[letter]) for one, letter in zip(PEOPLE, letters, strict=False) if letter != "-"
                ]
                wanted = tally(policy, electorate, first)
                for order in ((1, 0, 2, 3, 4), (1, 2, 3, 4, 0), (4, 3, 2, 1, 0)):
                    names = dict(
                        zip(PEOPLE, sorted(PEOPLE[:size], key=lambda one: order[PEOPLE.index(one)]), strict=False)
                    )
                    renamed = Policy(
                        users=policy.users, rule=policy.rule, n=policy.n, base=policy.base, quorum=policy.quorum,
                        veto=frozenset(names[one] for one in policy.veto),
                    )  # fmt: skip
                    again = [Cast(names[one.voter], one.vote) for one in reversed(first)]
                    assert tally(renamed, electorate, again) is wanted, (policy, letters, order)


@pytest.mark.parametrize(("size", "vetoes"), [(size, vetoes) for size, vetoes in COUNCILS if size in {1, 3, 4}])
def test_approvals_missing_are_the_fewest_that_decide(size: int, vetoes: int) -> None:
    electorate = frozenset(PEOPLE[:size])
    for policy in policies(size, vetoes):
        for choices in all_choices(size, vetoes):
            cast = ballots(choices)
            if tally(policy, electorate, cast) is not OPEN:
                continue
            waiting = sorted(electorate - {one.voter for one in cast})
            enough = [
                len(chosen)
                for count in range(1, len(waiting) + 1)
                for chosen in _subsets(waiting, count)
                if tally(policy, electorate, [*cast, *(Cast(one, Vote.APPROVE) for one in chosen)]) is APPROVED
            ]
            assert approvals_missing(Panel(policy, electorate), cast) == (min(enough) if enough else None)


def _subsets(people: list[str], count: int) -> Iterator[tuple[str, ...]]:
    return combinations(people, count)


# -- several panels ---------------------------------------------------------------------------------------------------

ONE = Policy(users=frozenset(PEOPLE))
BOTH = Policy(users=frozenset(PEOPLE), rule=Rule.UNANIMOUS)


def test_every_panel_must_approve_and_one_rejects_for_all() -> None:
    first, second = Panel(ONE, frozenset({"asha", "bela"})), Panel(BOTH, frozenset({"bela", "chen"}))
    asha, bela, chen = (Cast(one, Vote.APPROVE) for one in ("asha", "bela", "chen"))

    assert tally_all([first, second], [asha]) is OPEN
    assert tally_all([first, second], [bela]) is OPEN  # one ballot counts in both, and the second needs chen
    assert tally_all([first, second], [bela, chen]) is APPROVED
    assert tally_all([first, second], [asha, Cast("chen", Vote.REJECT)]) is REJECTED


def test_without_a_panel_nothing_is_approved() -> None:
    assert tally_all([], [Cast("asha", Vote.APPROVE)]) is OPEN
    assert outcome_at_deadline([], [Cast("asha", Vote.APPROVE)]) is EXPIRED
    assert tally_all([Panel(ONE, frozenset())], [Cast("asha", Vote.APPROVE)]) is OPEN


def test_several_panels_come_out_as_specified_whatever_their_states() -> None:
    """Panels of one person each, who approves, rejects or is silent: all combinations of three."""
    for letters in product("-AR", repeat=3):
        panels = [Panel(ONE, frozenset({person})) for person in PEOPLE[:3]]
        cast = [Cast(one, LETTERS[letter]) for one, letter in zip(PEOPLE, letters, strict=False) if letter != "-"]
        wanted = REJECTED if "R" in letters else APPROVED if set(letters) == {"A"} else OPEN
        assert tally_all(panels, cast) is wanted


@pytest.mark.parametrize("voted", [0, 1])
def test_at_the_deadline_rejected_beats_expired_beats_escalated(voted: int) -> None:
    """All mixtures of three panels; a panel that has approved has nothing to say of the deadline."""
    cast = [Cast(PEOPLE[0], Vote.APPROVE)] * voted
    for outcomes in product(AtDeadline, repeat=3):
        panels = [
            Panel(Policy(users=frozenset({one}), at_deadline=outcome), frozenset({one}))
            for one, outcome in zip(PEOPLE, outcomes, strict=False)
        ]
        undecided = outcomes[voted:]
        wanted = REJECTED if AtDeadline.REJECT in undecided else EXPIRED if AtDeadline.EXPIRE in undecided else OPEN
        assert outcome_at_deadline(panels, cast) is wanted


def test_what_was_escalated_once_expires() -> None:
    policy = Policy(council="board", at_deadline=AtDeadline.ESCALATE, escalated=True)
    assert outcome_at_deadline([Panel(policy, frozenset(PEOPLE))], []) is EXPIRED


# -- cases in words ---------------------------------------------------------------------------------------------------


def test_tie_of_a_majority_is_rejected_once_everybody_has_voted() -> None:
    policy, four = Policy(users=frozenset(PEOPLE), rule=Rule.MAJORITY), frozenset(PEOPLE[:4])
    votes = [Cast("asha", Vote.APPROVE), Cast("bela", Vote.APPROVE), Cast("chen", Vote.REJECT)]

    assert tally(policy, four, votes) is OPEN
    assert tally(policy, four, [*votes, Cast("dora", Vote.REJECT)]) is REJECTED


@pytest.mark.parametrize(
    ("base", "cast", "expected"),
    [
        (Base.VOTES, "AxxxR", REJECTED),  # a tie
        (Base.VOTES, "Axxxx", APPROVED),  # one for, nobody against
        (Base.BALLOTS, "AAxxx", REJECTED),  # two of five
        (Base.BALLOTS, "AAAxx", APPROVED),
        (Base.MEMBERS, "AAA", APPROVED),
        (Base.MEMBERS, "AAxx", OPEN),  # the fifth decides
        (Base.MEMBERS, "AAxxx", REJECTED),
    ],
)
def test_base_says_what_a_majority_is_more_than_half_of(base: Base, cast: str, expected: DecisionState) -> None:
    policy = Policy(users=frozenset(PEOPLE), rule=Rule.MAJORITY, base=base)
    assert tally(policy, frozenset(PEOPLE), _cast(cast)) is expected


@pytest.mark.parametrize(
    ("quorum", "cast", "expected"),
    [
        (0, "AA", OPEN),  # two of four: not more than half took part
        (0, "AAR", APPROVED),
        (0, "ARx", REJECTED),
        (2, "AA", APPROVED),
        (4, "AAA", OPEN),
    ],
)
def test_majority_at_the_deadline_counts_the_ballots_if_enough_took_part(
    quorum: int, cast: str, expected: DecisionState
) -> None:
    policy = Policy(users=frozenset(PEOPLE), rule=Rule.MAJORITY, quorum=quorum)
    assert tally(policy, frozenset(PEOPLE[:4]), _cast(cast), final=True) is expected


def test_every_order_in_which_ballots_could_have_come_ends_alike() -> None:
    """Votes stop when it closes, so an order could have come if no shorter beginning of it closes it."""
    for policy in policies(4, 1):
        for letters in product("ARx", repeat=4):
            cast = _cast("".join(letters))
            ends = set()
            for order in permutations(cast):
                closed = [tally(policy, frozenset(PEOPLE[:4]), order[:count]) for count in range(1, 5)]
                if closed[:3] == [OPEN] * 3:
                    ends.add(closed[3])
            assert len(ends) <= 1, (policy, letters)


def _cast(letters: str) -> list[Cast]:
    return [Cast(person, LETTERS[letter]) for person, letter in zip(PEOPLE, letters, strict=False)]


@given(
    rule=st.sampled_from(Rule),
    votes=st.dictionaries(st.sampled_from(("eve", "mallory")), st.sampled_from(Vote)),
    final=st.booleans(),
)
def test_ballots_of_outsiders_never_count(rule: Rule, votes: dict[str, Vote], final: bool) -> None:
    policy = Policy(users=frozenset(PEOPLE), rule=rule)
    cast = [Cast(*one) for one in votes.items()]
    assert tally(policy, frozenset(PEOPLE), cast, final=final) is OPEN
    assert tally(policy, frozenset(), cast, final=final) is OPEN


@given(
    roles=st.frozensets(st.sampled_from(["operator", "admin"]), min_size=1), rule=st.sampled_from(Rule),
    n=st.integers(1, 9), quorum=st.integers(0, 9), base=st.sampled_from(Base), recusal=st.booleans(),
    veto=st.frozensets(st.text(max_size=5)), escalated=st.booleans(), at_deadline=st.sampled_from(AtDeadline),
    groups=st.frozensets(st.sampled_from(["pm", "PM ", "Business Analyst"])),
)  # fmt: skip
def test_policy_survives_storage(
    roles: frozenset[str], rule: Rule, n: int, quorum: int, base: Base, recusal: bool, veto: frozenset[str],
    escalated: bool, at_deadline: AtDeadline, groups: frozenset[str],
) -> None:  # fmt: skip
    policy = Policy(
        groups=groups, roles=roles, rule=rule, n=n, quorum=quorum, base=base, recusal=recusal, veto=veto, escalated=escalated,
        at_deadline=at_deadline,
    )  # fmt: skip
    assert Policy.from_json(policy.to_json()) == policy
    assert ("groups" in policy.to_json()) == bool(policy.groups)  # what was stored before is spelled as it was


@pytest.mark.parametrize(
    "stored", [{}, {"roles": []}, {"council": "x", "roles": ["admin"]}, {"roles": ["admin"], "n": 0},
               {"roles": ["admin"], "rule": "whoever"}, {"roles": ["admin"], "n": "many"},
               {"roles": ["admin"], "base": "the moon"}],
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
