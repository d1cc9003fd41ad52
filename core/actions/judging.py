"""What the guardrails say of an action: its facts, as the rules look at them."""

from __future__ import annotations

from datetime import datetime

from core.actions.tables import Action
from core.canonical import digest
from core.connectors.plan import Plan
from core.connectors.protocol import AnyOperation
from core.guardrails.rules import Facts, Limits, Verdict, evaluate


def judge(limits: Limits, action: Action, operation: AnyOperation, now: datetime) -> tuple[Verdict, ...]:
    """Every rule's verdict on `action` as it is now."""
    plan = Plan.from_json(action.plan)
    model = plan.request.get("model")
    facts = Facts(
        operation=operation.name,
        channel=operation.channel,
        effect=operation.effect.value,
        model=str(model) if model is not None else None,
        leaves_machine=action.leaves_machine,
        recipients=plan.message.recipients if plan.message else (),
        amounts=tuple((one.value, one.currency) for one in plan.amounts),
        risk=action.risk.value,
        same_as=digest([plan.operation, plan.request, plan.account]),
        expires_at=action.expires_at,
        now=now,
    )
    return evaluate(limits, facts).verdicts
