"""Looks once more at what a card is about, right before its call: who paid since the last look is not reminded."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.brain.found import all_rules
from core.brain.keeping import GONE, MOVED, take_back
from core.brain.rule import HERE, NotLooked
from core.brain.service import settings_of
from core.brain.sources import Sources
from core.brain.tables import BrainFinding, BrainRule
from core.connectors.protocol import Unreachable
from core.database.unit_of_work import Database


class LastLook:
    """Of the brain's cards about outside systems; of what is found here the hourly look is enough."""

    def __init__(self, database: Database, sources: Sources) -> None:
        self._database, self._sources = database, sources

    def __call__(self, action_id: UUID) -> None:
        """Takes the card back where it is not so any more. Unreachable if its system cannot be asked."""
        with self._database.reading() as session:
            row = session.scalar(select(BrainFinding).where(BrainFinding.action_id == action_id))
            rule = all_rules().get(row.rule) if row is not None else None
            if row is None or rule is None or row.scope == HERE:
                return
            set_ = settings_of(rule, session.scalar(select(BrainRule).where(BrainRule.name == rule.name)))
        now = self._database.clock.now()
        try:
            sight = rule.read(self._sources, now, set_.thresholds)
        except NotLooked as problem:
            raise Unreachable(system=rule.source, problem=str(problem)) from None
        found = {one.key: one for one in rule.decide(sight.facts, now, set_.thresholds)}.get(row.key)
        if found is not None and found.version == row.version:
            return
        if found is None and row.scope not in sight.whole:
            if sight.missed:
                raise Unreachable(system=rule.source, problem=" ".join(sight.missed))
            return  # more than is read at once: nobody knows, and people have decided
        with self._database.begin() as uow:
            locked = uow.session.get(BrainFinding, row.id, with_for_update=True)
            if locked is not None and take_back(uow, locked, MOVED if found else GONE) and found is None:
                locked.gone_at = locked.gone_at or uow.now
