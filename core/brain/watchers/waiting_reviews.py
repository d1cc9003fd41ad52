"""Results that nobody has reviewed, and results that were measured and have no proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from core.actions.rules import Priority, Risk
from core.actor import Role
from core.brain.rule import HERE, Evidence, Finding, Rule, Sight, Threshold, Values
from core.brain.sources import Sources
from core.brain.wording import age, count, name, title
from core.brain.wording import day as day_words
from core.canonical import digest
from core.executions.tables import Execution
from core.identity.tables import User
from core.outcomes.rules import LOGGABLE, ProofType, ReviewState
from core.outcomes.tables import Outcome

NAME = "waiting_reviews"


@dataclass(frozen=True)
class Pile:
    """Results that wait for the same: a review by somebody, or a proof by whoever logged them."""

    email: str | None
    """Whose results lack a proof; None: all that wait for a review."""
    person: str
    number: int
    oldest: datetime
    read_at: datetime
    url: str


def read(sources: Sources, now: datetime, values: Values) -> Sight[list[Pile]]:
    pending = (Outcome.review_state == ReviewState.PENDING, ~Outcome.sample, Execution.state.in_(sorted(LOGGABLE)))
    reviews = (
        select(func.count(), func.min(Outcome.logged_at))
        .join(Execution, Execution.id == Outcome.execution_id)
        .where(*pending, Outcome.proof_type != ProofType.NONE,
               Outcome.logged_at <= now - timedelta(days=values["review"]))
    )  # fmt: skip
    proofs = (
        select(User.email, User.name, func.count(), func.min(Outcome.logged_at))
        .select_from(Outcome)
        .join(Execution, Execution.id == Outcome.execution_id)
        .join(User, User.id == Outcome.user_id)
        .where(*pending, User.active, Outcome.proof_type == ProofType.NONE,
               Outcome.logged_at <= now - timedelta(days=values["proof"]))
        .group_by(User.id)
    )  # fmt: skip
    url = sources.page("/outcomes")
    with sources.database.reading() as session:
        number, oldest = session.execute(reviews).one()
        piles = [Pile(None, "", number, oldest, now, url)] if number else []
        piles += [
            Pile(email, name(called, 60), n, first, now, url) for email, called, n, first in session.execute(proofs)
        ]
    return Sight(piles, frozenset({HERE}))


def decide(piles: Sequence[Pile], now: datetime, values: Values) -> list[Finding]:
    return [_review(one, now) if one.email is None else _proof(one, now) for one in piles]


def _review(one: Pile, now: datetime) -> Finding:
    wait = count(one.number, "result waits", "results wait")
    since = day_words(one.oldest)
    return Finding(
        key="review", subject="review", scope=HERE, version=digest(["review"]),
        title=title(f"Have {count(one.number, 'result')} reviewed, the oldest of {since}"),
        operation="team_task",
        params={
            "title": "Review the results that wait", "role": Role.OPERATOR.value, "link": "/outcomes",
            "details": f"{wait} for a review, the oldest since {since}. Until then they count as measured, not as proven.",
        },
        rationale=f"{wait} for a review, the oldest for {age(one.oldest, now)}. Proven savings lag behind until then.",
        evidence=(Evidence(f"{wait} for a review since {since} or later", "Logged results", one.read_at, one.url),),
        confidence=Decimal("0.99"), confidence_why="Confidence 0.99: counted, not estimated.",
        weight=Decimal(1_000_000), priority=Priority.INFO, risk=Risk.LOW, worded=("details",), must_say=(wait, since),
    )  # fmt: skip


def _proof(one: Pile, now: datetime) -> Finding:
    lack = count(one.number, "result has no proof", "results have no proof")
    since = day_words(one.oldest)
    return Finding(
        key=f"proof/{one.email}"[:300], subject=f"proof/{one.email}"[:300], scope=HERE, version=digest([one.email]),
        title=title(f"Ask {one.person} for proof of {count(one.number, 'result')}"),
        operation="team_task",
        params={
            "title": "Add proof to what you logged", "person": one.email, "link": "/outcomes",
            "details": f"{lack}, the oldest of {since}. A screenshot, an invoice or a text is enough to have it reviewed.",
        },
        rationale=f"{lack} that {one.person} logged, the oldest {age(one.oldest, now)} ago. It counts as measured only.",
        evidence=(Evidence(f"{lack}, logged by {one.person} since {since}", "Logged results", one.read_at, one.url),),
        confidence=Decimal("0.99"), confidence_why="Confidence 0.99: counted, not estimated.",
        weight=Decimal(one.number), priority=Priority.INFO, risk=Risk.LOW, worded=("details",), must_say=(lack, since),
    )  # fmt: skip


RULE = Rule(
    name=NAME,
    title="Reviews and proofs",
    watches=(
        "Results that wait for a review, and results without a proof. Proposes a task for the reviewers, and one for whoever "
        "logged a result without proof."
    ),
    source="This installation",
    nouns=("waiting review or missing proof", "waiting reviews or missing proofs"),
    thresholds=(
        Threshold("review", "Not reviewed for", 3, 1, 90, "days"),
        Threshold("proof", "Without proof for", 7, 1, 180, "days"),
    ),
    read=read,
    decide=decide,
    window=timedelta(days=7),
    waits=timedelta(days=3),
)
