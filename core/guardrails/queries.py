"""Reading the guardrails and the records of what they said, for pages and API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.actor import Actor, Role
from core.database.unit_of_work import Database
from core.guardrails import row
from core.guardrails.rules import Judgement, Limits, Stage, Verdict
from core.guardrails.tables import GuardrailRecord
from core.settings import Settings


@dataclass(frozen=True)
class RecordRow:
    """One evaluation as it was recorded."""

    subject: str
    """`action:<id>`."""
    stage: Stage
    at: datetime
    revision: int
    outcome: Judgement
    verdicts: tuple[Verdict, ...]
    actor: str

    @property
    def allowed(self) -> bool:
        return self.outcome is not Judgement.STOP

    @property
    def until(self) -> datetime | None:
        """For what had to wait: until when."""
        return max((one.until for one in self.verdicts if one.until), default=None) if self.allowed else None


class GuardrailQueries:
    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings

    def current(self) -> Limits:
        """What the installation allows at present; for the frame of pages, which shows the mode to everybody."""
        with self._database.reading() as session:
            return row.shown(session, self._settings, self._database.clock.now())

    def policy(self, actor: Actor) -> Limits:
        """The same for those who run the installation: it names people and sums."""
        actor.must_have(Role.OPERATOR, Role.COUNCIL, Role.ADMIN, to="read the guardrails")
        return self.current()

    def records(self, subject: str) -> Sequence[RecordRow]:
        """Every evaluation of `subject`, oldest first, for callers who know that it may be seen."""
        query = select(GuardrailRecord).where(GuardrailRecord.subject == subject)
        with self._database.reading() as session:
            return [_row(found) for found in session.scalars(query.order_by(GuardrailRecord.at, GuardrailRecord.id))]

    def refusals(self, actor: Actor, *, limit: int = 20) -> Sequence[RecordRow]:
        """What was stopped last, newest first."""
        actor.must_have(Role.OPERATOR, Role.COUNCIL, Role.ADMIN, to="read the guardrails")
        query = select(GuardrailRecord).where(GuardrailRecord.outcome == Judgement.STOP)
        newest = query.order_by(GuardrailRecord.at.desc(), GuardrailRecord.id.desc()).limit(limit)
        with self._database.reading() as session:
            return [_row(found) for found in session.scalars(newest)]


def _row(record: GuardrailRecord) -> RecordRow:
    return RecordRow(
        record.subject, record.stage, record.at, record.revision, record.outcome,
        tuple(_verdict(one) for one in record.verdicts), record.actor_name,
    )  # fmt: skip


def _verdict(stored: Mapping[str, Any]) -> Verdict:
    until = stored.get("until")
    return Verdict(
        stored["rule"], stored["input"], Judgement(stored["judgement"]), stored["words"],
        datetime.fromisoformat(until) if until else None,
    )  # fmt: skip
