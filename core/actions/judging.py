"""What the guardrails and the councils say of an action, at every stage of its life."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actions.lifecycle import subject_of
from core.actions.rules import Risk
from core.actions.tables import Action, Attempt
from core.actor import Actor, Role
from core.canonical import canonical_json, digest
from core.clock import Clock
from core.connectors.plan import Plan
from core.connectors.protocol import Undoing
from core.connectors.registry import Connectors
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.decisions.review import ReviewFacts, blocked_by, reviews_asked, reviews_needed
from core.decisions.rules import Policy
from core.decisions.tables import Decision
from core.errors import NotFound
from core.guardrails import row as limits_row
from core.guardrails import service as guardrails
from core.guardrails.rules import Evaluation, Facts, Stage
from core.settings import Settings

OPERATORS = frozenset({Role.OPERATOR.value, Role.ADMIN.value})


class Judge:
    """Puts the facts of an action before the guardrails, and asks which councils must review it."""

    def __init__(self, connectors: Connectors, settings: Settings, clock: Clock) -> None:
        self._connectors, self._settings, self._clock = connectors, settings, clock

    def judge(self, uow: UnitOfWork, actor: Actor, action: Action, stage: Stage, *, hold: bool = False) -> Evaluation:
        """Judges and leaves a record. With `hold`, nobody changes the rules or uses up a rate until the commit."""
        facts = self.facts(uow.session, action, uow.now)
        if stage is Stage.EXECUTION:
            facts = replace(facts, being_executed=True)
        return guardrails.judge(
            uow, self._settings, facts, stage=stage, subject=subject_of(action).name, actor=actor, hold=hold
        )

    def look(self, session: Session, action: Action, now: datetime) -> Evaluation:
        """What the guardrails would say now; nothing is recorded."""
        facts = self.facts(session, action, now)
        return guardrails.look(session, self._settings, facts, subject=subject_of(action).name)

    def facts(self, session: Session, action: Action, now: datetime) -> Facts:
        plan = Plan.from_json(action.plan)
        operation = self._connectors.operation(action.operation)
        request = {name: value for name, value in plan.request.items() if name != "account"}
        return Facts(
            operation=action.operation,
            channel=operation.channel,
            effect=operation.effect_of(plan).value,
            model=operation.model_of(plan),
            leaves_machine=action.leaves_machine,
            recipients=plan.message.recipients if plan.message else (),
            amounts=tuple((one.value, one.currency) for one in plan.amounts),
            risk=action.risk.value,
            same_as=digest(_content([plan.operation, request, plan.account])),  # not what the account is called here
            expires_at=action.expires_at,
            now=now,
            automatic=action.automatic,
            starts_others=operation.starts_others,
            blocked_by=self._blocked_by(session, action, operation.concerns(plan)),
            missing_reviews=self.missing_reviews(session, action),
        )

    def panels(self, session: Session, action: Action) -> tuple[Policy, ...]:
        """Who must approve it: every council whose business it is, else any one operator or admin.

        A council that is only asked, by the proposer or because it approved what is undone, must approve as well: it
        never takes the place of those whose business it is.
        """
        limits = limits_row.shown(session, self._settings, self._clock.now())
        written_by_nobody = action.undo_of is not None and not self._undoes_an_undo(session, action)
        savings = action.impact.get("weekly_savings")
        facts = ReviewFacts(
            domains=self._domains(action),
            weekly_savings=(Decimal(str(savings["value"])), savings["currency"]) if savings else None,
            risk_rank=list(Risk).index(action.risk),
            sample=action.sample,
        )
        concerned = reviews_needed(session, facts) or (Policy(roles=OPERATORS, recusal=False),)
        asked = self._asked(session, action) - _councils(concerned)
        panels = (*concerned, *reviews_asked(session, asked, sample=action.sample))
        four_eyes = limits.four_eyes and not written_by_nobody
        return tuple(replace(one, recusal=four_eyes or (one.recusal and one.council is not None)) for one in panels)

    def _domains(self, action: Action) -> frozenset[str]:
        """What it is about: as its proposer says, and as everybody can see from what it does."""
        operation, plan = self._connectors.operation(action.operation), Plan.from_json(action.plan)
        model = operation.model_of(plan) or ""
        effect = operation.effect_of(plan).value
        seen = {operation.channel, operation.name, effect, model, model.partition(".")[0]}
        return frozenset((*action.domains, *seen, *operation.concerns(plan))) - {""}

    def _blocked_by(self, session: Session, action: Action, concerns: frozenset[str]) -> tuple[str, ...]:
        """Who blocks its operation, or one of those that it starts."""
        asked = sorted({action.operation, *concerns})
        found = (blocked_by(session, one, sample=action.sample) for one in asked)
        return tuple(sorted({who for names in found for who in names}))

    def authors(self, action: Action) -> frozenset[str]:
        """Who wrote what it does, beside its proposer: the people behind its items, or behind its run's documents."""
        written = self._connectors.operation(action.operation).authors(Plan.from_json(action.plan))
        return written | frozenset((action.origin or {}).get("authors", ()))

    def _asked(self, session: Session, action: Action) -> frozenset[str]:
        asked = {action.council_id} if action.council_id else set[str]()
        undone = session.get(Action, action.undo_of) if action.undo_of else None
        return frozenset(asked) | (self._sitting(session, undone) if undone else frozenset())

    def _undoes_an_undo(self, session: Session, action: Action) -> bool:
        undone = session.get(Action, action.undo_of)
        return undone is None or undone.undo_of is not None

    def reviewers(self, session: Session, action: Action) -> tuple[str, ...]:
        """The ids of the councils that must approve it; empty: any one operator or admin."""
        return tuple(sorted(_councils(self.panels(session, action))))

    def missing_reviews(self, session: Session, action: Action) -> tuple[str, ...]:
        """The councils that must approve it and have not been asked; who will be asked is not missing."""
        if action.decision_id is None:
            return ()
        return tuple(sorted(_councils(self.panels(session, action)) - self._sitting(session, action)))

    def reopen(self, uow: UnitOfWork, actor: Actor, action: Action, *, author: str | None = None) -> None:
        """Puts the plan as it is now before the people who must approve it now; ballots on the one before are void."""
        assert action.decision_id is not None
        action.automatic, action.decided_by, action.decided_at, action.decision_reason = False, None, None, ""
        decisions.reopen(
            uow, actor, action.decision_id, digest=action.plan_digest, deadline=action.expires_at,
            panels=self.panels(uow.session, action), author=author, more_authors=sorted(self.authors(action)),
        )  # fmt: skip

    def patience(self, session: Session) -> timedelta:
        """How long a card waits unless its proposer says otherwise."""
        return timedelta(hours=limits_row.shown(session, self._settings, self._clock.now()).expiry_hours)

    def inverse(self, session: Session, action: Action) -> Undoing | None:
        """What would put back what an executed action did; None where nothing can."""
        receipt = session.scalar(
            select(Attempt.receipt).where(Attempt.action_id == action.id, Attempt.number == action.attempts)
        )
        try:
            operation = self._connectors.operation(action.operation)
        except NotFound:
            return None
        return operation.undo(Plan.from_json(action.plan), receipt or {})

    def _sitting(self, session: Session, action: Action) -> frozenset[str]:
        """The councils before which it already is."""
        decision = session.get(Decision, action.decision_id) if action.decision_id else None
        return _councils(tuple(Policy.from_json(one) for one in decision.panels)) if decision else frozenset()


def _councils(panels: Sequence[Policy]) -> frozenset[str]:
    return frozenset(panel.council for panel in panels if panel.council)


def _content(value: Any) -> Any:
    """The same for everything that a reader would take for the same: letter case, spaces, order of a list."""
    if isinstance(value, Mapping):
        return {str(key): _content(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return sorted((_content(one) for one in value), key=canonical_json)
    if isinstance(value, str):
        seen = "".join(one for one in unicodedata.normalize("NFKC", value) if unicodedata.category(one) != "Cf")
        return " ".join(seen.casefold().split())
    return value
