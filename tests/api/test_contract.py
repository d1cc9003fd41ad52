"""What clients are generated from: names that stay, words and examples for everything, and no refusal left unsaid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.app import openapi_document as document
from api.docs import TAGS

SNAPSHOT = Path(__file__).with_name("contract.txt")
OPEN = {"health", "live", "ready", "read_hook", "answer_hook"}
"""For anybody: what they may see or do is in the address, or nobody's secret."""


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, found in document()["paths"].items()
        for method, operation in found.items()
    }


def test_route_that_was_published_is_still_there_by_its_name() -> None:
    """Whoever renames or removes one edits contract.txt, and says so in the change log; new ones are added to it."""
    there = sorted(f"{where} {operation['operationId']}" for where, operation in operations().items())

    assert there == SNAPSHOT.read_text().splitlines()


def test_names_of_operations_are_unique() -> None:
    names = [operation["operationId"] for operation in operations().values()]

    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name.islower() for name in names)


@pytest.mark.parametrize("where", sorted(operations()))
def test_operation_says_everything_a_client_needs(where: str) -> None:
    operation = operations()[where]
    known = {tag["name"] for tag in TAGS}

    assert operation["summary"]
    assert set(operation["tags"]) <= known
    assert all(one["description"] for one in operation.get("parameters", ())), "a parameter says nothing of itself"
    assert "default" not in operation["responses"]
    assert {"400", "500"} <= set(operation["responses"])
    for status, response in operation["responses"].items():
        assert response["description"] not in ("", "Successful Response", "Validation Error")
        if status.startswith(("4", "5")) and status != "503":
            assert list(response["content"]) == ["application/problem+json"]
            assert "`" in response["description"], "no code is named"
    if operation["operationId"] not in OPEN:
        assert operation["security"] == [{"Bearer token": [operation["x-scope"]]}]
        assert {"401", "403", "429"} <= set(operation["responses"])


@pytest.mark.parametrize("where", sorted(operations()))
def test_examples_keep_their_schemas(where: str) -> None:
    operation = operations()[where]
    answers = [one for status, one in operation["responses"].items() if status.startswith("2")]
    for holder in (operation.get("requestBody", {}), *answers):
        content = holder.get("content", {}).get("application/json")
        if content is None or "schema" not in content or "text/event-stream" in holder["content"]:
            continue
        assert "example" in content or "examples" in content
        schema = {**content["schema"], "components": document()["components"]}
        if "example" in content:
            assert not [one.message for one in Draft202012Validator(schema).iter_errors(content["example"])]


def test_every_list_is_bounded() -> None:
    """A list that grows with use has `limit`; these do not grow, or are one thing with its parts."""
    whole = {
        "list_systems", "list_jobs", "list_package_sources", "list_package_formats", "list_groups",
        "list_audit_events", "list_webhooks", "list_workflow_types", "list_site_versions",
    }  # fmt: skip
    for where, operation in operations().items():
        if not operation["operationId"].startswith("list_") or operation["operationId"] in whole:
            continue
        limits = [one for one in operation["parameters"] if one["name"] == "limit"]
        assert limits and limits[0]["schema"]["maximum"] <= 1000, where


def test_edit_of_what_has_a_version_takes_if_match_and_says_what_it_answers() -> None:
    for where, operation in operations().items():
        names = {one["name"].lower() for one in operation.get("parameters", ())}
        if "if-match" in names:
            assert "412" in operation["responses"], where
            for status in [one for one in operation["responses"] if one.startswith("2") and one != "204"]:
                assert "ETag" in operation["responses"][status]["headers"], where
        if "if-none-match" in names:
            assert "304" in operation["responses"], where


def test_document_is_well_formed() -> None:
    text = json.dumps(document())
    for name in ("schemas", "examples", "headers"):
        wanted = {part.split('"')[0] for part in text.split(f"#/components/{name}/")[1:]}
        assert wanted <= set(document()["components"][name])
    assert document()["openapi"].startswith("3.1")


def test_schemas_have_names_of_their_own() -> None:
    """Two models of one name get their modules' paths in theirs, which no client should have to write."""
    assert [name for name in document()["components"]["schemas"] if "__" in name] == []
