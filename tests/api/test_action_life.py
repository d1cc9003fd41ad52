"""The whole life of an action over the API: plan, edit by version, vote, batch, put off, retry, undo, find out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from core.actions.rules import ActionState
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import rejected, unknown
from core.decisions.councils import Terms
from core.decisions.policy import Policy
from core.decisions.rules import Rule
from core.engine.steps import InlineSteps
from core.guardrails.limits import ExecutionMode
from core.idempotency.rules import KEPT
from core.identity.rules import Scope
from tests.api.test_actions import APPROVE, REMINDER
from tests.core.actions.gift import Returnable, World
from tests.waiting import until

URL = "/api/actions"
GIFT = {"operation": "gift", "params": {"what": "a book"}, "title": "Give a book"}


@pytest.fixture
def world(app: Application, admin: Actor) -> World:
    world = World()
    app.connectors._operations["gift"] = Returnable(world)
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    return world


@pytest.fixture
def agent(as_agent: Callable[..., TestClient]) -> TestClient:
    return as_agent()


@pytest.fixture
def other(person: Callable[..., Actor], as_actor: Callable[..., TestClient]) -> TestClient:
    """A second operator."""
    return as_actor(person(Role.OPERATOR, name="Omar"))


def execute(app: Application, action_id: str) -> str | None:
    """Runs the latest attempt as a worker would."""
    number = app.actions_queries.progress([UUID(action_id)])[UUID(action_id)].attempts
    return app.action_execution.execute_action(InlineSteps(), action_id, number)


def proposed(caller: TestClient, body: Mapping[str, Any] = REMINDER, **more: Any) -> dict[str, Any]:
    answer = caller.post(URL, json={**body, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def approved(app: Application, operator: TestClient, agent: TestClient, body: Mapping[str, Any]) -> str:
    """A proposal of the agent's that the operator approved and a worker carried out, however that went."""
    action = proposed(agent, body)
    said = operator.post(f"{URL}/{action['id']}/approve", json={"plan_digest": action["plan_digest"]})
    assert said.status_code == 202, said.text
    execute(app, action["id"])
    return str(action["id"])


def refused(answer: Any, status: int, code: str) -> str:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return str(answer.json()["detail"])


# -- looking first ----------------------------------------------------------------------------------------------------


def test_plan_shows_what_would_happen_and_keeps_nothing(app: Application, agent: TestClient, admin: Actor) -> None:
    members = [admin.user_id or uuid4()]
    terms = Terms(name="Money", policy=Policy(council="money", rule=Rule.ANY_ONE), domains=("dunning",))
    app.councils.create(admin, "money", terms, members)
    body = {"operation": "email_send", "params": REMINDER["params"], "domains": ["dunning"]}
    before = app.audit_queries.count()

    seen = agent.post(f"{URL}/plan", json=body)

    assert seen.status_code == 200, seen.text
    answer = seen.json()
    assert answer["plan"]["message"]["text"] == "It is due on Friday."
    assert answer["reviews"] == ["money"]
    assert {verdict["rule"] for verdict in answer["guardrails"]} >= {"mode", "channel", "recipients"}
    assert app.audit_queries.count() == before
    assert agent.get(URL).json()["total"] == 0
    real = proposed(agent, domains=["dunning"])
    assert real["plan_digest"] == answer["plan_digest"]
    assert real["councils"] == ["money"]


def test_plan_says_what_stops_it(app: Application, admin: Actor, agent: TestClient) -> None:
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    seen = agent.post(f"{URL}/plan", json={"operation": "email_send", "params": REMINDER["params"]}).json()
    assert seen["judgement"] == "stop"
    assert any(verdict["stops"] for verdict in seen["guardrails"])


def test_plan_that_makes_no_sense_is_refused(agent: TestClient, user: TestClient) -> None:
    assert agent.post(f"{URL}/plan", json={"operation": "made_up", "params": {}}).status_code == 404
    assert agent.post(f"{URL}/plan", json={"operation": "email_send", "params": {}}).status_code == 422
    refused(user.post(f"{URL}/plan", json={"operation": "email_send", "params": REMINDER["params"]}), 403, "NotAllowed")


def test_weekly_savings_bring_it_before_a_council(app: Application, admin: Actor, agent: TestClient) -> None:
    terms = Terms(
        name="Money", policy=Policy(council="money", rule=Rule.ANY_ONE), threshold=(Decimal(500), "USD")
    )  # fmt: skip
    app.councils.create(admin, "money", terms, [admin.user_id or uuid4()])

    above = proposed(agent, weekly_savings={"value": "500.01", "currency": "USD"})
    below = proposed(agent, weekly_savings={"value": "500", "currency": "USD"})

    assert (above["councils"], below["councils"]) == (["money"], [])
    assert above["impact"]["weekly_savings"] == {"value": "500.01", "currency": "USD"}


# -- the same request -------------------------------------------------------------------------------------------------


def test_repeat_with_the_same_key_answers_the_same_action(agent: TestClient, clock: ManualClock) -> None:
    key = {"idempotency-key": "nightly-2026-01-05"}
    first = agent.post(URL, json=REMINDER, headers=key)
    again = agent.post(URL, json=REMINDER, headers=key)

    assert first.status_code == again.status_code == 201
    assert first.headers["location"] == again.headers["location"]
    assert agent.get(URL).json()["total"] == 1
    said = refused(agent.post(URL, json=REMINDER | {"title": "Another"}, headers=key), 422, "KeyOfAnotherRequest")
    assert "nothing was made" in said
    clock.advance(KEPT)
    assert agent.post(URL, json=REMINDER, headers=key).headers["location"] != first.headers["location"]


def test_key_belongs_to_its_sender(agent: TestClient, operator: TestClient) -> None:
    key = {"idempotency-key": "k-1"}
    assert (
        agent.post(URL, json=REMINDER, headers=key).json()["id"]
        != (operator.post(URL, json=REMINDER, headers=key).json()["id"])
    )


def test_two_at_once_with_one_key_make_one_action(app: Application, agent: TestClient) -> None:
    start = threading.Barrier(6)

    def ask(_: int) -> Any:
        start.wait()
        return agent.post(URL, json=REMINDER, headers={"idempotency-key": "k-1"})

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert agent.get(URL).json()["total"] == 1


def test_refused_proposal_frees_its_key_and_a_bad_key_is_refused(agent: TestClient) -> None:
    key = {"idempotency-key": "k-1"}
    assert agent.post(URL, json=REMINDER | {"operation": "made_up"}, headers=key).status_code == 404
    assert agent.post(URL, json=REMINDER, headers=key).status_code == 201
    for bad in ("", "two words", "a" * 256):
        answer = agent.post(URL, json=REMINDER, headers={"idempotency-key": bad})
        assert answer.status_code == 422, bad
    assert agent.get(URL).json()["total"] == 1


# -- editing ----------------------------------------------------------------------------------------------------------


def test_edit_needs_the_version_that_was_read(agent: TestClient, operator: TestClient) -> None:
    where = f"{URL}/{proposed(agent)['id']}"
    etag = operator.get(where).headers["etag"]
    body = {"params": REMINDER["params"] | {"body": "It was due."}}

    refused(operator.patch(where, json=body), 428, "VersionNeeded")
    edited = operator.patch(where, json=body, headers={"if-match": etag})
    assert edited.status_code == 200, edited.text
    assert edited.headers["etag"] != etag
    assert edited.json()["plan"]["message"]["text"] == "It was due."
    assert edited.json()["differences"]

    later = {"params": REMINDER["params"] | {"body": "Pay."}}
    refused(operator.patch(where, json=later, headers={"if-match": etag}), 412, "Conflict")
    for none_of_ours in (f"W/{edited.headers['etag']}", '"abc"', '"99999999999"'):
        refused(operator.patch(where, json=later, headers={"if-match": none_of_ours}), 412, "VersionGone")
    refused(operator.patch(where, json=later, headers={"if-match": "3"}), 422, "InvalidInput")
    assert operator.get(where).headers["etag"] == edited.headers["etag"]
    assert operator.patch(where, json=later, headers={"if-match": "*"}).status_code == 200


def test_agent_proposes_and_edits_nothing_not_even_its_own(agent: TestClient) -> None:
    action = proposed(agent)
    answer = agent.patch(
        f"{URL}/{action['id']}", json={"params": {}}, headers={"if-match": f'"{action["version"]}"'}
    )  # fmt: skip
    assert answer.status_code == 403
    assert 'scope="decide"' in answer.headers["www-authenticate"]


def test_council_member_without_operator_does_not_edit(
    agent: TestClient, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    action = proposed(agent)
    member = as_actor(person(Role.COUNCIL))
    refused(member.patch(f"{URL}/{action['id']}", json={"params": {}}, headers={"if-match": "*"}), 403, "NotAllowed")


def test_whoever_edits_does_not_approve(agent: TestClient, operator: TestClient, other: TestClient) -> None:
    where = f"{URL}/{proposed(agent)['id']}"
    body = {"params": REMINDER["params"] | {"body": "Pay."}}
    edited = operator.patch(where, json=body, headers={"if-match": "*"}).json()

    own = operator.post(f"{where}/approve", json={"plan_digest": edited["plan_digest"]})
    assert own.status_code == 403
    assert other.post(f"{where}/approve", json={"plan_digest": edited["plan_digest"]}).status_code == 202


# -- deciding ---------------------------------------------------------------------------------------------------------


def test_council_votes_with_its_checklist(
    app: Application, admin: Actor, agent: TestClient, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    members = [person(Role.COUNCIL) for _ in range(3)]
    terms = Terms(
        name="Money", policy=Policy(council="money", rule=Rule.MAJORITY), domains=("email",), criteria=("Is it owed?",)
    )
    app.councils.create(admin, "money", terms, [one.user_id or uuid4() for one in members])
    action = proposed(agent)
    where = f"{URL}/{action['id']}"
    ballot = {"plan_digest": action["plan_digest"], "vote": "approve", "checklist": {"Is it owed?": "met"}}
    first, second, third = (as_actor(one) for one in members)

    one = first.post(f"{where}/vote", json=ballot)
    assert one.status_code == 200, one.text
    assert (one.json()["status"], one.json()["decision"]["panels"][0]["approve"]) == ("pending", 1)
    refused(first.post(f"{where}/vote", json=ballot), 409, "AlreadyVoted")
    refused(second.post(f"{where}/vote", json=ballot | {"plan_digest": "0" * 64}), 409, "PlanChanged")
    refused(second.post(f"{where}/vote", json=ballot | {"vote": "reject"}), 422, "InvalidInput")
    assert second.post(f"{where}/vote", json=ballot | {"vote": "maybe"}).status_code == 422
    assert second.post(f"{where}/vote", json=ballot).json()["status"] == "approved"
    refused(third.post(f"{where}/vote", json=ballot), 409, "ActionAlreadyDecided")


def test_mine_lists_what_waits_for_my_vote(agent: TestClient, operator: TestClient, other: TestClient) -> None:
    own = proposed(operator)
    foreign = proposed(agent)

    def waiting(caller: TestClient) -> set[str]:
        return {one["id"] for one in caller.get(URL, params={"mine": True}).json()["actions"]}

    assert waiting(operator) == {foreign["id"]}
    assert waiting(other) == {own["id"], foreign["id"]}
    assert waiting(agent) == set()


def test_batch_answers_for_each_and_one_refusal_stops_nobody(
    app: Application, admin: Actor, agent: TestClient, operator: TestClient
) -> None:
    app.guardrails.set_mode(admin, ExecutionMode.PREVIEW)
    subjects = iter(range(100))

    def card(caller: TestClient) -> dict[str, Any]:
        return proposed(caller, params=REMINDER["params"] | {"subject": f"Invoice {next(subjects)}"})

    good, changed, own = card(agent), card(agent), card(operator)
    items = [{"action_id": one["id"], "plan_digest": one["plan_digest"]} for one in (good, changed, own)]
    items[1]["plan_digest"] = "0" * 64
    items.append({"action_id": str(uuid4()), "plan_digest": "0" * 64})

    answer = operator.post(f"{URL}/approve", json={"items": items, "reason": "All are owed"})

    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [one["action_id"] for one in results] == [one["action_id"] for one in items]
    assert [one["status"] for one in results] == ["approved", None, None, None]
    assert "plan has changed" in results[1]["error"]
    assert "does not decide" in results[2]["error"] or "may not" in results[2]["error"]
    assert "There is no action" in results[3]["error"]
    assert (answer.json()["approved"], answer.json()["refused"]) == (1, 3)


def test_batch_is_bounded_and_names_each_once(agent: TestClient, operator: TestClient) -> None:
    item = {"action_id": str(uuid4()), "plan_digest": "0" * 64}
    for items in ([], [item, item], [{**item, "action_id": str(uuid4())} for _ in range(101)]):
        assert operator.post(f"{URL}/approve", json={"items": items}).status_code == 422
    assert agent.post(f"{URL}/approve", json={"items": [item]}).status_code == 403


def test_batch_tells_nothing_of_cards_one_may_not_see(
    agent: TestClient, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    action = proposed(agent, title="Secret plan")
    item = {"action_id": action["id"], "plan_digest": action["plan_digest"]}
    answer = as_actor(person(Role.USER)).post(f"{URL}/approve", json={"items": [item]})

    assert "Secret" not in answer.text
    assert "There is no action" in answer.json()["results"][0]["error"]


def test_snoozed_card_sleeps_until_then(agent: TestClient, operator: TestClient, clock: ManualClock) -> None:
    action = proposed(agent)
    where = f"{URL}/{action['id']}/snooze"
    now = clock.now()

    slept = operator.post(where, json={"until": (now + timedelta(hours=2)).isoformat()})
    assert slept.json()["snoozed_until"] is not None
    assert operator.get(URL, params={"status": "pending"}).json()["total"] == 0
    for wrong in (now - timedelta(hours=1), now + timedelta(days=400)):
        refused(operator.post(where, json={"until": wrong.isoformat()}), 422, "InvalidInput")
    assert operator.post(where, json={"until": "2026-01-05T10:00:00"}).status_code == 422  # no zone
    assert agent.post(where, json={"until": (now + timedelta(hours=2)).isoformat()}).status_code == 403


@pytest.mark.parametrize("what", ["vote", "approve", "reject", "snooze", "retry", "undo", "resolve", "look-again"])
def test_card_one_may_not_see_is_not_there(
    agent: TestClient, person: Callable[..., Actor], as_actor: Callable[..., TestClient], what: str
) -> None:
    action = proposed(agent)
    bodies: dict[str, dict[str, Any]] = {
        "vote": {"plan_digest": action["plan_digest"], "vote": "approve"},
        "approve": {"plan_digest": action["plan_digest"]},
        "reject": {"reason": "no"},
        "snooze": {"until": "2026-01-05T10:00:00Z"},
        "resolve": {"happened": True, "evidence": "seen"},
    }
    for role in (Role.USER, Role.ANALYST):
        answer = as_actor(person(role)).post(f"{URL}/{action['id']}/{what}", json=bodies.get(what))
        refused(answer, 404, "NotFound")
    assert agent.post(f"{URL}/{action['id']}/{what}", json=bodies.get(what)).status_code == 403


# -- afterwards -------------------------------------------------------------------------------------------------------


def test_failed_action_is_tried_again(
    app: Application, world: World, agent: TestClient, operator: TestClient, admin: Actor
) -> None:
    world.next_answers = [lambda key: rejected("The shop is closed.")]
    action_id = approved(app, operator, agent, GIFT)
    where = f"{URL}/{action_id}/retry"
    assert operator.get(f"{URL}/{action_id}").json()["status"] == "failed"

    again = operator.post(where)
    assert (again.status_code, again.json()["status"]) == (202, "approved")
    refused(operator.post(where), 409, "NotInState")
    assert execute(app, action_id) == "executed"
    assert len(world.given) == 1


def test_undo_is_a_new_action_that_is_decided_like_any(
    app: Application, world: World, agent: TestClient, operator: TestClient
) -> None:
    action_id = approved(app, operator, agent, GIFT)
    assert operator.get(f"{URL}/{action_id}").json()["can_undo"] is True

    undo = operator.post(f"{URL}/{action_id}/undo")

    assert undo.status_code == 201, undo.text
    assert undo.json()["undo_of"] == action_id
    assert undo.headers["location"] == f"{URL}/{undo.json()['id']}"
    assert operator.get(f"{URL}/{action_id}").json()["undone_by"] == undo.json()["id"]
    refused(operator.post(f"{URL}/{action_id}/undo"), 409, "UndoneAlready")


def test_what_cannot_be_undone_says_so(
    app: Application, world: World, agent: TestClient, operator: TestClient, admin: Actor
) -> None:
    pending = proposed(agent)
    refused(operator.post(f"{URL}/{pending['id']}/undo"), 409, "NotInState")
    sent = approved(app, operator, agent, REMINDER | {"params": REMINDER["params"] | {"subject": "Other"}})
    refused(operator.post(f"{URL}/{sent}/undo"), 409, "CannotUndo")


def test_unknown_is_looked_for_and_resolved_with_evidence(
    app: Application, world: World, agent: TestClient, operator: TestClient
) -> None:
    def lost(what: str) -> str:
        world.next_answers = [lambda key: unknown("No answer came.")]
        world.sees = False
        return approved(app, operator, agent, GIFT | {"params": {"what": what}})

    first, second, third = lost("a lamp"), lost("a vase"), lost("a cup")
    blind = operator.post(f"{URL}/{first}/look-again").json()
    assert (blind["outcome"], blind["status"]) == (None, "unknown")
    world.sees = True
    seen = operator.post(f"{URL}/{first}/look-again").json()
    assert (seen["outcome"], seen["status"]) == ("rejected", "failed")
    refused(operator.post(f"{URL}/{first}/look-again"), 409, "NotInState")

    there = {"happened": True, "evidence": "The neighbour has it"}
    assert operator.post(f"{URL}/{second}/resolve", json=there | {"evidence": " "}).status_code == 422
    assert operator.post(f"{URL}/{second}/resolve", json={"happened": True}).status_code == 422
    assert operator.post(f"{URL}/{second}/resolve", json=there).json()["status"] == "executed"
    refused(operator.post(f"{URL}/{second}/resolve", json=there), 409, "NotInState")

    absent = {"happened": False, "evidence": "Nobody has it", "retry": True}
    assert operator.post(f"{URL}/{third}/resolve", json=absent).json()["status"] == "approved"


def test_token_without_decide_does_nothing_afterwards(
    app: Application, world: World, agent: TestClient, operator: TestClient, admin: Actor,
    as_actor: Callable[..., TestClient],
) -> None:  # fmt: skip
    world.next_answers = [lambda key: rejected("The shop is closed.")]
    action_id = approved(app, operator, agent, GIFT)
    reader = as_actor(admin, Scope.READ, Scope.PROPOSE, Scope.EXECUTE)
    for what in ("retry", "undo", "look-again"):
        assert reader.post(f"{URL}/{action_id}/{what}").status_code == 403


def test_plan_that_drifted_while_executing_comes_back_in_words(
    app: Application, world: World, agent: TestClient, operator: TestClient
) -> None:
    """The approval waits for its worker, which finds that what was planned on has moved."""
    action = proposed(agent, GIFT)
    world.weather = "rain"

    def work() -> None:
        ids = [UUID(action["id"])]
        until(
            lambda: app.actions_queries.progress(ids)[ids[0]].state is ActionState.APPROVED, seconds=10, what="approval"
        )
        execute(app, action["id"])

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        answer = operator.post(APPROVE, json={"actionId": action["id"]}, headers={"prefer": "wait=10"})
        working.result()

    said = refused(answer, 409, "CameBack")
    assert "Weather was “fair”, is now “rain”" in said
    back = operator.get(f"{URL}/{action['id']}").json()
    assert (back["status"], back["drift"][0]["label"]) == ("pending", "Weather")
    assert not world.given
