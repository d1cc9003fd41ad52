"""A document type's schema is a stranger's: checking by it asks nobody outside, holds nobody up, and comes to an end."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from core.catalog.json_schemas import schema_problems
from core.catalog.schema_fit import Unfinished, misfits

_BRANCHING = {
    "$defs": {
        "n": {
            "anyOf": [
                {"properties": {"c": {"$ref": "#/$defs/n"}, "z": False}},
                {"properties": {"c": {"$ref": "#/$defs/n"}, "y": False}},
            ]
        }
    },
    "$ref": "#/$defs/n",
}


def words(schema: dict[str, Any], value: Any) -> list[str]:
    return [one.message for one in misfits(schema, value)]


def test_schema_never_reaches_for_the_network_or_the_disk(tmp_path: Path) -> None:
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    file = tmp_path / "secret.json"
    file.write_text('{"const": "secret"}')
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for reference in (f"http://127.0.0.1:{server.server_port}/inside", file.as_uri()):
            schema = {"properties": {"default": {"$ref": reference}}}  # a property that is called like a keyword
            assert [one.code for one in schema_problems(schema, "$")] == ["INVALID_JSON_SCHEMA"]
            with pytest.raises(Unfinished):
                words(schema, {"default": 1})
        server.shutdown()
    assert asked == []


def test_pattern_that_never_ends_is_given_up() -> None:
    with pytest.raises(Unfinished):
        words({"pattern": r"^(a|aa)+(b|bb)+\1$"}, "a" * 200 + "b" * 200 + "!")
    assert words({"pattern": "^(a+)+$"}, "a" * 5_000 + "!") != []


def test_branches_that_double_at_every_level_are_given_up() -> None:
    value: dict[str, Any] = {"z": 1, "y": 1}
    for _ in range(40):
        value = {"c": value}
    assert list(schema_problems(_BRANCHING, "$")) == []
    with pytest.raises(Unfinished):
        words(_BRANCHING, value)


def test_schema_that_doubles_at_every_reference_is_refused() -> None:
    chain = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}
    schema = {"$defs": {**chain, "a40": {"type": "string"}}, "$ref": "#/$defs/a0"}
    assert [one.code for one in schema_problems(schema, "$")] == ["INVALID_JSON_SCHEMA"]


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": 5},
        {"$ref": "#/title", "title": "no schema"},
        {"properties": {"enum": {"$ref": "#/$defs/nowhere"}}},
        {"patternProperties": {"^x": {}}, "unevaluatedProperties": False},
    ],
)
def test_schema_that_cannot_be_relied_on_is_refused(schema: dict[str, Any]) -> None:
    assert [one.code for one in schema_problems(schema, "$")] == ["INVALID_JSON_SCHEMA"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^a+$"}, "aaa"), ({"pattern": "^a+$"}, "b"), ({"pattern": "^a+$"}, 5),
        ({"patternProperties": {"^x": {"type": "integer"}}}, {"x1": 1, "y": "free"}),
        ({"patternProperties": {"^x": {"type": "integer"}}}, {"x1": "no"}),
        ({"patternProperties": {"^x": {}}, "additionalProperties": False}, {"x1": 1, "y": 2}),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}, {"a": 1, "b": 2, "c": "c"}),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1}),
        ({"uniqueItems": True}, [1, 1.0]), ({"uniqueItems": True}, [1, True, "1", [1], [True], {"a": 1}, {"a": True}]),
        ({"uniqueItems": True}, [{"a": 1, "b": 2}, {"b": 2, "a": 1}]), ({"uniqueItems": False}, [1, 1]),
        ({"$defs": {"t": {"type": "string"}}, "items": {"$ref": "#/$defs/t"}}, ["a", 1]),
    ],
)  # fmt: skip
def test_everything_else_is_judged_as_the_library_does(schema: dict[str, Any], value: Any) -> None:
    ours = [(list(one.absolute_path), one.validator) for one in misfits(schema, value)]
    assert ours == [(list(one.absolute_path), one.validator) for one in Draft202012Validator(schema).iter_errors(value)]
