"""People log what came of a run, prove it, and somebody else looks at the proof."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import InvalidInput, NotAllowed, NotFound
from core.executions.rules import NotYourRun
from core.executions.tables import Execution
from core.identifiers import new_id
from core.outcomes.proofs import ProofRefused
from core.outcomes.queries import Estimate, OutcomeRow, Total
from core.outcomes.rules import (
    AlreadyReviewed,
    MetricType,
    NoProofToVerify,
    NothingToLog,
    OwnOutcome,
    ProofType,
    ReviewState,
    UnitDoesNotFit,
)
from tests.core.outcomes.conftest import PDF, TEXT, picture

SHOT = ("shot.png", picture())


def log(app: Application, actor: Actor, run: UUID, value: str = "120", unit: str = "USD", **more: Any) -> UUID:
    more = {"metric_type": MetricType.REVENUE, **more}
    return app.outcomes.log(actor, run, value=value, unit=unit, **more)


def only(app: Application, actor: Actor, **filters: Any) -> OutcomeRow:
    (row,) = app.outcomes_queries.page(actor, **filters).rows
    return row


def test_an_outcome_is_logged_with_its_proof(app: Application, ravi: Actor, run: UUID) -> None:
    log(app, ravi, run, "1999.9999", note=" first sale ", uploads=[SHOT, ("invoice.pdf", PDF)])

    row = only(app, ravi)
    assert (row.value, row.unit, row.note) == (Decimal("1999.9999"), "USD", "first sale")
    assert (row.proof_type, row.review_state, row.mine, row.reviewable) == (
        ProofType.SCREENSHOT, ReviewState.PENDING, True, False,
    )  # fmt: skip
    assert [(proof.name, proof.content_type) for proof in row.proofs] == [
        ("shot.png", "image/png"), ("invoice.pdf", "application/pdf"),
    ]  # fmt: skip
    assert app.outcomes_queries.proof(ravi, row.proofs[1].id).data == PDF


def test_without_a_file_there_is_no_proof_whatever_was_claimed(app: Application, ravi: Actor, run: UUID) -> None:
    log(app, ravi, run, proof_type=ProofType.INVOICE)

    assert only(app, ravi).proof_type is ProofType.NONE


def test_hours_carry_no_currency_and_nothing_is_saved(app: Application, ravi: Actor, run: UUID) -> None:
    with pytest.raises(UnitDoesNotFit):
        log(app, ravi, run, metric_type=MetricType.TIME_SAVED, unit="USD")
    with pytest.raises(ProofRefused):
        log(app, ravi, run, uploads=[("shot.png", b"not a picture")])

    assert app.outcomes_queries.page(ravi).total == 0


def test_a_second_click_logs_nothing_twice(app: Application, ravi: Actor, run: UUID) -> None:
    form = new_id()
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: log(app, ravi, run, uploads=[SHOT], outcome_id=form), range(4)))

    assert ids == [form] * 4
    assert len(only(app, ravi).proofs) == 1
    other = app.executions.start(ravi, "resume_generator")
    with pytest.raises(InvalidInput):
        log(app, ravi, other, outcome_id=form)


def test_a_run_may_have_several_outcomes_while_it_lasts_and_after(app: Application, ravi: Actor) -> None:
    run = app.executions.start(ravi, "resume_generator")
    log(app, ravi, run)
    log(app, ravi, run, "3", "customers", metric_type=MetricType.CUSTOMERS)

    assert app.outcomes_queries.page(ravi, execution_id=run).total == 2
    app.executions.abandon(ravi, run, "no more time")
    with pytest.raises(NothingToLog, match="abandoned"):
        log(app, ravi, run)


def test_only_the_owner_of_a_run_logs_on_it(
    app: Application, run: UUID, person: Callable[..., Actor], admin: Actor
) -> None:
    with pytest.raises(NotFound):
        log(app, person(Role.USER), run)
    with pytest.raises(NotYourRun):
        log(app, admin, run)


def test_aggregation_sees_the_run_again(app: Application, ravi: Actor, run: UUID, clock: ManualClock) -> None:
    clock.advance(timedelta(days=3))
    log(app, ravi, run)
    with app.database.reading() as session:
        assert session.scalar(select(Execution.changed_at).where(Execution.id == run)) == clock.now()


def test_someone_else_reviews(app: Application, ravi: Actor, run: UUID, reviewer: Actor, admin: Actor) -> None:
    outcome = log(app, ravi, run, uploads=[SHOT])
    assert (app.outcomes_queries.waiting_for_review(reviewer), app.outcomes_queries.waiting_for_review(ravi)) == (1, 0)

    app.outcomes.review(reviewer, outcome, ReviewState.VERIFIED)

    row = only(app, reviewer)
    assert (row.review_state, row.reviewed_by, row.reviewable) == (ReviewState.VERIFIED, "Mei", False)
    with pytest.raises(AlreadyReviewed, match="Mei has already marked this outcome as verified"):
        app.outcomes.review(admin, outcome, ReviewState.REJECTED, "too late")
    with pytest.raises(AlreadyReviewed):
        app.outcomes.add_proof(ravi, outcome, [("more.txt", TEXT)])


def test_nobody_reviews_their_own(app: Application, admin: Actor, ravi: Actor) -> None:
    run = app.executions.start(admin, "resume_generator")
    outcome = log(app, admin, run, uploads=[SHOT])
    with pytest.raises(OwnOutcome):
        app.outcomes.review(admin, outcome, ReviewState.VERIFIED)
    assert app.outcomes_queries.waiting_for_review(admin) == 0


@pytest.mark.parametrize("role", [Role.USER, Role.ANALYST])
def test_not_everybody_reviews(
    app: Application, ravi: Actor, run: UUID, person: Callable[..., Actor], role: Role
) -> None:
    outcome = log(app, ravi, run, uploads=[SHOT])
    with pytest.raises(NotAllowed):
        app.outcomes.review(person(role), outcome, ReviewState.VERIFIED)


def test_rejecting_needs_a_reason_and_verifying_a_proof(
    app: Application, ravi: Actor, run: UUID, reviewer: Actor
) -> None:
    outcome = log(app, ravi, run)
    with pytest.raises(InvalidInput, match="Reason"):
        app.outcomes.review(reviewer, outcome, ReviewState.REJECTED, "  ")
    with pytest.raises(NoProofToVerify):
        app.outcomes.review(reviewer, outcome, ReviewState.VERIFIED)
    with pytest.raises(InvalidInput, match="Verdict"):
        app.outcomes.review(reviewer, outcome, ReviewState.PENDING)
    with pytest.raises(NotFound):
        app.outcomes.review(reviewer, new_id(), ReviewState.VERIFIED)


def test_a_rejected_outcome_with_a_new_proof_waits_for_review_again(
    app: Application, ravi: Actor, run: UUID, reviewer: Actor
) -> None:
    outcome = log(app, ravi, run)
    app.outcomes.review(reviewer, outcome, ReviewState.REJECTED, "there is no proof")
    app.outcomes.add_proof(ravi, outcome, [("receipt.pdf", PDF)])

    row = only(app, ravi)
    assert (row.review_state, row.proof_type, len(row.proofs)) == (ReviewState.PENDING, ProofType.INVOICE, 1)
    with pytest.raises(NotFound):
        app.outcomes.add_proof(reviewer, outcome, [SHOT])


def test_an_outcome_has_at_most_five_files(app: Application, ravi: Actor, run: UUID) -> None:
    files = [(f"note{number}.txt", f"{number}".encode()) for number in range(6)]
    with pytest.raises(InvalidInput, match="at most 5"):
        log(app, ravi, run, uploads=files)
    outcome = log(app, ravi, run, uploads=files[:5])
    with pytest.raises(InvalidInput, match="at most 5"):
        app.outcomes.add_proof(ravi, outcome, files[5:])


def test_proofs_are_downloaded_only_by_those_entitled(
    app: Application, ravi: Actor, run: UUID, reviewer: Actor, person: Callable[..., Actor]
) -> None:
    log(app, ravi, run, uploads=[SHOT])
    proof = only(app, ravi).proofs[0].id
    for entitled in (ravi, reviewer, person(Role.OPERATOR)):
        file = app.outcomes_queries.proof(entitled, proof)
        assert (file.name, file.content_type, file.data) == ("shot.png", "image/png", SHOT[1])
    for other in (person(Role.USER), person(Role.ANALYST)):
        with pytest.raises(NotFound):
            app.outcomes_queries.proof(other, proof)


def test_three_figures_that_never_mix_units(
    app: Application, ravi: Actor, run: UUID, reviewer: Actor, person: Callable[..., Actor]
) -> None:
    proven = log(app, ravi, run, "100.10", "USD", uploads=[SHOT])
    log(app, ravi, run, "50.05", "USD")
    log(app, ravi, run, "9000", "INR")
    log(app, ravi, run, "90", "minutes", metric_type=MetricType.TIME_SAVED)
    log(app, ravi, run, "2.5", "hours", metric_type=MetricType.TIME_SAVED)
    rejected = log(app, ravi, run, "777", "USD", uploads=[SHOT])
    app.outcomes.review(reviewer, proven, ReviewState.VERIFIED)
    app.outcomes.review(reviewer, rejected, ReviewState.REJECTED, "the picture shows another shop")

    figures = app.outcomes_queries.figures(ravi)
    assert figures.estimated == (Estimate("USD", Decimal("30.00"), 1),)
    assert set(figures.measured) == {
        Total(MetricType.REVENUE, "USD", Decimal("150.15"), 2),
        Total(MetricType.REVENUE, "INR", Decimal("9000"), 1),
        Total(MetricType.TIME_SAVED, "minutes", Decimal("90"), 1),
        Total(MetricType.TIME_SAVED, "hours", Decimal("2.5"), 1),
    }
    assert figures.proven == (Total(MetricType.REVENUE, "USD", Decimal("100.10"), 1),)
    assert app.outcomes_queries.figures(person(Role.ANALYST)) == figures
    assert app.outcomes_queries.figures(person(Role.USER)).measured == ()
    assert app.outcomes_queries.figures(reviewer, mine=True).measured == ()


def test_lists_are_filtered_paged_and_one_sees_what_one_may(
    app: Application, ravi: Actor, run: UUID, reviewer: Actor, person: Callable[..., Actor], clock: ManualClock
) -> None:
    ids = []
    for number in range(5):
        ids.append(log(app, ravi, run, str(number + 1), uploads=[SHOT] if number == 2 else []))
        clock.advance(timedelta(seconds=number % 2))
    first = app.outcomes_queries.page(ravi, limit=3)
    second = app.outcomes_queries.page(ravi, limit=3, before=first.next)

    assert [row.id for row in (*first.rows, *second.rows)] == ids[::-1]
    assert (first.total, second.next) == (5, None)
    assert [row.id for row in app.outcomes_queries.page(reviewer, reviewable=True).rows] == [ids[2]]
    assert app.outcomes_queries.page(person(Role.USER)).total == 0
    assert app.outcomes_queries.page(reviewer, mine=True).total == 0
    assert app.outcomes_queries.page(ravi, metric_type=MetricType.CUSTOM).total == 0
    assert app.outcomes_queries.page(ravi, review_state=ReviewState.PENDING, workflow_id="resume_generator").total == 5


def test_every_change_is_audited(app: Application, ravi: Actor, run: UUID, reviewer: Actor) -> None:
    outcome = log(app, ravi, run)
    app.outcomes.add_proof(ravi, outcome, [SHOT])
    app.outcomes.review(reviewer, outcome, ReviewState.VERIFIED)

    events = [entry.event for entry in app.audit_queries.entries(subject=f"outcome:{outcome}")]
    assert events == ["outcome.reviewed", "outcome.proof_added", "outcome.logged"]
