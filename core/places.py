"""What is found by its place: the one thing that each module of a package holds under an agreed name."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Any


def found_in(package: ModuleType, holder: str) -> dict[str, Any]:
    """The `holder` ("FORMAT") of each module and folder of `package`, by its `name`; those without one are passed over.

    Raises RuntimeError where two have the same name: a mistake of whoever wrote them, found at the first start.
    """
    found: dict[str, Any] = {}
    for place in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        held = getattr(import_module(place.name), holder, None)
        if held is None:
            continue
        if held.name in found:
            raise RuntimeError(f"two of {package.__name__} are called {held.name}")
        found[held.name] = held
    return found
