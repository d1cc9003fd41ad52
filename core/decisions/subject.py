"""What is decided on, and whom it is put before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.database.unit_of_work import UnitOfWork
from core.decisions.policy import InvalidPolicy, Policy
from core.decisions.tables import Decision
from core.errors import NotFound


@dataclass(frozen=True)
class Subject:
    """What is decided on; `digest` says in which version."""

    kind: str
    id: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.id}"


def checked_panels(panels: Policy | Sequence[Policy]) -> tuple[Policy, ...]:
    policies = (panels,) if isinstance(panels, Policy) else tuple(panels)
    councils = [policy.council for policy in policies if policy.council is not None]
    if not policies:
        raise InvalidPolicy(problem="nobody is asked.")
    if len(councils) != len(set(councils)):
        raise InvalidPolicy(problem="a council is asked twice.")
    return policies


def audience_of(policies: Sequence[Policy]) -> list[str]:
    return sorted(frozenset[str]().union(*(policy.audience for policy in policies)))


def name_of(decision: Decision) -> str:
    return f"{decision.subject_kind}:{decision.subject_id}"


def locked(uow: UnitOfWork, decision_id: UUID) -> Decision:
    decision = uow.session.get(Decision, decision_id, with_for_update=True, populate_existing=True)
    if decision is None:
        raise NotFound(kind="decision", id=decision_id)
    return decision
