"""Everything that people, agents and jobs do to a proposed action."""

from __future__ import annotations

from datetime import datetime

from core.actions import housekeeping, restored
from core.actions.aftercare import Aftercare
from core.actions.deciding import Deciding


class ActionService(Deciding, Aftercare):
    """Propose, plan, edit; vote, approve, reject, snooze; retry, resolve, undo; and the jobs' housekeeping."""

    def expire_due(self) -> int:
        """Ends what waited until its deadline as its policy says; answers how many cards that were."""
        with self._database.begin() as uow:
            return housekeeping.expire_due(uow, self._engine, self._judge)

    def requeue_stranded(self) -> int:
        """Hands attempts to the workers again that nobody has finished for long; answers how many."""
        with self._database.begin() as uow:
            return housekeeping.requeue_stranded(uow, self._engine)

    def hold_after_restore(self, moment: datetime) -> int:
        """Leaves to people what was approved or under way when the backup was taken; answers how many that were."""
        held = 0
        while found := self._hold(moment):
            held += found
        return held

    def _hold(self, moment: datetime) -> int:
        with self._database.begin() as uow:
            return restored.hold_in_flight(uow, self._engine, self._judge, moment)
