"""Which councils must look at a piece of work, and which operations they let nobody execute."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.decisions.policy import Policy
from core.decisions.tables import Council
from core.errors import NotFound


@dataclass(frozen=True)
class ReviewFacts:
    """What says whether work needs a review."""

    domains: frozenset[str]
    weekly_savings: tuple[Decimal, str] | None
    """The estimate with its currency, if there is one."""
    risk_rank: int
    """`RiskLevel.rank`."""
    asked: str | None
    """The council that the proposer asked for."""
    sample: bool


def reviews_needed(session: Session, facts: ReviewFacts) -> tuple[Policy, ...]:
    """One policy for each council that must approve, sorted by council id; empty: only the operators decide.

    Councils of the same dataset are asked by domain, savings or risk. The one that the proposer asked for is asked
    whatever it oversees; if it is not active nobody can approve. One that is not there is refused.
    """
    found = session.scalars(
        select(Council)
        .where(or_(Council.active & (Council.sample == facts.sample), Council.id == facts.asked))
        .order_by(Council.id)
    ).all()
    if facts.asked is not None and facts.asked not in {council.id for council in found}:
        raise NotFound(kind="council", id=facts.asked)
    return tuple(policy_of(council) for council in found if council.id == facts.asked or concerns(council, facts))


def blocked_by(session: Session, operation: str, *, sample: bool) -> tuple[str, ...]:
    """The names of the active councils that never let this operation be executed."""
    query = (
        select(Council.name)
        .where(Council.active, Council.sample == sample, Council.blocked_operations.contains([operation]))
        .order_by(Council.name)
    )
    return tuple(session.scalars(query))


def policy_of(council: Council) -> Policy:
    """The council's policy; whatever is stored, the council and nobody else decides by it."""
    return Policy.from_json({**council.policy, "council": council.id, "roles": [], "users": [], "escalated": False})


def concerns(council: Council, facts: ReviewFacts) -> bool:
    """Whether the council oversees it: by a domain, by savings above its threshold, or by its risk."""
    overseen = {domain.casefold() for domain in council.domains}
    if overseen & {domain.casefold() for domain in facts.domains}:
        return True
    if council.risk_from is not None and facts.risk_rank >= council.risk_from.rank:
        return True
    if council.weekly_savings_threshold is None or facts.weekly_savings is None:
        return False
    amount, currency = facts.weekly_savings
    # another currency cannot be compared, so people look at it
    return currency != council.threshold_currency or amount > council.weekly_savings_threshold
