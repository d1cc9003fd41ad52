"""Workflow types over HTTP: listed with what a run asks for, imported whole or not at all, exported as they came."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.identity.rules import Scope
from tests.core.catalog.test_automated import workflow
from tests.core.catalog.test_elsewhere import nested, sparse

TYPES = "/api/workflow-types"


@pytest.fixture
def importer(admin: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(admin)


def test_types_are_listed_with_what_one_may_start_and_what_a_run_asks_for(
    app: Application, admin: Actor, user: TestClient
) -> None:
    asked = {"site": {"type": "text", "required": True}}
    app.catalog.import_definitions(admin, sparse() | {"tier": "pro", "inputs": asked})

    found = {one["id"]: one for one in user.get(TYPES).json()["workflow_types"]}

    assert (found["sparse"]["kind"], found["sparse"]["entitled"], found["sparse"]["total_steps"]) == (
        "automated",
        False,
        1,
    )
    assert [(one["name"], one["type"], one["required"]) for one in found["sparse"]["inputs"]] == [
        ("site", "text", True)
    ]
    assert (found["resume_generator"]["kind"], found["resume_generator"]["entitled"]) == ("guided", True)
    assert found["resume_generator"]["inputs"] == []


def test_agent_is_entitled_to_every_tier(app: Application, admin: Actor, as_agent: Callable[..., TestClient]) -> None:
    app.catalog.import_definitions(admin, sparse() | {"tier": Tier.SCALE.value})
    assert as_agent().get(f"{TYPES}/sparse").json()["entitled"] is True


def test_import_answers_the_revision_and_export_gives_back_what_came(importer: TestClient) -> None:
    document = workflow() | {"our_own": {"deep": [1, {"b": None}]}}

    answer = importer.post(TYPES, json=document)

    assert answer.status_code == 201, answer.text
    revision = answer.json()["revisions"]["shop_review"]
    assert {one["code"] for one in answer.json()["warnings"]} == {"ROLE_NOT_FOUND", "PROMPT_NOT_FOUND"}
    exported = importer.get(f"{TYPES}/shop_review/definition")
    assert exported.json() == document and exported.headers["etag"] == f'"{revision}"'
    assert importer.post(TYPES, json=exported.json()).json()["revisions"] == {"shop_review": revision}


def test_refused_import_tells_every_problem_with_its_place_and_changes_nothing(importer: TestClient) -> None:
    document = workflow()
    document["steps"][0]["produces"], document["steps"][1]["scope"] = "moon", "sea"

    answer = importer.post(TYPES, json=document)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problems = {(one["code"], one["path"]) for one in answer.json()["problems"] if one["severity"] == "error"}
    assert problems == {("UNKNOWN_DOCUMENT_TYPE", "$.steps[0].produces"), ("UNKNOWN_SCOPE", "$.steps[1].scope")}
    assert all(one["remedy"] and one["message"] for one in answer.json()["problems"])
    assert importer.get(f"{TYPES}/shop_review").status_code == 404


def test_key_that_stands_twice_is_a_problem_and_not_lost(importer: TestClient) -> None:
    text = json.dumps(sparse())[:-1] + ', "name": "Another"}'
    answer = importer.post(TYPES, content=text, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "DUPLICATE_KEY")


def test_check_says_the_same_and_takes_in_nothing(app: Application, importer: TestClient) -> None:
    good = importer.post(f"{TYPES}/validate", json=sparse()).json()
    assert (good["valid"], good["workflow_ids"]) == (True, ["sparse"])
    bad = importer.post(f"{TYPES}/validate", json=sparse() | {"steps": []}).json()
    assert (bad["valid"], [one["code"] for one in bad["problems"]]) == (False, ["NO_STEPS"])
    assert "sparse" not in {one.workflow_id for one in app.catalog_queries.current()}


def test_forty_levels_go_in_and_come_out(importer: TestClient) -> None:
    assert importer.post(TYPES, json=nested(40)).status_code == 201
    assert importer.get(f"{TYPES}/sparse/definition").json() == nested(40)


def test_only_operators_and_admins_import_and_check(
    person: Callable[..., Actor], as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    for path in (TYPES, f"{TYPES}/validate"):
        for role in (Role.USER, Role.COUNCIL, Role.ANALYST):
            assert as_actor(person(role)).post(path, json=sparse()).status_code == 403
        assert as_actor(admin, Scope.READ, Scope.EXECUTE).post(path, json=sparse()).status_code == 403
    assert as_actor(person(Role.OPERATOR)).post(TYPES, json=sparse()).status_code == 201


def test_what_a_file_defines_is_changed_there(app: Application, importer: TestClient) -> None:
    answer = importer.post(TYPES, json=sparse() | {"workflow_id": "resume_generator"})
    assert (answer.status_code, answer.json()["code"]) == (409, "DefinedInFile")


def test_revisions_stay_readable_and_belong_to_their_workflow(importer: TestClient) -> None:
    first = importer.post(TYPES, json=sparse()).json()["revisions"]["sparse"]
    importer.post(TYPES, json=sparse() | {"name": "Better"})

    detail = importer.get(f"{TYPES}/sparse").json()

    assert {(one["title"], one["current"]) for one in detail["revisions"]} == {("Better", True), ("Sparse", False)}
    old = importer.get(f"{TYPES}/sparse/definition", params={"revision": first})
    assert old.json()["name"] == "Sparse"
    assert importer.get(f"{TYPES}/resume_generator/definition", params={"revision": first}).status_code == 404
    assert importer.get(f"{TYPES}/sparse/definition", params={"revision": "0" * 64}).status_code == 404


def test_what_one_has_already_is_not_sent_again(importer: TestClient) -> None:
    importer.post(TYPES, json=sparse())
    for path in (TYPES, f"{TYPES}/sparse", f"{TYPES}/sparse/definition"):
        tag = importer.get(path).headers["etag"]
        again = importer.get(path, headers={"if-none-match": f'"other", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert importer.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_schema_is_published(user: TestClient) -> None:
    schema: dict[str, Any] = user.get(f"{TYPES}/schema").json()
    assert schema["$schema"].endswith("2020-12/schema") and "steps" in schema["required"]
