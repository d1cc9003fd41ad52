"""The states of a run, what may follow what, and the three vocabularies in which they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.actor import Actor, ActorKind, Role
from core.errors import CountersignError


class ExecutionState(StrEnum):
    """One state machine for every run; `VIEWS` below says how people, definitions and the API name each state."""

    PENDING = "pending"
    STARTED = "started"
    IN_PROGRESS = "in_progress"
    WAITING_ACCEPTANCE = "waiting_acceptance"
    WAITING_CLARIFICATION = "waiting_clarification"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"


class StepState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    DONE = "done"


class TimerKind(StrEnum):
    """What the clock is counting: hands-on work, waiting (a pause or an outside party), or a model's time."""

    WORK = "work"
    WAIT = "wait"
    AI = "ai"


RUNNERS = (Role.USER, Role.OPERATOR, Role.ADMIN)
"""Who starts runs and walks them."""

OPEN = frozenset({ExecutionState.STARTED, ExecutionState.IN_PROGRESS})
"""A person can work on it now."""

ENDED = frozenset({ExecutionState.COMPLETED, ExecutionState.FAILED, ExecutionState.CANCELLED, ExecutionState.ABANDONED})
"""Nothing follows, but that a failed automated run can be retried (`retried`)."""

_STOPS = frozenset({ExecutionState.FAILED, ExecutionState.CANCELLED, ExecutionState.ABANDONED})
_GATES = frozenset({ExecutionState.WAITING_ACCEPTANCE, ExecutionState.WAITING_CLARIFICATION})

TRANSITIONS: Mapping[ExecutionState, frozenset[ExecutionState]] = {
    ExecutionState.PENDING: frozenset({ExecutionState.STARTED}) | _STOPS,
    ExecutionState.STARTED: frozenset({ExecutionState.IN_PROGRESS, ExecutionState.COMPLETED}) | _GATES | _STOPS,
    ExecutionState.IN_PROGRESS: frozenset({ExecutionState.COMPLETED}) | _GATES | _STOPS,
    ExecutionState.WAITING_ACCEPTANCE: frozenset({ExecutionState.IN_PROGRESS, ExecutionState.COMPLETED}) | _STOPS,
    ExecutionState.WAITING_CLARIFICATION: frozenset({ExecutionState.IN_PROGRESS}) | _STOPS,
    **{state: frozenset() for state in ENDED},
}
"""What may follow what; staying in a state is no transition."""


class ApiStatus(StrEnum):
    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class View:
    """One state in the three vocabularies: of guided runs (G3), of automated runs (W3), of the API (R2)."""

    guided: str
    automated: str
    api: ApiStatus


VIEWS: Mapping[ExecutionState, View] = {
    ExecutionState.PENDING: View("started", "pending", ApiStatus.PENDING),
    ExecutionState.STARTED: View("started", "running", ApiStatus.IN_PROGRESS),
    ExecutionState.IN_PROGRESS: View("in_progress", "running", ApiStatus.IN_PROGRESS),
    ExecutionState.WAITING_ACCEPTANCE: View("in_progress", "waiting_acceptance", ApiStatus.IN_PROGRESS),
    ExecutionState.WAITING_CLARIFICATION: View("in_progress", "waiting_clarification", ApiStatus.IN_PROGRESS),
    ExecutionState.COMPLETED: View("completed", "completed", ApiStatus.COMPLETED),
    ExecutionState.FAILED: View("abandoned", "failed", ApiStatus.FAILED),
    ExecutionState.CANCELLED: View("abandoned", "cancelled", ApiStatus.CANCELLED),
    ExecutionState.ABANDONED: View("abandoned", "cancelled", ApiStatus.CANCELLED),
}


def states_of(status: ApiStatus) -> frozenset[ExecutionState]:
    """Every state that the API calls `status`."""
    return frozenset(state for state, view in VIEWS.items() if view.api is status)


MOST_NOTES = 10_000
MOST_REASON = 2_000
MOST_INPUTS = 100_000


class RunEnded(CountersignError):
    """This run is {state} and takes no more changes. What you did before is kept; start the workflow again to go on."""

    http_status = 409


class RunNotOpen(CountersignError):
    """This run is {state}; there is nothing to do in it right now. Nothing was changed."""

    http_status = 409


class TierTooLow(CountersignError):
    """{title} needs the tier {needs}, and yours is {has}. Ask an admin to change your tier; nothing was started."""

    http_status = 403


class NoSuchStep(CountersignError):
    """Step {number} is not one of the {total} steps of this workflow. Nothing was changed."""

    http_status = 422


class StepNotReached(CountersignError):
    """Step {number} opens when step {before} is done. Finish that one first; nothing was changed."""

    http_status = 409


class NotOnLastStep(CountersignError):
    """You are on step {current} of {total}. Complete opens on the last step, when those before are done."""

    http_status = 409


class GoesOnByItself(CountersignError):
    """The steps of this run are done for you; answer what it waits for on its page, under Runs. Nothing was changed."""

    http_status = 409


class NotYourRun(CountersignError):
    """This run belongs to someone else. You may read it; only its owner goes on with it."""

    http_status = 403


def move(now: ExecutionState, then: ExecutionState) -> ExecutionState:
    """`then`, if it may follow `now`; RunEnded or RunNotOpen if not."""
    if then is now and now not in ENDED:
        return now
    if then not in TRANSITIONS[now]:
        raise (RunEnded if now in ENDED else RunNotOpen)(state=now.replace("_", " "))
    return then


def retried(now: ExecutionState) -> ExecutionState:
    """Of an automated run that a person lets try again: what failed is no end then. RunEnded for every other end."""
    return ExecutionState.IN_PROGRESS if now is ExecutionState.FAILED else move(now, ExecutionState.IN_PROGRESS)


def must_be_open(state: ExecutionState) -> None:
    """Refuses unless a person or program can go on with the run now."""
    if state not in OPEN:
        raise (RunEnded if state in ENDED else RunNotOpen)(state=state.replace("_", " "))


def own_kind(user_id: UUID | None) -> TimerKind:
    """What going on with a run costs: a person's time, or a program's."""
    return TimerKind.WORK if user_id is not None else TimerKind.AI


def may_read(actor: Actor, *, user_id: UUID | None, agent_id: str | None) -> bool:
    """Owners read their runs; operators and admins read all."""
    return actor.has(Role.OPERATOR, Role.ADMIN) or is_owner(actor, user_id=user_id, agent_id=agent_id)


def is_owner(actor: Actor, *, user_id: UUID | None, agent_id: str | None) -> bool:
    """A person's run is theirs; an agent's run without a person belongs to the agent and to operators."""
    if user_id is not None:
        return actor.user_id == user_id
    if actor.kind is ActorKind.AGENT:
        return actor.id == agent_id
    return actor.has(Role.OPERATOR, Role.ADMIN)
