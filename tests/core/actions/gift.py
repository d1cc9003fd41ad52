"""An operation that does what a test says: succeeds, refuses, is lost, drifts, or dies with its worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from core.connectors.plan import Change, DriftFound, Effect, Plan, Receipt, confirmed, rejected
from core.connectors.protocol import Operation, Undoing, Unreachable


class WorkerDied(BaseException):
    """Ends the handler at once, as SIGKILL does: nothing after it runs."""


class GiftParams(BaseModel):
    what: str = Field(title="What")


@dataclass
class World:
    """What the outside system holds, and what befalls the next calls."""

    weather: str = "fair"
    given: list[str] = field(default_factory=list)
    """The key of every gift that was really given."""
    next_answers: list[Callable[[str], Receipt]] = field(default_factory=list)
    """What happens instead of simply giving, one call after the other."""
    found_absent: list[str] = field(default_factory=list)
    """The key of every gift that reading back said was not given, as often as it said so."""
    sees: bool = True
    """Whether reading back is possible."""
    reachable: bool = True
    before_call: Callable[[Plan, str], None] = lambda plan, key: None


class Gift(Operation[GiftParams]):
    name = "gift"
    title = "Give a gift"
    channel = "email"
    effect = Effect.IRREVERSIBLE
    params = GiftParams
    repeatable = False

    def __init__(self, world: World) -> None:
        self.world = world

    def plan(self, params: GiftParams) -> Plan:
        return Plan(
            operation=self.name, account="the test", summary=f"Give {params.what}", request=params.model_dump(),
            changes=(Change("what", "Gift", None, params.what),), preconditions={"weather": self.world.weather},
        )  # fmt: skip

    def drift(self, plan: Plan) -> DriftFound | None:
        if not self.world.reachable:
            raise Unreachable(system="The test", problem="it is away.")
        planned, now = plan.preconditions["weather"], self.world.weather
        return None if planned == now else DriftFound((Change("weather", "Weather", planned, now),))

    def execute(self, plan: Plan, key: str) -> Receipt:
        self.world.before_call(plan, key)
        if self.world.next_answers:
            return self.world.next_answers.pop(0)(key)
        return self.give(key)

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        if not self.world.sees:
            return None
        if key in self.world.given:
            return confirmed("Given.", reference=key)
        self.world.found_absent.append(key)
        return rejected("Not given.")

    def give(self, key: str) -> Receipt:
        self.world.given.append(key)
        return confirmed("Given.", reference=key)


class Returnable(Gift):
    """A gift that can be taken back."""

    def undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        return Undoing("gift", {"what": f"back: {plan.request['what']}"})
