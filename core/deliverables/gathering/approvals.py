"""Decisions as reports show them: on what, by which rule, who voted how, when and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actions.tables import Action
from core.decisions.closing import Closing
from core.decisions.rules import DecisionState, Policy, Rule, Vote
from core.decisions.tables import Decision
from core.decisions.views import BallotRow, DecisionView, PanelView, decision_views
from core.decisions.waiting import may_read
from core.deliverables import content
from core.deliverables.content import Approval
from core.deliverables.source import Reading
from core.deliverables.words import Words, term
from core.executions.automated.rules import ANSWERED
from core.executions.automated.tables import RunDocument, RunGate
from core.identifiers import parse_id

RESULTS: Mapping[DecisionState, str] = {
    DecisionState.OPEN: term("waits"),
    DecisionState.APPROVED: term("approved"),
    DecisionState.REJECTED: term("rejected"),
    DecisionState.EXPIRED: term("expired"),
}
VOTES: Mapping[Vote, str] = {
    Vote.APPROVE: term("approved"),
    Vote.REJECT: term("rejected"),
    Vote.ABSTAIN: term("abstained"),
}
_ROLES: Mapping[str, str] = {
    "user": term("users"),
    "operator": term("operators"),
    "council": term("council members"),
    "analyst": term("analysts"),
    "admin": term("admins"),
}
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Subject:
    title: str
    answered: bool = False
    """A question or a form: one person answered, and nothing was voted on."""


def approvals_of(reading: Reading, decision_ids: Collection[UUID], *, bare: bool = False) -> tuple[Approval, ...]:
    """These decisions in the order in which they were closed, open ones last; those the reader may not read are not in it.

    `bare` is for decisions whose result the reader sees anyway, as the gates of a run that they may see: what they may not
    read is there too then, without its ballots.
    """
    session = reading.session
    asked = sorted(set(decision_ids))
    query = select(Decision.id).where(Decision.id.in_(asked), may_read(session, reading.reader))
    readable = set(session.scalars(query))
    views = decision_views(
        session, reading.reader, asked if bare else sorted(readable), now=reading.database.clock.now()
    )
    subjects = _subjects(session, views, reading.words)
    return tuple(
        _approval(reading.words, view, subjects[view.id], whole=view.id in readable)
        for view in sorted(views, key=lambda one: (one.decided_at or _NEVER, one.opened_at, one.id))
    )


def decisions_on(reading: Reading, kind: str, subject_ids: Collection[str]) -> tuple[UUID, ...]:
    """Every decision on these subjects (`action`, `gate`), oldest first: a thing may be decided on more than once."""
    query = select(Decision.id).where(Decision.subject_kind == kind, Decision.subject_id.in_(sorted(set(subject_ids))))
    return tuple(reading.session.scalars(query.order_by(Decision.opened_at, Decision.id)))


def _approval(words: Words, view: DecisionView, subject: _Subject, *, whole: bool) -> Approval:
    answered = subject.answered and view.state is DecisionState.APPROVED
    return Approval(
        id=str(view.id), subject=subject.title, digest=view.digest,
        result=words.say("answered") if answered else words.say(RESULTS[view.state]), rule=_rule(words, view),
        decided_at=view.decided_at, decided_text=words.moment(view.decided_at) if view.decided_at else "",
        votes=tuple(_vote(words, one, answered=subject.answered) for one in view.ballots) if whole else (),
    )  # fmt: skip


def _vote(words: Words, ballot: BallotRow, *, answered: bool) -> content.Vote:
    who = ballot.voter
    if ballot.on_behalf_of:
        who = words.say("{who} for {whose}", who=who, whose=ballot.on_behalf_of)
    said = words.say("answered") if answered and ballot.vote is Vote.APPROVE else words.say(VOTES[ballot.vote])
    return content.Vote(who, said, ballot.cast_at, words.moment(ballot.cast_at), ballot.reason)


def _rule(words: Words, view: DecisionView) -> str:
    """By what it was decided; of an open one, by what it will be."""
    match view.by:
        case Closing.RULE:
            return _with(words.say("the guardrails"), view.why)
        case Closing.PART:
            return _with(words.say("part of what was approved as a whole"), view.why)
        case Closing.WITHDRAWN:
            return _with(words.say("taken back before it was decided"), view.why)
        case _:
            panels = words.listed(_panel(words, one) for one in view.panels)
            return words.say("{panels}, at the deadline", panels=panels) if view.by is Closing.DEADLINE else panels


def _with(said: str, why: str | None) -> str:
    return f"{said}: {why}" if why else said


def _panel(words: Words, panel: PanelView) -> str:
    policy, whom = panel.policy, panel.council_name or _named(words, panel.policy)
    match policy.rule:
        case Rule.ANY_ONE:
            return words.say("any one of {whom}", whom=whom)
        case Rule.N_OF:
            return words.say("{number} of {whom}", number=policy.n, whom=whom)
        case Rule.MAJORITY:
            return words.say("more than half of {whom}", whom=whom)
        case Rule.UNANIMOUS:
            return words.say("all of {whom}", whom=whom)


def _named(words: Words, policy: Policy) -> str:
    """Whom a policy without a council names."""
    roles = [words.say(_ROLES[one]) if one in _ROLES else one for one in sorted(policy.roles)]
    groups = [words.say("the group {group}", group=one) for one in sorted(policy.groups)]
    people = [words.say("{n} people named", n=len(policy.users))] if policy.users else []
    return words.listed([*roles, *groups, *people])


def _subjects(session: Session, views: Sequence[DecisionView], words: Words) -> Mapping[UUID, _Subject]:
    """What each decision is about, read from the thing itself; its kind where that is gone."""
    actions = _ids(views, "action")
    query = select(Action.id, Action.title).where(Action.id.in_(actions))
    titles = {str(one): _Subject(title) for one, title in session.execute(query)} if actions else {}
    gates = _ids(views, "gate")
    asked = (
        select(RunGate.id, RunGate.title, RunGate.kind, RunDocument.version)
        .outerjoin(RunDocument, RunDocument.id == RunGate.document_id)
        .where(RunGate.id.in_(gates))
    )
    for gate, title, kind, version in session.execute(asked) if gates else ():
        said = words.say("{title} (version {version})", title=title, version=version) if version else title
        titles[str(gate)] = _Subject(said, kind in ANSWERED)
    return {one.id: titles.get(one.subject_id) or _Subject(f"{one.kind}:{one.subject_id}") for one in views}


def _ids(views: Sequence[DecisionView], kind: str) -> list[UUID]:
    return [found for found in (parse_id(one.subject_id) for one in views if one.kind == kind) if found is not None]
