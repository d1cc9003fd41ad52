"""A decision as one person sees it: its panels with their running tally, its ballots, and whether they may vote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.decisions.closing import Closing, roll_of
from core.decisions.electorate import Electorate, as_cast, given_to
from core.decisions.rules import (
    Cast,
    DecisionState,
    NoSeat,
    Panel,
    Policy,
    Rule,
    Seat,
    Vote,
    approvals_missing,
    seat_of,
    tally,
)
from core.decisions.tables import Ballot, Council, Decision
from core.identifiers import parse_id
from core.identity.tables import User


@dataclass(frozen=True)
class BallotRow:
    voter: str
    """Who clicked."""
    vote: Vote
    reason: str
    cast_at: datetime
    on_behalf_of: str | None = None
    """Whose seat it was, where that is somebody else's."""
    checklist: Mapping[str, str] | None = None
    mine: bool = False


@dataclass(frozen=True)
class PanelView:
    council_id: str | None
    council_name: str | None
    policy: Policy
    seats: int
    """How many may vote; 0 means that it waits until an admin names someone."""
    approve: int
    reject: int
    abstain: int
    state: DecisionState
    missing: int | None
    """How many more approvals decide it at the fewest; None when it is decided, or when no number of them does."""
    must_vote: tuple[str, ...]
    """Who has a veto and has not voted: without them it is not approved."""
    criteria: tuple[str, ...]
    mine: bool
    """Whether the seat I vote with sits here."""


@dataclass(frozen=True)
class DecisionView:
    id: UUID
    kind: str
    subject_id: str
    digest: str
    panels: tuple[PanelView, ...]
    authors: tuple[str, ...]
    """Ids of who proposed or edited this version."""
    state: DecisionState
    opened_at: datetime
    deadline: datetime | None
    decided_at: datetime | None
    by: Closing | None
    """What closed it; None while it is open, and for what was closed before that was kept."""
    why: str | None
    """What the rule that approved it said."""
    ballots: tuple[BallotRow, ...]
    electorate: int
    """How many may vote; 0 means that it waits until an admin names someone."""
    why_not_vote: str | None
    """Why this person may not vote; None when they may."""
    votes_for: str | None
    """Whose seat this person would vote with, where it is not their own."""

    @property
    def policy(self) -> Policy:
        """The first panel's."""
        return self.panels[0].policy


def decision_view(session: Session, actor: Actor, decision_id: UUID, *, now: datetime) -> DecisionView | None:
    found = decision_views(session, actor, [decision_id], now=now)
    return found[0] if found else None


def decision_views(
    session: Session, actor: Actor, decision_ids: Sequence[UUID], *, now: datetime
) -> list[DecisionView]:
    """Those that there are, in the order asked for; a fixed number of queries however many they are."""
    rows = {one.id: one for one in session.scalars(select(Decision).where(Decision.id.in_(decision_ids)))}
    ballots: dict[UUID, list[Ballot]] = {}
    query = select(Ballot).where(Ballot.decision_id.in_(rows)).order_by(Ballot.cast_at, Ballot.id)
    for ballot in session.scalars(query):
        ballots.setdefault(ballot.decision_id, []).append(ballot)
    criteria = {row.id: row.criteria for row in session.execute(select(Council.id, Council.criteria))}
    people, names = Electorate(session), _Names(session)
    given = given_to(session, actor, now)
    views = []
    for decision_id in decision_ids:
        if (decision := rows.get(decision_id)) is None:
            continue
        cast = ballots.get(decision_id, [])
        panels = roll_of(decision.outcome) if decision.outcome else people.panels(decision)
        seat = seat_of(actor, panels, frozenset(decision.authors), given=given, ballots=as_cast(cast))
        views.append(_view(actor, decision, panels, cast, seat, criteria, names, now))
    return views


def why_not_vote_on(
    session: Session, actor: Actor, decision_ids: Sequence[UUID], *, now: datetime
) -> Mapping[UUID, str | None]:
    """For each open decision why `actor` may not vote, None where they may: the reasons for the rows of a list."""
    return {view.id: view.why_not_vote for view in decision_views(session, actor, decision_ids, now=now)}


def _view(
    actor: Actor,
    decision: Decision,
    panels: Sequence[Panel],
    ballots: Sequence[Ballot],
    seat: Seat | NoSeat,
    criteria: Mapping[str, list[str]],
    names: _Names,
    now: datetime,
) -> DecisionView:
    cast, outcome = as_cast(ballots), decision.outcome or {}
    voter = seat.voter if isinstance(seat, Seat) else _used_seat(actor, cast)
    return DecisionView(
        id=decision.id, kind=decision.subject_kind, subject_id=decision.subject_id, digest=decision.subject_digest,
        panels=tuple(
            _panel(one, cast, criteria, names, voter, final=outcome.get("by") == Closing.DEADLINE.value) for one in panels
        ),
        authors=tuple(decision.authors), state=decision.state, opened_at=decision.opened_at,
        deadline=decision.deadline, decided_at=decision.decided_at,
        by=Closing(outcome["by"]) if outcome else None, why=outcome.get("why"),
        ballots=tuple(_ballot(actor, one) for one in ballots),
        electorate=len(frozenset[str]().union(*(panel.electorate for panel in panels))),
        why_not_vote=_refusal(decision, seat, now),
        votes_for=seat.name if isinstance(seat, Seat) and seat.voter != actor.id else None,
    )  # fmt: skip


class _Names:
    """What people are called; asked only where a panel has somebody with a veto."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, people: frozenset[str]) -> tuple[str, ...]:
        if not people:
            return ()
        ids = [one for one in map(parse_id, people) if one is not None]
        return tuple(self._session.scalars(select(User.name).where(User.id.in_(ids)).order_by(User.name)))


def _panel(
    panel: Panel,
    cast: Sequence[Cast],
    criteria: Mapping[str, list[str]],
    names: _Names,
    voter: str | None,
    *,
    final: bool,
) -> PanelView:
    votes = [one.vote for one in cast if one.voter in panel.electorate]
    state = tally(panel.policy, panel.electorate, cast, final=final)
    first_decides = panel.policy.rule is Rule.ANY_ONE or state is not DecisionState.OPEN
    waited_for = panel.policy.veto & panel.electorate - {one.voter for one in cast}
    council = panel.policy.council
    return PanelView(
        council_id=council, council_name=(panel.name or council) if council is not None else None,
        policy=panel.policy, seats=len(panel.electorate), approve=votes.count(Vote.APPROVE),
        reject=votes.count(Vote.REJECT), abstain=votes.count(Vote.ABSTAIN),
        state=state, missing=approvals_missing(panel, cast) or None,
        must_vote=() if first_decides else names.of(waited_for),
        criteria=(*panel.policy.criteria, *(criteria.get(council, ()) if council is not None else ())),
        mine=voter in panel.electorate,
    )  # fmt: skip


def _ballot(actor: Actor, one: Ballot) -> BallotRow:
    return BallotRow(
        voter=one.cast_by_name, vote=one.vote, reason=one.reason, cast_at=one.cast_at,
        on_behalf_of=one.voter_name if one.voter_id != one.cast_by_id else None,
        checklist=one.checklist, mine=actor.id in {str(one.voter_id), str(one.cast_by_id)},
    )  # fmt: skip


def _used_seat(actor: Actor, cast: Iterable[Cast]) -> str | None:
    return next((one.voter for one in cast if actor.id in {one.voter, one.by}), None)


def _refusal(decision: Decision, seat: Seat | NoSeat, now: datetime) -> str | None:
    if isinstance(seat, NoSeat) and seat.voted is not None:
        return seat.reason
    if decision.state is not DecisionState.OPEN:
        return f"it is {decision.state.value} already."
    if decision.deadline is not None and decision.deadline <= now:
        return "its deadline has passed."
    return seat.reason if isinstance(seat, NoSeat) else None
