"""The tools, one subject a file, found by their place: each module has `TOOLS`."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from api.mcp.tool import Tool


@cache
def find_tools() -> Mapping[str, Tool]:
    """Every tool by its name, in the order in which an agent is told of them."""
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found: dict[str, Tool] = {}
    for tool in (tool for module in sorted(modules, key=lambda one: one.ORDER) for tool in module.TOOLS):
        if tool.name in found:
            raise RuntimeError(f"two tools are called {tool.name}")
        found[tool.name] = tool
    return found
