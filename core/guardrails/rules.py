"""What the installation allows: each rule looks at one fact and says pass or stop, in words (D5)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ExecutionMode(StrEnum):
    """What the installation lets happen: nothing, only what stays on this machine, everything approved."""

    OFF = "off"
    PREVIEW = "preview"
    ON = "on"


@dataclass(frozen=True)
class Limits:
    """The guardrails as data."""

    mode: ExecutionMode
    channels: frozenset[str]
    max_recipients: int
    expiry_hours: int
    changed_by: str
    changed_at: datetime
    version: int


@dataclass(frozen=True)
class Facts:
    """What the rules look at in one action."""

    channel: str
    leaves_machine: bool
    recipients: int
    expires_at: datetime
    now: datetime


@dataclass(frozen=True)
class Verdict:
    rule: str
    input: str
    """The fact the rule saw."""
    stops: bool
    words: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def evaluate(limits: Limits, facts: Facts) -> tuple[Verdict, ...]:
    """One verdict for every rule, in a fixed order; a single stop is enough to stop."""
    return (_mode(limits, facts), _channel(limits, facts), _recipients(limits, facts), _expiry(facts))


def first_stop(verdicts: tuple[Verdict, ...]) -> Verdict | None:
    return next((verdict for verdict in verdicts if verdict.stops), None)


def _mode(limits: Limits, facts: Facts) -> Verdict:
    where = "leaves this machine" if facts.leaves_machine else "stays on this machine"
    if limits.mode is ExecutionMode.OFF:
        since = limits.changed_at.strftime("%H:%M UTC")
        return Verdict("mode", where, True, f"Execution was stopped by {limits.changed_by} at {since}.")
    if limits.mode is ExecutionMode.PREVIEW and facts.leaves_machine:
        words = "This installation is in preview: nothing leaves this machine until an admin turns execution on."
        return Verdict("mode", where, True, words)
    words = "Execution is on." if limits.mode is ExecutionMode.ON else "Preview allows what stays on this machine."
    return Verdict("mode", where, False, words)


def _channel(limits: Limits, facts: Facts) -> Verdict:
    if facts.channel in limits.channels:
        return Verdict("channel", facts.channel, False, f"The channel {facts.channel} is open.")
    words = f"The channel {facts.channel} is closed; an admin opens it under Guardrails."
    return Verdict("channel", facts.channel, True, words)


def _recipients(limits: Limits, facts: Facts) -> Verdict:
    seen = str(facts.recipients)
    if facts.recipients <= limits.max_recipients:
        return Verdict("recipients", seen, False, f"At most {limits.max_recipients} recipients, it has {seen}.")
    words = f"It has {seen} recipients, and at most {limits.max_recipients} are allowed."
    return Verdict("recipients", seen, True, words)


def _expiry(facts: Facts) -> Verdict:
    until = facts.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    if facts.now < facts.expires_at:
        return Verdict("expiry", until, False, f"It is valid until {until}.")
    return Verdict("expiry", until, True, f"It expired on {until}.")
