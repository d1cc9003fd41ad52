"""The life of a project's run, what an item's action means for it, and the words that say what a project does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from core.actions.rules import ActionState
from core.errors import CountersignError, InvalidInput

EXECUTE_ITEM = "execute_item"
"""The name under which workers know the handler."""

HAND_OVER_ITEMS = "hand_over_items"
"""Gives what waits to the channels' queues; thousands of items are more than a click should wait for."""

LOST_AFTER = timedelta(minutes=15)
"""A run that has waited so long may have lost work: then the engine is asked."""

MAX_ITEMS = 5_000
MAX_FILE_BYTES = 5 * 1024 * 1024


class RunState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


class ItemState(StrEnum):
    PROBLEM = "problem"
    """It cannot be planned; somebody corrects it or leaves it out."""
    READY = "ready"
    """Planned, and in no run yet."""
    WAITING = "waiting"
    """Its turn has not come."""
    UNDER_WAY = "under_way"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class ProjectStarted(CountersignError):
    """This project was started already, so its items stay as they were approved. Make another project for more."""

    http_status = 409


class RunNotThat(CountersignError):
    """The run of this project is {state}, so it cannot be {what}. Nothing was changed."""

    http_status = 409


class CardWaits(CountersignError):
    """This project is before its people already. Decide on that card first; nothing was proposed a second time."""

    http_status = 409


class ItemsWithProblems(CountersignError):
    """{count} of the items cannot be planned. Correct them or leave them out first; nothing was proposed."""

    http_status = 409


class NothingToDo(CountersignError):
    """This project has no item that could be executed. Add some first; nothing was proposed."""

    http_status = 409


_MOVES: Mapping[str, tuple[frozenset[RunState], RunState]] = {
    "paused": (frozenset({RunState.RUNNING}), RunState.PAUSED),
    "resumed": (frozenset({RunState.PAUSED}), RunState.RUNNING),
    "cancelled": (frozenset({RunState.RUNNING, RunState.PAUSED}), RunState.CANCELLED),
}


def moved(state: RunState, what: str) -> RunState:
    """The state after somebody `paused`, `resumed` or `cancelled` it; RunNotThat where it cannot be."""
    before, after = _MOVES[what]
    if state not in before:
        raise RunNotThat(state=state.value, what=what)
    return after


def item_state(
    *,
    problem: bool,
    left_out: bool,
    skipped: bool,
    begun: bool,
    action: ActionState | None,
    stopped: bool,
) -> ItemState:
    """What an item is, from what is stored of it.

    `begun`: the project has a run. `stopped`: the last attempt was held back by a rule before its call. What came back
    to people because the world moved was skipped by this run, whatever they decide later; what was confirmed later
    was sent.
    """
    match action:
        case ActionState.EXECUTED:
            return ItemState.SENT
        case ActionState.APPROVED | ActionState.EXECUTING:
            return ItemState.UNDER_WAY
        case ActionState.UNKNOWN:
            return ItemState.FAILED
        case ActionState.FAILED:
            return ItemState.SKIPPED if stopped else ItemState.FAILED
        case ActionState.PENDING | ActionState.REJECTED | ActionState.EXPIRED:
            return ItemState.SKIPPED
        case None:
            if left_out or skipped:
                return ItemState.SKIPPED
            if problem:
                return ItemState.PROBLEM
            return ItemState.WAITING if begun else ItemState.READY


CHANGED = "Changed since approval; it waits for a decision on its own card."
MAYBE = "It may have been sent: "


def item_words(state: ItemState, action: ActionState | None, *, error: str | None, why: str | None) -> str:
    """What the report says of an item."""
    if action is ActionState.PENDING:
        return f"{CHANGED} {error or ''}".strip()
    if action is ActionState.UNKNOWN:
        return f"{MAYBE}{error or 'nobody could confirm it.'}"
    if action in (ActionState.REJECTED, ActionState.EXPIRED):
        return f"It came back to its people and was {action.value}. {error or ''}".strip()
    if state is ItemState.SENT:
        return ""
    return error or why or ""


_VERBS: Mapping[str, tuple[str, str, str]] = {
    "email": ("send", "e-mail", "e-mails"),
    "social": ("publish", "post", "posts"),
    "crm": ("change", "CRM record", "CRM records"),
    "odoo": ("change", "Odoo record", "Odoo records"),
    "http": ("make", "web request", "web requests"),
}
_OTHER = ("do", "other operation", "other operations")


def summary_of(name: str, counts: Mapping[str, int]) -> str:
    """`Send 600 e-mails, publish 300 posts and change 100 Odoo records for “Winter campaign”`, by kind of channel."""
    parts = []
    for kind, n in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        verb, noun, nouns = _VERBS.get(kind, _OTHER)
        parts.append(f"{verb} {n:,} {noun if n == 1 else nouns}")
    said = _listed(parts)
    return f"{said[:1].upper()}{said[1:]} for “{name}”"


def checked_count(present: int, more: int) -> None:
    if more < 1:
        raise InvalidInput(field="Items", problem="there is none in it.")
    if present + more > MAX_ITEMS:
        problem = f"a project holds at most {MAX_ITEMS:,} items, it has {present:,} and these are {more:,}."
        raise InvalidInput(field="Items", problem=problem)


def errors_of(failed: Sequence[tuple[str, str]]) -> list[str]:
    """One line for each channel and message of what failed, with how many items it was, the most frequent first."""
    counted: dict[tuple[str, str], int] = {}
    for one in failed:
        counted[one] = counted.get(one, 0) + 1
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [f"{channel}: {words} ({n} {'item' if n == 1 else 'items'})" for (channel, words), n in ranked]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
