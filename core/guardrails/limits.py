"""The guardrails as data: what may be set, its defaults, and reading it back so that nothing unclear is ever obeyed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.canonical import jsonable
from core.guardrails import values
from core.guardrails.hours import BusinessHours
from core.guardrails.values import Rate


class ExecutionMode(StrEnum):
    """What the installation lets happen: nothing, only what stays on this machine, everything approved."""

    OFF = "off"
    PREVIEW = "preview"
    ON = "on"


SYSTEM_MODELS = frozenset(
    {
        "ir.*",
        "base.*",
        "res.users",
        "res.users.*",
        "res.groups",
        "res.groups.*",
        "res.config.*",
        "auth.*",
        "mail.mail",
        "mail.compose.message",
        "mail.scheduled.message",
        "mail.message.schedule",
        "mail.template",
        "fetchmail.*",
        "sms.*",
        "mailing.*",
        "marketing.*",
        "whatsapp.*",
    }
)
"""Odoo's own machinery: whoever writes there changes rights, code and settings instead of business records,
or sends messages past every rule for messages."""


TEAM_CHANNEL = "team"
"""No road out: tasks for the people of this installation. It needs no opening, and stops with everything else."""

RUNS_CHANNEL = "runs"
"""Starting and cancelling runs of workflows, here: whatever a run sends out later is judged right before its own call."""


@dataclass(frozen=True)
class Limits:
    """One revision of the guardrails: the mode, who changed what last, and the policy."""

    mode: ExecutionMode
    changed_by: str
    changed_at: datetime
    version: int
    mode_by: str
    """Who set the mode last, and `mode_at` when."""
    mode_at: datetime
    damaged: str = ""
    """Why the stored policy could not be understood: then everything stops."""

    channels: frozenset[str] = frozenset({"email"})
    operations: frozenset[str] | None = None
    """None: every operation of an open channel."""
    models: frozenset[str] | None = None
    """Odoo models that may be written to; None: all that are not denied. `sale.*` stands for all that begin so."""
    denied_models: frozenset[str] = SYSTEM_MODELS
    amounts: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    """The most one action may move, by currency; once any is set, other currencies are stopped."""
    max_recipients: int = 10
    allowed_recipients: frozenset[str] = frozenset()
    """Addresses and domains (with their subdomains); none: anybody who is not denied."""
    denied_recipients: frozenset[str] = frozenset()
    channel_rates: Mapping[str, Rate] = field(default_factory=lambda: MappingProxyType({}))
    recipient_rates: Mapping[str, Rate] = field(default_factory=lambda: MappingProxyType({"email": Rate(1, 240)}))
    duplicate_hours: int = 24
    """How long the same content may not go to the same account again; 0: no check."""
    hours: BusinessHours | None = None
    expiry_hours: int = 24
    four_eyes: bool = True
    """Whoever proposed or edited does not decide."""
    automatic: bool = False
    automatic_operations: frozenset[str] = frozenset()
    """What may be approved by rule, if `automatic` is on: never money, never more than low risk."""

    def to_json(self) -> dict[str, Any]:
        """The policy, without mode, author and revision, as it is stored and read back."""
        policy = {name: getattr(self, name) for name in POLICY_FIELDS}
        for name in ("channel_rates", "recipient_rates"):
            policy[name] = {channel: rate.to_json() for channel, rate in policy[name].items()}
        hours = self.hours
        policy["hours"] = hours and {
            "zone": hours.zone,
            "weekdays": sorted(hours.weekdays),
            "from": f"{hours.opens:%H:%M}",
            "to": f"{hours.closes:%H:%M}",
        }
        policy["amounts"] = {currency: str(most) for currency, most in self.amounts.items()}
        return dict(jsonable(policy))

    @classmethod
    def from_json(cls, policy: object, row: Mapping[str, Any]) -> Limits:
        """Reads what `to_json` wrote, every field of it; InvalidInput names the field that cannot be understood.

        `row` holds what is not part of the policy: mode, version, and who changed them when.
        """
        return cls(**row, **values.checked_policy(policy, POLICY_FIELDS))


ROW_FIELDS = ("mode", "changed_by", "changed_at", "version", "mode_by", "mode_at")
POLICY_FIELDS = tuple(one.name for one in fields(Limits) if one.name not in {*ROW_FIELDS, "damaged"})
"""What the policy consists of; the stored JSON has these keys and no others."""
