"""How a decision comes out and who may vote on it: ballots, panels, the tally and the one authorisation, all pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from core.actor import Actor, ActorKind
from core.decisions.policy import AtDeadline as AtDeadline
from core.decisions.policy import Base as Base
from core.decisions.policy import InvalidPolicy as InvalidPolicy
from core.decisions.policy import Policy as Policy
from core.decisions.policy import Rule as Rule
from core.errors import CountersignError


class DecisionState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Vote(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"


class VoteRefused(CountersignError):
    """{who} may not vote on this: {reason}"""

    http_status = 403


class SubjectChanged(CountersignError):
    """What you saw has changed since. Look at it as it is now and decide again; your vote was not counted."""

    http_status = 409


class AlreadyVoted(CountersignError):
    """{who} has voted on this already ({vote}). A vote stands once it is cast."""

    http_status = 409


class DecisionClosed(CountersignError):
    """This decision is closed: it was {state}. Your vote was not counted."""

    http_status = 409


class NotForRules(CountersignError):
    """A council decides on this; no rule approves in its place. Nothing was changed."""

    http_status = 409


@dataclass(frozen=True)
class Cast:
    """A ballot as the tally sees it: whose seat voted, and who filled it."""

    voter: str
    vote: Vote
    by: str = ""
    """Who clicked; empty: the voter."""


@dataclass(frozen=True)
class Panel:
    """One group that must approve. `electorate` is who may vote, the recused left out."""

    policy: Policy
    electorate: frozenset[str]
    name: str = ""
    """The council's, as people read it."""


@dataclass(frozen=True)
class Given:
    """A seat somebody gave to another person for a time; with a council, that seat alone."""

    voter: str
    name: str
    council: str | None = None


@dataclass(frozen=True)
class Seat:
    """The seat a person votes with: their own, or one that was given to them."""

    voter: str
    name: str


@dataclass(frozen=True)
class NoSeat:
    """Why somebody may not vote, in words; `voted` when that is because they have."""

    reason: str
    voted: Vote | None = None


def tally(policy: Policy, electorate: frozenset[str], ballots: Iterable[Cast], *, final: bool = False) -> DecisionState:
    """What the ballots say: open until the result is certain, then approved or rejected; a tie is rejected.

    `electorate` holds those who may vote, the recused left out; other ballots do not count. Nothing is decided
    without a ballot. An approval needs the quorum; a rejection does not. `final` says that nobody votes any more (the
    deadline): then a majority of the ballots cast decides, if they reach the quorum (by default more than half of the
    electorate); by the other rules what is open stays open, and the policy says what becomes of it.
    """
    votes = {cast.voter: cast.vote for cast in ballots if cast.voter in electorate}
    rejecting = {voter for voter, vote in votes.items() if vote is Vote.REJECT}
    yes, no = sum(vote is Vote.APPROVE for vote in votes.values()), len(rejecting)
    cast, waiting = len(votes), len(electorate) - len(votes)
    if not votes:
        return DecisionState.OPEN
    if rejecting & policy.veto:
        return DecisionState.REJECTED

    match policy.rule:
        case Rule.ANY_ONE:
            approved, lost = yes >= 1 and not no, bool(no) or not (yes or waiting)
        case Rule.N_OF:
            approved, lost = yes >= policy.n, yes + waiting < policy.n
        case Rule.MAJORITY:
            whole = len(electorate)
            # the worst that may still come for it, and the best
            approved = _carries(policy.base, yes, no + waiting, whole, whole)
            lost = not _carries(policy.base, yes + waiting, no, whole, whole)
        case Rule.UNANIMOUS:
            approved, lost = yes >= 1 and not no and not waiting, bool(no) or not (yes or waiting)
        case _:
            assert_never(policy.rule)

    quorum = policy.quorum
    if final and policy.rule is Rule.MAJORITY and not lost:
        quorum = quorum or len(electorate) // 2 + 1
        approved = _carries(policy.base, yes, no, cast, len(electorate))
        lost = not approved and cast >= quorum
    if lost:
        return DecisionState.REJECTED
    may_veto = policy.veto & electorate - votes.keys()
    certain = final or policy.rule is Rule.ANY_ONE or not may_veto
    return DecisionState.APPROVED if approved and certain and cast >= quorum else DecisionState.OPEN


def _carries(base: Base, yes: int, no: int, cast: int, members: int) -> bool:
    """Whether `yes` is more than half of the base."""
    match base:
        case Base.MEMBERS:
            return 2 * yes > members
        case Base.BALLOTS:
            return 2 * yes > cast
        case Base.VOTES:
            return yes > no
        case _:
            assert_never(base)


def tally_all(panels: Sequence[Panel], ballots: Iterable[Cast], *, final: bool = False) -> DecisionState:
    """Approved when every panel approves, rejected when one rejects; without a panel nothing is ever approved."""
    cast = tuple(ballots)
    states = {tally(panel.policy, panel.electorate, cast, final=final) for panel in panels}
    if DecisionState.REJECTED in states:
        return DecisionState.REJECTED
    return DecisionState.APPROVED if states == {DecisionState.APPROVED} else DecisionState.OPEN


def outcome_at_deadline(panels: Sequence[Panel], ballots: Iterable[Cast]) -> DecisionState:
    """What the deadline makes of it: rejected beats expired beats escalated, which is open still."""
    cast = tuple(ballots)
    state = tally_all(panels, cast, final=True)
    if state is not DecisionState.OPEN:
        return state
    undecided = [
        panel.policy
        for panel in panels
        if tally(panel.policy, panel.electorate, cast, final=True) is DecisionState.OPEN
    ]
    if any(policy.at_deadline is AtDeadline.REJECT for policy in undecided):
        return DecisionState.REJECTED
    wider = [policy.at_deadline is AtDeadline.ESCALATE and not policy.escalated for policy in undecided]
    return DecisionState.OPEN if wider and all(wider) else DecisionState.EXPIRED


def approvals_missing(panel: Panel, ballots: Iterable[Cast]) -> int | None:
    """How many more approvals decide it at the fewest; None when no number of them does."""
    cast = list(ballots)
    voted = {one.voter for one in cast}
    waiting = sorted(panel.electorate - voted, key=lambda voter: (voter not in panel.policy.veto, voter))
    for number in range(len(waiting) + 1):
        more = [Cast(voter, Vote.APPROVE) for voter in waiting[:number]]
        state = tally(panel.policy, panel.electorate, [*cast, *more])
        if state is not DecisionState.OPEN:
            return number if state is DecisionState.APPROVED else None
    return None


def electorate_of(policy: Policy, named: Iterable[str], authors: str | Iterable[str]) -> frozenset[str]:
    """Those of the `named` who decide: all, without the authors where the policy recuses."""
    out = {authors} if isinstance(authors, str) else set(authors)
    return frozenset(named) - (out if policy.recusal else set())


def seat_of(
    actor: Actor,
    panels: Sequence[Panel],
    authors: frozenset[str],
    *,
    given: Sequence[Given] = (),
    ballots: Iterable[Cast] = (),
) -> Seat | NoSeat:
    """The seat `actor` votes with, or why there is none. The one authorisation of pages, API and jobs.

    Who has a seat of their own votes with that one; else with the first seat given to them that has not voted.
    Authors, where any panel recuses them, neither fill others' seats nor have theirs filled. A seat given for one
    council is not enough where its owner sits in another panel too: their vote would count there as well.
    """
    if actor.kind is not ActorKind.PERSON:
        return NoSeat("programs and agents propose; people decide.")
    if actor.scopes is not None and "decide" not in actor.scopes:
        return NoSeat("this token does not allow decisions.")
    votes = {one.voter: one for one in ballots}
    own = votes.get(actor.id) or next((one for one in votes.values() if one.by == actor.id), None)
    if own is not None:
        return NoSeat("your vote is counted already.", own.vote)
    if _sits_on(actor.id, panels, authors):
        return Seat(actor.id, actor.name)
    recused = authors if any(panel.policy.recusal for panel in panels) else frozenset[str]()
    if actor.id in recused:
        return NoSeat("whoever proposes does not decide, nor whoever edited it.")
    reason = ""
    for one in given:
        seats = {panel.policy.council for panel in _sits_on(one.voter, panels, authors)}
        if not seats or one.voter in recused or (one.council is not None and one.council not in seats):
            continue
        if one.council is not None and seats != {one.council}:
            reason = reason or f"{one.name} gave you one seat, and sits on more of the panels that decide this."
        elif one.voter in votes:
            reason = reason or f"the seat that {one.name} gave you has voted already."
        else:
            return Seat(one.voter, one.name)
    return NoSeat(reason or f"it is decided by {_said(panels)}.")


def why_not_vote(actor: Actor, policy: Policy, electorate: frozenset[str], proposer: str) -> str | None:
    """`seat_of` for one panel nobody has voted on yet, as words; None when they may."""
    found = seat_of(actor, (Panel(policy, electorate),), frozenset({proposer}))
    return found.reason if isinstance(found, NoSeat) else None


def _sits_on(voter: str, panels: Sequence[Panel], authors: frozenset[str]) -> list[Panel]:
    return [panel for panel in panels if voter in panel.electorate and not (panel.policy.recusal and voter in authors)]


def _said(panels: Sequence[Panel]) -> str:
    words = []
    for panel in panels:
        policy = panel.policy
        if policy.council is not None:
            words.append(f"members of the council {panel.name or policy.council}")
        else:
            groups = [f"the group {group}" for group in sorted(policy.groups)]
            words.append(" or ".join([*sorted(policy.roles), *groups]) or "the people named in its policy")
    return " and by ".join(words) or "nobody"
