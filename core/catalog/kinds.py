"""Step kinds of our own beside production and iteration: each in a file of its own, found by its place."""

from __future__ import annotations

import pkgutil
from abc import ABC
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

import core
from core.catalog.problems import Problem

if TYPE_CHECKING:
    from core.catalog.automated import AutomatedWorkflow, KindStep

F = TypeVar("F", bound=BaseModel)

OF_THE_FORMAT = frozenset({"production", "iteration"})
PLACE = "steps"


class StepKind(ABC, Generic[F]):
    """What a definition may say about one kind of step; what it does when it runs lies beside it."""

    name: ClassVar[str]
    title: ClassVar[str]
    """As people call it: "Approval"."""
    fields: type[F]
    """Its own fields, beside those that every step has; unknown ones are kept."""

    def read(self, step: KindStep) -> F:
        """The step's own fields; pydantic's ValidationError where they have not this shape."""
        return self.fields.model_validate(step.model_extra or {})

    def problems(self, step: KindStep, fields: F, path: str, workflow: AutomatedWorkflow) -> Iterator[Problem]:
        """What is wrong with this step that its fields' shape does not show; `path` is the step's place."""
        yield from ()

    def input_problems(self, fields: F, given: Mapping[str, Any]) -> Mapping[str, str]:
        """What is wrong with the values that a run is to be started with, by the name of the input, as sentences."""
        return {}


AnyStepKind = StepKind[Any]


@cache
def find_kinds() -> Mapping[str, AnyStepKind]:
    """Every kind by its name: the `KIND` of each module `core.<room>.steps`, or of each module in that package."""
    found: dict[str, AnyStepKind] = {}
    for module in map(import_module, _places()):
        kind = getattr(module, "KIND", None)
        if kind is None:
            continue
        if kind.name in found or kind.name in OF_THE_FORMAT:
            raise RuntimeError(f"two kinds of step are called {kind.name}")
        found[kind.name] = kind
    return MappingProxyType(dict(sorted(found.items())))


def _places() -> Iterator[str]:
    for room in pkgutil.iter_modules(core.__path__, "core."):
        if not room.ispkg:
            continue
        for place in pkgutil.iter_modules(import_module(room.name).__path__, f"{room.name}."):
            if place.name != f"{room.name}.{PLACE}":
                continue
            yield place.name
            if place.ispkg:
                yield from (
                    one.name for one in pkgutil.iter_modules(import_module(place.name).__path__, f"{place.name}.")
                )
