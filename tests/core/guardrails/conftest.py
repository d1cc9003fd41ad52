"""A policy that allows and an action that passes, each to be made worse by one thing at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from core.guardrails.rules import ExecutionMode, Facts, Limits

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""A Monday; where the tests' clock stands."""


def limits(**given: Any) -> Limits:
    row: dict[str, Any] = {
        "mode": ExecutionMode.ON, "mode_by": "Asha", "mode_at": NOW,
        "changed_by": "Asha", "changed_at": NOW, "version": 3, "channels": frozenset({"email", "odoo"}),
    }  # fmt: skip
    return Limits(**{**row, **given})


def facts(**given: Any) -> Facts:
    usual: dict[str, Any] = {
        "operation": "email_send", "channel": "email", "effect": "irreversible", "model": None,
        "leaves_machine": True, "recipients": ("ravi@example.com",), "amounts": (), "risk": "low",
        "same_as": "a" * 64, "expires_at": NOW + timedelta(hours=24), "now": NOW,
    }  # fmt: skip
    return Facts(**{**usual, **given})
