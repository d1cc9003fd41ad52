"""The life of a proposed action: its states, what may follow what, and how urgent is urgent."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from core.actor import Actor, ActorKind, Role
from core.errors import CountersignError, NotAllowed

EXECUTE_ACTION = "execute_action"
"""The name under which workers know the handler."""

ACTION_ENDED = "action_ended"
"""The name under which workers tell whoever had an action proposed how it ended."""

MAX_TRIES = 5
"""Attempts the installation makes by itself on one approval, when the system says "later"."""

FIRST_WAIT = timedelta(seconds=30)


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


OVER = frozenset({ActionState.EXECUTED, ActionState.REJECTED, ActionState.EXPIRED, ActionState.FAILED})
"""How an action ends; `failed` may still be retried, `unknown` is a question for a person."""


FOLLOWS: dict[ActionState, frozenset[ActionState]] = {
    ActionState.PENDING: frozenset({ActionState.APPROVED, ActionState.REJECTED, ActionState.EXPIRED}),
    # back to pending when the world moved, failed when guardrails stopped it
    ActionState.APPROVED: frozenset(
        {
            ActionState.EXECUTING,
            ActionState.PENDING,
            ActionState.FAILED,
            ActionState.EXPIRED,
            ActionState.EXECUTED,  # an earlier attempt was confirmed late
        }
    ),
    # back to approved when the system said "later"
    ActionState.EXECUTING: frozenset(
        {ActionState.EXECUTED, ActionState.FAILED, ActionState.UNKNOWN, ActionState.APPROVED}
    ),
    # approved again by a retry, pending when its approval is not enough any more, executed when that was confirmed late
    ActionState.FAILED: frozenset({ActionState.APPROVED, ActionState.PENDING, ActionState.EXECUTED}),
    ActionState.UNKNOWN: frozenset({ActionState.EXECUTED, ActionState.FAILED}),
    ActionState.REJECTED: frozenset(),
    ActionState.EXPIRED: frozenset(),
    ActionState.EXECUTED: frozenset(),
}
"""The only moves there are (D4)."""


class Priority(StrEnum):
    CRITICAL = "critical"
    ATTENTION = "attention"
    INFO = "info"
    AUTOMATED = "automated"

    @property
    def rank(self) -> int:
        """0 is the most urgent."""
        return list(Priority).index(self)


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


ASK_PEOPLE_AGAIN = frozenset({"automatic", "reviews"})
"""Guardrails whose stop is not the end: people can still approve what no longer may run without them."""


class ActionAlreadyDecided(CountersignError):
    """{who} {did} this on {when}. It was not done a second time."""

    http_status = 409


class ActionExpired(CountersignError):
    """This expired on {when}. Nothing was done; propose it again if it is still wanted."""

    http_status = 409


class PlanChanged(CountersignError):
    """The plan has changed since you opened it. Look at it as it is now and decide again; nothing was done."""

    http_status = 409


class StoppedByGuardrails(CountersignError):
    """{words} Nothing was done."""

    http_status = 403


class ReviewNeeded(CountersignError):
    """The council {councils} must review this and was not asked yet. It is before them now; nothing was executed."""

    http_status = 409


class BackToPeople(CountersignError):
    """{words} It waits for a decision again; nothing was done."""

    http_status = 409


class CannotUndo(CountersignError):
    """“{title}” cannot be undone from here: the other system keeps no single value to put back. Nothing was changed."""

    http_status = 409


class UndoIsAsItIs(CountersignError):
    """An undo puts back exactly what was there, so it cannot be edited. Propose another action; nothing was changed."""

    http_status = 409


class UndoneAlready(CountersignError):
    """Undoing this was proposed already; open that card instead. Nothing was changed."""

    http_status = 409


class NotInState(CountersignError):
    """This cannot be {what} while it is {state}. Nothing was changed."""

    http_status = 409


class IllegalMove(CountersignError):
    """An action cannot go from {before} to {after}. Nothing was changed."""

    http_status = 409


def checked_move(before: ActionState, after: ActionState) -> ActionState:
    if after not in FOLLOWS[before]:
        raise IllegalMove(before=before.value, after=after.value)
    return after


def reads_all(actor: Actor) -> bool:
    """Those who decide and run the installation see every proposal; everybody else sees their own."""
    return actor.kind in {ActorKind.JOB, ActorKind.SYSTEM} or actor.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN)


def must_propose(actor: Actor) -> None:
    """Agents, jobs, operators and admins propose; a token must allow it."""
    if actor.scopes is not None and "propose" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="propose with this token", needs="token with the scope propose")
    if actor.kind is ActorKind.PERSON:
        actor.must_have(Role.OPERATOR, Role.ADMIN, to="propose actions")


def must_operate(actor: Actor, to: str) -> None:
    """People who run the installation; a token must allow decisions."""
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(who=actor.name, what=to, needs="operator")
    if actor.scopes is not None and "decide" not in actor.scopes:
        raise NotAllowed(who=actor.name, what=f"{to} with this token", needs="token with the scope decide")
    actor.must_have(Role.OPERATOR, Role.ADMIN, to=to)


def wait_before(attempt: int, asked: float | None) -> timedelta:
    """The pause after a deferred attempt: what the system asked for, at least a growing pause, at most an hour."""
    growing = FIRST_WAIT * (1 << (attempt - 1))
    return min(max(growing, timedelta(seconds=asked or 0)), timedelta(hours=1))
