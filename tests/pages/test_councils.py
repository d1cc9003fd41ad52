"""Councils in words, changed by admins; ballots with criteria; seats given away while one is absent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.decisions.checklist import Finding
from core.decisions.councils import Terms
from core.decisions.policy import Policy, RiskLevel, Rule
from core.decisions.rules import DecisionState, Vote
from core.decisions.views import DecisionView
from pages.components.council_form import council_id_of
from tests.pages.conftest import Visit

MAIL = {"to": ["a@example.com"], "subject": "Hello", "body": "One"}
CRITERIA = ("The amount is agreed", "The tone fits")


@pytest.fixture
def members(app: Application, admin: Actor, person: Callable[..., Actor]) -> list[Actor]:
    """Three who sit on the council Money; two of them must approve."""
    people = [person(Role.COUNCIL, name=name) for name in ("Bela Kun", "Chen Wei", "Dora Silva")]
    policy = Policy(council="money", rule=Rule.N_OF, n=2)
    terms = Terms(
        "Money", policy, "Looks at what costs.", ("finance",), CRITERIA, (Decimal("500"), "USD"), RiskLevel.HIGH,
    )  # fmt: skip
    app.councils.create(admin, "money", terms, [one.user_id for one in people if one.user_id])
    return people


def proposed(app: Application, admin: Actor, title: str = "Write to A", to: str = "a@example.com") -> UUID:
    return app.actions.propose(admin, "email_send", MAIL | {"to": [to]}, title=title, domains=("finance",))


def decision_of(app: Application, actor: Actor, action_id: UUID) -> DecisionView:
    found = app.actions_queries.card(actor, action_id).decision
    assert found is not None
    return found


def words(screen: AppTest) -> str:
    """Everything that is written on the page."""
    shown: list[Any] = [*screen.title, *screen.header, *screen.subheader, *screen.markdown, *screen.caption]
    html = [str(one.proto.body) for one in screen.get("html")]
    return "\n".join([*(str(one.value) for one in shown), *html, *(one.value for one in screen.info)])


def button(screen: AppTest, start: str) -> Any:
    return next(one for one in screen.button if str(one.key).startswith(start))


# -- councils ---------------------------------------------------------------------------------------------------------


def test_council_is_said_in_plain_sentences(visit: Visit, app: Application, admin: Actor, members: list[Actor]) -> None:
    proposed(app, admin)
    said = words(visit("councils", members[0]))
    assert "1 council decides what operators may not decide alone; 1 review is open." in said
    assert "It takes the approval of 2 of its 3 members." in said
    assert "What is about finance, is said to save more than $500 a week or has high risk or higher." in said
    assert "Chen Wei" in said and "The tone fits" in said


def test_members_read_and_only_admins_change(visit: Visit, members: list[Actor]) -> None:
    for query in ({}, {"council": "money"}, {"new": "yes"}):
        screen = visit("councils", members[0], **query)
        assert not screen.exception
        assert not [one for one in screen.button if str(one.key).startswith(("change", "switch", "save", "new"))]


def test_admin_makes_a_council(visit: Visit, app: Application, admin: Actor, person: Callable[..., Actor]) -> None:
    asha = person(Role.COUNCIL)
    screen = visit("councils", admin, new="yes")
    screen.text_input(key="name-new").set_value("Words & tone").run()
    screen.multiselect(key="members-new").set_value([asha.user_id]).run()
    screen.text_area(key="criteria-new").set_value("It reads well\n\nNobody is named").run()
    assert "Its one member decides." in words(screen)
    button(screen, "save-new").click().run()

    row = app.councils_queries.read(admin, "words-tone")
    assert (row.name, row.criteria, row.voters) == ("Words & tone", ("It reads well", "Nobody is named"), 1)
    assert "new" not in screen.query_params
    assert "Its one member decides." in words(screen)


def test_what_cannot_work_is_said_and_nothing_is_lost(visit: Visit, app: Application, admin: Actor) -> None:
    screen = visit("councils", admin, new="yes")
    screen.text_input(key="name-new").set_value("Words").run()
    button(screen, "save-new").click().run()
    assert "no member is active" in screen.error[0].value
    assert screen.text_input(key="name-new").value == "Words"
    assert app.councils_queries.all(admin) == []


def test_second_admin_learns_that_the_first_was_faster(
    visit: Visit, app: Application, admin: Actor, members: list[Actor]
) -> None:
    screen = visit("councils", admin, council="money")
    app.councils.set_active(admin, "money", False, expected_version=1)
    screen.text_input(key="name-money-1").set_value("Cash")
    button(screen, "save-money").click().run()
    assert app.councils_queries.read(admin, "money").name == "Money"
    assert not screen.exception


def test_council_is_switched_off_and_on(visit: Visit, app: Application, admin: Actor, members: list[Actor]) -> None:
    screen = visit("councils", admin)
    button(screen, "switch-money").click().run()
    assert app.councils_queries.read(admin, "money").active is False
    button(screen, "switch-money").click().run()
    assert app.councils_queries.read(admin, "money").active is True


@pytest.mark.parametrize(
    ("name", "word"),
    [("Money & risk", "money-risk"), ("Überblick", "uberblick"), ("3", "council-3"), ("合", "council")],
)
def test_council_is_called_by_its_name_in_addresses(name: str, word: str) -> None:
    assert council_id_of(name) == word


# -- ballots ----------------------------------------------------------------------------------------------------------


def test_ballot_carries_criteria_reason_and_the_version_that_was_read(
    visit: Visit, app: Application, admin: Actor, members: list[Actor]
) -> None:
    action_id = proposed(app, admin)
    screen = visit("review", members[0])
    said = words(screen)
    assert "1 decision waits for your vote" in said
    assert "0 of 2 criteria" in said and "0 of 3 approve; 2 more decide" in said
    screen.button_group[0].set_value(Finding.MET).run()
    screen.text_area[0].set_value("It is agreed").run()
    button(screen, "vote-approve").click().run()

    view = decision_of(app, members[1], action_id)
    assert (view.ballots[0].vote, view.ballots[0].reason) == (Vote.APPROVE, "It is agreed")
    assert view.ballots[0].checklist == {"The amount is agreed": "met"}
    assert "You approved this" in words(screen)
    assert not [one for one in screen.button if str(one.key).startswith("vote-")]


def test_after_a_vote_the_next_decision_opens_by_a_click_of_its_own(
    visit: Visit, app: Application, admin: Actor, members: list[Actor]
) -> None:
    first, second = proposed(app, admin, "First"), proposed(app, admin, "Second", "b@example.com")
    screen = visit("review", members[0])
    assert screen.header[0].value == "First"
    key = button(screen, "vote-approve").key
    button(screen, "vote-approve").click().run()

    assert screen.header[0].value == "First"
    assert key not in [one.key for one in screen.button]
    button(screen, "next-review").click().run()
    assert screen.header[0].value == "Second"
    assert button(screen, "vote-approve").key != key
    assert decision_of(app, admin, second).ballots == () and len(decision_of(app, admin, first).ballots) == 1


def test_rejection_needs_a_reason_and_ends_it_when_it_is_certain(
    visit: Visit, app: Application, admin: Actor, members: list[Actor]
) -> None:
    action_id = proposed(app, admin)
    app.decisions.vote(
        members[1], decision_of(app, admin, action_id).id, digest=decision_of(app, admin, action_id).digest,
        vote=Vote.REJECT, reason="No",
    )  # fmt: skip
    screen = visit("review", members[0])
    button(screen, "vote-reject").click().run()
    assert "Say why" in screen.error[0].value
    assert len(decision_of(app, admin, action_id).ballots) == 1
    screen.text_area[0].set_value("Too early").run()
    button(screen, "vote-reject").click().run()
    assert decision_of(app, admin, action_id).state is DecisionState.REJECTED


def test_vote_on_a_plan_that_was_edited_meanwhile_is_not_counted(
    visit: Visit, app: Application, admin: Actor, members: list[Actor], person: Callable[..., Actor]
) -> None:
    action_id = proposed(app, admin)
    screen = visit("review", members[0])
    version = app.actions_queries.card(admin, action_id).row.version
    app.actions.edit(person(Role.OPERATOR), action_id, MAIL | {"body": "Two"}, expected_version=version)

    button(screen, "vote-approve").click().run()

    assert decision_of(app, admin, action_id).ballots == ()
    assert "changed" in screen.error[0].value


def test_who_does_not_sit_reads_why_they_may_not_vote(
    visit: Visit, app: Application, admin: Actor, members: list[Actor], person: Callable[..., Actor]
) -> None:
    view = decision_of(app, admin, proposed(app, admin))
    screen = visit("review", person(Role.COUNCIL), decision=str(view.id))
    assert "You cannot vote: it is decided by members of the council Money." in words(screen)
    assert not [one for one in screen.button if str(one.key).startswith("vote-")]


def test_history_holds_what_one_voted_and_nobody_elses(
    visit: Visit, app: Application, admin: Actor, members: list[Actor]
) -> None:
    view = decision_of(app, admin, proposed(app, admin))
    app.decisions.vote(members[0], view.id, digest=view.digest, vote=Vote.ABSTAIN)
    assert "How you voted" in words(visit("review", members[0]))
    assert "How you voted" not in words(visit("review", members[1]))


@pytest.mark.parametrize("query", [{"decision": "x' OR 1"}, {"decision": "01a1fe18-bb95-725b-b9f6-909835524912"}])
def test_address_of_nothing_opens_what_closes_first(
    visit: Visit, app: Application, admin: Actor, members: list[Actor], query: dict[str, str]
) -> None:
    proposed(app, admin)
    screen = visit("review", members[0], **query)
    assert not screen.exception and screen.header[0].value == "Write to A"


# -- seats given away -------------------------------------------------------------------------------------------------


def test_seat_is_given_on_the_profile_and_taken_back(
    visit: Visit, app: Application, admin: Actor, members: list[Actor], person: Callable[..., Actor]
) -> None:
    bela, elif_ = members[0], person(Role.COUNCIL, name="Elif Kaya")
    proposed(app, admin)
    screen = visit("profile", bela)
    screen.selectbox(key="to-own").set_value(elif_.user_id)
    screen.selectbox(key="seat-own").set_value("money")
    screen.text_input(key="reason-own").set_value("On leave")
    button(screen, "FormSubmitter:away-own").click().run()

    (row,) = app.delegations_queries.mine(bela)
    assert (row.to_name, row.council_id, row.reason, row.in_force) == ("Elif Kaya", "money", "On leave", True)
    assert row.ends_at - app.clock.now() <= timedelta(days=8)
    assert "You vote for Bela Kun" in words(visit("review", elif_))
    assert "Bela Kun" in words(visit("councils", members[1]))
    assert not [one for one in visit("councils", members[1]).button if str(one.key).startswith("take-")]
    button(visit("profile", bela), "take-").click().run()
    assert app.delegations_queries.mine(bela) == []


def test_nobody_chosen_is_said(visit: Visit, app: Application, members: list[Actor]) -> None:
    screen = visit("profile", members[0])
    button(screen, "FormSubmitter:away-own").click().run()
    assert "Choose who votes" in screen.error[0].value
    assert app.delegations_queries.mine(members[0]) == []


def test_who_never_decides_has_no_seat_to_give(visit: Visit, person: Callable[..., Actor]) -> None:
    assert "While you are away" not in words(visit("profile", person(Role.USER, Role.ANALYST)))
