"""The life of a proposed action: its states, what may follow what, and who may read it how."""

from __future__ import annotations

from enum import StrEnum


class ActionState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    """Countersigned and queued; a worker will take it."""
    REJECTED = "rejected"
    EXPIRED = "expired"
    EXECUTING = "executing"
    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The effect may have happened; a person finds out, nothing is repeated blindly."""


class Priority(StrEnum):
    CRITICAL = "critical"
    ATTENTION = "attention"
    INFO = "info"
    AUTOMATED = "automated"


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class AttemptOutcome(StrEnum):
    """How one attempt to execute ended (C7)."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


class ExecutionMode(StrEnum):
    """What the installation lets happen: nothing, only what stays on this machine, everything approved."""

    OFF = "off"
    PREVIEW = "preview"
    ON = "on"
