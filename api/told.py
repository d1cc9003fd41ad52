"""Answers that the database wrote as JSON: put together as text, so that a hundred rows are not read and written again.

The models still say in the OpenAPI document what they hold, and a test reads these answers by them.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from pydantic import BaseModel


def told(rest: BaseModel, **written: str) -> Response:
    """`rest` as JSON, with these fields of it as they were `written`."""
    said = rest.model_dump_json(exclude=set(written))
    return told_json(f"{said[:-1]},{members(written)}}}")


def members(written: Mapping[str, str]) -> str:
    """Members of an object, each value JSON already."""
    return ",".join(f'"{name}":{value}' for name, value in written.items())


def told_json(text: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(text, headers=headers, media_type="application/json")
