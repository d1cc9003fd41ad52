"""What a check of a site is, and every check there is, found by its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from core.places import found_in
from core.websites import checks
from core.websites.built import BuiltSite
from core.websites.content import Site
from core.websites.rules import CheckState


@dataclass(frozen=True)
class Measured:
    state: CheckState
    evidence: str
    """One sentence with the figures it rests on: "12 pages, 3 of 148 links lead nowhere."."""
    findings: Sequence[str] = ()
    """What must be mended, each with its page: "about/: the picture team.jpg has no alternative text"."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Figures for programs: {"links": 148, "broken": 3}."""
    picture: bytes | None = field(default=None, repr=False)
    """A screenshot, PNG."""


@dataclass(frozen=True)
class CheckSubject:
    """What is looked at: the files as they were built, and, once it is published, the address where they answer."""

    site: Site
    built: BuiltSite
    address: str | None
    """Ends with a slash; None before it is deployed."""
    browser: Any = None
    """A `playwright.sync_api.Browser`, where there is one; checks that need it say *not checked* without."""
    timeout_seconds: float = 60.0
    form_address: str | None = None
    """Where contact forms are to be sent, as generation was told; a form that goes elsewhere fails."""
    delivered: Callable[[str], bool] | None = None
    """Whether a message with this mark in its text has arrived; None: nobody can tell."""
    test_key: str = ""
    """What the mark of a test message is made of: a repeat with the same key sends no second one. Empty: always another."""
    ask_outside: bool = False
    """Whether pages of others, which the site links to, may be asked if they are there."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """What the type of the site asks for, by check: `loads_fast` in seconds, `accessibility` in points of a hundred."""


@dataclass(frozen=True)
class Check:
    name: str
    """As success criteria of a type name it: "valid_html"."""
    title: str
    """As people read it: "The HTML is valid"."""
    needs: Literal["files", "address", "browser"]
    measure: Callable[[CheckSubject], Measured]
    """Raises nothing that a site could cause; what cannot be measured is *not checked*, with why."""
    order: int = 100
    uses_browser: bool = False
    """Looks with the browser where there is one, and measures less without."""
    effort: int = 1
    """Of those that look, the one with the most begins first, beside the others."""
    unit: str = ""
    """Of its threshold, as people read it; a check without one is judged by no figure."""


@cache
def find_checks() -> Mapping[str, Check]:
    """The `CHECK` of each module of `core.websites.checks`, by name, in their order."""
    found: dict[str, Check] = found_in(checks, "CHECK")
    return MappingProxyType(dict(sorted(found.items(), key=lambda one: (one[1].order, one[0]))))


def not_checked(why: str) -> Measured:
    return Measured(CheckState.NOT_CHECKED, why)
