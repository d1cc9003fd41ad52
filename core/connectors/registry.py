"""Finding systems and operations by their place, and planning by an operation's name."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from core.canonical import canonical_json, is_nested_deeper
from core.connectors.plan import Plan
from core.connectors.protocol import AnyOperation, AnySystem, ConnectorContext, Unreachable
from core.errors import InvalidInput, NotFound
from core.text import OVERRIDES

PLACE = "core.connectors"


class Connectors:
    """Every operation this installation knows.

    A connector is a module that lies directly in `core/connectors` and has a function
    `operations(context) -> Iterable[Operation]`, and `systems() -> Iterable[System]` if it needs accounts; what
    connectors share lies in `transports/` and is not looked at.
    """

    def __init__(self, context: ConnectorContext) -> None:
        self.accounts = context.accounts
        self._operations: dict[str, AnyOperation] = {}
        for module in _modules():
            for operation in module.operations(context) if hasattr(module, "operations") else ():
                self.add(operation)

    def add(self, operation: AnyOperation) -> None:
        """One that lies elsewhere, because it needs more than an account."""
        if operation.name in self._operations:
            raise RuntimeError(f"two connectors offer the operation {operation.name}")
        self._operations[operation.name] = operation

    def close(self) -> None:
        for operation in self._operations.values():
            operation.close()

    def all(self) -> Sequence[AnyOperation]:
        return sorted(self._operations.values(), key=lambda operation: operation.name)

    def operation(self, name: str) -> AnyOperation:
        try:
            return self._operations[name]
        except KeyError:
            raise NotFound(kind="operation", id=name) from None

    def plan(self, name: str, params: Mapping[str, Any]) -> Plan:
        """Checks `params` and reads what is there; InvalidInput names the field and what is wrong with it."""
        operation = self.operation(name)
        _must_be_plain(params)
        try:
            checked = operation.params.model_validate(dict(params))
        except ValidationError as refused:
            raise _in_words(operation, refused) from None
        _must_be_plain(checked.model_dump(mode="json"))  # what was JSON in a text has been read now
        plan = operation.plan(checked)
        if not is_storable(plan.to_json()):
            problem = "it answered with characters or numbers that cannot be kept."
            raise Unreachable(system=plan.account, problem=problem)
        return plan


def find_systems() -> Mapping[str, AnySystem]:
    """Every kind of outside system that accounts can be made for, by name."""
    found: dict[str, AnySystem] = {}
    for module in _modules():
        for system in module.systems() if hasattr(module, "systems") else ():
            if system.name in found:
                raise RuntimeError(f"two connectors offer the system {system.name}")
            found[system.name] = system
    return found


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(import_module(PLACE).__path__):
        if not found.ispkg:
            yield import_module(f"{PLACE}.{found.name}")


def is_storable(value: Mapping[str, Any]) -> bool:
    """Whether PostgreSQL gives it back as it was: no NUL, no half of a surrogate pair, no infinite number, and not
    nested deeper than can be shown.
    """
    if is_nested_deeper(value):
        return False
    try:
        text = canonical_json(value)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return "\\u0000" not in text


def _must_be_plain(params: Mapping[str, Any]) -> None:
    """Nothing that reads otherwise on the card than it is sent, or is kept otherwise than it was planned."""
    if not is_storable(params):
        raise InvalidInput(
            field="Parameters", problem="use plain JSON of few levels with whole characters, without NUL."
        )
    text = canonical_json(params)
    if not OVERRIDES.isdisjoint(text):
        problem = "leave out the characters that turn the direction of text: it would be read other than it is sent."
        raise InvalidInput(field="Parameters", problem=problem)


def _in_words(operation: AnyOperation, refused: ValidationError) -> InvalidInput:
    first = refused.errors(include_url=False, include_context=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    known = operation.params.model_fields.get(name)
    label = (known.title if known else None) or name or operation.title
    problem = first["msg"].removeprefix("Value error, ").rstrip(".")
    return InvalidInput(field=label, problem=f"{problem[:1].lower()}{problem[1:]}.")
