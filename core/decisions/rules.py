"""What a decision is made of and how it comes out: policies, votes, the tally and who may vote, as pure values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from core.actor import Actor, ActorKind
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


class Rule(StrEnum):
    ANY_ONE = "any_one"
    """The first who takes a side decides."""
    N_OF = "n_of"
    """A fixed number must approve."""
    MAJORITY = "majority"
    """More approve than reject, whatever those who have not voted will say."""
    UNANIMOUS = "unanimous"
    """Nobody rejects, everybody has voted, and somebody approves."""


class AtDeadline(StrEnum):
    REJECT = "reject"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    """Admins are asked too, for as long again; then it expires."""


class InvalidPolicy(CountersignError):
    """This policy cannot decide anything: {problem}"""

    http_status = 422


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


@dataclass(frozen=True)
class Policy:
    """Who decides, and when it is decided. A named council is the whole electorate; else roles and users together."""

    roles: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    council: str | None = None
    rule: Rule = Rule.ANY_ONE
    n: int = 1
    quorum: int = 0
    """How many ballots, abstentions included, an approval needs at least."""
    veto: frozenset[str] = frozenset()
    """Users whose single rejection ends it, and without whose vote it is not certain (but with ANY_ONE)."""
    recusal: bool = True
    """The proposer does not decide."""
    at_deadline: AtDeadline = AtDeadline.EXPIRE

    def __post_init__(self) -> None:
        if self.council is not None and (self.roles or self.users):
            raise InvalidPolicy(problem="name a council, or roles and users, not both.")
        if self.council is None and not (self.roles or self.users):
            raise InvalidPolicy(problem="nobody is named.")
        if self.n < 1 or self.quorum < 0:
            raise InvalidPolicy(problem="numbers of votes are 1 or more, a quorum is 0 or more.")

    def to_json(self) -> dict[str, Any]:
        return {
            "roles": sorted(self.roles), "users": sorted(self.users), "council": self.council,
            "rule": self.rule.value, "n": self.n, "quorum": self.quorum, "veto": sorted(self.veto),
            "recusal": self.recusal, "at_deadline": self.at_deadline.value,
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Policy:
        """The policy that `stored` spells; what is absent has its default, what is unknown is an error."""
        try:
            return cls(
                roles=frozenset(stored.get("roles", ())),
                users=frozenset(stored.get("users", ())),
                council=stored.get("council"),
                rule=Rule(stored.get("rule", Rule.ANY_ONE)),
                n=int(stored.get("n", 1)),
                quorum=int(stored.get("quorum", 0)),
                veto=frozenset(stored.get("veto", ())),
                recusal=bool(stored.get("recusal", True)),
                at_deadline=AtDeadline(stored.get("at_deadline", AtDeadline.EXPIRE)),
            )
        except (TypeError, ValueError) as problem:
            raise InvalidPolicy(problem=f"{problem}.") from None


@dataclass(frozen=True)
class Cast:
    """A ballot as the tally sees it."""

    voter: str
    vote: Vote


def tally(policy: Policy, electorate: frozenset[str], ballots: Iterable[Cast], *, final: bool = False) -> DecisionState:
    """What the ballots say: open until the result is certain, then approved or rejected; a tie is rejected.

    `electorate` holds those who may vote, the recused left out; other ballots do not count. Nothing is decided
    without a ballot. `final` says that nobody votes any more (the deadline): then a majority of the ballots cast
    decides, if they reach the quorum (by default more than half of the electorate); by the other rules what is open
    stays open, and the policy says what becomes of it.
    """
    votes = {cast.voter: cast.vote for cast in ballots if cast.voter in electorate}
    approvals = sum(vote is Vote.APPROVE for vote in votes.values())
    rejections = {voter for voter, vote in votes.items() if vote is Vote.REJECT}
    waiting = len(electorate) - len(votes)
    to_come = 0 if final and policy.rule is Rule.MAJORITY else waiting
    if not votes:
        return DecisionState.OPEN
    if rejections & policy.veto:
        return DecisionState.REJECTED
    quorum = policy.quorum
    if final and policy.rule is Rule.MAJORITY and not quorum:
        quorum = len(electorate) // 2 + 1
    if len(votes) + to_come < quorum:
        return DecisionState.OPEN  # too few took part; the deadline's outcome is the policy's to say

    match policy.rule:
        case Rule.ANY_ONE:
            approved, lost = approvals >= 1 and not rejections, bool(rejections) or not (approvals or waiting)
        case Rule.N_OF:
            approved, lost = approvals >= policy.n, approvals + waiting < policy.n
        case Rule.MAJORITY:
            approved, lost = approvals > len(rejections) + to_come, approvals + to_come <= len(rejections)
        case Rule.UNANIMOUS:
            approved = approvals >= 1 and not rejections and not waiting
            lost = bool(rejections) or not (approvals or waiting)
        case _:
            assert_never(policy.rule)
    if lost:
        return DecisionState.REJECTED
    may_veto = policy.veto & electorate - votes.keys()
    certain = final or policy.rule is Rule.ANY_ONE or not may_veto
    return DecisionState.APPROVED if approved and certain and len(votes) >= quorum else DecisionState.OPEN


def electorate_of(policy: Policy, named: Iterable[str], proposer: str) -> frozenset[str]:
    """Those of the `named` who decide: all, without the proposer where the policy recuses."""
    return frozenset(named) - ({proposer} if policy.recusal else set())


def why_not_vote(actor: Actor, policy: Policy, electorate: frozenset[str], proposer: str) -> str | None:
    """Why `actor` may not vote, in words; None when they may. The one authorisation of pages and API."""
    if actor.kind is not ActorKind.PERSON:
        return "programs and agents propose; people decide."
    if actor.scopes is not None and "decide" not in actor.scopes:
        return "this token does not allow decisions."
    if policy.recusal and actor.id == proposer:
        return "whoever proposes does not decide."
    if actor.id not in electorate:
        who = f"members of the council {policy.council}" if policy.council else " or ".join(sorted(policy.roles))
        return f"it is decided by {who or 'the people named in its policy'}."
    return None
