"""What approvals and votes have in common: which versions they are about, who wrote them, and what a rejection does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog.savings import calculate, card_on
from core.decisions.policy import Policy
from core.decisions.review import ReviewFacts, reviews_asked, reviews_needed
from core.executions.automated.panels import four_eyes, writers_of
from core.executions.automated.tables import RunDocument
from core.executions.automated.work import ClosedGate, Done, Fail, Outcome, Stop, Tools, Work

OnRejection = Literal["stop", "skip", "fail"]
"""What a rejection does: ends the run (which is no failure), leaves the step out, or fails it."""


def named_versions(session: Session, work: Work) -> list[dict[str, Any]]:
    """The documents among the step's inputs, in the versions that it sees."""
    digests = {(one.name, one.digest) for one in work.inputs}
    query = (
        select(RunDocument.doc_type, RunDocument.scope_id, RunDocument.version, RunDocument.digest)
        .where(RunDocument.execution_id == work.run.id, RunDocument.digest.in_([digest for _, digest in digests]))
        .order_by(RunDocument.doc_type, RunDocument.scope_id, RunDocument.version.desc())
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for doc_type, scope_id, version, digest in session.execute(query):
        if (doc_type, digest) in digests:
            one = {"doc_type": doc_type, "scope_id": scope_id, "version": version, "digest": digest}
            found.setdefault((doc_type, digest), one)
    return list(found.values())


def authors_of(session: Session, work: Work) -> tuple[str, ...]:
    """Who is recused under four eyes: whoever started the run, and the people who wrote what the step sees."""
    started = {str(work.run.user_id)} if work.run.user_id is not None else set[str]()
    return tuple(sorted({*writers_of(session, work.run.id, [one.digest for one in work.inputs]), *started}))


NOBODY = "No council oversees"
"""How it begins, so that a page can show the way to where councils are made."""
NO_COUNCIL = (
    NOBODY + " {domains}, and the run was given none, so nobody could decide. An admin adds one under Councils; "
    "then retry this step."
)


def councils_for(session: Session, work: Work, domains: Collection[str]) -> tuple[str, ...]:
    """Whom the run was given, and each council whose business the workflow is: by domain, savings or risk."""
    card = card_on(work.workflow.rate_cards, work.now.date())
    saves = (calculate(card).weekly, card.currency) if card else None
    facts = ReviewFacts(frozenset(domains), saves, 0, work.run.sample)
    found = {one.council for one in reviews_needed(session, facts) if one.council}
    return tuple(sorted(found | ({work.run.council_id} if work.run.council_id else set())))


def council_panels(session: Session, work: Work, tools: Tools, councils: tuple[str, ...]) -> tuple[Policy, ...]:
    """One panel for each council, whose own policy decides; NotFound for one that is not there."""
    strict = four_eyes(session, tools.settings, tools.database.clock.now())
    asked = reviews_asked(session, set(councils), sample=work.run.sample)
    return tuple(replace(one, recusal=one.recusal or strict) for one in asked)


def follow_decision(work: Work, gate: ClosedGate, on_rejection: OnRejection) -> Outcome:
    """What the ballots at this gate mean for the step; anything but an approval is a rejection."""
    answer: Mapping[str, Any] = gate.answer
    approved = answer.get("approved") is True
    if not approved and on_rejection != "skip":
        return rejected(work, gate.answered_by, str(answer.get("reason") or ""), on_rejection)
    content = {"approved": approved, "reason": answer.get("reason") or "", "by": gate.answered_by}
    return Done(content=content if work.produces is not None else None, made_by=gate.answered_by)


def rejected(work: Work, by: str, reason: str, on_rejection: OnRejection) -> Outcome:
    words = f"“{work.title}” was rejected by {by or 'people'}: {reason.strip() or 'no reason was given'}"
    words = words if words.endswith(".") else f"{words}."
    match on_rejection:
        case "stop":
            return Stop(words)
        case "fail":
            return Fail(words)
        case "skip":
            return Done(note=words)
