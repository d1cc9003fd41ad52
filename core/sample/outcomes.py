"""What invented people logged: plausible for the workflow, the market and the currency, with proof now and then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from math import log
from random import Random
from typing import Any
from uuid import UUID

from core.identity.rules import Market, SkillLevel
from core.outcomes.rules import MetricType, ProofType, ReviewState
from core.sample.people import SamplePerson, sample_id

# Of each workflow: which metrics, how often, the middle value, the unit (None: the person's currency).
_KINDS: dict[str, tuple[tuple[float, MetricType, float, str | None], ...]] = {
    "resume_generator": (
        (6.5, MetricType.REVENUE, 35, None),
        (2.5, MetricType.TIME_SAVED, 2.2, "hours"),
        (1.0, MetricType.CUSTOMERS, 1.4, "customers"),
    ),
    "whatsapp_bot": (
        (4.5, MetricType.TIME_SAVED, 5.5, "hours"),
        (2.5, MetricType.CUSTOMERS, 6, "customers"),
        (1.6, MetricType.REVENUE, 140, None),
        (1.2, MetricType.CUSTOM, 210, "messages answered"),
    ),
    "prompt_selling": (
        (6.0, MetricType.REVENUE, 85, None),
        (2.5, MetricType.CUSTOMERS, 7, "customers"),
        (1.5, MetricType.CUSTOM, 40, "downloads"),
    ),
}
_DEFAULT = ((1.0, MetricType.TIME_SAVED, 2.0, "hours"),)

_LOGS = {"resume_generator": 0.8, "whatsapp_bot": 0.72, "prompt_selling": 0.66}
_WEALTH = {
    Market.FREELANCER: 1.0, Market.SHOP_OWNER: 1.15, Market.CONTENT_CREATOR: 0.9, Market.AGENCY: 1.9,
    Market.STUDENT: 0.55,
}  # fmt: skip
_CRAFT = {SkillLevel.BEGINNER: 0.8, SkillLevel.INTERMEDIATE: 1.0, SkillLevel.ADVANCED: 1.4}
_RUPEES = 26
"""What a rupee fetches there rather than what the bank pays for it."""

_NOTES = (
    "Paid on delivery.",
    "Counted over one week.",
    "The client came back for a second one.",
    "Estimate of the owner.",
)
_REFUSALS = ("The screenshot shows another month.", "The amount cannot be read.", "The invoice names another customer.")


def outcomes_of(
    rng: Random, now: datetime, run_id: UUID, workflow_id: str, person: SamplePerson, completed: datetime
) -> Iterator[dict[str, Any]]:
    """No outcome, one, or a few; those that would be logged in the future are not there yet."""
    if rng.random() >= _LOGS.get(workflow_id, 0.7):
        return
    kinds = _KINDS.get(workflow_id, _DEFAULT)
    for _ in range(rng.choices((1, 2, 3), (75, 20, 5))[0]):
        _, metric, middle, unit = rng.choices(kinds, [kind[0] for kind in kinds])[0]
        logged = completed + timedelta(hours=rng.lognormvariate(2.3, 1.3))
        if logged >= now:
            continue
        proof = rng.choices(list(ProofType), (30, 14, 10, 46))[0]
        yield {
            "id": sample_id(logged, rng), "execution_id": run_id, "user_id": person.id, "metric_type": metric,
            "value": _value(rng, metric, middle, person), "unit": unit or person.currency,
            "note": rng.choice(_NOTES) if rng.random() < 0.12 else "", "proof_type": proof, "logged_at": logged,
            "sample": True, **_review(rng, now, logged, proof),
        }  # fmt: skip


def _value(rng: Random, metric: MetricType, middle: float, person: SamplePerson) -> Decimal:
    value = rng.lognormvariate(log(middle), 0.5) * _CRAFT[person.skill_level]
    if metric is MetricType.TIME_SAVED:
        return Decimal(str(max(0.25, round(value * 4) / 4)))
    if metric is not MetricType.REVENUE:
        return Decimal(max(1, round(value)))
    value *= _WEALTH[person.market]
    if person.currency == "INR":
        return Decimal(max(1, round(value * _RUPEES / 50)) * 50)
    return Decimal(max(1, round(value)))


def _review(rng: Random, now: datetime, logged: datetime, proof: ProofType) -> dict[str, Any]:
    chance, at = rng.random(), logged + timedelta(hours=rng.lognormvariate(3.2, 0.8))
    state, reason = ReviewState.PENDING, ""
    if proof is not ProofType.NONE and at < now and chance < 0.7:
        state = ReviewState.VERIFIED
        if chance < 0.06:
            state, reason = ReviewState.REJECTED, rng.choice(_REFUSALS)
    decided = state is not ReviewState.PENDING
    return {
        "review_state": state, "reviewed_by": "Sample reviewer" if decided else None,
        "reviewed_at": at if decided else None, "review_reason": reason,
    }  # fmt: skip
