"""A proposal is decided once, on the plan that was seen, and executed once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from core.actions.queries import InboxFilter
from core.actions.rules import (
    ActionAlreadyDecided,
    ActionExpired,
    ActionState,
    NotInState,
    PlanChanged,
    Priority,
    StoppedByGuardrails,
)
from core.actions.tables import Attempt
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import AttemptOutcome
from core.decisions.rules import VoteRefused
from core.decisions.tables import Council, CouncilMember
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.guardrails.rules import ExecutionMode
from core.guardrails.service import initial_mode
from core.identifiers import new_id
from core.settings import Settings
from tests.core.actions.conftest import AGENT, Execute, Propose


def state_of(app: Application, action_id: UUID) -> ActionState:
    return app.actions_queries.progress([action_id])[action_id].state


def digest_of(app: Application, actor: Actor, action_id: UUID) -> str:
    return app.actions_queries.card(actor, action_id).row.plan_digest


def outbox(app: Application) -> list[Path]:
    return sorted(app.settings.outbox_dir.glob("*.eml"))


def test_approved_message_is_written_word_for_word(
    app: Application, operator: Actor, propose: Propose, execute: Execute
) -> None:
    # Given a proposal whose card shows the message
    action_id = propose()
    card = app.actions_queries.card(operator, action_id)
    assert card.plan.message is not None and card.plan.message.text == "Invoice 12 is due."

    # When the operator countersigns that plan and a worker takes it
    assert app.actions.approve(operator, action_id, card.row.plan_digest) is ActionState.APPROVED
    assert execute(action_id) == "executed"

    # Then it lies in the outbox, and the card tells the story
    (file,) = outbox(app)
    assert b"Invoice 12 is due." in file.read_bytes()
    card = app.actions_queries.card(operator, action_id)
    assert card.row.state is ActionState.EXECUTED
    assert card.row.reference is not None and card.row.reference.encode() in file.read_bytes()
    assert [one.event for one in app.actions_queries.history(card.row.id)] == [
        "action.proposed",
        "action.approved",
        "action.executed",
    ]
    (attempt,) = card.attempts
    assert attempt.outcome is AttemptOutcome.CONFIRMED and attempt.called_at is not None
    assert app.audit_queries.verify().fault is None


# -- deciding -----------------------------------------------------------------------------------------------------


def test_second_of_two_is_told_who_was_first_and_when(
    app: Application, operator: Actor, admin: Actor, propose: Propose
) -> None:
    action_id = propose()
    digest = digest_of(app, admin, action_id)
    app.actions.approve(operator, action_id, digest)

    with pytest.raises(ActionAlreadyDecided, match="Omar approved this on 2026-01-05 at 09:00:00 UTC"):
        app.actions.approve(admin, action_id, digest)
    with pytest.raises(ActionAlreadyDecided):
        app.actions.reject(admin, action_id, "too late")


def test_many_at_the_same_instant_queue_one_attempt(
    app: Application, person: Callable[..., Actor], propose: Propose
) -> None:
    people = [person(Role.OPERATOR) for _ in range(8)]
    action_id = propose()
    digest = digest_of(app, people[0], action_id)
    start = Barrier(len(people))

    def approve(actor: Actor) -> str:
        start.wait()
        try:
            return app.actions.approve(actor, action_id, digest).value
        except ActionAlreadyDecided:
            return "told"

    with ThreadPoolExecutor(len(people)) as pool:
        answers = sorted(pool.map(approve, people))

    assert answers == ["approved"] + ["told"] * 7
    assert app.engine_queries.queue_depth()["actions"] == 1


def test_only_those_the_policy_names_decide(app: Application, person: Callable[..., Actor], propose: Propose) -> None:
    action_id = propose()
    digest = digest_of(app, AGENT, action_id)
    for nobody in (AGENT, person(Role.USER), person(Role.ANALYST), person(Role.COUNCIL)):
        with pytest.raises(VoteRefused):
            app.actions.approve(nobody, action_id, digest)
        with pytest.raises(VoteRefused):
            app.actions.reject(nobody, action_id, "no")
    assert state_of(app, action_id) is ActionState.PENDING


def test_whoever_proposes_does_not_decide(app: Application, operator: Actor, admin: Actor, propose: Propose) -> None:
    action_id = propose(actor=operator)
    digest = digest_of(app, operator, action_id)

    with pytest.raises(VoteRefused, match="proposes does not decide"):
        app.actions.approve(operator, action_id, digest)
    assert app.actions_queries.card(operator, action_id).row.why_not_decide == (
        "you wrote or edited this plan; somebody else decides."
    )
    assert app.actions.approve(admin, action_id, digest) is ActionState.APPROVED


def test_who_may_propose(app: Application, person: Callable[..., Actor], propose: Propose) -> None:
    reader = Actor(AGENT.kind, "reader", "Reader", scopes=frozenset({"read"}))
    for nobody in (reader, person(Role.USER), person(Role.ANALYST)):
        with pytest.raises(NotAllowed):
            propose(actor=nobody)


def test_rejection_needs_a_reason_and_is_final(app: Application, operator: Actor, propose: Propose) -> None:
    action_id = propose()
    with pytest.raises(InvalidInput, match="Reason"):
        app.actions.reject(operator, action_id, "  ")

    assert app.actions.reject(operator, action_id, "He has paid.") is ActionState.REJECTED

    card = app.actions_queries.card(operator, action_id)
    assert (card.row.decided_by, card.decision_reason) == ("Omar", "He has paid.")
    with pytest.raises(ActionAlreadyDecided, match="Omar rejected this"):
        app.actions.approve(operator, action_id, card.row.plan_digest)


def test_editing_plans_anew_and_the_old_version_can_no_longer_be_approved(
    app: Application, operator: Actor, admin: Actor, propose: Propose, execute: Execute
) -> None:
    action_id = propose()
    old = app.actions_queries.card(operator, action_id)
    edited = {**old.params, "body": "Invoice 12 is due since Monday."}

    app.actions.edit(operator, action_id, edited, expected_version=old.row.version)

    with pytest.raises(PlanChanged):
        app.actions.approve(operator, action_id, old.row.plan_digest)
    with pytest.raises(Conflict):
        app.actions.edit(operator, action_id, edited, expected_version=old.row.version)
    with pytest.raises(InvalidInput, match="To"):
        app.actions.edit(operator, action_id, {**edited, "to": []}, expected_version=old.row.version + 1)
    app.actions.approve(admin, action_id, digest_of(app, admin, action_id))
    execute(action_id)
    assert b"since Monday" in outbox(app)[0].read_bytes()


def test_expired_card_cannot_be_approved_edited_or_executed(
    app: Application, operator: Actor, propose: Propose, execute: Execute, clock: ManualClock
) -> None:
    early, late = propose(), propose(expires_in=timedelta(hours=30))
    digest = digest_of(app, operator, early)
    queued = propose()
    app.actions.approve(operator, queued, digest_of(app, operator, queued))

    clock.advance(timedelta(hours=24))

    with pytest.raises(ActionExpired):
        app.actions.approve(operator, early, digest)
    assert execute(queued) is None
    assert state_of(app, queued) is ActionState.EXPIRED and outbox(app) == []
    assert app.actions.expire_due() == 1
    assert app.actions.expire_due() == 0
    assert (state_of(app, early), state_of(app, late)) == (ActionState.EXPIRED, ActionState.PENDING)


def test_snoozed_card_sleeps_until_its_hour(
    app: Application, operator: Actor, propose: Propose, clock: ManualClock
) -> None:
    action_id = propose()
    with pytest.raises(InvalidInput, match="it expires on"):
        app.actions.snooze(operator, action_id, clock.now() + timedelta(hours=24))

    app.actions.snooze(operator, action_id, clock.now() + timedelta(hours=2))

    assert app.actions_queries.inbox(operator).total == 0
    assert app.actions_queries.inbox(operator, InboxFilter(snoozed=True)).total == 1
    clock.advance(timedelta(hours=2))
    assert app.actions_queries.inbox(operator).total == 1


# -- councils -----------------------------------------------------------------------------------------------------


def test_council_decides_by_its_own_rule(
    app: Application, admin: Actor, operator: Actor, person: Callable[..., Actor], propose: Propose
) -> None:
    members = [person(Role.COUNCIL) for _ in range(3)]
    make_council(app, "money", members)
    action_id = propose(domains=["money"])
    digest = digest_of(app, admin, action_id)

    with pytest.raises(VoteRefused, match="members of the council Money"):
        app.actions.approve(operator, action_id, digest)
    assert app.actions.approve(members[0], action_id, digest) is ActionState.PENDING
    assert app.engine_queries.queue_depth()["actions"] == 0
    assert app.actions.approve(members[1], action_id, digest) is ActionState.APPROVED
    assert app.engine_queries.queue_depth()["actions"] == 1


def test_editing_voids_the_ballots_cast_so_far(
    app: Application, operator: Actor, person: Callable[..., Actor], propose: Propose
) -> None:
    members = [person(Role.COUNCIL) for _ in range(3)]
    make_council(app, "money", members)
    action_id = propose(domains=["money"])
    card = app.actions_queries.card(operator, action_id)
    app.actions.approve(members[0], action_id, card.row.plan_digest)
    version = app.actions_queries.card(operator, action_id).row.version

    app.actions.edit(operator, action_id, {**card.params, "subject": "Other"}, expected_version=version)

    digest = digest_of(app, operator, action_id)
    assert app.actions.approve(members[1], action_id, digest) is ActionState.PENDING
    assert app.actions.approve(members[0], action_id, digest) is ActionState.APPROVED


def test_unknown_council_is_refused_and_an_empty_one_never_approves(
    app: Application, admin: Actor, operator: Actor, propose: Propose
) -> None:
    with pytest.raises(NotFound, match="council nobody"):
        propose(council_id="nobody")
    make_council(app, "empty", [])
    action_id = propose(domains=["empty"])
    for actor in (admin, operator):
        with pytest.raises(VoteRefused):
            app.actions.approve(actor, action_id, digest_of(app, admin, action_id))
    decision = app.actions_queries.card(admin, action_id).decision
    assert decision is not None and decision.electorate == 0


def make_council(app: Application, name: str, members: list[Actor]) -> None:
    with app.database.begin() as uow:
        policy = {"rule": "majority"}
        uow.session.add(
            Council(id=name, name=name.title(), domains=[name], policy=policy, active=True, created_at=uow.now)
        )
        uow.session.flush()
        for member in members:
            assert member.user_id is not None
            uow.session.add(CouncilMember(council_id=name, user_id=member.user_id))


# -- guardrails ---------------------------------------------------------------------------------------------------


def test_new_installation_is_in_preview_and_odoo_is_refused_in_words(
    app: Application, operator: Actor, propose: Propose
) -> None:
    action_id = propose(operation="odoo_create", params={"model": "crm.lead", "values": {"name": "Meridian"}})
    card = app.actions_queries.card(operator, action_id)
    assert app.guardrails_queries.current().mode is ExecutionMode.PREVIEW
    assert [one.rule for one in card.verdicts if one.stops] == ["mode", "channel"]
    assert "Odoo is not connected" in card.plan.warnings

    with pytest.raises(StoppedByGuardrails, match="nothing leaves this machine"):
        app.actions.approve(operator, action_id, card.row.plan_digest)
    assert state_of(app, action_id) is ActionState.PENDING


def test_execution_is_on_from_the_start_only_when_the_environment_says_so_twice(
    app: Application, settings: Settings
) -> None:
    for enabled, dry_run, mode in ((True, False, "on"), (True, True, "preview"), (False, False, "preview")):
        told = settings.model_copy(update={"execution_enabled": enabled, "execution_dry_run": dry_run})
        assert initial_mode(told) is ExecutionMode(mode)


def test_approved_odoo_action_without_odoo_fails_in_words_and_can_be_retried(
    app: Application, admin: Actor, propose: Propose, execute: Execute
) -> None:
    app.guardrails.change(admin, {"mode": "on", "channels": ["email", "odoo"], "duplicate_hours": 0})
    action_id = propose(operation="odoo_create", params={"model": "crm.lead", "values": {"name": "Meridian"}})
    app.actions.approve(admin, action_id, digest_of(app, admin, action_id))

    assert execute(action_id) == "failed"

    error = app.actions_queries.progress([action_id])[action_id].error
    assert error and "Connect it under Connections" in error
    app.actions.retry(admin, action_id)
    attempts = app.actions_queries.card(admin, action_id).attempts
    assert [one.number for one in attempts] == [1, 2]
    assert execute(action_id) == "failed"
    with app.database.reading() as session:
        assert len(set(session.scalars(select(Attempt.key)))) == 1


def test_too_many_recipients_and_closed_channels_stop_the_approval(
    app: Application, admin: Actor, propose: Propose
) -> None:
    crowd = {"to": [f"a{number}@example.com" for number in range(11)], "subject": "Hello", "body": "Hello"}
    action_id = propose(params=crowd)
    with pytest.raises(StoppedByGuardrails, match="11 recipients, and at most 10"):
        app.actions.approve(admin, action_id, digest_of(app, admin, action_id))
    app.guardrails.change(admin, {"max_recipients": 20, "channels": []})
    with pytest.raises(StoppedByGuardrails, match="channel email is closed"):
        app.actions.approve(admin, action_id, digest_of(app, admin, action_id))


def test_retry_is_for_failed_actions_only(app: Application, operator: Actor, propose: Propose) -> None:
    with pytest.raises(NotInState, match="cannot be retried while it is pending"):
        app.actions.retry(operator, propose())


# -- reading ------------------------------------------------------------------------------------------------------


def test_inbox_filters_sorts_counts_and_pages(app: Application, operator: Actor, propose: Propose) -> None:
    for number in range(12):
        propose(
            title=f"Send reminder {number}", priority=list(Priority)[number % 4], sample=number < 2,
            expires_in=timedelta(hours=10 if number < 3 else 40 + number),
        )  # fmt: skip

    page = app.actions_queries.inbox(operator, limit=5)
    assert (len(page.rows), page.total, page.expiring_today) == (5, 12, 3)
    assert [row.priority for row in page.rows] == [Priority.CRITICAL] * 3 + [Priority.ATTENTION] * 2
    assert page.by_priority == dict.fromkeys(Priority, 3)
    assert all(row.why_not_decide is None for row in page.rows)
    following = app.actions_queries.inbox(operator, limit=5, offset=5)
    assert not {row.id for row in page.rows} & {row.id for row in following.rows}

    critical = app.actions_queries.inbox(operator, InboxFilter(priorities=frozenset({Priority.CRITICAL})))
    assert (critical.total, critical.expiring_today) == (3, 1)
    assert critical.by_priority == dict.fromkeys(Priority, 3)
    assert app.actions_queries.inbox(operator, InboxFilter(text="reminder 11")).total == 1
    assert app.actions_queries.inbox(operator, InboxFilter(text="100%")).total == 0
    assert app.actions_queries.inbox(operator, InboxFilter(sample=False)).total == 10
    assert app.actions_queries.inbox(operator, InboxFilter(operations=frozenset({"odoo_create"}))).total == 0
    assert app.actions_queries.inbox(operator, InboxFilter(proposer="Scout")).total == 12


def test_card_that_is_not_there_is_not_found(app: Application, operator: Actor) -> None:
    with pytest.raises(NotFound):
        app.actions_queries.card(operator, new_id())
    assert app.actions_queries.progress([new_id()]) == {}
