"""Outcomes are logged without losing a keystroke, listed in three figures, and reviewed by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.outcomes.rules import MetricType, ProofType, ReviewState
from core.settings import ROOT
from core.spreadsheets import csv_bytes
from pages.components.outcome_form import size_words
from tests.core.outcomes.conftest import picture
from tests.pages.conftest import Visit
from tests.pages.test_run import words


@pytest.fixture
def ravi(app: Application, person: Callable[..., Actor]) -> Actor:
    assert not app.catalog.sync(ROOT / "workflows.json").problems
    return person(Role.USER, name="Ravi")


@pytest.fixture
def run(app: Application, ravi: Actor) -> UUID:
    run = app.executions.start(ravi, "resume_generator")
    app.executions.record_progress(ravi, run, 5)
    app.executions.complete(ravi, run)
    return run


def field(screen: AppTest, label: str) -> Any:
    return next(one for one in screen.text_input if one.label == label)


def type_in(screen: AppTest, label: str, text: str) -> None:
    field(screen, label).set_value(text).run()


def test_what_was_typed_stays_when_it_is_refused_and_is_logged_when_right(
    app: Application, visit: Visit, ravi: Actor, run: UUID
) -> None:
    screen = visit("outcomes", ravi, execution=str(run))
    type_in(screen, "Value", "12O")
    screen.button(key="log-outcome").click().run()
    assert "it is not a number" in words(screen)
    assert field(screen, "Value").value == "12O"

    type_in(screen, "Value", "120.50")
    screen.button(key="log-outcome").click().run()
    assert not screen.exception
    row = app.outcomes_queries.page(ravi).rows[0]
    assert (str(row.value), row.execution_id, row.proof_type) == ("120.5000", run, ProofType.NONE)
    assert "Measured" in words(screen)
    assert "$120.50" in words(screen)


def test_a_proof_is_uploaded_with_it(app: Application, visit: Visit, ravi: Actor, run: UUID) -> None:
    screen = visit("outcomes", ravi, execution=str(run))
    type_in(screen, "Value", "3")
    screen.file_uploader[0].set_value([("shot.png", picture(), "image/png")]).run()
    assert "shot.png" in words(screen)
    screen.button(key="log-outcome").click().run()

    row = app.outcomes_queries.page(ravi).rows[0]
    assert (row.proof_type, [proof.name for proof in row.proofs]) == (ProofType.SCREENSHOT, ["shot.png"])


def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_is_lost(
    app: Application, visit: Visit, ravi: Actor, run: UUID
) -> None:
    screen = visit("outcomes", ravi, execution=str(run))
    type_in(screen, "Value", "3")
    screen.file_uploader[0].set_value([("shot.png", b"no picture", "image/png")]).run()
    assert not screen.exception
    screen.button(key="log-outcome").click().run()

    assert "its content is not PNG" in words(screen)
    assert field(screen, "Value").value == "3"
    assert app.outcomes_queries.page(ravi).total == 0


def test_a_reviewer_verifies_and_it_is_proven(
    app: Application, visit: Visit, ravi: Actor, run: UUID, person: Callable[..., Actor]
) -> None:
    shot = [("shot.png", picture())]
    outcome = app.outcomes.log(ravi, run, metric_type=MetricType.REVENUE, value="50", unit="EUR", uploads=shot)
    reviewer = person(Role.COUNCIL, name="Mei")
    screen = visit("outcomes", reviewer, view="review")
    assert "1 proof waits" in words(screen)
    screen.button(key=f"verify-{outcome}").click().run()

    assert not screen.exception
    assert app.outcomes_queries.page(ravi).rows[0].review_state is ReviewState.VERIFIED
    assert "Verified by Mei" in words(visit("outcomes", ravi))


def test_someone_was_faster_is_said_without_alarm(
    app: Application, visit: Visit, ravi: Actor, run: UUID, person: Callable[..., Actor]
) -> None:
    shot = [("shot.png", picture())]
    outcome = app.outcomes.log(ravi, run, metric_type=MetricType.CUSTOMERS, value=2, unit="", uploads=shot)
    screen = visit("outcomes", person(Role.COUNCIL), view="review")
    app.outcomes.review(person(Role.OPERATOR, name="Mina"), outcome, ReviewState.VERIFIED)
    screen.button(key=f"verify-{outcome}").click().run()

    assert not screen.error
    assert "Mina has already marked this outcome as verified" in words(screen)


def test_analysts_read_and_neither_log_nor_review(visit: Visit, run: UUID, person: Callable[..., Actor]) -> None:
    screen = visit("outcomes", person(Role.ANALYST), view="review")
    assert "Estimated" in words(screen)
    with pytest.raises(KeyError):
        screen.button(key="log-outcome")


def test_cells_of_an_export_never_start_a_formula() -> None:
    exported = csv_bytes(["note"], [["=1+1"], ["+1"], ["@x"], ["-2"], ["plain, text"], [None]]).decode("utf-8-sig")
    assert exported.splitlines() == ["note", "'=1+1", "'+1", "'@x", "'-2", '"plain, text"', '""']


@pytest.mark.parametrize(("size", "said"), [(10, "1 kB"), (2_048, "2 kB"), (1_572_864, "1.5 MB")])
def test_sizes_are_said_in_words(size: int, said: str) -> None:
    assert size_words(size) == said
