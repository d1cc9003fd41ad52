"""What the guardrails say of an action: its facts, as the rules look at them."""

from __future__ import annotations

from datetime import datetime

from core.actions.tables import Action
from core.connectors.protocol import AnyOperation
from core.guardrails.rules import Facts, Limits, Verdict, evaluate


def judge(limits: Limits, action: Action, operation: AnyOperation, now: datetime) -> tuple[Verdict, ...]:
    """Every rule's verdict on `action` as it is now."""
    message = action.plan.get("message")
    facts = Facts(
        channel=operation.channel,
        leaves_machine=action.leaves_machine,
        recipients=len(message["recipients"]) if message else 0,
        expires_at=action.expires_at,
        now=now,
    )
    return evaluate(limits, facts)
