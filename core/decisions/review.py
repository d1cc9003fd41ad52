"""Which councils must look at a piece of work, and which operations they let nobody execute."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
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
    sample: bool


def reviews_needed(session: Session, facts: ReviewFacts) -> tuple[Policy, ...]:
    """One policy for each active council of the same dataset whose business it is, sorted by council id."""
    found = session.scalars(
        select(Council).where(Council.active, Council.sample == facts.sample).order_by(Council.id)
    ).all()
    return tuple(policy_of(council) for council in found if concerns(council, facts))


def reviews_asked(session: Session, asked: Collection[str], *, sample: bool) -> tuple[Policy, ...]:
    """The policies of the councils with these ids; one that is not there, or not of this dataset, is refused.

    A council that is switched off is not left out: then nobody can approve.
    """
    found = {one.id: one for one in session.scalars(select(Council).where(Council.id.in_(asked)))} if asked else {}
    for council_id in sorted(asked):
        if council_id not in found or found[council_id].sample is not sample:
            raise NotFound(kind="council", id=council_id)
    return tuple(policy_of(found[council_id]) for council_id in sorted(found))


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
    return Policy.from_json(
        {**council.policy, "council": council.id, "roles": [], "users": [], "groups": [], "escalated": False}
    )


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
    return currency != council.threshold_currency or abs(amount) > council.weekly_savings_threshold
