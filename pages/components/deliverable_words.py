"""Packages in words: their states, what they are made of, what is in a file."""

from __future__ import annotations

from collections.abc import Mapping

from core.deliverables.format import find_formats
from core.deliverables.queries import PackageRow
from core.deliverables.rules import PackageState
from core.deliverables.source import find_sources
from pages.components.status import Colour
from pages.components.words import count

_STATES: Mapping[PackageState, tuple[str, Colour]] = {
    PackageState.WAITING: ("Waits for a worker", "gray"),
    PackageState.READING: ("Being read", "blue"),
    PackageState.RENDERING: ("Being made", "blue"),
    PackageState.DONE: ("Ready", "green"),
    PackageState.FAILED: ("Not made", "red"),
}


def package_state(state: PackageState) -> tuple[str, Colour]:
    """(word, colour)."""
    return _STATES[state]


def package_name(row: PackageRow) -> str:
    """What it is made of, and which of them it is."""
    return f"{row.label}, number {row.number}" if row.number else row.label


def format_titles(names: tuple[str, ...]) -> str:
    formats = find_formats()
    return ", ".join(formats[name].title if name in formats else name for name in names)


def source_title(name: str) -> str:
    sources = find_sources()
    return sources[name].title if name in sources else name


def size_words(size: int) -> str:
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1_000_000:,.1f} MB" if size >= 1_000_000 else f"{size / 1_000:,.0f} kB"


def facts_words(facts: Mapping[str, int]) -> str:
    """`{"pages": 31}` is “31 pages”, `{"slides": 1}` “1 slide”."""
    return " · ".join(count(number, noun.removesuffix("s"), noun) for noun, number in facts.items())
