"""What is done with a finding: proposed, left alone for a while, or proposed anew because its facts moved. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.actions.rules import ActionState
from core.actor import Actor, ActorKind, Role
from core.brain.rule import Rule
from core.errors import InvalidInput

BRAIN = Actor(kind=ActorKind.JOB, id="job:operator_brain", name="Operator brain")
"""Who proposes. It holds no role: it can propose and read, and decides nothing."""

READERS = (Role.OPERATOR, Role.ADMIN)

RESUME_AFTER = timedelta(minutes=10)
"""After so long a claim without a card was left behind by a worker that ended."""

DAY = timedelta(days=1)

MOST_PER_LOOK, MOST_PER_DAY = 50, 500


class RuleMode(StrEnum):
    PROPOSE = "propose"
    WATCH = "watch"
    """Looks and keeps what it finds; proposes nothing."""
    OFF = "off"


class LookState(StrEnum):
    LOOKED = "looked"
    PARTLY = "partly"
    """Some of its sources could not be asked."""
    NOT_LOOKED = "not_looked"
    """Its source could not be asked: nothing is known."""
    FAILED = "failed"
    """The rule itself broke."""


class FindingState(StrEnum):
    NOTICED = "noticed"
    """Seen, and not proposed: `held` says why."""
    CLAIMED = "claimed"
    """A worker is about to propose it, under the id that it holds."""
    PROPOSED = "proposed"


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What a look does with one finding."""

    NEW = "new"
    """Never proposed, or not since its window ended: a row of its own."""
    RESUME = "resume"
    """There is a row without a card: it is proposed from there."""
    REPLACE = "replace"
    """Its card waits and names facts that have moved: it is taken back, and proposed anew."""
    OPEN = "open"
    """Its card waits, or is being executed."""
    QUIET = "quiet"
    """Its card ended a short while ago."""


_WAITING = frozenset({ActionState.PENDING, ActionState.APPROVED})
_OPEN = _WAITING | {ActionState.EXECUTING, ActionState.UNKNOWN}


@dataclass(frozen=True)
class Last:
    """The latest row of a key, and its card as it is now."""

    state: FindingState
    version: str
    withdrawn: bool
    """The brain itself took the card back, because its facts had moved: that says nothing about the next one."""
    action: ActionState | None
    """None where there is no card (any more)."""
    ended_at: datetime | None
    """When the card was executed, rejected, or expired; for one that is gone, when it was proposed."""


def step_for(last: Last | None, version: str, now: datetime, window: timedelta) -> Step:
    if last is None:
        return Step.NEW
    if last.state is not FindingState.PROPOSED:
        return Step.RESUME
    if last.action in _OPEN:
        return Step.REPLACE if last.action in _WAITING and last.version != version else Step.OPEN
    if last.withdrawn or last.ended_at is None:
        return Step.NEW
    return Step.QUIET if now < last.ended_at + window else Step.NEW


def checked_settings(rule: Rule, changes: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """`now` with `changes` (mode, per_look, per_day, thresholds); InvalidInput names what cannot be."""
    found = {**now, "thresholds": {**now["thresholds"]}}
    for name, value in changes.items():
        match name:
            case "mode":
                if value not in set(RuleMode):
                    raise InvalidInput(field="Mode", problem="choose propose, watch or off.")
                found["mode"] = RuleMode(value)
            case "per_look":
                found["per_look"] = _whole("Cards a look", value, 1, MOST_PER_LOOK)
            case "per_day":
                found["per_day"] = _whole("Cards a day", value, 1, MOST_PER_DAY)
            case "thresholds" if isinstance(value, Mapping):
                found["thresholds"] |= _thresholds(rule, value)
            case _:
                raise InvalidInput(field=str(name)[:40], problem="this rule has no such setting.")
    problem = rule.check(found["thresholds"])
    if problem is not None:
        raise InvalidInput(field=rule.title, problem=problem)
    return found


def _thresholds(rule: Rule, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {one.name: one for one in rule.thresholds}
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise InvalidInput(field=str(name)[:40], problem="this rule has no such threshold.")
        one = known[name]
        if not one.by_name:
            found[name] = _whole(one.label, value, one.least, one.most)
        elif isinstance(value, Mapping) and len(value) <= 50:
            found[name] = {
                _short(one.label, key): _whole(f"{one.label}, {str(key)[:40]}", each, one.least, one.most)
                for key, each in value.items()
            }
        else:
            raise InvalidInput(field=one.label, problem="give at most 50 names, each with a number.")
    return found


def _short(field: str, name: object) -> str:
    text = " ".join(str(name).split())
    if not 1 <= len(text) <= 80 or not text.isprintable():
        raise InvalidInput(field=field, problem="use names of 1 to 80 visible characters.")
    return text


def _whole(field: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInput(field=field, problem=f"use a whole number from {least} to {most}.")
    return value


def look_words(nouns: tuple[str, str], *, found: int, proposed: int, remaining: int, mode: RuleMode) -> str:
    """What a look found and did, as a sentence."""
    if not found:
        return f"Found no {nouns[0]}."
    words = f"Found {found:,} {nouns[0] if found == 1 else nouns[1]}"
    if mode is not RuleMode.PROPOSE:
        return f"{words}; it only watches, so nothing was proposed."
    if proposed:
        words += f"; proposed {proposed:,}" + (", the most valuable first" if remaining else "")
    if remaining:
        return f"{words}; {remaining:,} remain for later looks, because of its limits."
    return f"{words}." if proposed else f"{words}; each was proposed before."


def joined(sentences: Sequence[str]) -> str:
    return " ".join(one if one.endswith((".", "?")) else f"{one}." for one in sentences if one)
