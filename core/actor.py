"""Who does something: a person, an agent, a job or the installation itself, with the roles they act under."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from core.errors import NotAllowed


class Role(StrEnum):
    USER = "user"
    OPERATOR = "operator"
    COUNCIL = "council"
    ANALYST = "analyst"
    ADMIN = "admin"


class Tier(StrEnum):
    """What a person is entitled to run; each tier includes the ones before it."""

    STARTER = "starter"
    PRO = "pro"
    SCALE = "scale"

    def includes(self, other: Tier) -> bool:
        order = list(Tier)
        return order.index(self) >= order.index(other)


class ActorKind(StrEnum):
    PERSON = "person"
    AGENT = "agent"
    JOB = "job"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """The acting identity of one request; always taken from credentials, never from a body."""

    kind: ActorKind
    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    tier: Tier = Tier.STARTER
    scopes: frozenset[str] | None = field(default=None)
    """What a token allows (propose, decide, execute, read, admin); None: no limit beyond the roles."""

    @property
    def user_id(self) -> UUID | None:
        return UUID(self.id) if self.kind is ActorKind.PERSON else None

    @property
    def key(self) -> str:
        """One for all tokens and sessions of a person or agent, and for nobody else."""
        return f"{self.kind.value}:{self.id}"

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    def must_have(self, *roles: Role, to: str) -> None:
        """Refuses unless one of `roles` is held; `to` ends the sentence "may not …"."""
        if not self.has(*roles):
            raise NotAllowed(who=self.name, what=to, needs=" or ".join(roles))


SYSTEM = Actor(kind=ActorKind.SYSTEM, id="system", name="Countersign", roles=frozenset(Role), tier=Tier.SCALE)


def job_actor(name: str) -> Actor:
    return Actor(
        kind=ActorKind.JOB, id=f"job:{name}", name=f"job {name}", roles=frozenset({Role.ADMIN}), tier=Tier.SCALE
    )
