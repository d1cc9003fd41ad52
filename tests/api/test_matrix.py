"""Every route, asked by every kind of caller, about things of nobody's, their own and somebody else's (R4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Scope
from tests.api.rules import ANYBODY, RULES, SIGNED_IN
from tests.api.test_contract import operations
from tests.api.world import World

STREAMS = frozenset({"watch_action", "watch_execution", "watch_inbox"})
"""They end when their watcher goes; tests of their own ask who may."""
_PLACES = {"kind": "role", "job": "verify_audit", "council_id": "finance", "rule": "waiting_decisions"}
_QUERIES = {
    "workflow_id": "resume_generator", "figure": "measured", "metric": "revenue", "unit": "USD",
    "dimension": "workflow",
}  # fmt: skip


def ask(caller: TestClient, where: str, operation: dict[str, Any], about: object = None) -> Any:
    """`where` with the example of its body, about one thing, what a world has, or something that is not there."""
    method, path = where.split(" ")
    for one in operation.get("parameters", ()):
        if one["in"] == "path":
            held = about.place(where.split(" ")[1], one["name"], 0) if isinstance(about, World) else None
            path = path.replace(f"{{{one['name']}}}", str(held or _place(one, about)))
    content = operation.get("requestBody", {}).get("content", {})
    given: dict[str, Any] = {}
    if "application/json" in content:
        given["json"] = content["application/json"].get("example", {})
    elif "multipart/form-data" in content:
        given["files"] = {"file": ("a.txt", b"text"), "files": ("a.txt", b"text")}
    asked = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    query = {name: _QUERIES.get(name, "1") for name in asked}
    return caller.request(method, f"/api{path}", params=query, headers={"if-match": "*"}, **given)


def _place(parameter: dict[str, Any], identity: object) -> object:
    schema = parameter["schema"]
    if schema.get("type") == "integer":
        return 1
    if schema.get("format") == "uuid":
        return identity or uuid4()
    return _PLACES.get(parameter["name"], "nothing-of-it")


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    assert {one["operationId"] for one in operations().values()} == set(RULES)


@pytest.mark.timeout(300)
def test_role_that_no_rule_names_is_refused_and_any_other_is_not(callers: Mapping[str, TestClient]) -> None:
    """What is not there may be said not to be there before anybody asks for the role; nothing else goes before that."""
    wrong = []
    for where, operation in operations().items():
        if operation["operationId"] in STREAMS:
            continue
        for name, caller in callers.items():
            answer = ask(caller, where, operation)
            may = name in RULES[operation["operationId"]]
            refused = answer.status_code in (401, 403)
            hidden = answer.status_code == 404 and "{" in where
            if (may and refused) or (not may and not refused and not hidden) or answer.status_code in (500, 405):
                wrong.append(f"{where}: {name} {answer.status_code} {answer.text[:120]}")
    assert "\n".join(one for one in wrong if not _by_what_they_hold(one)) == ""


def _by_what_they_hold(told: str) -> bool:
    """Tiers and run owners are asked after the role, and refuse in their own words."""
    words = ("TierTooLow", "NotYourRun", "GET /health/ready", "may not state what a run saves")
    return any(one in told for one in words)


def test_nobody_is_anybody_only_where_the_document_says_so() -> None:
    for operation in operations().values():
        assert bool(operation.get("security")) == (RULES[operation["operationId"]] != ANYBODY), operation["operationId"]


def test_agent_may_nothing_that_decides_executes_or_administers() -> None:
    for operation in operations().values():
        if operation.get("x-scope") in {Scope.DECIDE, Scope.EXECUTE, Scope.ADMIN}:
            assert "agent" not in RULES[operation["operationId"]], operation["operationId"]


def test_run_of_somebody_else_is_there_for_overseers_and_for_nobody_else(
    app: Application,
    person: Callable[..., Actor],
    callers: Mapping[str, TestClient],
    as_actor: Callable[..., TestClient],
) -> None:
    owner = person(Role.USER, name="Ravi")
    run = app.executions.start(owner, "resume_generator")
    mine = as_actor(owner)
    reads = {"read_execution": "execution_id", "read_workflow": "workflow_id", "list_workflow_gates": "workflow_id"}
    for where, operation in operations().items():
        name = operation["operationId"]
        if ("{execution_id}" not in where and "{workflow_id}" not in where) or name in STREAMS:
            continue
        for who in sorted(SIGNED_IN - {"operator", "council", "analyst", "admin"}):
            answer = ask(callers[who], where, operation, run)
            assert answer.status_code in (403, 404), (where, who, answer.text)
            assert answer.status_code == 404 or "token" in answer.text or who in answer.text or name in _FOR_ROLES, (
                where
            )
        if name in reads:
            assert ask(mine, where, operation, run).status_code == 200, where
            for who in ("operator", "council", "analyst", "admin"):
                walks = name != "read_execution" or who in ("operator", "admin")
                assert ask(callers[who], where, operation, run).status_code == (200 if walks else 404), (where, who)


_FOR_ROLES = frozenset({"list_workflow_calls"})


def test_outcome_scenario_and_card_of_somebody_else_are_not_there_or_not_theirs(
    app: Application, person: Callable[..., Actor], callers: Mapping[str, TestClient], admin: Actor
) -> None:
    owner = person(Role.USER, name="Ravi")
    run = app.executions.start(owner, "resume_generator")
    outcome = app.outcomes.log(owner, run, metric_type="time_saved", value=30, unit="minutes")  # type: ignore[arg-type]
    found: dict[str, UUID] = {"{outcome_id}": outcome}
    for where, operation in operations().items():
        for part, identity in found.items():
            if part in where:
                answer = ask(callers["user"], where, operation, identity)
                assert answer.status_code in (403, 404), (where, answer.text)
                assert str(identity) not in answer.text or answer.status_code == 404


def test_what_admins_keep_is_changed_by_admins_alone(
    app: Application, admin: Actor, callers: Mapping[str, TestClient]
) -> None:
    theme = callers["admin"].post("/api/themes", json={"title": "Meridian", "house": "Meridian"}).json()["id"]
    hook = callers["admin"].post(
        "/api/webhooks", json={"url": "https://example.com/hook", "events": ["action.executed"]}
    )
    somebody = app.identity_queries.people(limit=1)[0][0].user.id
    things = {"{theme_id}": theme, "{user_id}": somebody, "{webhook_id}": hook.json().get("id", theme)}
    for where, operation in operations().items():
        for part, identity in things.items():
            if part in where and not where.startswith("GET"):
                for who in sorted(ANYBODY - {"admin"}):
                    answer = ask(callers[who], where, operation, identity)
                    assert answer.status_code in (401, 403), (where, who, answer.text)
    assert callers["admin"].get(f"/api/themes/{theme}").json()["version"] == 1
