"""One thing that an agent can do over MCP: what it takes and answers, the scope it needs, and how it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel

from core.actor import Actor
from core.bootstrap import Application
from core.errors import CountersignError
from core.identity.rules import Scope

T = TypeVar("T")


class TokenWithoutScope(CountersignError):
    """This token lacks the scope {scope}. Ask an admin for one that has it; nothing was changed."""

    http_status = 403


class TokenGone(CountersignError):
    """This token is unknown, expired or revoked by now. Ask an admin for another; nothing was changed."""

    http_status = 401


Progress = Callable[[float, float, str], Awaitable[None]]


@dataclass(frozen=True)
class Call:
    """One call: for whom it is, and how it reaches the services without holding up the process."""

    app: Application
    actor: Actor
    token: str
    address: str
    limiter: CapacityLimiter
    """Of all calls over MCP together."""
    own: CapacityLimiter
    """Of this caller's: fewer, so that one whose calls are slow leaves threads to the others."""
    progress: Progress
    """`await progress(done, of, words)` tells a client that asked for it."""

    async def do(self, act: Callable[..., T], *arguments: Any) -> T:
        """Runs what talks to the database in a thread, of which MCP has only a few."""
        async with self.own:
            return await to_thread.run_sync(act, *arguments, limiter=self.limiter)

    async def renewed(self) -> Call:
        """The same with the rights of this moment, for whoever waited; TokenGone if there are none left."""
        actor = await self.do(self.app.identity_queries.actor_of_token, self.token, self.address)
        if actor is None:
            raise TokenGone()
        return replace(self, actor=actor)


def must_hold(actor: Actor, scope: Scope) -> None:
    if not holds(actor, scope):
        raise TokenWithoutScope(scope=scope.value)


def holds(actor: Actor, scope: Scope) -> bool:
    return actor.scopes is None or scope in actor.scopes


@dataclass(frozen=True)
class Tool:
    """`act` gets the call and what was asked, checked; it runs in a thread, unless it is `waiting`."""

    name: str
    title: str
    description: str
    """For a model that chooses: what it is for, when to use it, what comes next."""
    scope: Scope
    asks: type[BaseModel]
    answers: type[BaseModel]
    act: Callable[[Call, Any], BaseModel] | None = None
    waiting: Callable[[Call, Any], Awaitable[BaseModel]] | None = None
    changes: bool = False
    """Whether anything is different afterwards."""
    input_schema: dict[str, Any] = field(init=False, compare=False)
    output_schema: dict[str, Any] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "input_schema", self.asks.model_json_schema())
        object.__setattr__(self, "output_schema", self.answers.model_json_schema(mode="serialization"))

    async def run(self, call: Call, given: dict[str, Any]) -> BaseModel:
        """Refuses what the token does not allow before it looks at anything else."""
        must_hold(call.actor, self.scope)
        asked = self.asks.model_validate(given)
        if self.waiting is not None:
            return await self.waiting(call, asked)
        assert self.act is not None
        return await call.do(self.act, call, asked)
