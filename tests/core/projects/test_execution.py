"""From approval to report: each item executed once by its channel, each failure its own, what was not approved not begun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core.actions.rules import ActionState, StoppedByGuardrails
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import confirmed, deferred, rejected, unknown
from core.decisions.replay import replay_all
from core.engine.steps import InlineSteps
from core.errors import NotAllowed, NotFound
from core.guardrails.limits import ExecutionMode
from core.projects.rules import ItemState, RunNotThat
from tests.core.actions.gift import World
from tests.core.projects.conftest import Campaign, letter, post

Live = Callable[..., None]


def outbox(app: Application) -> int:
    return len(list(app.settings.outbox_dir.glob("*.eml")))


def run_sql(app: Application, statement: str) -> None:
    with app.database.begin() as uow:
        uow.session.execute(text(statement))


def test_approved_project_is_executed_item_by_item(
    app: Application, campaign: Campaign, world: World, live: Live
) -> None:
    live("social")
    campaign.add(letter(1), letter(2), post(1))
    card = campaign.propose()
    shown = app.actions_queries.card(campaign.admin, card)
    assert shown.plan.summary == "Send 2 e-mails and publish 1 post for “Winter campaign”"
    campaign.approve(card)
    assert campaign.execute(card) == "executed"
    assert campaign.work() == ["executed"] * 3

    assert campaign.figures() == (3, 3, 0, 0)
    assert outbox(app) == 2 and len(world.given) == 1
    told = campaign.report()
    assert list(told) == [
        "project_id", "total_items_processed", "items_sent_successfully", "items_failed", "items_skipped",
        "channels_used", "errors", "execution_results",
    ]  # fmt: skip
    assert told["channels_used"] == ["email", "social"] and told["errors"] == []
    assert campaign.events() == [
        "execution.started", "execution.plan_fetched", "execution.email_executed", "execution.social_executed",
        "execution.completed",
    ]  # fmt: skip
    assert campaign.work() == [None] * 3 and len(world.given) == 1
    assert app.audit_queries.verify().fault is None
    with app.database.reading() as session:
        assert replay_all(session).faults == ()


def test_refused_and_unknown_items_fail_and_stop_no_other(campaign: Campaign, world: World, live: Live) -> None:
    live("social")
    world.sees = False
    world.next_answers = [lambda _: rejected("The network refused it."), lambda _: unknown("No answer came.")]
    campaign.add(post(1), post(2), post(3), letter(1))
    campaign.start()
    campaign.work()

    assert campaign.figures() == (4, 2, 2, 0)
    told = campaign.messages()
    assert told["post-1"] == "The network refused it."
    assert told["post-2"] == "It may have been sent: No answer came."
    assert "execution.error" in campaign.events()
    assert campaign.report()["errors"][0].endswith("(1 item)")


def test_closed_channel_is_skipped_with_its_reason(campaign: Campaign, world: World, live: Live) -> None:
    live()
    campaign.add(post(1), letter(1))
    campaign.start()
    campaign.work()
    assert campaign.figures() == (2, 1, 0, 1) and world.given == []
    assert campaign.messages()["post-1"].startswith("The channel social is closed")
    assert campaign.report()["channels_used"] == ["email"]


def test_preview_skips_what_would_leave_and_says_so(
    app: Application, campaign: Campaign, world: World, live: Live, admin: Actor
) -> None:
    live("social")
    app.guardrails.set_mode(admin, ExecutionMode.PREVIEW)
    campaign.add(post(1), letter(1))
    campaign.start()
    campaign.work()
    assert campaign.figures() == (2, 1, 0, 1) and world.given == []
    assert "in preview" in campaign.messages()["post-1"]


def test_switched_off_everything_is_skipped(app: Application, campaign: Campaign, admin: Actor) -> None:
    campaign.add(letter(1), letter(2))
    card = campaign.propose()
    campaign.approve(card)
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    assert campaign.execute(card) == "executed"
    assert campaign.waiting() == [] and outbox(app) == 0
    assert campaign.figures() == (2, 0, 0, 2)
    assert campaign.messages()["letter-1"].startswith("Execution was stopped by Asha")
    assert campaign.events() == ["execution.started", "execution.disabled", "execution.completed"]


def test_switched_off_nobody_approves_a_project(app: Application, campaign: Campaign, admin: Actor) -> None:
    campaign.add(letter(1))
    card = campaign.propose()
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    with pytest.raises(StoppedByGuardrails, match="was stopped by"):
        campaign.approve(card)


def test_switched_off_while_running_stops_what_is_left(app: Application, campaign: Campaign, admin: Actor) -> None:
    campaign.add(letter(1), letter(2))
    campaign.start()
    campaign.work(1)
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    campaign.work(2)
    assert campaign.figures() == (2, 1, 0, 1) and outbox(app) == 1


def test_drifted_item_goes_back_to_people_alone(
    app: Application, campaign: Campaign, world: World, live: Live, admin: Actor
) -> None:
    live("social")
    campaign.add(post(1), letter(1))
    campaign.start()
    world.weather = "storm"
    assert campaign.work() == ["pending", "executed"]
    assert campaign.figures() == (2, 1, 0, 1)
    assert campaign.messages()["post-1"].startswith("Changed since approval")
    (item,) = [one for one in campaign.report()["execution_results"] if one["key"] == "post-1"]
    returned = app.actions_queries.card(admin, item["action_id"])
    assert returned.row.state is ActionState.PENDING and returned.drift

    # And who approves it there has it executed, which the report says then
    campaign.approve(returned.row.id)
    assert campaign.execute(returned.row.id) == "executed"
    assert campaign.figures() == (2, 2, 0, 0)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE project_items SET plan = jsonb_set(plan, '{summary}', '\"other\"') WHERE position = 1",
        "UPDATE project_items SET plan = jsonb_set(plan, '{message,recipients}', '[\"eve@example.com\"]'), "
        "plan_digest = repeat('0', 64) WHERE position = 1",
        "UPDATE project_items SET key = 'other' WHERE position = 2",
        "UPDATE project_items SET left_out = true WHERE position = 2",
        "UPDATE decisions SET state = 'rejected'",
        "UPDATE actions SET plan = jsonb_set(plan, '{summary}', '\"other\"')",
        "UPDATE project_runs SET plan_digest = repeat('0', 64)",
        "UPDATE actions SET state = 'rejected'",
    ],
)
def test_item_that_is_not_as_approved_is_not_begun(app: Application, campaign: Campaign, tampering: str) -> None:
    campaign.add(letter(1), letter(2))
    campaign.start()
    run_sql(app, tampering)
    campaign.work(1)
    assert outbox(app) == 0
    (first, *_) = campaign.report()["execution_results"]
    assert first["state"] == "skipped" and first["message"].endswith("Nothing was done.")


def test_items_changed_after_approval_send_the_card_back(app: Application, campaign: Campaign) -> None:
    campaign.add(letter(1))
    card = campaign.propose()
    campaign.approve(card)
    campaign.add(letter(2))
    assert campaign.execute(card) == "pending"
    assert campaign.waiting() == []
    shown = app.actions_queries.card(campaign.admin, card)
    assert shown.plan.summary == "Send 2 e-mails for “Winter campaign”"


def test_approval_that_expired_begins_nothing(app: Application, campaign: Campaign, clock: ManualClock) -> None:
    campaign.add(letter(1))
    campaign.start()
    clock.advance(timedelta(days=30))
    campaign.work()
    assert campaign.figures() == (1, 0, 0, 1) and outbox(app) == 0
    assert "expired" in campaign.messages()["letter-1"]


# -- pause, resume, cancel ------------------------------------------------------------------------------------------


def test_paused_run_begins_nothing_until_resumed(app: Application, campaign: Campaign, admin: Actor) -> None:
    campaign.add(letter(1), letter(2))
    campaign.start()
    campaign.work(1)
    app.projects.pause(admin, campaign.id)
    assert campaign.work(2) == [None] and outbox(app) == 1
    app.projects.resume(admin, campaign.id)
    assert campaign.hand_over() == 1
    assert [one[1:] for one in campaign.waiting()] == [(1, 1), (2, 1), (2, 2)]  # only what waited, handed over anew
    campaign.work()
    assert campaign.figures() == (2, 2, 0, 0) and outbox(app) == 2


def test_older_handing_over_does_nothing_once_there_is_a_newer(
    app: Application, campaign: Campaign, admin: Actor
) -> None:
    campaign.add(letter(1))
    campaign.start()
    app.projects.pause(admin, campaign.id)
    app.projects.resume(admin, campaign.id)
    campaign.hand_over()
    older, newer = campaign.waiting()
    run = app.project_execution.execute_item
    assert run(InlineSteps(), *older) is None and outbox(app) == 0
    assert run(InlineSteps(), *newer) == "executed"


def test_another_handing_over_never_goes_on_with_a_call_under_way(
    app: Application, campaign: Campaign, world: World, live: Live, admin: Actor
) -> None:
    live("social")
    campaign.add(post(1))
    campaign.start()
    seen: list[str | None] = []

    def meanwhile(_plan: object, _key: str) -> None:
        """Somebody pauses and resumes while the call is under way; a second worker gets the item."""
        app.projects.pause(admin, campaign.id)
        app.projects.resume(admin, campaign.id)
        (first,) = campaign.waiting()
        seen.append(app.project_execution.execute_item(InlineSteps(), first[0], first[1], 2))

    world.before_call = meanwhile
    assert campaign.work() == ["executed"]
    assert seen == [None] and len(world.given) == 1


def test_deferred_item_is_held_while_paused_and_goes_on(
    app: Application, campaign: Campaign, world: World, live: Live, admin: Actor, clock: ManualClock
) -> None:
    live("social")
    world.next_answers = [lambda _: deferred("Come back later.")]
    campaign.add(post(1))
    campaign.start()
    assert campaign.work() == ["approved"]
    (item,) = app.projects_queries.items(admin, campaign.id).rows
    assert item.state == "under_way" and item.action_id is not None
    clock.advance(timedelta(minutes=1))
    app.projects.pause(admin, campaign.id)
    campaign.execute(item.action_id)
    assert world.given == []
    clock.advance(timedelta(minutes=20))
    assert app.actions.requeue_stranded() == 0  # nobody lost it: it is held
    app.projects.resume(admin, campaign.id)
    assert campaign.execute(item.action_id) == "executed"
    assert campaign.figures() == (1, 1, 0, 0) and campaign.events()[-1] == "execution.completed"


def test_cancelled_run_begins_nothing_more_and_says_who(
    app: Application, campaign: Campaign, world: World, live: Live, admin: Actor
) -> None:
    live("social")
    world.next_answers = [lambda _: deferred("Come back later.")]
    campaign.add(post(1), letter(1), letter(2))
    campaign.start()
    campaign.work(1, 2)
    app.projects.cancel(admin, campaign.id)
    assert campaign.figures() == (3, 1, 0, 2)
    assert campaign.messages()["letter-2"] == "Asha cancelled the project before its turn came."
    assert campaign.messages()["post-1"] == "Asha cancelled the project. Nothing was done."
    assert campaign.events()[-1] == "execution.completed"
    campaign.work()
    (item, *_) = app.projects_queries.items(admin, campaign.id).rows
    assert item.action_id is not None
    campaign.execute(item.action_id)
    assert world.given == [] and outbox(app) == 1


def test_call_that_begins_when_it_is_cancelled_is_stopped(
    app: Application, campaign: Campaign, world: World, live: Live, admin: Actor
) -> None:
    live("social")
    campaign.add(post(1))
    campaign.start()
    drift = app.connectors.operation("post").drift

    def cancelled_meanwhile(plan: object) -> None:
        app.projects.cancel(admin, campaign.id)
        drift(plan)  # type: ignore[arg-type]

    app.connectors.operation("post").drift = cancelled_meanwhile  # type: ignore[method-assign]
    campaign.work()
    assert world.given == [] and campaign.figures() == (1, 0, 0, 1)


def test_only_people_who_operate_pause_and_only_what_runs(
    app: Application, campaign: Campaign, person: Callable[..., Actor], admin: Actor
) -> None:
    campaign.add(letter(1))
    campaign.start()
    for who in (person(Role.USER), person(Role.COUNCIL), campaign.author):
        for act in (app.projects.pause, app.projects.resume, app.projects.cancel):
            with pytest.raises(NotAllowed):
                act(who, campaign.id)
    with pytest.raises(RunNotThat):
        app.projects.resume(admin, campaign.id)
    app.projects.cancel(admin, campaign.id)
    for act in (app.projects.pause, app.projects.resume, app.projects.cancel):
        with pytest.raises(RunNotThat):
            act(admin, campaign.id)


def test_late_confirmation_by_a_person_counts(campaign: Campaign, world: World, live: Live, app: Application) -> None:
    live("social")
    world.sees = False
    world.next_answers = [lambda _: unknown("No answer came."), lambda key: confirmed("Given.", reference=key)]
    campaign.add(post(1))
    campaign.start()
    campaign.work()
    (item,) = campaign.report()["execution_results"]
    app.actions.resolve_unknown(campaign.admin, UUID(item["action_id"]), happened=True, evidence="I saw it.")
    assert campaign.figures() == (1, 1, 0, 0)


def test_handing_over_gives_nothing_once_it_is_paused_again(app: Application, campaign: Campaign, admin: Actor) -> None:
    campaign.add(letter(1))
    campaign.start()
    for act in (app.projects.pause, app.projects.resume, app.projects.pause):
        act(admin, campaign.id)
    assert campaign.hand_over() == 0


def test_items_that_the_engine_lost_are_handed_over_again(
    app: Application, campaign: Campaign, clock: ManualClock
) -> None:
    campaign.add(letter(1), letter(2))
    campaign.start()
    clock.advance(timedelta(minutes=20))
    assert app.projects.hand_over_lost() == 0  # it has them all
    run_sql(app, "DELETE FROM dbos.workflow_status WHERE name = 'execute_item'")
    assert app.projects.hand_over_lost() == 1
    assert app.projects.hand_over_lost() == 0  # a worker has it to do
    assert campaign.hand_over() == 2
    campaign.work()
    assert campaign.figures() == (2, 2, 0, 0)


def test_what_failed_or_was_stopped_is_tried_again_and_what_is_unknown_is_not(
    app: Application, campaign: Campaign, world: World, live: Live, admin: Actor
) -> None:
    live()
    world.sees = False
    campaign.add(post(1), post(2), letter(1))
    campaign.start()
    campaign.work(1, 3)  # the channel social is closed
    live("social")
    world.next_answers = [lambda _: unknown("No answer came.")]
    campaign.work(2)
    assert campaign.figures() == (3, 1, 1, 1)
    with pytest.raises(NotAllowed):
        app.projects.retry_failed(campaign.author, campaign.id)

    assert app.projects.retry_failed(admin, campaign.id) == (1, 0)
    (item,) = app.projects_queries.items(admin, campaign.id, state=ItemState.UNDER_WAY).rows
    assert item.key == "post-1" and item.action_id is not None
    assert app.engine_queries.queue_depth()["channel_social"] == 3  # at its channel's pace, as the first time
    assert campaign.execute(item.action_id) == "executed"
    assert campaign.figures() == (3, 2, 1, 0) and len(world.given) == 1
    assert campaign.events().count("execution.completed") == 1


def test_cancelled_project_is_not_tried_again(app: Application, campaign: Campaign, admin: Actor) -> None:
    campaign.add(letter(1))
    with pytest.raises(NotFound):
        app.projects.retry_failed(admin, campaign.id)
    campaign.start()
    app.projects.cancel(admin, campaign.id)
    with pytest.raises(RunNotThat):
        app.projects.retry_failed(admin, campaign.id)
