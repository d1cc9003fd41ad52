"""From the OpenAPI document to two modules of the Python client: its types, and a method for each operation.

The types are made by datamodel-code-generator, the methods here; `ruff format` writes both down in the house's manner.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.app import openapi_document
from core.settings import ROOT

PACKAGE = ROOT / "clients" / "python" / "countersign_client"
_METHODS = ("get", "post", "put", "patch", "delete")
_SIMPLE = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}
_GIVEN = {"uuid": "UUID | str", "date-time": "datetime | str", "date": "date | str", "decimal": "Decimal | str"}
_UNSAID = frozenset({"if-none-match", "last-event-id"})
"""Headers that the client sees to itself."""


def write(folder: Path = PACKAGE) -> tuple[Path, Path]:
    """Writes `models.py` and `operations.py` into `folder`; answers their paths."""
    made = openapi_document()
    models, operations = folder / "models.py", folder / "operations.py"
    models.write_text(_models(made), encoding="utf-8")
    operations.write_text(_operations(made), encoding="utf-8")
    for command in (["check", "--fix", "--exit-zero", "--select", "F401,I"], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--silent", "--config", str(ROOT / "pyproject.toml")]
        subprocess.run([*ruff, str(models), str(operations)], check=True)
    return models, operations


# -- types ---------------------------------------------------------------------------------------------------------


def _models(made: Mapping[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "openapi.json", Path(folder) / "models.py"
        given.write_text(json.dumps(made), encoding="utf-8")
        command = [
            sys.executable, "-m", "datamodel_code_generator", "--input", str(given), "--input-file-type", "openapi",
            "--output", str(out), "--output-model-type", "typing.TypedDict", "--target-python-version", "3.11",
            "--use-standard-collections", "--use-union-operator", "--disable-timestamp",
            "--enum-field-as-literal", "all", "--formatters", "builtin",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        text = out.read_text(encoding="utf-8")
    text = re.sub(r"\A(#.*\n)+", "", text)
    text = text.replace("from decimal import Decimal\n", "").replace("Decimal", "str")  # as JSON carries it
    text = re.sub(r",\s*closed=True", "", text).replace("from typing_extensions import TypedDict\n", "")
    ours = "from typing import Any, Literal, NotRequired, TypeAlias, TypedDict"
    text = re.sub(r"^from typing import .*$", ours, text, flags=re.M)
    return (
        f'"""What the API takes and answers. Made by `python -m clients`; change the API instead."""\n\n{text.lstrip()}'
    )


# -- methods -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Parameter:
    name: str
    """As the API calls it."""
    where: str
    type: str
    required: bool

    @property
    def variable(self) -> str:
        name = re.sub(r"\W", "_", self.name).lower()
        return f"{name}_" if name in {"from", "in", "is", "type", "id"} else name


def _operations(made: Mapping[str, Any]) -> str:
    methods = "\n".join(
        _method(path, method, operation)
        for path, operations in made["paths"].items()
        for method, operation in operations.items()
        if method in _METHODS
    )
    return f'''"""A method for each operation of the API. Made by `python -m clients`; change the API instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, cast
from uuid import UUID

from countersign_client import models
from countersign_client.transport import Event, Transport


class Operations(Transport):
    """Every operation under its operationId; what is not given is not sent."""

{methods}
'''


def _method(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parameters = [_parameter(one) for one in operation.get("parameters", ()) if one["name"].lower() not in _UNSAID]
    body = _body(operation)
    signature = ["self", *(f"{one.variable}: {one.type}" for one in parameters if one.where == "path")]
    signature += [f"body: {body[1]}"] if body else []
    named = [one for one in parameters if one.where != "path"]
    signature += ["*"] if named or (body and body[0] == "multipart") else []
    signature += [f"{one.variable}: {one.type}" + ("" if one.required else " | None = None") for one in named]
    if body and body[0] == "multipart":
        signature.append("files: Sequence[tuple[str, tuple[str, bytes]]] = ()")
    answer = _answer(operation)
    sent = [f'"{method.upper()}"', f'self.address("{path}"' + "".join(
        f", {one.variable}" for one in parameters if one.where == "path"
    ) + ")"]  # fmt: skip
    for where, word in (("query", "query"), ("header", "headers")):
        given = [f'"{one.name}": {one.variable}' for one in named if one.where == where]
        sent += [f"{word}={{{', '.join(given)}}}"] if given else []
    if body:
        sent += ["data=body, files=files"] if body[0] == "multipart" else ["body=body"]
    said = " ".join(str(operation["summary"]).split()).replace('"""', "")
    return f'''    def {operation["operationId"]}({", ".join(signature)}) -> {answer}:
        """{said}."""
        {_call(answer, ", ".join(sent))}
'''


def _call(answer: str, sent: str) -> str:
    if answer == "Iterator[Event]":
        return f"return self.events({sent})"
    if answer == "bytes":
        return f"return self.fetch({sent})"
    if answer == "None":
        return f"self.call({sent})"
    return f"return cast({answer!r}, self.call({sent}))"


def _parameter(one: Mapping[str, Any]) -> _Parameter:
    return _Parameter(one["name"], one["in"], _type(one["schema"]), bool(one.get("required")))


def _type(schema: Mapping[str, Any]) -> str:
    """What a caller may give for a parameter of this schema."""
    options = [option for option in schema.get("anyOf", (schema,)) if option.get("type") != "null"]
    return " | ".join(dict.fromkeys(found for option in options for found in _plain(option).split(" | ")))


def _plain(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return f"models.{_name(schema)}"
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if schema.get("type") == "array":
        return f"Sequence[{_plain(schema['items'])}]"
    return _GIVEN.get(schema.get("format", "")) or _SIMPLE.get(schema.get("type", ""), "Any")


def _name(schema: Mapping[str, Any]) -> str:
    """The type's name, as the generator of types makes it."""
    name = str(schema["$ref"].rpartition("/")[2])
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name)) if "_" in name else name


def _body(operation: Mapping[str, Any]) -> tuple[str, str] | None:
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return "multipart", "Mapping[str, Any]"
    if "application/json" not in content:
        return None
    schema = content["application/json"]["schema"]
    options = [option for option in schema.get("anyOf", (schema,)) if option.get("type") != "null"]
    named = " | ".join(f"models.{_name(option)}" if "$ref" in option else "Mapping[str, Any]" for option in options)
    return "json", named if len(options) == len(schema.get("anyOf", (schema,))) else f"{named} | None = None"


def _answer(operation: Mapping[str, Any]) -> str:
    good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    found = list(dict.fromkeys(kind for answer in good for kind in _answers(answer)))
    if "Iterator[Event]" in found or "bytes" in found:
        return next(one for one in found if one in {"Iterator[Event]", "bytes"})
    return " | ".join(found) if found else "None"


def _answers(answer: Mapping[str, Any]) -> Iterator[str]:
    for kind, content in answer.get("content", {}).items():
        schema = content.get("schema", {})
        if kind == "text/event-stream":
            yield "Iterator[Event]"
        elif kind != "application/json":
            yield "bytes"
        elif "$ref" in schema:
            yield f"models.{_name(schema)}"
        elif schema.get("type") == "array" and "$ref" in schema.get("items", {}):
            yield f"list[models.{_name(schema['items'])}]"
        else:
            yield "dict[str, Any]"
