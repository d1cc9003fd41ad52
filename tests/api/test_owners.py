"""Everything that has an owner, asked for by everybody else: what is not theirs to see is not there (R4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from tests.api.rules import KEPT, RULES, SEERS
from tests.api.test_contract import operations
from tests.api.test_matrix import STREAMS, ask
from tests.api.world import World, populated

HIDDEN = frozenset({401, 403, 404})


@pytest.fixture
def world(app: Application, admin: Actor, person: Callable[..., Actor], callers: Mapping[str, TestClient]) -> World:
    """Things of an operator whom none of the callers is, and of the admin who is one of them."""
    return populated(app, admin, callers["admin"], person(Role.OPERATOR, name="Olga"))


def of_somebody() -> Iterator[tuple[str, dict[str, Any]]]:
    for where, operation in operations().items():
        if "{" in where and operation["operationId"] not in STREAMS:
            yield where, operation


def test_every_address_of_a_thing_says_who_may_see_it() -> None:
    things = {where.split("/")[1] for where, _ in of_somebody()}
    assert things == {*SEERS, *KEPT}
    assert not KEPT & set(SEERS)


@pytest.mark.timeout(300)
def test_what_is_somebody_elses_is_not_there_for_whom_no_rule_names(
    world: World, callers: Mapping[str, TestClient]
) -> None:
    """Reading first, so that nothing is decided or removed by then; and only refusals are expected of what changes."""
    wrong = []
    for where, operation in sorted(of_somebody(), key=lambda one: not one[0].startswith("GET ")):
        method, path = where.split(" ")
        thing = path.split("/")[1]
        may = RULES[operation["operationId"]] & SEERS.get(thing, RULES[operation["operationId"]])
        for who, caller in callers.items():
            if method != "GET" and who in may:
                continue
            answer = ask(caller, where, operation, world)
            if (answer.status_code not in HIDDEN) != (who in may):
                wrong.append(f"{where}: {who} {answer.status_code} {answer.text[:100]}")
    assert "\n".join(wrong) == ""
