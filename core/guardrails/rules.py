"""What the guardrails say of one action: each rule looks at its facts and says pass, stop or wait, in words (D5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from core.guardrails.limits import RUNS_CHANNEL, TEAM_CHANNEL, ExecutionMode, Limits
from core.guardrails.timing import channel_rate, duplicate, expiry, hours, in_time, recipient_rate
from core.guardrails.values import mailbox
from core.guardrails.verdicts import (
    NOTHING_DONE,
    Evaluation,
    Facts,
    Judgement,
    Stage,
    Usage,
    Verdict,
    first_stop,
    passed,
    stopped,
)

__all__ = [
    "NOTHING_DONE", "Evaluation", "ExecutionMode", "Facts", "Judgement", "Limits", "Stage", "Usage", "Verdict",
    "evaluate", "first_stop",
]  # fmt: skip


def evaluate(limits: Limits, facts: Facts, usage: Usage = NOTHING_DONE) -> Evaluation:
    """One verdict for every rule, in a fixed order; a single stop is enough to stop.

    What waits, waits until every rule lets it run; if it expires before, it stops.
    """
    objection = _against_automatic(limits, facts)
    rates = (channel_rate(limits, facts, usage), recipient_rate(limits, facts, usage))
    earliest = max([facts.now, *(rate.until for rate in rates if rate.until is not None)])
    verdicts = (
        _policy(limits),
        *(rule(limits, facts) for rule in _PLAIN),
        *(in_time(verdict, facts) for verdict in (*rates, hours(limits, facts, earliest))),
        duplicate(limits, facts, usage),
        expiry(facts),
        _reviews(facts),
        _automatic(facts, objection),
    )
    passes = all(verdict.judgement is Judgement.PASS for verdict in verdicts)
    return Evaluation(verdicts, limits.version, allows_automatic=passes and objection is None)


def _policy(limits: Limits) -> Verdict:
    seen = f"revision {limits.version}"
    if limits.damaged:
        words = f"The stored guardrails cannot be understood ({limits.damaged}). Everything stops until an admin saves them anew."
        return stopped("policy", seen, words)
    return passed("policy", seen, f"The guardrails are in force as revision {limits.version}.")


def _mode(limits: Limits, facts: Facts) -> Verdict:
    where = "leaves this machine" if facts.leaves_machine else "stays on this machine"
    if facts.starts_others and (limits.mode is not ExecutionMode.OFF or facts.being_executed):
        return passed("mode", where, "It starts other work, and each piece is judged right before its own call.")
    if limits.mode is ExecutionMode.OFF:
        since = limits.mode_at.strftime("%H:%M UTC")
        return stopped("mode", where, f"Execution was stopped by {limits.mode_by} at {since}.")
    if limits.mode is ExecutionMode.PREVIEW and facts.leaves_machine:
        words = "This installation is in preview: nothing leaves this machine until an admin turns execution on."
        return stopped("mode", where, words)
    words = "Execution is on." if limits.mode is ExecutionMode.ON else "Preview allows what stays on this machine."
    return passed("mode", where, words)


def _channel(limits: Limits, facts: Facts) -> Verdict:
    if facts.starts_others:
        return passed("channel", facts.channel, "Each piece of work that it starts goes by its own channel.")
    if facts.channel == TEAM_CHANNEL and not facts.leaves_machine:
        return passed("channel", facts.channel, "It is no road out: it asks people of this installation.")
    if facts.channel == RUNS_CHANNEL and not facts.leaves_machine:
        return passed("channel", facts.channel, "It is no road out: what a run sends goes by its own channel.")
    if facts.channel in limits.channels:
        return passed("channel", facts.channel, f"The channel {facts.channel} is open.")
    words = f"The channel {facts.channel} is closed; an admin opens it under Guardrails."
    return stopped("channel", facts.channel, words)


def _operation(limits: Limits, facts: Facts) -> Verdict:
    name = facts.operation
    if facts.blocked_by:
        who = _listed(facts.blocked_by)
        return stopped("operation", name, f"{name} is blocked by {who}, whoever approves it.")
    if limits.operations is not None and name not in limits.operations:
        return stopped("operation", name, f"{name} is not among the allowed operations.")
    return passed("operation", name, f"{name} is allowed.")


def _model(limits: Limits, facts: Facts) -> Verdict:
    if facts.model is None or facts.only_reads:
        words = "It only reads." if facts.only_reads else "It writes to no model."
        return passed("model", facts.model or "none", words)
    model = facts.model.strip().casefold()
    if denied := _denying(limits, model):
        return stopped("model", model, f"Nobody writes to {model} from here: {denied} is denied.")
    if limits.models is not None and not any(_covers(one, model) for one in limits.models):
        return stopped("model", model, f"{model} is not among the allowed models.")
    return passed("model", model, f"{model} may be written to.")


def _amounts(limits: Limits, facts: Facts) -> Verdict:
    seen = ", ".join(f"{value} {currency}" for value, currency in facts.amounts) or "none"
    if not limits.amounts or not facts.amounts or facts.only_reads:
        return passed("amounts", seen, "No limit applies." if facts.amounts else "It moves no amount.")
    sums: dict[str, Decimal] = {}
    for value, currency in facts.amounts:
        if not value.is_finite():
            return stopped("amounts", seen, f"{value} {currency} is no amount that can be checked.")
        sums[currency] = sums.get(currency, Decimal(0)) + abs(value)
    for currency, total in sorted(sums.items()):
        most = limits.amounts.get(currency)
        if most is None:
            return stopped(
                "amounts", seen, f"There is no limit for {currency}, and amounts without a limit are stopped."
            )
        if total > most:
            words = f"It moves {total:,} {currency}, and at most {most:,} {currency} are allowed."
            return stopped("amounts", seen, words)
    return passed("amounts", seen, "It stays within the limits of " + _listed(sorted(sums)) + ".")


def _recipients(limits: Limits, facts: Facts) -> Verdict:
    seen = str(len(facts.recipients))
    if len(facts.recipients) <= limits.max_recipients or facts.only_reads:
        return passed("recipients", seen, f"At most {limits.max_recipients} recipients, it has {seen}.")
    words = f"It has {seen} recipients, and at most {limits.max_recipients} are allowed."
    return stopped("recipients", seen, words)


def _recipient_lists(limits: Limits, facts: Facts) -> Verdict:
    found = facts.normal_recipients
    seen = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "") or "nobody"
    if not found or facts.only_reads:
        return passed("recipient_lists", seen, "It goes to nobody.")
    for one in found:
        denied = limits.denied_recipients
        if entry := _entry_for(one, denied) or _entry_for(mailbox(one), denied):
            return stopped("recipient_lists", seen, f"{one} may not be written to: {entry} is denied.")
    for one in found:
        if limits.allowed_recipients and not _entry_for(one, limits.allowed_recipients):
            return stopped("recipient_lists", seen, f"{one} is not among the allowed recipients.")
    words = "Every recipient is allowed." if limits.allowed_recipients else "No recipient is denied."
    return passed("recipient_lists", seen, words)


def _reviews(facts: Facts) -> Verdict:
    if facts.missing_reviews:
        who = _listed(facts.missing_reviews)
        return stopped("reviews", who, f"It needs the review of {who}.")
    return passed("reviews", "none missing", "No review is missing.")


def _automatic(facts: Facts, objection: str | None) -> Verdict:
    if not facts.automatic:
        return passed("automatic", "a person decides", "A person decides on it.")
    if objection is not None:
        return stopped("automatic", "approved by rule", f"It may not be approved automatically: {objection}")
    return passed("automatic", "approved by rule", f"An admin lets {facts.operation} be approved automatically.")


def _against_automatic(limits: Limits, facts: Facts) -> str | None:
    if not limits.automatic:
        return "automatic approval is off."
    if facts.operation not in limits.automatic_operations:
        return f"{facts.operation} is not listed for it."
    if facts.risk != "low":
        return f"its risk is {facts.risk}, and only low risk qualifies."
    if facts.amounts or facts.effect not in {"read", "reversible", "irreversible"}:
        return "it moves money."
    if facts.model is not None and (denied := _denying(limits, facts.model.strip().casefold())):
        return f"{denied} is denied, and what is read there, keys for example, is for a person to allow."
    return None


_PLAIN: tuple[Callable[[Limits, Facts], Verdict], ...] = (
    _mode, _channel, _operation, _model, _amounts, _recipients, _recipient_lists,
)  # fmt: skip


def _denying(limits: Limits, model: str) -> str | None:
    return next((one for one in sorted(limits.denied_models) if _covers(one, model)), None)


def _covers(pattern: str, model: str) -> bool:
    return model.startswith(pattern[:-1]) if pattern.endswith(".*") else model == pattern


def _entry_for(recipient: str, entries: frozenset[str]) -> str | None:
    """The entry that names this address, its domain or a domain above it."""
    domain = recipient.rpartition("@")[2]
    labels = domain.split(".")
    candidates = (recipient, *(".".join(labels[start:]) for start in range(len(labels))))
    return next((one for one in candidates if one in entries), None)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
