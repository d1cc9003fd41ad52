"""Commands on outcomes: log what came of a run, add proof, review what somebody else logged (SPEC O1–O3)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from core.actor import Actor
from core.audit import service as audit
from core.catalog.currencies import currencies
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import InvalidInput, NotFound
from core.executions.notes import checked_text
from core.executions.rules import is_owner
from core.executions.service import find_run, touch
from core.executions.tables import Execution
from core.files.storage import FileStore
from core.identifiers import new_id
from core.outcomes.proofs import Upload, checked_upload
from core.outcomes.rules import (
    LOGGABLE,
    MOST_NOTE,
    MOST_PROOFS,
    REVIEWERS,
    AlreadyReviewed,
    MetricType,
    NothingToLog,
    OwnOutcome,
    ProofType,
    ReviewState,
    checked_unit,
    checked_value,
    proof_type_of,
    verdict_on,
)
from core.outcomes.tables import Outcome, Proof

Files = Sequence[tuple[str, bytes]]
"""(name, bytes) as uploaded."""


class OutcomeService:
    """Files are checked and stored before the transaction: one that is rolled back leaves at most a file nobody names."""

    def __init__(self, database: Database, store: FileStore) -> None:
        self._database = database
        self._store = store

    def log(
        self,
        actor: Actor,
        execution_id: UUID,
        *,
        metric_type: MetricType,
        value: Decimal | int | str,
        unit: str,
        note: str = "",
        uploads: Files = (),
        proof_type: ProofType | None = None,
        outcome_id: UUID | None = None,
    ) -> UUID:
        """Logs one outcome of the actor's own run; a run may have several. Answers the outcome's id.

        `proof_type` is what the person calls the files; without files the outcome has no proof, and `add_proof` can
        follow. Give `outcome_id`, made when the form was opened, and a second click logs nothing twice.
        """
        amount = checked_value(metric_type, value)
        measure = checked_unit(metric_type, unit, currencies())
        remark = checked_text("Note", note.strip(), MOST_NOTE)
        files = _checked(uploads, kept=0)
        kind = proof_type_of([file.content_type for file in files], proof_type)
        with self._database.begin() as uow:
            _loggable(uow, actor, execution_id)
        self._keep(files)
        with self._database.begin() as uow:
            run = _loggable(uow, actor, execution_id)
            outcome_id = outcome_id or new_id()
            if (existing := uow.session.get(Outcome, outcome_id)) is not None:
                if existing.execution_id == run.id:
                    return outcome_id
                raise InvalidInput(field="Outcome", problem="this id is taken.")
            outcome = Outcome(
                id=outcome_id, execution_id=run.id, user_id=actor.user_id, metric_type=metric_type, value=amount,
                unit=measure, note=remark, proof_type=kind, review_state=ReviewState.PENDING, logged_at=uow.now,
            )  # fmt: skip
            uow.session.add(outcome)
            uow.session.flush()
            _attach(uow, actor, outcome, files)
            touch(uow, run.id)
            after = {**_facts(outcome), "run": run.id, "proofs": [file.sha256 for file in files]}
            audit.record(uow, actor, "outcome.logged", f"outcome:{outcome.id}", after=after)
            return outcome.id

    def add_proof(self, actor: Actor, outcome_id: UUID, uploads: Files, *, proof_type: ProofType | None = None) -> None:
        """Adds files to the actor's own outcome. One that was rejected waits for review again; a verified one is closed."""
        with self._database.begin() as uow:
            _open_outcome(uow, actor, outcome_id)
        files = _checked(uploads, kept=0)
        self._keep(files)
        with self._database.begin() as uow:
            outcome = _open_outcome(uow, actor, outcome_id)
            kept = list(uow.session.scalars(select(Proof.content_type).where(Proof.outcome_id == outcome.id)))
            if len(kept) + len(files) > MOST_PROOFS:
                raise InvalidInput(field="Proof", problem=f"an outcome has at most {MOST_PROOFS} files.")
            before = _facts(outcome)
            outcome.proof_type = proof_type_of([*kept, *(file.content_type for file in files)], proof_type)
            outcome.review_state = ReviewState.PENDING
            _attach(uow, actor, outcome, files)
            touch(uow, outcome.execution_id)
            after = {**_facts(outcome), "proofs": [file.sha256 for file in files]}
            audit.record(uow, actor, "outcome.proof_added", f"outcome:{outcome.id}", before=before, after=after)

    def review(self, actor: Actor, outcome_id: UUID, verdict: ReviewState, reason: str = "") -> None:
        """Verifies or rejects what someone else logged; rejecting needs a reason, verifying needs a proof."""
        actor.must_have(*sorted(REVIEWERS), to="review outcomes")
        because = checked_text("Reason", reason.strip(), MOST_NOTE)
        if verdict is ReviewState.REJECTED and not because:
            raise InvalidInput(field="Reason", problem="say what is wrong, so that it can be put right.")
        with self._database.begin() as uow:
            outcome = uow.session.get(Outcome, outcome_id, with_for_update=True)
            if outcome is None:
                raise NotFound(kind="outcome", id=outcome_id)
            if actor.user_id is None or actor.user_id == outcome.user_id:
                raise OwnOutcome()
            before = _facts(outcome)
            outcome.review_state = verdict_on(
                outcome.review_state, verdict, outcome.proof_type, reviewed_by=outcome.reviewed_by
            )
            outcome.reviewed_by, outcome.reviewed_at, outcome.review_reason = actor.name, uow.now, because
            touch(uow, outcome.execution_id)
            after = {**_facts(outcome), "reason": because}
            audit.record(uow, actor, "outcome.reviewed", f"outcome:{outcome.id}", before=before, after=after)

    def _keep(self, files: Sequence[Upload]) -> None:
        for file in files:
            self._store.put(file.sha256, file.data)


def _loggable(uow: UnitOfWork, actor: Actor, execution_id: UUID) -> Execution:
    run = find_run(uow, actor, execution_id)
    if run.state not in LOGGABLE:
        raise NothingToLog(state=run.state.replace("_", " "))
    return run


def _open_outcome(uow: UnitOfWork, actor: Actor, outcome_id: UUID) -> Outcome:
    """The actor's own outcome, locked, if proof can still be added to it."""
    outcome = uow.session.get(Outcome, outcome_id, with_for_update=True)
    run = uow.session.get(Execution, outcome.execution_id) if outcome else None
    if outcome is None or run is None or not is_owner(actor, user_id=run.user_id, agent_id=run.agent_id):
        raise NotFound(kind="outcome", id=outcome_id)
    if outcome.review_state is ReviewState.VERIFIED:
        raise AlreadyReviewed(who=outcome.reviewed_by or "Someone", verdict=outcome.review_state.value)
    return outcome


def _checked(uploads: Files, *, kept: int) -> list[Upload]:
    if kept + len(uploads) > MOST_PROOFS:
        raise InvalidInput(field="Proof", problem=f"an outcome has at most {MOST_PROOFS} files.")
    return [checked_upload(name, data) for name, data in uploads]


def _attach(uow: UnitOfWork, actor: Actor, outcome: Outcome, files: Sequence[Upload]) -> None:
    query = select(func.array_agg(Proof.sha256)).where(Proof.outcome_id == outcome.id)
    kept = set(uow.session.scalar(query) or ())
    for file in files:
        if file.sha256 not in kept:
            kept.add(file.sha256)
            uow.session.add(
                Proof(
                    outcome_id=outcome.id, sha256=file.sha256, name=file.name, content_type=file.content_type,
                    size=len(file.data), uploaded_by=actor.name, uploaded_at=uow.now,
                )
            )  # fmt: skip


def _facts(outcome: Outcome) -> dict[str, object]:
    return {
        "metric": outcome.metric_type, "value": outcome.value, "unit": outcome.unit,
        "proof_type": outcome.proof_type, "review": outcome.review_state,
    }  # fmt: skip
