"""Official workflows have a dot in their id, which every route that takes the id of a workflow takes as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import openapi_document
from core.actor import Actor
from core.bootstrap import Application

DOTTED = "website.create_basic_site"
_NEEDED = {
    "/analytics/groups": {"dimension": "workflow"},
    "/savings/evidence": {"figure": "estimated", "metric": "weekly_savings", "unit": "USD"},
}


def _routes() -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Path, path parameters and query of each GET that takes a workflow's id."""
    for path, item in openapi_document()["paths"].items():
        named = [one for one in item.get("get", {}).get("parameters", ()) if _is_workflow(path, one)]
        if not named:
            continue
        in_path = {one["name"]: DOTTED for one in named if one["in"] == "path"}
        in_query = {one["name"]: DOTTED for one in named if one["in"] == "query"} | _NEEDED.get(path, {})
        if path.count("{") == len(in_path):
            yield path, in_path, in_query


def _is_workflow(path: str, parameter: dict[str, Any]) -> bool:
    formatted = parameter.get("schema", {}).get("format") == "uuid"
    return not formatted and (
        parameter["name"] in ("workflow", "workflow_id", "workflow_type", "workflow_type_id")
        or (parameter["name"] == "type_id" and path.startswith("/workflow-types"))
    )


ROUTES = list(_routes())


def test_there_are_such_routes() -> None:
    paths = {path for path, _, _ in ROUTES}
    assert paths >= {"/workflow-types/{type_id}", "/workflows", "/analytics/summary", "/savings/evidence"}


@pytest.mark.parametrize(("path", "in_path", "in_query"), ROUTES, ids=[one[0] for one in ROUTES])
def test_dotted_id_is_taken(
    app: Application, admin: Actor, as_actor: Callable[..., TestClient], path: str, in_path: dict[str, str],
    in_query: dict[str, str],
) -> None:  # fmt: skip
    app.catalog.sync_official()
    answer = as_actor(admin).get(f"/api{path.format(**in_path)}", params=in_query)
    assert answer.status_code == 200, answer.text
