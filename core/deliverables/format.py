"""What a format is, and every format there is, found by its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from core.deliverables import formats
from core.deliverables.content import Report
from core.deliverables.look import Look
from core.places import found_in


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
    found: dict[str, Format] = found_in(formats, "FORMAT")
    return MappingProxyType(dict(sorted(found.items(), key=lambda one: (one[1].order, one[0]))))
