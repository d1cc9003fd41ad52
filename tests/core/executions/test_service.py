"""A person walks through a workflow; what they did is kept, on any device, and nobody else can touch it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actor import Actor, ActorKind, Role, Tier
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import Conflict, CountersignError, InvalidInput, NotAllowed, NotFound
from core.executions.rules import (
    ExecutionState,
    GoesOnByItself,
    NoSuchStep,
    NotOnLastStep,
    NotYourRun,
    RunEnded,
    StepNotReached,
    StepState,
    TierTooLow,
)
from core.identifiers import new_id
from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm
from core.settings import ROOT
from tests.core.executions.automated.scene import half_way


def finish_all_but_the_last(app: Application, actor: Actor, run: UUID) -> None:
    for number in range(1, 5):
        app.executions.finish_step(actor, run, number)


def test_a_new_run_knows_its_segment_revision_and_estimate(app: Application, catalog: None, ravi: Actor) -> None:
    form = ProfileForm(Goal.EARN_MONEY, Market.FREELANCER, SkillLevel.BEGINNER, "IN")
    app.identity.save_profile(ravi, form)

    walk = app.executions_queries.walk(ravi, app.executions.start(ravi, "resume_generator", inputs={"client": "Asha"}))

    assert (walk.state, walk.view.guided, walk.view.api) == (ExecutionState.STARTED, "started", "IN_PROGRESS")
    assert (walk.progress.current, walk.progress.done, walk.progress.total) == (1, 0, 5)
    assert (walk.calculated_savings, walk.savings_currency) == (Decimal("30.00"), "USD")
    assert walk.inputs == {"client": "Asha"}
    assert [step.state for step in walk.steps] == [StepState.ACTIVE] + [StepState.PENDING] * 4
    assert walk.minutes_left() == 105
    assert walk.mine


def test_next_marks_the_step_done_and_shows_the_one_after(app: Application, ravi: Actor, run: UUID) -> None:
    assert app.executions.finish_step(ravi, run, 1) == 2

    walk = app.executions_queries.walk(ravi, run)
    assert (walk.state, walk.progress.current, walk.progress.done) == (ExecutionState.IN_PROGRESS, 2, 1)
    assert [step.state for step in walk.steps][:3] == [StepState.DONE, StepState.ACTIVE, StepState.PENDING]
    assert walk.minutes_left() == 75


def test_going_back_to_read_neither_lowers_progress_nor_finishes_the_open_step(
    app: Application, ravi: Actor, run: UUID
) -> None:
    app.executions.finish_step(ravi, run, 1)
    app.executions.finish_step(ravi, run, 2)
    app.executions.go_to(ravi, run, 1)
    app.executions.finish_step(ravi, run, 1)  # Next, while reading

    walk = app.executions_queries.walk(ravi, run)
    assert (walk.progress.current, walk.progress.done) == (2, 2)
    assert walk.steps[2].state is StepState.ACTIVE


def test_a_double_click_on_next_moves_once(app: Application, ravi: Actor, run: UUID) -> None:
    with ThreadPoolExecutor(6) as pool:
        shown = list(pool.map(lambda _: app.executions.finish_step(ravi, run, 1), range(6)))

    assert shown == [2] * 6
    assert app.executions_queries.walk(ravi, run).progress.done == 1


def test_a_click_on_an_outdated_screen_moves_nothing(app: Application, ravi: Actor, run: UUID) -> None:
    app.executions.finish_step(ravi, run, 1)
    app.executions.finish_step(ravi, run, 2)

    assert app.executions.go_to(ravi, run, 1, expected=2) == 3
    assert app.executions.go_to(ravi, run, 2, expected=3) == 2


def test_steps_have_bounds(app: Application, ravi: Actor, run: UUID) -> None:
    for number in (0, 6):
        with pytest.raises(NoSuchStep):
            app.executions.go_to(ravi, run, number)
        with pytest.raises(NoSuchStep):
            app.executions.save_notes(ravi, run, number, "x")
    with pytest.raises(StepNotReached):
        app.executions.go_to(ravi, run, 3)


def test_complete_only_on_the_last_step_and_only_once(app: Application, ravi: Actor, run: UUID) -> None:
    with pytest.raises(NotOnLastStep, match="step 1 of 5"):
        app.executions.complete(ravi, run)
    finish_all_but_the_last(app, ravi, run)
    app.executions.complete(ravi, run)

    walk = app.executions_queries.walk(ravi, run)
    assert (walk.state, walk.progress.done) == (ExecutionState.COMPLETED, 5)
    assert all(step.state is StepState.DONE for step in walk.steps)
    with pytest.raises(RunEnded):
        app.executions.complete(ravi, run)


def test_an_ended_run_takes_no_more_of_anything(app: Application, ravi: Actor, run: UUID) -> None:
    finish_all_but_the_last(app, ravi, run)
    app.executions.complete(ravi, run)
    commands: list[Callable[[], object]] = [
        lambda: app.executions.finish_step(ravi, run, 5),
        lambda: app.executions.go_to(ravi, run, 1),
        lambda: app.executions.save_notes(ravi, run, 1, "late"),
        lambda: app.executions.record_progress(ravi, run, 2),
        lambda: app.executions.pause(ravi, run),
        lambda: app.executions.abandon(ravi, run, "late"),
        lambda: app.executions.cancel(ravi, run),
    ]
    for command in commands:
        with pytest.raises(RunEnded) as refused:
            command()
        assert refused.value.http_status == 409


def test_work_and_waiting_are_kept_apart_and_each_step_has_its_own_time(
    app: Application, clock: ManualClock, ravi: Actor, run: UUID
) -> None:
    clock.advance(timedelta(minutes=10))
    app.executions.finish_step(ravi, run, 1)
    clock.advance(timedelta(minutes=4))
    app.executions.pause(ravi, run)
    clock.advance(timedelta(days=2))
    app.executions.pause(ravi, run)
    app.executions.resume(ravi, run)
    clock.advance(timedelta(minutes=1))
    app.executions.abandon(ravi, run, "the client changed their mind")
    clock.advance(timedelta(days=1))

    walk = app.executions_queries.walk(ravi, run)
    timer = walk.timer.read(clock.now())
    assert (timer.work_ms, timer.wait_ms) == (15 * 60_000, 2 * 24 * 3_600_000)
    assert [step.work_ms // 60_000 for step in walk.steps] == [10, 5, 0, 0, 0]
    assert (walk.state, walk.end_reason) == (ExecutionState.ABANDONED, "the client changed their mind")


def test_finishing_a_step_ends_a_pause(app: Application, clock: ManualClock, ravi: Actor, run: UUID) -> None:
    app.executions.pause(ravi, run)
    assert app.executions_queries.walk(ravi, run).paused
    clock.advance(timedelta(hours=1))
    app.executions.finish_step(ravi, run, 1)

    walk = app.executions_queries.walk(ravi, run)
    assert not walk.paused
    assert walk.timer.wait_ms == 3_600_000


def test_abandoning_needs_a_reason(app: Application, ravi: Actor, run: UUID) -> None:
    with pytest.raises(InvalidInput, match="Reason"):
        app.executions.abandon(ravi, run, "   ")


def test_notes_of_two_devices_lose_nothing_of_each_other(app: Application, ravi: Actor, run: UUID) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: app.executions.save_notes(ravi, run, n, f"notes of step {n}"), range(1, 6)))

    steps = app.executions_queries.walk(ravi, run).steps
    assert [step.notes for step in steps] == [f"notes of step {n}" for n in range(1, 6)]


@pytest.mark.parametrize("text", ["x" * 10_001, "zero \x00", "half \ud800"])
def test_notes_that_cannot_be_kept_are_refused(app: Application, ravi: Actor, run: UUID, text: str) -> None:
    with pytest.raises(InvalidInput, match="Notes"):
        app.executions.save_notes(ravi, run, 1, text)
    app.executions.save_notes(ravi, run, 1, "x" * 10_000)


def test_starting_again_resumes_the_open_run_unless_another_is_wanted(app: Application, ravi: Actor, run: UUID) -> None:
    assert app.executions.start(ravi, "resume_generator") == run
    other = app.executions.start(ravi, "resume_generator", again=True)
    assert other != run
    app.executions.abandon(ravi, other, "one is enough")
    app.executions.abandon(ravi, run, "and now none")
    assert app.executions.start(ravi, "resume_generator") not in (run, other)


def test_two_devices_starting_at_once_start_one_run(app: Application, catalog: None, ravi: Actor) -> None:
    with ThreadPoolExecutor(6) as pool:
        runs = set(pool.map(lambda _: app.executions.start(ravi, "resume_generator"), range(6)))

    assert len(runs) == 1


@pytest.mark.parametrize(
    ("tier", "workflow_id", "entitled"),
    [
        (Tier.STARTER, "resume_generator", True), (Tier.STARTER, "whatsapp_bot", False),
        (Tier.STARTER, "prompt_selling", False), (Tier.PRO, "whatsapp_bot", True),
        (Tier.PRO, "prompt_selling", False), (Tier.SCALE, "prompt_selling", True),
    ],
)  # fmt: skip
def test_tiers_are_entitlements(
    app: Application, catalog: None, person: Callable[..., Actor], tier: Tier, workflow_id: str, entitled: bool
) -> None:
    someone = person(Role.USER, tier=tier)
    if entitled:
        app.executions.start(someone, workflow_id)
        return
    with pytest.raises(TierTooLow, match="nothing was started") as refused:
        app.executions.start(someone, workflow_id)
    assert refused.value.http_status == 403
    assert app.executions_queries.page(someone).total == 0


def test_unknown_workflows_agents_and_councils_are_not_found(app: Application, catalog: None, admin: Actor) -> None:
    with pytest.raises(NotFound, match="workflow nothing"):
        app.executions.start(admin, "nothing")
    with pytest.raises(NotFound, match="agent nobody"):
        app.executions.start(admin, "resume_generator", agent_id="nobody")
    with pytest.raises(NotFound, match="council none"):
        app.executions.start(admin, "resume_generator", council_id="none")


def test_a_run_keeps_the_revision_it_started_with(app: Application, ravi: Actor, run: UUID, tmp_path: Path) -> None:
    document = json.loads((ROOT / "workflows.json").read_text())
    changed = document["workflows"]["resume_generator"]
    changed["steps"] = changed["steps"][:2]
    changed["total_steps"] = 2
    changed["title"] = "A shorter way"
    (tmp_path / "workflows.json").write_text(json.dumps(document))
    app.catalog.sync(tmp_path / "workflows.json")

    old = app.executions_queries.walk(ravi, run)
    new = app.executions_queries.walk(ravi, app.executions.start(ravi, "resume_generator", again=True))
    assert (old.title, len(old.steps)) == ("Write resumes for clients with AI", 5)
    assert (new.title, len(new.steps)) == ("A shorter way", 2)


def test_others_find_nothing_and_operators_read_without_touching(
    app: Application, run: UUID, person: Callable[..., Actor]
) -> None:
    stranger, analyst, operator = person(Role.USER), person(Role.ANALYST), person(Role.OPERATOR)
    for other in (stranger, analyst):
        with pytest.raises(NotFound):
            app.executions_queries.walk(other, run)
        with pytest.raises(NotFound):
            app.executions.save_notes(other, run, 1, "hello")
        with pytest.raises(NotFound):
            app.executions.cancel(other, run)

    assert not app.executions_queries.walk(operator, run).mine
    with pytest.raises(NotYourRun):
        app.executions.finish_step(operator, run, 1)
    app.executions.cancel(operator, run, "the workflow is withdrawn")
    assert app.executions_queries.walk(operator, run).state is ExecutionState.CANCELLED
    with pytest.raises(NotFound):
        app.executions_queries.walk(operator, new_id())


def test_an_agent_runs_in_its_own_name_on_its_own_time(
    app: Application, catalog: None, admin: Actor, clock: ManualClock
) -> None:
    app.tokens.add_agent(admin, "scout", "Scout")
    scout = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
    run = app.executions.start(scout, "whatsapp_bot")
    clock.advance(timedelta(seconds=90))
    app.executions.record_progress(scout, run, 2, "drafted both flows")

    walk = app.executions_queries.walk(scout, run)
    assert (walk.agent_id, walk.progress.done, walk.timer.ai_ms, walk.timer.work_ms) == ("scout", 2, 90_000, 0)
    assert walk.steps[1].notes == "drafted both flows"
    with pytest.raises(InvalidInput, match="own name"):
        app.executions.start(scout, "whatsapp_bot", agent_id="other")
    other = Actor(kind=ActorKind.AGENT, id="other", name="Other")
    with pytest.raises(NotFound):
        app.executions.record_progress(other, run, 3)


def test_only_operators_start_for_agents(app: Application, catalog: None, admin: Actor, ravi: Actor) -> None:
    app.tokens.add_agent(admin, "scout", "Scout")
    with pytest.raises(NotAllowed):
        app.executions.start(ravi, "resume_generator", agent_id="scout")
    run = app.executions.start(admin, "resume_generator", agent_id="scout")
    assert app.executions_queries.walk(admin, run).agent_id == "scout"


def test_programs_report_progress_that_never_drops(app: Application, ravi: Actor, run: UUID) -> None:
    app.executions.record_progress(ravi, run, 3, "three done")
    app.executions.record_progress(ravi, run, 1)

    walk = app.executions_queries.walk(ravi, run)
    assert (walk.progress.done, walk.progress.current, walk.steps[2].notes) == (3, 4, "three done")
    for wrong in (-1, 6):
        with pytest.raises(NoSuchStep):
            app.executions.record_progress(ravi, run, wrong)
    app.executions.record_progress(ravi, run, 5)
    app.executions.complete(ravi, run)


def test_a_stale_version_is_a_conflict(app: Application, ravi: Actor, run: UUID) -> None:
    version = app.executions_queries.walk(ravi, run).version
    app.executions.record_progress(ravi, run, 1, version=version)
    with pytest.raises(Conflict):
        app.executions.record_progress(ravi, run, 2, version=version)


def test_every_change_is_audited_and_seen_by_aggregation(
    app: Application, clock: ManualClock, ravi: Actor, run: UUID
) -> None:
    clock.advance(timedelta(minutes=1))
    app.executions.finish_step(ravi, run, 1)
    app.executions.save_notes(ravi, run, 2, "private words")
    app.executions.pause(ravi, run)

    entries = app.audit_queries.entries(subject=f"run:{run}")
    assert [entry.event for entry in entries] == [
        "run.paused", "run.notes_saved", "run.step_finished", "run.started",
    ]  # fmt: skip
    assert "private words" not in str([entry.after for entry in entries])
    assert app.executions_queries.open_runs(ravi)[0].last_activity_at == clock.now()


moves = st.one_of(
    st.tuples(st.sampled_from(["go_to", "finish_step", "record_progress"]), st.integers(0, 6)),
    st.tuples(st.sampled_from(["pause", "resume", "complete", "wait"]), st.just(0)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(moves, max_size=14))
def test_whatever_a_person_does_progress_never_drops_and_time_adds_up(
    app: Application, catalog: None, ravi: Actor, clock: ManualClock, sequence: list[tuple[str, int]]
) -> None:
    run = app.executions.start(ravi, "resume_generator", again=True)
    began, ended, highest = clock.now(), None, 0
    for name, number in sequence:
        if name == "wait":
            clock.advance(timedelta(minutes=7))
            continue
        command = getattr(app.executions, name)
        try:
            command(ravi, run, number) if name in {"go_to", "finish_step", "record_progress"} else command(ravi, run)
        except CountersignError:
            pass
        else:
            assert ended is None, "an ended run accepted a change"
        walk = app.executions_queries.walk(ravi, run)
        assert walk.progress.done >= highest
        highest = walk.progress.done
        ended = ended or (clock.now() if walk.ended else None)
        timer = walk.timer.read(clock.now())
        assert timer.elapsed_ms == ((ended or clock.now()) - began) // timedelta(milliseconds=1)
        assert [step.state is StepState.DONE for step in walk.steps] == [n <= highest for n in range(1, 6)]


def test_run_that_goes_on_by_itself_is_not_moved_by_the_commands_of_guided_ones(app: Application, ravi: Actor) -> None:
    scene = half_way(app, ravi)
    for attempt in (
        lambda: app.executions.complete(ravi, scene.id),
        lambda: app.executions.record_progress(ravi, scene.id, 5),
        lambda: app.executions.finish_step(ravi, scene.id, 1),
        lambda: app.executions.go_to(ravi, scene.id, 1),
        lambda: app.executions.save_notes(ravi, scene.id, 1, "x"),
        lambda: app.executions.pause(ravi, scene.id),
        lambda: app.executions.resume(ravi, scene.id),
        lambda: app.executions.abandon(ravi, scene.id, "x"),
        lambda: app.executions.cancel(ravi, scene.id, "x"),
        lambda: app.executions_queries.walk(ravi, scene.id),
    ):
        with pytest.raises(GoesOnByItself):
            attempt()
    head = app.tree_queries.tree(ravi, scene.id).head
    assert (head.state, head.version) == (ExecutionState.IN_PROGRESS, 1)
