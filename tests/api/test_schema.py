"""The API keeps what its OpenAPI document says, for requests nobody thought of, whoever sends them (schemathesis)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Scope
from tests.api.world import World, missing, populated

SEARCHES = os.environ.get("HYPOTHESIS_PROFILE") == "search"
EXAMPLES = 20 if SEARCHES else 1
"""Of each operation, with what fits the document and with what does not, besides the document's own."""
OTHERS = ("nobody", "agent", "user", "analyst", "council", "operator")
LEFT_OUT = {
    "positive_data_acceptance": "a rule of the house refuses what fits the schema with 422, and says which",
    "max_response_time": "benchmarks measure it",
}
ENDLESS = "/events"
"""A stream of events ends when its listener goes; tests of its own listen to it."""
AT_ONCE = {"Prefer": "respond-async"}
"""Nothing works in this test: whoever waited for it would wait in vain."""


@dataclass
class Walk:
    """Every operation asked by everybody, what was done at least once, and what was not as documented."""

    world: World
    headers: Mapping[str, Mapping[str, str]]
    checks: list[Any]
    done: set[str] = field(default_factory=set)
    wrong: dict[str, str] = field(default_factory=dict)
    numbers: Any = field(default_factory=count)
    others: Any = field(default_factory=lambda: cycle(OTHERS))

    def everybody(self, case: Any) -> None:
        """The admin last: what is done then is there for the others to ask for."""
        for role in (*OTHERS, "admin"):
            self.ask(role, case)

    def some(self, case: Any) -> None:
        if SEARCHES:
            self.everybody(case)
        else:
            self.ask(next(self.others), case)
            self.ask("admin", case)

    def ask(self, role: str, case: Any) -> None:
        label, headers = case.operation.label, {**self.headers[role], **AT_ONCE}
        try:
            answer = case.call(headers=headers)
            if answer.status_code == 414:
                return  # of any address that is too long: said once, in the document's introduction
            if answer.status_code < 300:
                self.done.add(label)
            case.validate_response(answer, checks=self.checks, headers=headers)
        except FailureGroup as failures:
            for one in failures.exceptions:
                said = f"{label} as {role}: {one}\n{case.as_curl_command(headers=headers)[:1500]}"
                self.wrong.setdefault(f"{label} {type(one).__name__}", said)

    def placed(self, case: Any) -> Any:
        """`case` about what is there."""
        number = next(self.numbers)
        for name in case.path_parameters:
            place = self.world.place(case.path, name, number)
            if place is not None:
                case.path_parameters[name] = place
        return case


@pytest.fixture
def headers(
    app: Application, admin: Actor, person: Callable[..., Actor], world: World
) -> Mapping[str, Mapping[str, str]]:
    app.tokens.add_agent(admin, "scout", "Scout")

    def of(actor: Actor, scopes: frozenset[Scope], agent_id: str | None = None) -> dict[str, str]:
        token = app.tokens.issue_token(actor, label="schemathesis", scopes=scopes, agent_id=agent_id)
        return {"Authorization": f"Bearer {token}"}

    everything = frozenset(Scope)
    found = {role.value: of(person(role), everything) for role in Role if role is not Role.ADMIN}
    agent = of(admin, frozenset({Scope.READ, Scope.PROPOSE}), "scout")
    return {**found, "admin": of(admin, everything), "agent": agent, "nobody": {}}


@pytest.fixture
def world(app: Application, admin: Actor, as_actor: Callable[..., TestClient], person: Callable[..., Actor]) -> World:
    return populated(app, admin, as_actor(admin), person(Role.OPERATOR, name="Meera"))


@pytest.mark.timeout(7200 if SEARCHES else 300)
@pytest.mark.hypothesis
def test_any_request_is_answered_as_documented(
    asgi: Starlette, headers: Mapping[str, Mapping[str, str]], world: World
) -> None:
    assert set(missing(world).values()) <= {"task_id"}  # tasks come of approved cards alone
    load_all_checks()
    walk = Walk(world, headers, [one for one in CHECKS.get_all() if one.__name__ not in LEFT_OUT])
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", asgi)
    schema.config.generation.update(with_security_parameters=False)  # who calls is this test's to say
    documented: Any = schema
    operations = [found.ok() for found in documented.get_all_operations()]
    operations.sort(key=lambda one: one.method.upper() == "DELETE")  # what is gone answers no question
    asked = [one for one in operations if not one.path.endswith(ENDLESS)]
    for operation in asked:
        walk.everybody(walk.placed(_own_example(operation)))
        _attempt(operation, GenerationMode.POSITIVE, lambda case: walk.some(walk.placed(case)))
        with suppress(Unsatisfiable):  # some have nothing to be wrong with
            _attempt(operation, GenerationMode.NEGATIVE, walk.some)

    assert "\n\n".join(walk.wrong.values()) == ""
    assert len(walk.done) > len(asked) * 0.6, "most of it is refused, so little of it is tried"


def _attempt(operation: Any, mode: GenerationMode, send: Callable[[Any], None]) -> None:
    @given(case=operation.as_strategy(mode))
    @hypothesis_settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=not SEARCHES,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def sent(case: Any) -> None:
        send(case)

    sent()


def _own_example(operation: Any) -> Any:
    """What the document itself gives as an example."""
    raw = operation.definition.raw
    content = raw.get("requestBody", {}).get("content", {}).get("application/json", {})
    given = {"body": content["example"], "media_type": "application/json"} if "example" in content else {}
    parameters = operation.path_parameters
    return operation.Case(
        path_parameters={one.name: "1" for one in parameters},
        headers={one.name: "*" for one in operation.headers if one.name.lower() == "if-match"},
        **given,
    )
