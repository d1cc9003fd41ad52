"""What a format is, and every format there is, found by its place."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import MappingProxyType

from core.deliverables import formats
from core.deliverables.content import Report
from core.deliverables.look import Look


@dataclass(frozen=True)
class Rendered:
    data: bytes = field(repr=False)
    facts: Mapping[str, int] = field(default_factory=dict)
    """What can be counted: {"pages": 31}, {"slides": 26}, {"files": 9}."""
    remarks: tuple[str, ...] = ()
    """What whoever hands it over should know, as sentences: "3 characters have no glyph in any font: …"."""
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    """Its first pages as PNG, where it has pages that can be shown."""


@dataclass(frozen=True)
class Format:
    name: str
    """Stable, lower case: what programs and paths call it."""
    title: str
    """As people call it: "PDF", "PowerPoint"."""
    file_name: str
    media_type: str
    render: Callable[[Report, Look], Rendered]
    """Pure but for the fonts it reads: the same report and look give the same figures. Opens nothing that the report
    names, no file and no address. Raises CountersignError with a sentence where it cannot."""
    order: int = 100
    """Where it stands among the others on screens."""


@cache
def find_formats() -> Mapping[str, Format]:
    """The `FORMAT` of each module of `core.deliverables.formats`, by name, in their order."""
    modules = (import_module(one.name) for one in pkgutil.iter_modules(formats.__path__, f"{formats.__name__}."))
    found: list[Format] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    by_name = {one.name: one for one in sorted(found, key=lambda one: (one.order, one.name))}
    if len(by_name) != len(found):
        raise RuntimeError("two formats have the same name")
    return MappingProxyType(by_name)
