"""What a clever insider, a buggy agent, two people at once, a crashing worker and a clock do not get."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from core.actions.rules import ActionExpired, ActionState, PlanChanged, StoppedByGuardrails
from core.actions.tables import Action
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import Receipt, confirmed, rejected
from core.decisions.councils import Terms
from core.decisions.policy import Policy, Rule
from core.decisions.rules import AlreadyVoted, VoteRefused
from core.errors import CountersignError, InvalidInput
from core.guardrails.rules import ExecutionMode
from tests.core.actions.conftest import Execute, Propose
from tests.core.actions.gift import Gift, World
from tests.core.actions.test_service import digest_of, outbox, state_of

Found = Callable[..., list[Actor]]


@pytest.fixture
def world(app: Application, admin: Actor) -> World:
    found = World()
    app.connectors._operations["gift"] = Gift(found)
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    return found


@pytest.fixture
def council(app: Application, admin: Actor, person: Callable[..., Actor]) -> Found:
    """A council that oversees e-mail, with new members."""

    def make(size: int = 3, *, rule: Rule = Rule.ANY_ONE, n: int = 1) -> list[Actor]:
        members = [person(Role.COUNCIL, name=f"Member {number}") for number in range(size)]
        terms = Terms(name="Words", policy=Policy(council="words", rule=rule, n=n), domains=("email",))
        app.councils.create(admin, "words", terms, [UUID(one.id) for one in members])
        return members

    return make


def mail(to: str | list[str], subject: str = "Due", body: str = "It is due.") -> dict[str, Any]:
    return {"to": [to] if isinstance(to, str) else to, "subject": subject, "body": body}


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each answered, or how it was refused; all begin together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except CountersignError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


# -- guardrails -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("denied", "to"),
    [
        ("ravi@example.com", "RAVI@Example.COM"),
        ("ravi@example.com", "ravi+invoices@example.com"),
        ("example.com", "a@mail.example.COM"),
        ("example.com", "a@ｅｘａｍｐｌｅ.com"),
        ("münchen.de", "a@MÜNCHEN.de"),
        ("straße.de", "a@straße.de"),
        ("straße.de", "a@xn--strae-oqa.de"),
        ("σίγμας.gr", "a@σίγμας.gr"),
    ],
)
def test_denied_recipient_is_denied_in_every_spelling(
    app: Application, admin: Actor, operator: Actor, propose: Propose, denied: str, to: str
) -> None:
    app.guardrails.change(admin, {"denied_recipients": [denied]})
    action_id = propose(params=mail(to))
    with pytest.raises(StoppedByGuardrails):
        app.actions.approve(operator, action_id, digest_of(app, operator, action_id))


@pytest.mark.parametrize(
    ("allowed", "to"),
    [
        ("example.com", "a@example.com.evil.org"),
        ("example.com", "a@evilexample.com"),
        ("straße.de", "a@strasse.de"),
        ("ravi@example.com", "ravi+x@example.com"),
        ("ravi@example.com", "ravi@mail.example.com"),
    ],
)
def test_allowed_recipient_allows_nobody_who_looks_alike(
    app: Application, admin: Actor, operator: Actor, propose: Propose, allowed: str, to: str
) -> None:
    app.guardrails.change(admin, {"allowed_recipients": [allowed]})
    action_id = propose(params=mail(to))
    with pytest.raises(StoppedByGuardrails):
        app.actions.approve(operator, action_id, digest_of(app, operator, action_id))


@pytest.mark.parametrize("again", ["RAVI@example.com", "ravi@EXAMPLE.com", "ravi+x@example.com", "Ravi+Y@Example.com"])
def test_rate_counts_a_mailbox_however_it_is_spelled(
    app: Application, operator: Actor, propose: Propose, execute: Execute, again: str
) -> None:
    for action_id in (propose(), propose(params=mail(["other@example.com", again]))):
        app.actions.approve(operator, action_id, digest_of(app, operator, action_id))
        execute(action_id)
    assert len(outbox(app)) == 1


def test_rate_holds_when_all_workers_begin_at_once(
    app: Application, operator: Actor, propose: Propose, execute: Execute
) -> None:
    spelled = ["ravi@example.com", "Ravi@example.com", "ravi+a@example.com", "RAVI@EXAMPLE.COM"]
    cards = [propose(params=mail([one, f"o{number}@example.com"], f"s{number}")) for number, one in enumerate(spelled)]
    for one in cards:
        app.actions.approve(operator, one, digest_of(app, operator, one))
    at_once(*(lambda one=one: execute(one) for one in cards))
    assert len(outbox(app)) == 1


def test_channel_closed_while_workers_begin_lets_nothing_begin_afterwards(
    app: Application, admin: Actor, operator: Actor, propose: Propose, execute: Execute
) -> None:
    cards = [propose(params=mail(f"k{number}@example.com")) for number in range(4)]
    for one in cards:
        app.actions.approve(operator, one, digest_of(app, operator, one))
    close = lambda: app.guardrails.change(admin, {"channels": []})  # noqa: E731
    at_once(close, *(lambda one=one: execute(one) for one in cards))
    states = [state_of(app, one) for one in cards]
    assert set(states) <= {ActionState.EXECUTED, ActionState.FAILED}
    assert states.count(ActionState.EXECUTED) == len(outbox(app))


@pytest.mark.parametrize("model", ["ir.config_parameter", "res.users", "res.users.apikeys"])
def test_no_rule_approves_reading_what_nobody_may_write(
    app: Application, admin: Actor, propose: Propose, model: str
) -> None:
    chosen = {"channels": ["email", "odoo"], "automatic": True, "automatic_operations": ["odoo_search"], "mode": "on"}
    app.guardrails.change(admin, chosen)
    secret = propose(operation="odoo_search", params={"model": model, "fields": ["key", "value"]})
    lead = propose(operation="odoo_search", params={"model": "crm.lead", "fields": ["name"]})
    assert (state_of(app, secret), state_of(app, lead)) == (ActionState.PENDING, ActionState.APPROVED)


# -- once, and in time ------------------------------------------------------------------------------------------------


def test_four_workers_on_one_attempt_give_once(
    app: Application, world: World, operator: Actor, propose: Propose, execute: Execute
) -> None:
    action_id = propose(operation="gift", params={"what": "a book"})
    app.actions.approve(operator, action_id, digest_of(app, operator, action_id))
    at_once(*[lambda: execute(action_id)] * 4)
    assert len(world.given) == 1 and state_of(app, action_id) is ActionState.EXECUTED


def test_retried_by_three_at_once_it_is_tried_once_more(
    app: Application, world: World, operator: Actor, admin: Actor, propose: Propose, execute: Execute
) -> None:
    world.next_answers = [lambda key: rejected("The shop is closed.")]
    action_id = propose(operation="gift", params={"what": "a book"})
    app.actions.approve(operator, action_id, digest_of(app, operator, action_id))
    execute(action_id)

    answers = at_once(*(lambda who=who: app.actions.retry(who, action_id) for who in (operator, admin, admin)))
    assert answers.count(None) == 1
    at_once(*[lambda: execute(action_id)] * 2)
    assert len(world.given) == 1


def test_vote_at_the_very_deadline_comes_too_late(
    app: Application, operator: Actor, propose: Propose, clock: ManualClock
) -> None:
    for number in range(3):
        action_id = propose(params=mail(f"r{number}@example.com"))
        digest = digest_of(app, operator, action_id)
        clock.advance(timedelta(hours=24))
        voted, _ = at_once(lambda: app.actions.approve(operator, action_id, digest), app.actions.expire_due)  # noqa: B023
        assert isinstance(voted, ActionExpired)
        app.actions.expire_due()  # the job passes over a card that somebody has in hand, and comes again
        assert state_of(app, action_id) is ActionState.EXPIRED


def test_vote_and_edit_at_once_never_approve_the_edited_plan(
    app: Application, operator: Actor, admin: Actor, propose: Propose, execute: Execute
) -> None:
    for number in range(6):
        action_id = propose(params=mail(f"c{number}@example.com"))
        card = app.actions_queries.card(operator, action_id)
        changed = {**card.params, "body": "Something else."}
        answers = at_once(
            lambda: app.actions.approve(operator, action_id, card.row.plan_digest),  # noqa: B023
            lambda: app.actions.edit(admin, action_id, changed, expected_version=card.row.version),  # noqa: B023
        )
        assert sum(isinstance(one, CountersignError) for one in answers) == 1
        execute(action_id)
    assert not any(b"Something else." in one.read_bytes() for one in outbox(app))


def test_vote_on_the_plan_before_the_drift_is_not_counted(
    app: Application, world: World, operator: Actor, propose: Propose, execute: Execute
) -> None:
    action_id = propose(operation="gift", params={"what": "a book"})
    old = digest_of(app, operator, action_id)
    app.actions.approve(operator, action_id, old)
    world.weather = "storm"
    execute(action_id)
    with pytest.raises(PlanChanged):
        app.actions.approve(operator, action_id, old)

    # approved for the storm, and the weather is fair again: it is asked again
    app.actions.approve(operator, action_id, digest_of(app, operator, action_id))
    world.weather = "fair"
    assert execute(action_id) == "pending" and world.given == []


# -- who decides ------------------------------------------------------------------------------------------------------


def test_author_has_nobody_vote_with_their_seat(
    app: Application, operator: Actor, person: Callable[..., Actor], propose: Propose, clock: ManualClock
) -> None:
    friend = person(Role.COUNCIL)
    app.delegations.give(operator, to=UUID(friend.id), ends_at=clock.now() + timedelta(days=1))
    own = propose(actor=operator)
    with pytest.raises(VoteRefused):
        app.actions.approve(friend, own, digest_of(app, operator, own))


def test_author_and_editor_do_not_vote_with_a_seat_they_were_given(
    app: Application, operator: Actor, propose: Propose, council: Found, clock: ManualClock
) -> None:
    (member,) = council(1)
    app.delegations.give(member, to=UUID(operator.id), ends_at=clock.now() + timedelta(days=1))
    own, edited = propose(actor=operator), propose(params=mail("b@example.com"))
    card = app.actions_queries.card(operator, edited)
    app.actions.edit(operator, edited, {**card.params, "body": "Mine."}, expected_version=card.row.version)
    for action_id in (own, edited):
        with pytest.raises(VoteRefused):
            app.actions.approve(operator, action_id, digest_of(app, operator, action_id))


def test_one_human_with_two_seats_votes_once(
    app: Application, admin: Actor, operator: Actor, propose: Propose, council: Found, clock: ManualClock
) -> None:
    for member in council(2, rule=Rule.UNANIMOUS):
        tomorrow = clock.now() + timedelta(days=1)
        app.delegations.give(admin, of=UUID(member.id), to=UUID(operator.id), ends_at=tomorrow)
    action_id = propose()
    digest = digest_of(app, operator, action_id)
    assert app.actions.approve(operator, action_id, digest) is ActionState.PENDING
    with pytest.raises(AlreadyVoted):
        app.actions.approve(operator, action_id, digest)


def test_seat_is_back_with_its_owner_the_moment_the_delegation_ends(
    app: Application, operator: Actor, propose: Propose, council: Found, clock: ManualClock
) -> None:
    (member,) = council(1)
    app.delegations.give(member, to=UUID(operator.id), ends_at=clock.now() + timedelta(hours=1))
    action_id = propose()
    clock.advance(timedelta(hours=1))
    with pytest.raises(VoteRefused):
        app.actions.approve(operator, action_id, digest_of(app, operator, action_id))


def test_vote_of_a_member_who_left_the_council_no_longer_counts(
    app: Application, admin: Actor, propose: Propose, council: Found
) -> None:
    members = council(3, rule=Rule.N_OF, n=2)
    action_id = propose()
    digest = digest_of(app, admin, action_id)
    app.actions.approve(members[0], action_id, digest)
    app.councils.set_members(admin, "words", [UUID(one.id) for one in members[1:]], expected_version=1)
    assert app.actions.approve(members[1], action_id, digest) is ActionState.PENDING
    assert app.actions.approve(members[2], action_id, digest) is ActionState.APPROVED


# -- what is shown is what is sent ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Invoice \u202e0021\u202c"},
        {"subject": "Invoice \u2066x"},
        {"subject": " "},
        {"subject": "\u200b\u00ad"},
        {"body": "Pay \u202e0021 to us."},
        {"html": "<p>Pay \u202d1200</p>"},
    ],
)
def test_message_that_reads_other_than_it_is_gets_no_card(propose: Propose, changed: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        propose(params={**mail("a@example.com"), **changed})


def test_languages_written_from_right_to_left_are_welcome(propose: Propose) -> None:
    propose(params=mail("a@example.com", "חשבונית 12\u200f", "שלום,\n\u2067החשבונית\u2069 לתשלום."))


@pytest.mark.parametrize(
    "html",
    [
        "<p>Pay 5000 to us.</p>",
        "<p>It is due.</p><p>Now.</p>",
        '<p>It is due.</p><img src="https://evil.example/words.png">',
        '<p><a href="https://evil.example">It is due.</a></p>',
        "<style>p::after { content: 'Pay 5000.' }</style><p>It is due.</p>",
        "<p style='display: none'>It is due.</p>",
        "<p>It is due.</p><!--[if mso]><p>Pay 5000.</p><![endif]-->",
        "<meta http-equiv='refresh' content='0; url=https://evil.example'><p>It is due.</p>",
    ],
)
def test_html_version_that_may_say_something_else_is_warned_of(
    app: Application, operator: Actor, propose: Propose, html: str
) -> None:
    action_id = propose(params={**mail("a@example.com"), "html": html})
    (warning,) = app.actions_queries.card(operator, action_id).plan.warnings
    assert "HTML" in warning


def test_html_version_that_says_the_same_needs_no_warning(app: Application, operator: Actor, propose: Propose) -> None:
    html = '<!doctype html><html><body><p>See <b>this</b>:<br><a href="https://a.example/1">https://a.example/1</a></p></body></html>'
    action_id = propose(params={**mail("a@example.com", body="See this:\nhttps://a.example/1"), "html": html})
    assert app.actions_queries.card(operator, action_id).plan.warnings == ()


def test_lead_is_no_way_around_the_models_that_may_be_written(app: Application, admin: Actor, propose: Propose) -> None:
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    app.guardrails.change(admin, {"channels": ["crm"], "models": ["project.*"]})
    lead = {"target": "lead", "email": "ravi@example.com", "fields": {"name": "Meridian"}}

    stop = app.actions.plan(admin, "crm_upsert", lead).evaluation.stop
    assert stop is not None and (stop.rule, stop.input) == ("model", "crm.lead")


def test_same_account_under_another_name_makes_no_other_action_of_it(app: Application, admin: Actor) -> None:
    request = {"method": "POST", "url": "https://api.example.com/v1/orders", "body": "{}"}
    for name in ("shop", "shop-too"):
        values = {"base_url": "https://api.example.com/v1", "secret": "Bearer shop-key-77aa"}
        app.connections.add(admin, system="http", name=name, values=values)
    with app.database.reading() as session:
        seen = set()
        for name in ("shop", "shop-too"):
            action_id = app.actions.propose(admin, "http_request", {**request, "account": name}, title="Order")
            action = session.get_one(Action, action_id)
            seen.add(app.action_execution._judge.facts(session, action, app.database.clock.now()).same_as)
    assert len(seen) == 1


@pytest.mark.parametrize(
    "said", ["a\x00b", "a\ud800b", float("nan"), float("-inf"), 10**400, {"a\x00b": ["\udfff"]}, "x" * 600]
)
def test_receipt_is_kept_whatever_the_other_system_answers(
    app: Application, world: World, operator: Actor, propose: Propose, execute: Execute, said: Any
) -> None:
    def given(key: str) -> Receipt:
        world.given.append(key)
        return confirmed(f"It says {said}.", reference=f"{said}", url=f"https://example.com/{said}", said=said)

    world.next_answers = [given]
    action_id = propose(operation="gift", params={"what": "A book"})
    app.actions.approve(operator, action_id, digest_of(app, operator, action_id))

    assert execute(action_id) == "executed"
    assert len(world.given) == 1 and state_of(app, action_id) is ActionState.EXECUTED
