"""Commands on runs: start one, move through it, take notes, pause, complete, abandon (SPEC G2–G5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from core.actor import Actor, ActorKind
from core.audit import service as audit
from core.catalog.queries import current_definition
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import Conflict, InvalidInput, NotFound
from core.executions.notes import checked_inputs, checked_text
from core.executions.progress import Progress, Timer
from core.executions.rules import (
    MOST_NOTES,
    MOST_REASON,
    RUNNERS,
    ExecutionState,
    GoesOnByItself,
    NotYourRun,
    StepState,
    TimerKind,
    is_owner,
    may_read,
    move,
    must_be_open,
    own_kind,
)
from core.executions.starting import (
    Approved,
    agent_for,
    may_state_savings,
    must_be_as_approved,
    must_be_entitled,
    must_exist,
    new_run,
    open_run,
)
from core.executions.tables import Execution, ExecutionStep


class ExecutionService:
    """Every method takes the actor first, locks the run's row, and writes one audit entry with the change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(
        self,
        actor: Actor,
        workflow_id: str,
        *,
        inputs: Mapping[str, Any] | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        again: bool = False,
        calculated_savings: Decimal | None = None,
        run_id: UUID | None = None,
        approved: Approved | None = None,
    ) -> UUID:
        """Starts the current revision of a workflow; answers the run's id.

        A person who has the same workflow open gets that run back, so that a second click or a second device starts
        nothing twice; `again=True` starts another one. Agents and operators name the agent and the council, and may
        state what it saves a week. `run_id` is the id it shall have, where that was given out before. With `approved`,
        the run is the actor's because people decided so: its clock counts waiting until somebody goes on with it.
        """
        if approved is None and actor.kind is not ActorKind.AGENT:
            actor.must_have(*RUNNERS, to="run workflows")
        agent_id = agent_for(actor, agent_id, council_id) if approved is None else approved.agent_id
        may_state_savings(actor, calculated_savings)
        given = checked_inputs(inputs or {})
        with self._database.begin() as uow:
            definition = current_definition(uow.session, workflow_id)
            if approved is None:
                must_be_entitled(actor, definition)
            else:
                must_be_as_approved(definition, approved)
            definition.must_be_guided()
            must_exist(uow, agent_id, council_id)
            if not again and (found := open_run(uow, actor, workflow_id)) is not None:
                return found
            row = new_run(uow, actor, definition, agent_id, run_id=run_id, savings=calculated_savings)
            row.inputs, row.council_id = given, council_id
            if approved is not None:
                row.timer_kind = TimerKind.WAIT
            after = {"workflow": workflow_id, "revision": definition.digest, "agent": agent_id, "council": council_id}
            audit.record(uow, actor, "run.started", f"run:{row.id}", after=after)
            return row.id

    def go_to(self, actor: Actor, execution_id: UUID, number: int, *, expected: int | None = None) -> int:
        """Shows another step, to read; answers the step on screen.

        With `expected`, the step the person was looking at, a click on a screen that is out of date moves nothing.
        """
        with self._database.begin() as uow:
            row = _open_for(uow, actor, execution_id)
            if expected is not None and expected != row.current_step:
                return row.current_step
            self._advance(uow, actor, row, "run.step_shown", lambda progress: progress.shown(number))
            return row.current_step

    def finish_step(self, actor: Actor, execution_id: UUID, number: int) -> int:
        """*Next* on step `number`: marks it done if it was not, shows the one after; answers the step on screen.

        A second click, or one from another device, finds the step done and moves nothing further.
        """
        with self._database.begin() as uow:
            row = _open_for(uow, actor, execution_id)
            if number != row.current_step and number <= row.steps_completed:
                return row.current_step
            if number > row.steps_completed:
                _turn(uow, row, own_kind(row.user_id))  # whoever finishes a step works, also where a pause was on
            self._advance(uow, actor, row, "run.step_finished", lambda progress: progress.finished(number))
            return row.current_step

    def save_notes(self, actor: Actor, execution_id: UUID, number: int, text: str) -> None:
        """Keeps the notes of one step, at most 10,000 characters; the last writer wins, for that step alone."""
        notes = checked_text("Notes", text, MOST_NOTES)
        with self._database.begin() as uow:
            row = _open_for(uow, actor, execution_id)
            _progress(row).check(number)
            self._write_notes(uow, actor, row, number, notes)

    def pause(self, actor: Actor, execution_id: UUID) -> None:
        self._switch(actor, execution_id, "run.paused", lambda row: TimerKind.WAIT)

    def resume(self, actor: Actor, execution_id: UUID) -> None:
        self._switch(actor, execution_id, "run.resumed", lambda row: own_kind(row.user_id))

    def complete(self, actor: Actor, execution_id: UUID, *, version: int | None = None) -> None:
        """Ends the run as completed; open only on the last step (NotOnLastStep)."""
        with self._database.begin() as uow:
            row = _open_for(uow, actor, execution_id, version=version)
            self._advance(uow, actor, row, None, lambda progress: progress.completed())
            self._end(uow, actor, row, ExecutionState.COMPLETED, "run.completed", reason="")

    def abandon(self, actor: Actor, execution_id: UUID, reason: str) -> None:
        """Ends the run unfinished; notes and times are kept."""
        reason = checked_text("Reason", reason, MOST_REASON).strip()
        if not reason:
            raise InvalidInput(field="Reason", problem="say in a few words why you stop.")
        with self._database.begin() as uow:
            row = _guided(uow, actor, execution_id)
            self._end(uow, actor, row, ExecutionState.ABANDONED, "run.abandoned", reason=reason)

    def cancel(self, actor: Actor, execution_id: UUID, reason: str = "", *, version: int | None = None) -> None:
        """Ends the run as cancelled; its owner, an operator or an admin may."""
        reason = checked_text("Reason", reason, MOST_REASON).strip()
        with self._database.begin() as uow:
            row = _guided(uow, actor, execution_id, version=version, others=True)
            self._end(uow, actor, row, ExecutionState.CANCELLED, "run.cancelled", reason=reason)

    def record_progress(
        self, actor: Actor, execution_id: UUID, steps_completed: int, notes: str | None = None, *,
        version: int | None = None,
    ) -> None:  # fmt: skip
        """Says how many steps are done, for programs; never fewer than before. Notes go to the last of these steps."""
        checked = checked_text("Notes", notes, MOST_NOTES) if notes is not None else None
        with self._database.begin() as uow:
            row = _open_for(uow, actor, execution_id, version=version)
            if _progress(row).reached(steps_completed) != _progress(row):
                _turn(uow, row, own_kind(row.user_id))
                event = "run.progress_recorded"
                self._advance(uow, actor, row, event, lambda progress: progress.reached(steps_completed))
            if checked is not None:
                self._write_notes(uow, actor, row, max(1, steps_completed), checked)

    # -- what the commands share ----------------------------------------------------------------------------------

    def _advance(
        self, uow: UnitOfWork, actor: Actor, row: Execution, event: str | None, change: Callable[[Progress], Progress]
    ) -> None:
        before = _progress(row)
        after = change(before)
        if after == before:
            return
        _read_timer(uow, row)  # the time until now belongs to the step that was on screen
        row.current_step, row.steps_completed = after.current, after.done
        if after.done > before.done:
            _mark_steps(uow, row, before.done, after)
        row.state = move(row.state, ExecutionState.IN_PROGRESS)
        _changed(uow, row)
        if event is not None:
            audit.record(uow, actor, event, f"run:{row.id}", before=_facts(before), after=_facts(after))

    def _write_notes(self, uow: UnitOfWork, actor: Actor, row: Execution, number: int, notes: str) -> None:
        step = uow.session.get_one(ExecutionStep, (row.id, number))
        if step.notes == notes:
            return
        step.notes = notes
        row.state = move(row.state, ExecutionState.IN_PROGRESS)
        _changed(uow, row)
        after = {"step": number, "characters": len(notes)}
        audit.record(uow, actor, "run.notes_saved", f"run:{row.id}", after=after)

    def _switch(self, actor: Actor, execution_id: UUID, event: str, kind_of: Callable[[Execution], TimerKind]) -> None:
        with self._database.begin() as uow:
            row = _open_for(uow, actor, execution_id)
            kind = kind_of(row)
            if row.timer_kind is not kind:
                _turn(uow, row, kind)
                _changed(uow, row)
                audit.record(uow, actor, event, f"run:{row.id}", after={"timer": kind})

    def _end(
        self, uow: UnitOfWork, actor: Actor, row: Execution, state: ExecutionState, event: str, *, reason: str
    ) -> None:
        before = row.state
        row.state = move(row.state, state)
        _turn(uow, row, None)
        row.completed_at, row.end_reason = uow.now, reason
        _changed(uow, row)
        after = {"state": state, "reason": reason, "steps_completed": row.steps_completed}
        audit.record(uow, actor, event, f"run:{row.id}", before={"state": before}, after=after)


def touch(uow: UnitOfWork, execution_id: UUID) -> None:
    """Lets aggregation see the run again, for rooms above whose records belong to it."""
    uow.session.execute(update(Execution).where(Execution.id == execution_id).values(changed_at=uow.now))


def find_run(
    uow: UnitOfWork, actor: Actor, execution_id: UUID, *, version: int | None = None, others: bool = False
) -> Execution:
    """The run, locked until `uow` ends: for its owner, or with `others` for whoever may read it."""
    row = uow.session.get(Execution, execution_id, with_for_update=True)
    if row is None or not may_read(actor, user_id=row.user_id, agent_id=row.agent_id):
        raise NotFound(kind="run", id=execution_id)
    if not others and not is_owner(actor, user_id=row.user_id, agent_id=row.agent_id):
        raise NotYourRun()
    if version is not None and version != row.version:
        raise Conflict(what="This run")
    return row


def _guided(
    uow: UnitOfWork, actor: Actor, execution_id: UUID, *, version: int | None = None, others: bool = False
) -> Execution:
    """As `find_run`, for a run whose steps people do: one that goes on by itself would lose its gates here."""
    row = find_run(uow, actor, execution_id, version=version, others=others)
    if row.automated:
        raise GoesOnByItself()
    return row


def _open_for(uow: UnitOfWork, actor: Actor, execution_id: UUID, *, version: int | None = None) -> Execution:
    """The run, locked, if a person or program can go on with it now."""
    row = _guided(uow, actor, execution_id, version=version)
    must_be_open(row.state)
    return row


def _progress(row: Execution) -> Progress:
    return Progress(total=row.total_steps, current=row.current_step, done=row.steps_completed)


def _facts(progress: Progress) -> dict[str, int]:
    return {"step": progress.current, "steps_completed": progress.done}


def _mark_steps(uow: UnitOfWork, row: Execution, done_before: int, progress: Progress) -> None:
    query = select(ExecutionStep).where(ExecutionStep.execution_id == row.id, ExecutionStep.number > done_before)
    for step in uow.session.scalars(query):
        if step.number <= progress.done:
            step.state, step.started_at, step.completed_at = StepState.DONE, step.started_at or uow.now, uow.now
        elif step.number == progress.done + 1:
            step.state, step.started_at = StepState.ACTIVE, uow.now


def _read_timer(uow: UnitOfWork, row: Execution) -> None:
    _turn(uow, row, row.timer_kind)


def _turn(uow: UnitOfWork, row: Execution, kind: TimerKind | None) -> None:
    """Reads the clock, gives the work since then to the step on screen, and counts `kind` from now on."""
    timer = Timer(row.timer_kind, row.timer_since, row.work_ms, row.wait_ms, row.ai_ms).turned(kind, uow.now)
    worked = timer.work_ms - row.work_ms + timer.ai_ms - row.ai_ms
    if worked:
        step = uow.session.get_one(ExecutionStep, (row.id, row.current_step))
        step.work_ms += worked
    row.timer_kind, row.timer_since = timer.kind, timer.since
    row.work_ms, row.wait_ms, row.ai_ms = timer.work_ms, timer.wait_ms, timer.ai_ms


def _changed(uow: UnitOfWork, row: Execution) -> None:
    row.changed_at = row.last_activity_at = uow.now
    row.version += 1
