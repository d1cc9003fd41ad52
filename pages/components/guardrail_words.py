"""The guardrails in words, group by group: what may run, how much, when, and who."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.guardrails.rules import Limits
from core.guardrails.values import Rate
from pages.components.words import count, money

Lines = Mapping[str, str]
_SHOWN = 6


@dataclass(frozen=True)
class Group:
    """One card of the page and one dialog."""

    key: str
    title: str
    icon: str
    change: str
    """What its button says."""


RUN = Group("run", "What may run", ":material/route:", "Change what may run")
MUCH = Group("much", "How much", ":material/speed:", "Change how much")
WHEN = Group("when", "When", ":material/schedule:", "Change when")
WHO = Group("who", "Who", ":material/group:", "Change who")
GROUPS = (RUN, MUCH, WHEN, WHO)


def lines_of(limits: Limits, group: Group, titles: Mapping[str, str]) -> Lines:
    """What each guardrail of the group says at present, as one line; `titles` are those of operations."""
    if group is RUN:
        return {
            "Channels": named(limits.channels) or "None is open: nothing runs",
            "Operations": _those(limits.operations, titles, "All of the open channels", "None: nothing runs"),
            "Odoo models": _those(limits.models, {}, "All that are not denied", "None"),
            "Denied models": named(limits.denied_models) or "None: even rights and settings may be written",
        }
    if group is MUCH:
        return {
            "Recipients": f"At most {limits.max_recipients} a message",
            "Amounts": _amounts(limits),
            "Rate on a channel": _rates(limits.channel_rates) or "No limit",
            "Same recipient": _rates(limits.recipient_rates) or "No limit",
            "Same content": (
                f"Not again within {count(limits.duplicate_hours, 'hour')}"
                if limits.duplicate_hours
                else "May be repeated"
            ),
        }
    if group is WHEN:
        return {
            "Business hours": limits.hours.words if limits.hours else "Any hour of any day",
            "Expiry": f"A card waits {count(limits.expiry_hours, 'hour')}, then it expires",
        }
    automatic = limits.automatic and limits.automatic_operations
    return {
        "Four eyes": (
            "Whoever proposes or edits does not decide"
            if limits.four_eyes
            else "Off: people may approve their own cards"
        ),
        "May be written to": named(limits.allowed_recipients) or "Anybody who is not denied",
        "Never written to": named(limits.denied_recipients) or "Nobody is denied",
        "Without a person": (
            _those(limits.automatic_operations, titles, "", "") + ", at low risk and without money"
            if automatic
            else "Nothing: people approve everything"
        ),
    }


def differences(before: Limits, after: Limits, group: Group, titles: Mapping[str, str]) -> str:
    """What a change came to, in one sentence a line that moved."""
    old, new = lines_of(before, group, titles), lines_of(after, group, titles)
    moved = [f"{label}: {new[label]} (was: {old[label]})." for label in new if new[label] != old.get(label)]
    if not moved:
        return "Saved. Nothing is different from before."
    return f"{' '.join(moved)} Queued work obeys from now on."


def named(entries: Iterable[str]) -> str:
    """`a, b and 4 more`."""
    found = sorted(entries)
    rest = len(found) - _SHOWN
    return ", ".join(found[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _those(entries: Iterable[str] | None, titles: Mapping[str, str], every: str, none: str) -> str:
    if entries is None:
        return every
    return named(titles.get(one, one) for one in entries) or none


def _amounts(limits: Limits) -> str:
    if not limits.amounts:
        return "No limit"
    each = ", ".join(money(most, currency) for currency, most in limits.amounts.items())
    return f"At most {each} an action; other currencies stop"


def _rates(rates: Mapping[str, Rate]) -> str:
    return ", ".join(f"{channel}: at most {rate.words}" for channel, rate in rates.items())
