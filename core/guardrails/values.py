"""Checking each value of the policy, from a form, a file, the API or the database: one rule and one sentence a field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from email_validator import EmailNotValidError, validate_email

from core.catalog.currencies import currencies
from core.errors import InvalidInput
from core.guardrails.hours import BusinessHours

MOST_RECIPIENTS = 100
MOST_HOURS = 24 * 90
MOST_RATE = 10_000
MOST_MINUTES = 7 * 24 * 60
"""The longest window of a rate: the ledger is kept a little longer."""
MOST_DUPLICATE_HOURS = 30 * 24
MOST_ENTRIES = 1_000

_NAME = re.compile(r"\w[\w.:-]{0,63}")
_MODEL = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*(\.\*)?")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "channels": "Open channels",
        "operations": "Allowed operations",
        "models": "Allowed models",
        "denied_models": "Denied models",
        "amounts": "Amount limits",
        "max_recipients": "Recipients per message",
        "allowed_recipients": "Allowed recipients",
        "denied_recipients": "Denied recipients",
        "channel_rates": "Rate per channel",
        "recipient_rates": "Rate per recipient",
        "duplicate_hours": "Duplicate window in hours",
        "hours": "Business hours",
        "expiry_hours": "Hours until a proposal expires",
        "four_eyes": "Four eyes",
        "automatic": "Automatic approval",
        "automatic_operations": "Operations approved automatically",
    }
)
"""What each field is called wherever a person reads of it."""


@dataclass(frozen=True)
class Rate:
    """At most `count` in any `minutes`."""

    count: int
    minutes: int

    @property
    def words(self) -> str:
        """`1 in 4 hours`, `20 in 1 minute`."""
        size, unit = (self.minutes // 60, "hour") if self.minutes % 60 == 0 else (self.minutes, "minute")
        return f"{self.count:,} in {size:,} {unit}{'' if size == 1 else 's'}"

    def to_json(self) -> dict[str, int]:
        return {"count": self.count, "minutes": self.minutes}


def checked_policy(policy: object, names: Sequence[str]) -> dict[str, Any]:
    """Each field of `names` as a value of its type; InvalidInput names what is missing, unknown or wrong."""
    if not isinstance(policy, Mapping):
        raise InvalidInput(field="Guardrails", problem="they are not a set of named fields.")
    for name in policy:
        if name not in names:
            raise InvalidInput(field=str(name)[:80], problem="there is no guardrail of this name.")
    for name in names:
        if name not in policy:
            raise InvalidInput(field=LABELS[name], problem="it is missing.")
    return {name: _CHECKS[name](LABELS[name], policy[name]) for name in names}


def normal_recipient(text: str) -> str:
    """One spelling of an address, or of a domain (also written `@example.com`): lower case, the domain in ASCII."""
    local, at, domain = text.strip().rpartition("@")
    domain = domain.strip().strip(".")
    if not domain.isascii():
        # as the address itself is spelled before it is written to: casefold() and Python's own codec make ss of ß
        with suppress(EmailNotValidError):  # no domain of the net: it then matches nothing but itself
            checked = validate_email(f"x@{domain}", check_deliverability=False, test_environment=True)
            domain = checked.ascii_domain
    domain = domain.casefold()
    return f"{local.strip().casefold()}@{domain}" if at and local.strip() else domain


def mailbox(recipient: str) -> str:
    """Where mail to a normal address ends up: `ravi@example.com` for `ravi+invoices@example.com`."""
    local, at, domain = recipient.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def _refuse(field: str, problem: str) -> NoReturn:
    raise InvalidInput(field=field, problem=problem)


def _whole(least: int, most: int) -> Callable[[str, object], int]:
    def check(field: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            _refuse(field, f"use {least} to {most:,}.")
        return value

    return check


def _switch(field: str, value: object) -> bool:
    if not isinstance(value, bool):
        _refuse(field, "use true or false.")
    return value


def _entries(field: str, value: object) -> list[str]:
    if isinstance(value, (str, bytes)) or not isinstance(value, (list, tuple, set, frozenset)):
        _refuse(field, "use a list.")
    if len(value) > MOST_ENTRIES:
        _refuse(field, f"use at most {MOST_ENTRIES:,} entries.")
    for one in value:
        if not isinstance(one, str):
            _refuse(field, "use a list of text.")
    return list(value)


def _named(pattern: re.Pattern[str], what: str) -> Callable[[str, object], frozenset[str]]:
    def check(field: str, value: object) -> frozenset[str]:
        found = frozenset(one.strip() for one in _entries(field, value))
        for one in sorted(found):
            if len(one) > 128 or pattern.fullmatch(one) is None:
                _refuse(field, f"“{one[:80]}” is no {what}.")
        return found

    return check


def _or_all(check: Callable[[str, object], frozenset[str]]) -> Callable[[str, object], frozenset[str] | None]:
    return lambda field, value: None if value is None else check(field, value)


def _recipients(field: str, value: object) -> frozenset[str]:
    found = frozenset(normal_recipient(one) for one in _entries(field, value))
    for one in sorted(found):
        local, at, domain = one.rpartition("@")
        printable = one.isprintable() and " " not in one and len(one) <= 320
        if not printable or (at and "@" in local) or _DOMAIN.fullmatch(domain) is None:
            _refuse(field, f"“{one[:80]}” is neither an address nor a domain.")
    return found


def _amounts(field: str, value: object) -> Mapping[str, Decimal]:
    if not isinstance(value, Mapping):
        _refuse(field, "use an amount for each currency.")
    found: dict[str, Decimal] = {}
    for currency, most in value.items():
        if currency not in currencies():
            _refuse(field, f"“{str(currency)[:20]}” is no currency in use (ISO 4217).")
        if isinstance(most, (bool, float)) or not isinstance(most, (str, int, Decimal)):
            _refuse(field, f"write the amount in {currency} as text, for example “500.00”.")
        try:
            amount = Decimal(most)
        except InvalidOperation:
            _refuse(field, f"“{str(most)[:40]}” is no amount.")
        if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 15:
            _refuse(field, f"use 0 or more in {currency}, below 1,000,000,000,000,000.")
        found[currency] = amount
    return MappingProxyType(dict(sorted(found.items())))


def _rates(field: str, value: object) -> Mapping[str, Rate]:
    if not isinstance(value, Mapping):
        _refuse(field, "use a count and minutes for each channel.")
    found: dict[str, Rate] = {}
    for channel, rate in value.items():
        if not isinstance(channel, str) or _NAME.fullmatch(channel) is None:
            _refuse(field, f"“{str(channel)[:80]}” is no channel.")
        if not isinstance(rate, Mapping) or set(rate) != {"count", "minutes"}:
            _refuse(field, f"say count and minutes for {channel}.")
        found[channel] = Rate(
            _whole(1, MOST_RATE)(f"{field}, {channel}, how many", rate["count"]),
            _whole(1, MOST_MINUTES)(f"{field}, {channel}, minutes", rate["minutes"]),
        )
    return MappingProxyType(dict(sorted(found.items())))


def _hours(field: str, value: object) -> BusinessHours | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or set(value) != {"zone", "weekdays", "from", "to"}:
        _refuse(field, "say zone, weekdays, from and to.")
    zone, days = value["zone"], value["weekdays"]
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        _refuse(field, f"“{str(zone)[:80]}” is no time zone; use a name such as Europe/Berlin.")
    if not isinstance(days, (list, tuple, set, frozenset)) or not days:
        _refuse(field, "choose at least one day.")
    whole = frozenset(_whole(0, 6)(f"{field}, weekdays", day) for day in days)
    return BusinessHours(zone, whole, _time(field, value["from"]), _time(field, value["to"]))


def _time(field: str, value: object) -> time:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        _refuse(field, f"“{str(value)[:40]}” is no time; write it as 08:00.")
    return time(int(found[1]), int(found[2]))


_names = _named(_NAME, "name of a channel or an operation")
_models = _named(_MODEL, "name of an Odoo model")

_CHECKS: Mapping[str, Callable[[str, object], Any]] = MappingProxyType(
    {
        "channels": _names,
        "operations": _or_all(_names),
        "models": _or_all(_models),
        "denied_models": _models,
        "amounts": _amounts,
        "max_recipients": _whole(1, MOST_RECIPIENTS),
        "allowed_recipients": _recipients,
        "denied_recipients": _recipients,
        "channel_rates": _rates,
        "recipient_rates": _rates,
        "duplicate_hours": _whole(0, MOST_DUPLICATE_HOURS),
        "hours": _hours,
        "expiry_hours": _whole(1, MOST_HOURS),
        "four_eyes": _switch,
        "automatic": _switch,
        "automatic_operations": _names,
    }
)
