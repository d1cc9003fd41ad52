"""A policy as data: who decides, by which rule, and what becomes of what nobody decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import CountersignError
from core.identity.rules import MOST_GROUP, group_name


class Rule(StrEnum):
    ANY_ONE = "any_one"
    """The first who takes a side decides."""
    N_OF = "n_of"
    """A fixed number must approve."""
    MAJORITY = "majority"
    """More than half of the policy's base approve."""
    UNANIMOUS = "unanimous"
    """Nobody rejects, everybody has voted, and somebody approves."""


class Base(StrEnum):
    """What a majority is more than half of."""

    MEMBERS = "members"
    """Everybody who may vote, whether they do or not."""
    BALLOTS = "ballots"
    """The ballots cast, abstentions included."""
    VOTES = "votes"
    """The approvals and rejections: an abstention takes no side."""


class AtDeadline(StrEnum):
    REJECT = "reject"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    """Admins are asked too, for as long again; then it expires."""


class RiskLevel(StrEnum):
    """How much can go wrong, from the least on; spelled as the risk of an action."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 is the least."""
        return list(RiskLevel).index(self)


class InvalidPolicy(CountersignError):
    """This policy cannot decide anything: {problem}"""

    http_status = 422


@dataclass(frozen=True)
class Policy:
    """Who decides, and when it is decided. A named council is the whole electorate; else roles, users and groups together."""

    roles: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    """Groups that admins assign people to; however they are spelled, `group_name` is what counts."""
    council: str | None = None
    rule: Rule = Rule.ANY_ONE
    n: int = 1
    quorum: int = 0
    """How many ballots, abstentions included, an approval needs at least."""
    base: Base = Base.VOTES
    veto: frozenset[str] = frozenset()
    """Users whose single rejection ends it, and without whose vote it is not certain (but with ANY_ONE)."""
    recusal: bool = True
    """The authors, that is who proposed or edited it, do not decide."""
    at_deadline: AtDeadline = AtDeadline.EXPIRE
    escalated: bool = False
    """Its deadline has passed once: admins are asked too."""
    criteria: tuple[str, ...] = ()
    """What the work itself asks its voters to look at, beside the council's own list."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", frozenset(map(group_name, self.groups)) - {""})
        if any(len(group) > MOST_GROUP for group in self.groups):
            raise InvalidPolicy(problem=f"a group's name has at most {MOST_GROUP} characters.")
        if self.council is not None and (self.roles or self.users or self.groups):
            raise InvalidPolicy(problem="name a council, or roles, users and groups, not both.")
        if self.council is None and not (self.roles or self.users or self.groups):
            raise InvalidPolicy(problem="nobody is named.")
        if self.n < 1 or self.quorum < 0:
            raise InvalidPolicy(problem="numbers of votes are 1 or more, a quorum is 0 or more.")

    @property
    def asks_admins(self) -> bool:
        """Whether its deadline brought admins in. Never in the place of groups: only who is in one decides for it."""
        return self.escalated and not self.groups

    @property
    def audience(self) -> frozenset[str]:
        """Whom it names, one word each: `council:finance`, `role:operator`, `user:<id>`, `group:pm`.

        Once escalated also `role:admin`, or `admin/council:finance`: admins beside a council, never instead of one.
        Where it does not recuse authors, each word stands a second time with `author/` before it.
        """
        words = {f"council:{self.council}"} if self.council is not None else set[str]()
        words |= {f"role:{role}" for role in self.roles} | {f"user:{user}" for user in self.users}
        words |= {f"group:{group}" for group in self.groups}
        if self.asks_admins:
            words.add(f"admin/council:{self.council}" if self.council is not None else "role:admin")
        return frozenset(words if self.recusal else words | {f"author/{word}" for word in words})

    def to_json(self) -> dict[str, Any]:
        return {
            "roles": sorted(self.roles), "users": sorted(self.users), "council": self.council,
            "rule": self.rule.value, "n": self.n, "quorum": self.quorum, "base": self.base.value,
            "veto": sorted(self.veto), "recusal": self.recusal, "at_deadline": self.at_deadline.value,
            "escalated": self.escalated,
            # left out where there are none, so that what was stored before there were groups is spelled as it was
            **({"groups": sorted(self.groups)} if self.groups else {}),
            **({"criteria": list(self.criteria)} if self.criteria else {}),
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Policy:
        """The policy that `stored` spells; what is absent has its default, what is unknown is an error."""
        try:
            return cls(
                roles=frozenset(stored.get("roles", ())),
                users=frozenset(stored.get("users", ())),
                groups=frozenset(stored.get("groups", ())),
                council=stored.get("council"),
                rule=Rule(stored.get("rule", Rule.ANY_ONE)),
                n=int(stored.get("n", 1)),
                quorum=int(stored.get("quorum", 0)),
                base=Base(stored.get("base", Base.VOTES)),
                veto=frozenset(stored.get("veto", ())),
                recusal=bool(stored.get("recusal", True)),
                at_deadline=AtDeadline(stored.get("at_deadline", AtDeadline.EXPIRE)),
                escalated=bool(stored.get("escalated", False)),
                criteria=tuple(map(str, stored.get("criteria", ()))),
            )
        except (TypeError, ValueError) as problem:
            raise InvalidPolicy(problem=f"{problem}.") from None
