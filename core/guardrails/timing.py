"""The rules about when: rates, business hours, repeats and expiry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from core.guardrails.limits import Limits
from core.guardrails.values import Rate
from core.guardrails.verdicts import Facts, Judgement, Usage, Verdict, passed, stopped, waits


def channel_rate(limits: Limits, facts: Facts, usage: Usage) -> Verdict:
    rate = limits.channel_rates.get(facts.channel)
    if rate is None or facts.only_reads:
        return passed("channel_rate", facts.channel, "No rate applies.")
    until = _free_at(usage.channel, rate, facts.now)
    words = f"{facts.channel}: at most {rate.words}."
    if until is None:
        return passed("channel_rate", facts.channel, words)
    return waits("channel_rate", facts.channel, f"{words} That many were done.", until)


def recipient_rate(limits: Limits, facts: Facts, usage: Usage) -> Verdict:
    """Says of the recipient who has to be waited for longest."""
    rate = limits.recipient_rates.get(facts.channel)
    found = facts.mailboxes
    if rate is None or not found or facts.only_reads:
        return passed("recipient_rate", facts.channel if found else "nobody", "No rate applies.")
    words = f"At most {rate.words} to the same recipient."
    busy = [(until, one) for one in found if (until := _free_at(usage.recipients.get(one), rate, facts.now))]
    if not busy:
        return passed("recipient_rate", found[0] if len(found) == 1 else f"{len(found)} recipients", words)
    until, longest = max(busy)
    return waits("recipient_rate", longest, f"{words} {longest} had that many.", until)


def hours(limits: Limits, facts: Facts, earliest: datetime) -> Verdict:
    """Looks at the moment at which the rates would let it run."""
    if limits.hours is None or facts.only_reads:
        return passed("hours", "any", "It may run at any hour.")
    seen, words = limits.hours.words, f"It runs within {limits.hours.words}."
    opens = limits.hours.next_open(earliest)
    if opens is None:
        return stopped("hours", seen, f"{words} They never begin.")
    if opens == earliest:
        return passed("hours", seen, words)
    return waits("hours", seen, words, opens)


def duplicate(limits: Limits, facts: Facts, usage: Usage) -> Verdict:
    seen = facts.same_as[:16]
    if not limits.duplicate_hours or facts.only_reads:
        return passed("duplicate", seen, "Repeating it is allowed.")
    window = timedelta(hours=limits.duplicate_hours)
    if usage.same is None or usage.same + window <= facts.now:
        return passed("duplicate", seen, f"The same was not done in the last {_hours_words(limits.duplicate_hours)}.")
    when = usage.same.strftime("%Y-%m-%d %H:%M UTC")
    words = f"The same was done on {when}; it may be repeated after {_hours_words(limits.duplicate_hours)}."
    return stopped("duplicate", seen, words)


def expiry(facts: Facts) -> Verdict:
    until = facts.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    if facts.now < facts.expires_at:
        return passed("expiry", until, "It has not expired.")
    return stopped("expiry", until, f"It expired on {until}.")


def in_time(verdict: Verdict, facts: Facts) -> Verdict:
    """What would wait past its expiry stops."""
    if verdict.until is None or verdict.until < facts.expires_at:
        return verdict
    when = verdict.until.strftime("%Y-%m-%d %H:%M UTC")
    words = f"{verdict.words} It could run on {when} at the earliest, and it expires before."
    return replace(verdict, judgement=Judgement.STOP, words=words, until=None)


def _free_at(oldest: datetime | None, rate: Rate, now: datetime) -> datetime | None:
    until = oldest + timedelta(minutes=rate.minutes) if oldest else None
    return until if until is not None and until > now else None


def _hours_words(hours: int) -> str:
    return "1 hour" if hours == 1 else f"{hours} hours"
