"""The states of a run, what may follow what, and the three vocabularies in which they are read."""

from __future__ import annotations

from enum import StrEnum


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
