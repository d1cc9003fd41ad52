"""A request is compared with the routes that can be meant, and each of them is still found."""

from __future__ import annotations

from starlette.routing import Match, Route
from starlette.types import Scope

from api.app import create_fastapi, openapi_document
from api.branches import Branch


def _asked(path: str) -> Scope:
    return {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": [], "query_string": b""}


def test_each_route_is_found_below_what_it_begins_with() -> None:
    api = create_fastapi(lambda: None)  # type: ignore[arg-type, return-value]
    addresses = [path.replace("{", "").replace("}", "") for path in openapi_document()["paths"]]
    assert len(addresses) > 150
    for address in addresses:
        assert any(route.matches(_asked(address))[0] is not Match.NONE for route in api.router.routes), address
    for nowhere in ("/", "/workflow", "/workflowsx", "//workflows", "/api/workflows"):
        assert not any(route.matches(_asked(nowhere))[0] is Match.FULL for route in api.router.routes), nowhere


def test_branch_that_begins_with_anything_looks_at_everything() -> None:
    branch = Branch([Route("/{anything}", lambda request: None), Route("/fixed", lambda request: None)])
    assert branch._anything
    assert not Branch([Route("/fixed/{one}", lambda request: None)])._anything
