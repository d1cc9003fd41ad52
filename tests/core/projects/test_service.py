"""Filling and proposing a project: what cannot be planned is seen, who is asked is right, and nothing changes afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.actions.rules import ActionState, StoppedByGuardrails
from core.actions.tables import Action
from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.connectors.plan import Amount, Effect, Plan
from core.decisions import service as decisions
from core.decisions.councils import Terms
from core.decisions.policy import Policy
from core.decisions.replay import replay_all
from core.decisions.rules import NotForRules, VoteRefused
from core.decisions.tables import Decision
from core.errors import InvalidInput, NotAllowed, NotFound
from core.projects.rules import (
    MAX_ITEMS,
    CardWaits,
    ItemState,
    ItemsWithProblems,
    NothingToDo,
    ProjectStarted,
)
from tests.core.actions.gift import World
from tests.core.projects.conftest import Campaign, Item, Post, letter, post

BAD: Item = {"operation": "email_send", "key": "bad", "params": {"to": ["nobody"], "subject": "x", "body": "y"}}
OTHER = Actor(kind=ActorKind.AGENT, id="other", name="Other", scopes=frozenset({"read", "propose"}))


def test_item_that_cannot_be_planned_is_kept_with_its_reason(campaign: Campaign, app: Application) -> None:
    assert campaign.add(letter(1), BAD, {"operation": "none_such"}) == 2
    page = app.projects_queries.items(campaign.admin, campaign.id, state=ItemState.PROBLEM)
    assert [one.key for one in page.rows] == ["bad", "3"]
    assert "nobody" in page.rows[0].message and "none_such" in page.rows[1].message
    with pytest.raises(ItemsWithProblems, match="2 of the items"):
        campaign.propose()


def test_problems_are_corrected_removed_or_left_out(campaign: Campaign, app: Application) -> None:
    campaign.add(letter(1), BAD, {"operation": "none_such"}, {"operation": "none_either"})
    app.projects.edit_item(campaign.author, campaign.id, "bad", letter(2)["params"])
    app.projects.remove_items(campaign.author, campaign.id, ["3"])
    assert app.projects.leave_out_problems(campaign.author, campaign.id) == 1
    campaign.start()
    campaign.work()
    assert campaign.figures() == (3, 2, 0, 1)
    assert campaign.messages()["4"].startswith("Left out before approval. There is no operation none_either")


def test_what_could_not_be_planned_is_planned_again(campaign: Campaign, app: Application, world: World) -> None:
    del app.connectors._operations["post"]
    assert campaign.add(post(1)) == 1
    app.connectors.add(Post(world))
    assert app.projects.plan_again(campaign.author, campaign.id) == 0
    (item,) = app.projects_queries.items(campaign.admin, campaign.id).rows
    assert (item.state, item.channel, item.summary) == (ItemState.READY, "social", "Give post 1")


def test_key_that_is_there_already_adds_nothing(campaign: Campaign, app: Application) -> None:
    campaign.add(letter(1))
    with pytest.raises(InvalidInput, match="item 2: there is an item “letter-1” already"):
        campaign.add(letter(2), letter(1))
    with pytest.raises(InvalidInput, match="line 3: there is an item “a” already"):
        app.projects.add_upload(campaign.author, campaign.id, b"key,operation\na,x\na,x\n", "x.csv")
    assert app.projects_queries.items(campaign.admin, campaign.id).total == 1


def test_project_holds_only_so_many(campaign: Campaign, app: Application) -> None:
    campaign.add(letter(1))
    with pytest.raises(InvalidInput, match="it has 1 and these are 5,000"):
        app.projects.add_items(campaign.author, campaign.id, [{"operation": "x"}] * MAX_ITEMS)
    with pytest.raises(InvalidInput, match="there is none"):
        app.projects.add_items(campaign.author, campaign.id, [])


def test_empty_project_is_not_proposed(campaign: Campaign) -> None:
    with pytest.raises(NothingToDo):
        campaign.propose()


def test_project_is_proposed_once_at_a_time_and_again_after_a_rejection(campaign: Campaign, app: Application) -> None:
    campaign.add(letter(1))
    card = campaign.propose()
    with pytest.raises(CardWaits):
        campaign.propose()
    app.actions.reject(campaign.admin, card, "Not now.")
    assert campaign.propose() != card


def test_started_project_stays_as_it_was_approved(campaign: Campaign, app: Application) -> None:
    campaign.add(letter(1))
    campaign.start()
    who, project, projects = campaign.author, campaign.id, app.projects
    for act in (
        lambda: campaign.add(letter(2)),
        lambda: projects.remove_items(who, project, ["letter-1"]),
        lambda: projects.edit_item(who, project, "letter-1", letter(2)["params"]),
        lambda: projects.leave_out_problems(who, project),
        lambda: projects.plan_again(who, project),
        campaign.propose,
    ):
        with pytest.raises(ProjectStarted):
            act()
    with pytest.raises(ProjectStarted):
        app.actions.propose(who, "execute_plan", {"project_id": str(project)}, title="Again")


def test_two_cards_for_one_project_start_it_once(campaign: Campaign, app: Application) -> None:
    campaign.add(letter(1))
    params = {"project_id": str(campaign.id)}
    cards = [
        app.actions.propose(campaign.author, "execute_plan", params, title=f"Card {n}", rationale=str(n))
        for n in range(2)
    ]
    for card in cards:
        campaign.approve(card)
    assert campaign.execute(cards[0]) == "executed"
    second = app.actions_queries.card(campaign.admin, cards[1])
    key = f"{cards[1]}:{second.row.plan_digest[:16]}"
    receipt = app.connectors.operation("execute_plan").execute(second.plan, key)
    assert receipt.message == "Another card started this project. Nothing was repeated."
    campaign.execute(cards[1])
    assert app.actions_queries.progress(cards)[cards[1]].state is ActionState.FAILED
    campaign.work()
    assert campaign.figures() == (1, 1, 0, 0) and len(campaign.waiting()) == 1


def test_others_neither_see_nor_fill_it(campaign: Campaign, app: Application, person: Callable[..., Actor]) -> None:
    campaign.add(letter(1))
    queries = app.projects_queries
    for act in (
        lambda: app.projects.add_items(OTHER, campaign.id, [letter(2)]),
        lambda: app.projects.propose(OTHER, campaign.id),
        lambda: queries.project(OTHER, campaign.id),
        lambda: queries.items(OTHER, campaign.id),
        lambda: queries.item(OTHER, campaign.id, "letter-1"),
        lambda: queries.report(OTHER, campaign.id),
        lambda: queries.events(OTHER, campaign.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert queries.page(OTHER)[:2] == ([], 0)
    with pytest.raises(NotAllowed):
        app.projects.create(person(Role.USER), "Mine")


# -- who is asked ---------------------------------------------------------------------------------------------------


def test_who_wrote_an_item_does_not_approve_it(
    campaign: Campaign, app: Application, person: Callable[..., Actor]
) -> None:
    # Given that Omar wrote the items, Olga edited one, and an agent proposes the whole
    omar, olga, otto = (person(Role.OPERATOR, name=name) for name in ("Omar", "Olga", "Otto"))
    app.projects.add_items(omar, campaign.id, [letter(1), letter(2)])
    app.projects.edit_item(olga, campaign.id, "letter-1", letter(3)["params"])
    card = campaign.propose()
    for author in (omar, olga):
        with pytest.raises(VoteRefused):
            campaign.approve(card, author)
    campaign.approve(card, otto)


def test_who_added_to_a_card_that_came_back_does_not_approve_it(
    campaign: Campaign, app: Application, person: Callable[..., Actor]
) -> None:
    omar = person(Role.OPERATOR, name="Omar")
    campaign.add(letter(1))
    card = campaign.propose()
    campaign.approve(card)
    app.projects.add_items(omar, campaign.id, [letter(2)])
    assert campaign.execute(card) == "pending"
    with pytest.raises(VoteRefused):
        campaign.approve(card, omar)


@pytest.mark.parametrize("domain", ["social", "post", "irreversible", "email_send"])
def test_council_that_oversees_an_item_is_asked_about_the_project(
    campaign: Campaign, app: Application, world: World, person: Callable[..., Actor], admin: Actor, domain: str
) -> None:
    member = person(Role.COUNCIL, name="Carla")
    assert member.user_id is not None
    terms = Terms(name="Posts", policy=Policy(council="posts"), domains=(domain,))
    app.councils.create(admin, "posts", terms, [member.user_id])
    campaign.add(letter(1), post(1))
    card = campaign.propose()
    assert app.actions_queries.card(admin, card).row.councils == ("posts",)


def test_blocked_operation_inside_stops_the_project(
    campaign: Campaign, app: Application, world: World, admin: Actor
) -> None:
    campaign.add(letter(1), post(1))
    card = campaign.propose()
    terms = Terms(name="Posts", policy=Policy(council="posts"), domains=("nothing",), blocked_operations=("post",))
    app.councils.create(admin, "posts", terms, [admin.user_id or uuid4()])
    with pytest.raises(StoppedByGuardrails, match="blocked by Posts"):
        campaign.approve(card)


def test_what_items_move_is_summed_and_makes_it_financial(
    campaign: Campaign, app: Application, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = app.connectors.operation("post")
    plain, signs = operation.plan, iter([1, -1])

    def costs(params: object) -> Plan:
        return replace(plain(params), amounts=(Amount(Decimal("12.50") * next(signs), "EUR"),))

    monkeypatch.setattr(operation, "plan", costs)
    campaign.add(post(1), post(2), letter(1))
    plan = app.connectors.plan("execute_plan", {"project_id": str(campaign.id)})
    assert plan.amounts == (Amount(Decimal("25.00"), "EUR"),)
    assert app.connectors.operation("execute_plan").effect_of(plan) is Effect.FINANCIAL
    assert plan.leaves_machine


def test_project_does_not_start_another(campaign: Campaign) -> None:
    assert campaign.add({"operation": "execute_plan", "params": {"project_id": str(campaign.id)}}) == 1


# -- parts of a decision --------------------------------------------------------------------------------------------


def test_part_is_approved_only_by_a_whole_that_is(campaign: Campaign, app: Application) -> None:
    campaign.add(letter(1))
    card = campaign.propose()
    with app.database.begin() as uow:
        whole = uow.session.get_one(Action, card)
        assert whole.decision_id is not None

        def part(panels: Policy | None = None) -> object:
            found = uow.session.get_one(Decision, whole.decision_id)
            asked = panels or Policy.from_json(found.panels[0])
            subject = decisions.Subject("action", "part", "d" * 64)
            return decisions.open_decision(uow, subject, asked, proposer_id="scout", deadline=None)

        def approve(decision: object, digest: str = whole.plan_digest) -> None:
            decisions.approve_as_part(
                uow, decision, digest="d" * 64, whole=whole.decision_id, whole_digest=digest, why="Part of it."  # type: ignore[arg-type]
            )  # fmt: skip

        with pytest.raises(NotForRules):
            approve(part())
    campaign.approve(card)
    with app.database.begin() as uow:
        whole = uow.session.get_one(Action, card)
        with pytest.raises(NotForRules):
            approve(part(), "e" * 64)
        with pytest.raises(NotForRules):
            approve(part(Policy(roles=frozenset({"admin"}))))
        approve(part())


def test_replay_finds_a_part_whose_whole_was_not_approved(campaign: Campaign, app: Application) -> None:
    campaign.add(letter(1))
    card = campaign.start()
    campaign.work()
    with app.database.begin() as uow:
        where = "WHERE subject_id = :card"
        uow.session.execute(text(f"UPDATE decisions SET subject_digest = repeat('0', 64) {where}"), {"card": str(card)})
    with app.database.reading() as session:
        assert any("approved as a part" in fault for fault in replay_all(session).faults)
