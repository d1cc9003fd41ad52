"""Founding and changing councils, and which work they must look at."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.actor import Actor, Role
from core.decisions.councils import CannotApprove, CouncilExists, Terms
from core.decisions.policy import Base, Policy, RiskLevel, Rule
from core.decisions.review import ReviewFacts, blocked_by, reviews_asked, reviews_needed
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests.core.decisions.conftest import Room

POLICY = Policy(council="money")


def ids(people: list[Actor]) -> list[UUID]:
    return [one.user_id for one in people if one.user_id is not None]


def test_admin_founds_a_council_and_the_audit_keeps_it_whole(room: Room) -> None:
    asha, bela = room.people(2)
    room.council(
        "money", [asha, bela], policy=Policy(council="money", rule=Rule.MAJORITY, base=Base.MEMBERS, quorum=2),
        description="Looks at what costs.", domains=("Finance", "email", "finance"), criteria=("It is agreed",),
        threshold=(Decimal("500"), "USD"), risk_from=RiskLevel.HIGH, blocked_operations=("email_send",),
    )  # fmt: skip

    row = room.app.councils_queries.read(asha, "money")
    assert (row.name, row.domains, row.threshold) == ("Money", ("email", "finance"), (Decimal("500.0000"), "USD"))
    assert (row.policy.rule, row.policy.base, row.policy.council) == (Rule.MAJORITY, Base.MEMBERS, "money")
    assert {one.id for one in row.members} == {asha.user_id, bela.user_id} and row.voters == 2
    (entry,) = room.app.audit_queries.entries(event="council.created")
    assert entry.after is not None
    assert entry.after["threshold"] == "500 USD" and entry.after["members"] == sorted([asha.id, bela.id])


def test_council_is_its_own_electorate_whatever_its_terms_say(room: Room) -> None:
    asha = room.people(1)[0]
    other = Policy(roles=frozenset({"user"}), escalated=True)
    with pytest.raises(CannotApprove):
        room.council("money", [], policy=other)
    room.council("money", [asha], policy=other)
    row = room.app.councils_queries.read(asha, "money")
    assert (row.policy.council, row.policy.roles, row.policy.escalated) == ("money", frozenset(), False)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"policy": Policy(council="money", rule=Rule.N_OF, n=3)}, CannotApprove, "3 must approve, and it has 2"),
        ({"policy": Policy(council="money", quorum=3)}, CannotApprove, "3 must take part"),
        ({"policy": Policy(council="money", veto=frozenset({"eve"}))}, CannotApprove, "veto"),
        ({"name": " "}, InvalidInput, "Name"),
        ({"description": "x" * 501}, InvalidInput, "Description"),
        ({"domains": ("x" * 81,)}, InvalidInput, "Domains"),
        ({"criteria": tuple(str(one) for one in range(21))}, InvalidInput, "at most 20"),
        ({"criteria": ("",)}, InvalidInput, "Criteria"),
        ({"threshold": (Decimal("-1"), "USD")}, InvalidInput, "Weekly savings"),
        ({"threshold": (Decimal("NaN"), "USD")}, InvalidInput, "Weekly savings"),
        ({"threshold": (Decimal("1"), "XXX")}, InvalidInput, "Currency"),
        ({"blocked_operations": ("rm_rf",)}, InvalidInput, "no operation rm_rf"),
    ],
)
def test_council_that_could_not_work_is_refused_when_founded_and_when_changed(
    room: Room, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    people = room.people(2)
    given: dict[str, Any] = {"name": "Money", "policy": POLICY} | change
    terms = Terms(**given)
    with pytest.raises(error, match=words):
        room.app.councils.create(room.admin, "money", terms, ids(people))
    assert room.app.councils_queries.all(room.admin) == []
    room.app.councils.create(room.admin, "money", Terms("Money", POLICY), ids(people))
    with pytest.raises(error, match=words):
        room.app.councils.change(room.admin, "money", terms, ids(people), expected_version=1)
    assert room.app.councils_queries.read(room.admin, "money").version == 1


def test_seats_are_for_people_who_are_there_and_may_decide(room: Room, person: Callable[..., Actor]) -> None:
    asha, idle = room.people(2)
    reader = person(Role.USER)
    assert asha.user_id and idle.user_id and reader.user_id
    room.app.identity.change_user(room.admin, idle.user_id, active=False)
    for members, error, words in (
        ([asha.user_id, uuid4()], NotFound, "no person"),
        ([asha.user_id, reader.user_id], InvalidInput, "none of the roles"),
        ([asha.user_id, idle.user_id], InvalidInput, "not active"),
        ([asha.user_id, asha.user_id], InvalidInput, "each once"),
        ([], CannotApprove, "no member is active"),
    ):
        with pytest.raises(error, match=words):
            room.app.councils.create(room.admin, "money", Terms("Money", POLICY), members)


def test_members_cannot_shrink_below_what_its_rule_needs(room: Room) -> None:
    asha, bela = room.people(2)
    room.council("money", [asha, bela], policy=Policy(council="money", rule=Rule.N_OF, n=2))
    with pytest.raises(CannotApprove, match="2 must approve"):
        room.app.councils.set_members(room.admin, "money", ids([asha]), expected_version=1)
    assert room.app.councils_queries.read(asha, "money").voters == 2


def test_second_of_two_admins_learns_that_the_first_was_faster(room: Room) -> None:
    people = room.people(2)
    room.council("money", people)
    terms = Terms("Cash", POLICY)
    room.app.councils.change(room.admin, "money", terms, ids(people), expected_version=1)
    acts: tuple[Callable[[], object], ...] = (
        lambda: room.app.councils.change(room.admin, "money", terms, ids(people), expected_version=1),
        lambda: room.app.councils.set_members(room.admin, "money", ids(people[:1]), expected_version=1),
        lambda: room.app.councils.set_active(room.admin, "money", False, expected_version=1),
    )
    for act in acts:
        with pytest.raises(Conflict):
            act()
    room.app.councils.change(room.admin, "money", terms, ids(people), expected_version=2)
    assert room.app.councils_queries.read(room.admin, "money").version == 2  # nothing changed, so no new version
    assert len(room.app.audit_queries.entries(event="council.changed")) == 1


def test_one_id_is_one_council_even_at_the_same_instant(room: Room) -> None:
    people = room.people(1)

    def found(_: int) -> str:
        try:
            room.council("money", people)
            return "made"
        except CouncilExists:
            return "there"

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(found, range(5))) == ["made"] + ["there"] * 4
    for bad in ("", "M", "../x", "a" * 65, "1st", "none"):
        with pytest.raises(InvalidInput, match="Council id"):
            room.council(bad, people)


def test_only_admins_change_councils_and_tokens_need_the_scope(room: Room) -> None:
    asha = room.person(Role.OPERATOR, Role.COUNCIL)
    room.council("money", [asha])
    weak = replace(room.admin, scopes=frozenset({"decide", "read"}))
    for actor in (asha, weak):
        acts: tuple[Callable[[Actor], object], ...] = (
            lambda who: room.app.councils.create(who, "mine", Terms("Mine", POLICY), ids([asha])),
            lambda who: room.app.councils.change(who, "money", Terms("Mine", POLICY), ids([asha]), expected_version=1),
            lambda who: room.app.councils.set_members(who, "money", ids([asha]), expected_version=1),
            lambda who: room.app.councils.set_active(who, "money", False, expected_version=1),
        )
        for act in acts:
            with pytest.raises(NotAllowed):
                act(actor)
    with pytest.raises(NotAllowed):
        room.app.councils_queries.all(room.person(Role.USER))
    with pytest.raises(NotFound):
        room.app.councils.set_active(room.admin, "none", False, expected_version=1)


def needed(room: Room, **facts: Any) -> list[str | None]:
    given = {"domains": frozenset(), "weekly_savings": None, "risk_rank": 0, "sample": False} | facts
    with room.app.database.reading() as session:
        return [policy.council for policy in reviews_needed(session, ReviewFacts(**given))]


def test_review_is_needed_by_domain_savings_or_risk_from_active_councils_of_the_same_data(room: Room) -> None:
    people = room.people(1)
    room.council("all", people, domains=("finance",), threshold=(Decimal("500"), "USD"), risk_from=RiskLevel.HIGH)
    room.council("words", people, domains=("email_send", "Media"))
    room.council("asleep", people, domains=("finance",))
    room.app.councils.set_active(room.admin, "asleep", False, expected_version=1)

    assert needed(room) == []
    assert needed(room, domains=frozenset({"FINANCE", "media"})) == ["all", "words"]
    assert needed(room, weekly_savings=(Decimal("500"), "USD")) == []
    assert needed(room, weekly_savings=(Decimal("500.01"), "USD")) == ["all"]
    assert needed(room, weekly_savings=(Decimal("1"), "EUR")) == ["all"]
    assert needed(room, risk_rank=RiskLevel.MEDIUM.rank) == []
    assert needed(room, risk_rank=RiskLevel.HIGH.rank) == ["all"]
    assert needed(room, risk_rank=RiskLevel.CRITICAL.rank) == ["all"]
    assert needed(room, weekly_savings=(Decimal("-600"), "USD")) == ["all"]
    assert needed(room, domains=frozenset({"finance"}), sample=True) == []


def test_council_that_is_asked_is_there_asleep_or_not_and_of_the_same_data(room: Room) -> None:
    room.council("words", room.people(1))
    room.app.councils.set_active(room.admin, "words", False, expected_version=1)
    with room.app.database.reading() as session:
        assert [one.council for one in reviews_asked(session, {"words"}, sample=False)] == ["words"]
        assert reviews_asked(session, (), sample=False) == ()
        for asked, sample in (("nobody", False), ("words", True)):
            with pytest.raises(NotFound):
                reviews_asked(session, {asked}, sample=sample)


def test_active_councils_block_operations(room: Room) -> None:
    people = room.people(1)
    room.council("money", people, blocked_operations=("email_send",))
    with room.app.database.reading() as session:
        assert blocked_by(session, "email_send", sample=False) == ("Money",)
        assert blocked_by(session, "email_send", sample=True) == ()
        assert blocked_by(session, "email", sample=False) == ()
    room.app.councils.set_active(room.admin, "money", False, expected_version=1)
    with room.app.database.reading() as session:
        assert blocked_by(session, "email_send", sample=False) == ()
