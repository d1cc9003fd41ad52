"""Four eyes on edits, batches bound to every digest, councils that become responsible, and approval by rule."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from core.actions.proposing import BY_RULE
from core.actions.queries import InboxFilter
from core.actions.rules import ActionState, BackToPeople, PlanChanged, ReviewNeeded, Risk, StoppedByGuardrails
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.decisions.councils import Terms
from core.decisions.policy import AtDeadline, Policy, RiskLevel, Rule
from core.decisions.rules import Vote, VoteRefused
from core.errors import CountersignError, InvalidInput, NotAllowed
from core.guardrails.rules import ExecutionMode, Judgement, Stage
from tests.core.actions.conftest import AGENT, Execute, Propose
from tests.core.actions.test_service import digest_of, outbox, state_of

Council = Callable[..., list[Actor]]


@pytest.fixture
def council(app: Application, admin: Actor, person: Callable[..., Actor]) -> Council:
    """Makes a council and its members: `council("money", domains=("email",))`."""

    def make(
        key: str,
        *,
        size: int = 3,
        rule: Rule = Rule.MAJORITY,
        quorum: int = 0,
        at_deadline: AtDeadline = AtDeadline.EXPIRE,
        **more: Any,
    ) -> list[Actor]:
        members = [person(Role.COUNCIL, name=f"{key.title()} {number}") for number in range(size)]
        policy = Policy(council=key, rule=rule, quorum=quorum, at_deadline=at_deadline)
        terms = Terms(name=key.title(), policy=policy, **more)
        app.councils.create(admin, key, terms, [UUID(one.id) for one in members])
        return members

    return make


# -- four eyes ----------------------------------------------------------------------------------------------------


def test_whoever_edits_a_plan_does_not_approve_it(
    app: Application, operator: Actor, admin: Actor, propose: Propose
) -> None:
    action_id = propose()
    card = app.actions_queries.card(operator, action_id)
    app.actions.edit(operator, action_id, {**card.params, "to": ["me@example.com"]}, expected_version=card.row.version)
    digest = digest_of(app, operator, action_id)

    with pytest.raises(VoteRefused):
        app.actions.approve(operator, action_id, digest)
    refusal = app.actions_queries.card(operator, action_id).row.why_not_decide
    assert refusal and "somebody else decides" in refusal
    assert app.actions_queries.waiting_count(operator) == 0
    assert app.actions_queries.waiting_count(admin) == 1
    assert app.actions.approve(admin, action_id, digest) is ActionState.APPROVED


def test_one_person_installation_can_turn_four_eyes_off(app: Application, admin: Actor, propose: Propose) -> None:
    app.guardrails.change(admin, {"four_eyes": False})
    action_id = propose(actor=admin)

    assert app.actions_queries.waiting_count(admin) == 1
    assert app.actions.approve(admin, action_id, digest_of(app, admin, action_id)) is ActionState.APPROVED


def test_an_edit_that_changes_nothing_is_refused(app: Application, operator: Actor, propose: Propose) -> None:
    action_id = propose()
    card = app.actions_queries.card(operator, action_id)
    with pytest.raises(InvalidInput, match="nothing differs"):
        app.actions.edit(operator, action_id, card.params, expected_version=card.row.version)


def test_card_shows_what_an_edit_changed(app: Application, operator: Actor, admin: Actor, propose: Propose) -> None:
    action_id = propose()
    card = app.actions_queries.card(operator, action_id)
    edited = {**card.params, "to": ["ravi@example.com", "b@example.com"], "body": "It is late."}
    app.actions.edit(operator, action_id, edited, expected_version=card.row.version)

    card = app.actions_queries.card(admin, action_id)
    assert [one.label for one in card.differences] == ["To", "Message"]
    assert card.previous is not None and card.previous.message
    assert card.previous.message.recipients == ("ravi@example.com",)


# -- batches ------------------------------------------------------------------------------------------------------


def test_batch_approves_each_plan_by_its_own_digest(
    app: Application, operator: Actor, admin: Actor, propose: Propose, execute: Execute
) -> None:
    cards = [propose(params={"to": [f"c{n}@example.com"], "subject": "Due", "body": "x"}) for n in range(4)]
    seen = [(one, digest_of(app, operator, one)) for one in cards]
    moved, taken = cards[1], cards[2]
    old = app.actions_queries.card(admin, moved)
    app.actions.edit(admin, moved, {**old.params, "body": "y"}, expected_version=old.row.version)
    app.actions.approve(admin, taken, seen[2][1])

    results = app.actions.approve_many(operator, seen, "All of them are overdue.")

    assert [one.state for one in results] == [ActionState.APPROVED, None, None, ActionState.APPROVED]
    assert results[1].error and "changed since you opened it" in results[1].error
    assert results[2].error and "Asha approved this" in results[2].error
    assert state_of(app, moved) is ActionState.PENDING
    reasons = [app.actions_queries.card(operator, one).decision_reason for one in (cards[0], cards[3])]
    assert reasons == ["All of them are overdue."] * 2


def test_batch_has_bounds_and_counts_a_card_once(app: Application, operator: Actor, propose: Propose) -> None:
    with pytest.raises(InvalidInput):
        app.actions.approve_many(operator, [])
    one = propose()
    digest = digest_of(app, operator, one)
    assert len(app.actions.approve_many(operator, [(one, digest), (one, digest)])) == 1


def test_batch_is_no_way_around_rights(app: Application, person: Callable[..., Actor], propose: Propose) -> None:
    action_id = propose()
    (result,) = app.actions.approve_many(person(Role.USER), [(action_id, digest_of(app, AGENT, action_id))])
    assert result.error and result.state is None
    assert state_of(app, action_id) is ActionState.PENDING


# -- councils -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("oversees", "proposal"),
    [
        ({"domains": ("dunning",)}, {"domains": ["Dunning"]}),
        ({"domains": ("email",)}, {}),
        ({"domains": ("email_send",)}, {}),
        ({"risk_from": RiskLevel.HIGH}, {"risk": Risk.CRITICAL}),
        (
            {"threshold": (Decimal(1000), "USD")},
            {"impact": {"weekly_savings": {"value": "1000.01", "currency": "USD"}}},
        ),
        (
            {"threshold": (Decimal(1000), "USD")},
            {"impact": {"weekly_savings": {"value": "1", "currency": "INR"}}},
        ),
    ],
)
def test_council_reviews_its_business(
    app: Application, operator: Actor, council: Council, propose: Propose, oversees: Any, proposal: Any
) -> None:
    members = council("money", **oversees)
    action_id = propose(**proposal)
    digest = digest_of(app, operator, action_id)

    with pytest.raises(VoteRefused):
        app.actions.approve(operator, action_id, digest)
    assert app.actions_queries.card(operator, action_id).row.councils == ("money",)
    assert app.actions.approve(members[0], action_id, digest) is ActionState.PENDING
    assert app.actions.approve(members[1], action_id, digest) is ActionState.APPROVED


@pytest.mark.parametrize(
    ("oversees", "proposal"),
    [
        ({"domains": ("odoo",)}, {}),
        ({"risk_from": RiskLevel.HIGH}, {"risk": Risk.MEDIUM}),
        (
            {"threshold": (Decimal(1000), "USD")},
            {"impact": {"weekly_savings": {"value": "1000", "currency": "USD"}}},
        ),
    ],
)
def test_council_leaves_the_rest_to_operators(
    app: Application, operator: Actor, council: Council, propose: Propose, oversees: Any, proposal: Any
) -> None:
    council("money", **oversees)
    action_id = propose(**proposal)
    assert app.actions.approve(operator, action_id, digest_of(app, operator, action_id)) is ActionState.APPROVED


def test_council_that_is_only_asked_never_takes_the_operators_place(
    app: Application, operator: Actor, council: Council, propose: Propose
) -> None:
    (member,) = council("lax", size=1, rule=Rule.ANY_ONE)
    action_id = propose(council_id="lax")
    digest = digest_of(app, operator, action_id)

    assert app.actions.approve(member, action_id, digest) is ActionState.PENDING
    assert app.actions.approve(operator, action_id, digest) is ActionState.APPROVED


def test_four_eyes_hold_in_a_council_that_would_let_authors_vote(
    app: Application, admin: Actor, operator: Actor, propose: Propose
) -> None:
    terms = Terms(name="Lax", policy=Policy(council="lax", recusal=False), domains=("email",))
    app.councils.create(admin, "lax", terms, [UUID(operator.id)])
    action_id = propose(actor=operator)
    with pytest.raises(VoteRefused):
        app.actions.approve(operator, action_id, digest_of(app, operator, action_id))


@pytest.mark.parametrize("title", ["Pay ‮evil", "ab", "​​", "⁦x"])
def test_title_that_reads_otherwise_than_it_is_is_refused(propose: Propose, title: str) -> None:
    with pytest.raises(InvalidInput, match="Title"):
        propose(title=title)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "many", None])
def test_savings_are_figures(propose: Propose, value: object) -> None:
    with pytest.raises(InvalidInput, match="Impact"):
        propose(impact={"weekly_savings": {"value": value, "currency": 5 if value is None else "USD"}})


def test_same_content_by_another_spelling_is_the_same_content(
    app: Application, operator: Actor, propose: Propose, execute: Execute, clock: ManualClock
) -> None:
    first = propose(params={"to": ["a@example.com", "b@example.com"], "subject": "Due", "body": "It is due."})
    other = propose(params={"to": ["b@example.com", "a@example.com"], "subject": "due ", "body": "It​  is DUE."})
    for one in (first, other):
        app.actions.approve(operator, one, digest_of(app, operator, one))
    assert execute(first) == "executed"
    clock.advance(timedelta(hours=5))
    assert execute(other) is None
    assert state_of(app, other) is ActionState.FAILED and len(outbox(app)) == 1


def test_every_council_concerned_must_approve(
    app: Application, council: Council, propose: Propose, operator: Actor
) -> None:
    money, words = council("money", domains=("email",)), council("words", domains=("dunning",), rule=Rule.UNANIMOUS)
    action_id = propose(domains=("dunning",))
    digest = digest_of(app, operator, action_id)

    for member in money:
        if state_of(app, action_id) is ActionState.PENDING:
            app.actions.approve(member, action_id, digest)
    assert state_of(app, action_id) is ActionState.PENDING
    for member in words:
        app.actions.approve(member, action_id, digest)
    assert state_of(app, action_id) is ActionState.APPROVED


def test_council_that_became_responsible_is_asked_before_anything_runs(
    app: Application, operator: Actor, council: Council, propose: Propose, execute: Execute
) -> None:
    # Given one card that waits for operators, and one that they approved already
    waiting, queued = propose(), propose()
    for one in (queued,):
        app.actions.approve(operator, one, digest_of(app, operator, one))

    # When a council begins to oversee e-mail
    members = council("money", domains=("email",))

    # Then the operator's approval is not enough any more, for either
    with pytest.raises(ReviewNeeded, match="money"):
        app.actions.approve(operator, waiting, digest_of(app, operator, waiting))
    assert execute(queued) is None
    assert state_of(app, queued) is ActionState.PENDING and outbox(app) == []
    for one in (waiting, queued):
        assert app.actions_queries.card(operator, one).row.councils == ("money",)
        digest = digest_of(app, operator, one)
        app.actions.approve(members[0], one, digest)
        assert app.actions.approve(members[1], one, digest) is ActionState.APPROVED


def test_retry_goes_back_to_people_when_the_approval_is_not_enough_any_more(
    app: Application, operator: Actor, admin: Actor, council: Council, propose: Propose, execute: Execute
) -> None:
    action_id = propose()
    app.actions.approve(operator, action_id, digest_of(app, operator, action_id))
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    execute(action_id)
    app.guardrails.set_mode(admin, ExecutionMode.PREVIEW)
    members = council("money", domains=("email",))

    with pytest.raises(BackToPeople, match="review of money"):
        app.actions.retry(operator, action_id)

    card = app.actions_queries.card(members[0], action_id)
    assert (card.row.state, card.row.decided_by, card.row.councils) == (ActionState.PENDING, None, ("money",))
    for member in members[:2]:
        app.actions.approve(member, action_id, card.row.plan_digest)
    assert execute(action_id) == "executed"


def test_blocked_operation_is_not_executed_whoever_approved(
    app: Application, operator: Actor, admin: Actor, council: Council, propose: Propose, execute: Execute
) -> None:
    queued = propose()
    app.actions.approve(operator, queued, digest_of(app, operator, queued))
    council("watch", blocked_operations=("email_send",))

    assert execute(queued) is None
    assert state_of(app, queued) is ActionState.FAILED and outbox(app) == []
    other = propose(params={"to": ["b@example.com"], "subject": "x", "body": "y"})
    with pytest.raises(StoppedByGuardrails, match="Watch"):
        app.actions.approve(admin, other, digest_of(app, admin, other))


def test_a_vote_can_carry_the_checklist_and_a_rejection_its_reason(
    app: Application, council: Council, propose: Propose
) -> None:
    members = council(
        "words",
        domains=("email",),
        criteria=(
            "The tone fits",
            "The sum is right",
        ),
    )
    action_id = propose()
    digest = digest_of(app, members[0], action_id)
    checked = {"The tone fits": "met", "The sum is right": "not_met"}

    with pytest.raises(InvalidInput, match="Reason"):
        app.actions.vote(members[0], action_id, digest=digest, vote=Vote.REJECT)
    app.actions.vote(members[0], action_id, digest=digest, vote=Vote.REJECT, reason="Too harsh.", checklist=checked)
    app.actions.vote(members[1], action_id, digest=digest, vote=Vote.ABSTAIN)

    card = app.actions_queries.card(members[2], action_id)
    assert card.decision is not None
    assert {one.voter: dict(one.checklist or {}) for one in card.decision.ballots}["Words 0"] == checked


# -- deadlines ----------------------------------------------------------------------------------------------------


def test_deadline_means_what_the_council_says(
    app: Application, council: Council, propose: Propose, execute: Execute, clock: ManualClock
) -> None:
    # Given a council that counts at its deadline who took part (two are enough), and three that did not vote
    counted = council("counted", size=5, quorum=2, domains=("counted",))
    council("strict", at_deadline=AtDeadline.REJECT, domains=("strict",))
    council("loose", at_deadline=AtDeadline.EXPIRE, domains=("loose",))
    council("asking", at_deadline=AtDeadline.ESCALATE, domains=("asking",))
    cards = {
        key: propose(domains=[key], params={"to": [f"{key}@example.com"], "subject": key, "body": "x"})
        for key in ("counted", "strict", "loose", "asking")
    }
    for member in counted[:2]:
        app.actions.approve(member, cards["counted"], digest_of(app, member, cards["counted"]))

    # When their time is over
    clock.advance(timedelta(hours=24))
    assert app.actions.expire_due() == 4

    # Then the first was approved as counted, and is carried out in the hour that is left
    assert {key: state_of(app, one) for key, one in cards.items()} == {
        "counted": ActionState.APPROVED,
        "strict": ActionState.REJECTED,
        "loose": ActionState.EXPIRED,
        "asking": ActionState.PENDING,
    }
    assert execute(cards["counted"]) == "executed"


def test_escalated_card_can_be_approved_by_an_admin_and_then_expires(
    app: Application, admin: Actor, council: Council, propose: Propose, execute: Execute, clock: ManualClock
) -> None:
    council("asking", size=1, at_deadline=AtDeadline.ESCALATE, rule=Rule.ANY_ONE, domains=("asking",))
    first, second = (propose(domains=["asking"], params={"to": [f"{n}@example.com"], "subject": "x", "body": "y"})
                     for n in "ab")  # fmt: skip
    with pytest.raises(VoteRefused):
        app.actions.approve(admin, first, digest_of(app, admin, first))
    clock.advance(timedelta(hours=24))
    app.actions.expire_due()

    assert app.actions_queries.waiting_count(admin) == 2
    assert app.actions.approve(admin, first, digest_of(app, admin, first)) is ActionState.APPROVED
    assert execute(first) == "executed"
    clock.advance(timedelta(hours=24))
    app.actions.expire_due()
    assert state_of(app, second) is ActionState.EXPIRED


# -- the guardrails at every stage --------------------------------------------------------------------------------


def test_every_judgement_leaves_a_record_also_a_refused_one(
    app: Application, operator: Actor, admin: Actor, propose: Propose, execute: Execute
) -> None:
    action_id = propose()
    digest = digest_of(app, operator, action_id)
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    with pytest.raises(StoppedByGuardrails):
        app.actions.approve(operator, action_id, digest)
    app.guardrails.set_mode(admin, ExecutionMode.PREVIEW)
    app.actions.approve(operator, action_id, digest)
    execute(action_id)

    records = app.guardrails_queries.records(f"action:{action_id}")
    assert [(one.stage, one.outcome) for one in records] == [
        (Stage.PROPOSAL, Judgement.PASS),
        (Stage.APPROVAL, Judgement.STOP),
        (Stage.APPROVAL, Judgement.PASS),
        (Stage.EXECUTION, Judgement.PASS),
    ]
    assert [one.revision for one in records] == [1, 2, 3, 3]


def test_what_comes_too_early_waits_and_goes_on_by_itself(
    app: Application, operator: Actor, propose: Propose, execute: Execute, clock: ManualClock
) -> None:
    # Given a message to somebody who got one just now (once in 240 minutes)
    first, second = propose(), propose(params={"to": ["Ravi@Example.com"], "subject": "Again", "body": "x"})
    for one in (first, second):
        app.actions.approve(operator, one, digest_of(app, operator, one))
    assert execute(first) == "executed"

    # When a worker takes the second
    assert execute(second) is None

    # Then it stays approved, says when it goes on, and has used up no attempt
    found = app.actions_queries.progress([second])[second]
    assert found.state is ActionState.APPROVED and found.attempts == 1
    assert found.error and "13:00" in found.error
    assert len(outbox(app)) == 1
    assert app.actions.requeue_stranded() == 0
    clock.advance(timedelta(minutes=240))
    assert execute(second) == "executed"
    assert len(outbox(app)) == 2


def test_low_risk_is_approved_by_rule_where_an_admin_allows_it(
    app: Application, admin: Actor, propose: Propose, execute: Execute
) -> None:
    app.guardrails.change(admin, {"automatic": True, "automatic_operations": ["email_send"]})

    action_id = propose()

    card = app.actions_queries.card(admin, action_id)
    assert (card.row.state, card.row.decided_by, card.row.automatic) == (ActionState.APPROVED, BY_RULE, True)
    assert card.decision is not None and card.decision.ballots == ()
    assert execute(action_id) == "executed"


def test_higher_risk_and_reviewed_work_is_never_approved_by_rule(
    app: Application, admin: Actor, council: Council, propose: Propose
) -> None:
    app.guardrails.change(admin, {"automatic": True, "automatic_operations": ["email_send"]})
    assert state_of(app, propose(risk=Risk.MEDIUM)) is ActionState.PENDING
    council("money", domains=("dunning",))
    assert state_of(app, propose(domains=("dunning",))) is ActionState.PENDING


def test_what_was_approved_by_rule_needs_people_once_the_rule_is_gone(
    app: Application, admin: Actor, operator: Actor, propose: Propose, execute: Execute
) -> None:
    app.guardrails.change(admin, {"automatic": True, "automatic_operations": ["email_send"]})
    action_id = propose()
    app.guardrails.change(admin, {"automatic": False})

    assert execute(action_id) is None
    assert state_of(app, action_id) is ActionState.PENDING and outbox(app) == []
    app.actions.approve(operator, action_id, digest_of(app, operator, action_id))
    assert execute(action_id) == "executed"


# -- looking first ------------------------------------------------------------------------------------------------


def test_preview_shows_plan_rules_and_reviewers_and_keeps_nothing(
    app: Application, operator: Actor, person: Callable[..., Actor], council: Council
) -> None:
    council("money", domains=("email",))
    params = {"to": ["ravi@example.com"], "subject": "Reminder", "body": "Due."}

    preview = app.actions.plan(operator, "email_send", params)

    assert preview.plan.message is not None and preview.evaluation.stop is None
    assert preview.reviews == ("money",)
    assert app.actions_queries.inbox(operator).total == 0
    with pytest.raises(NotAllowed):
        app.actions.plan(person(Role.USER), "email_send", params)


def test_inbox_tells_what_is_mine(
    app: Application, operator: Actor, admin: Actor, council: Council, propose: Propose
) -> None:
    members = council("money", domains=("dunning",))
    plain, own, reviewed = propose(), propose(actor=operator), propose(domains=("dunning",))

    def mine(actor: Actor) -> set[UUID]:
        return {row.id for row in app.actions_queries.inbox(actor, InboxFilter(mine=True)).rows}

    assert mine(operator) == {plain}
    assert mine(admin) == {plain, own}
    assert mine(members[0]) == {reviewed}
    assert {row.id for row in app.actions_queries.inbox(operator).rows} == {plain, own, reviewed}
    app.actions.approve(members[0], reviewed, digest_of(app, members[0], reviewed))
    assert mine(members[0]) == set()
    assert app.actions_queries.waiting_count(members[1]) == 1


def test_approval_racing_with_an_edit_never_approves_what_was_not_seen(
    app: Application, operator: Actor, admin: Actor, propose: Propose
) -> None:
    def race(action_id: UUID) -> tuple[bool, bool]:
        seen = app.actions_queries.card(operator, action_id)
        start = Barrier(2)

        def approve() -> bool:
            start.wait()
            try:
                app.actions.approve(operator, action_id, seen.row.plan_digest)
            except PlanChanged:
                return False
            return True

        def edit() -> bool:
            start.wait()
            params = {**seen.params, "body": "Other."}
            try:
                app.actions.edit(admin, action_id, params, expected_version=seen.row.version)
            except CountersignError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.submit(approve), pool.submit(edit)
            return first.result(), second.result()

    for _ in range(5):
        action_id = propose()
        before = digest_of(app, operator, action_id)
        approved, edited = race(action_id)
        after = app.actions_queries.card(operator, action_id).row
        assert approved is not edited
        assert (after.state is ActionState.APPROVED) is approved
        assert (after.plan_digest == before) is approved
