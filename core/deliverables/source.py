"""What a source is, and every source there is, found by its place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.database.unit_of_work import Database
from core.deliverables import sources
from core.deliverables.content import Report
from core.deliverables.rules import SEE_ALL
from core.deliverables.words import Words
from core.files.storage import FileStore
from core.places import found_in
from core.settings import Settings

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True)
class Reading:
    """What a source reads with: one transaction in which nothing changes, on behalf of `reader`."""

    session: Session
    database: Database
    """`database.reading()` inside of `session`'s transaction joins it, so queries of other rooms see the same moment."""
    settings: Settings
    files: FileStore
    reader: Actor
    words: Words


class Source(ABC, Generic[P]):
    """One kind of thing that deliverables are made of."""

    name: ClassVar[str]
    """Stable, lower case: "project", "execution", "period"."""
    title: ClassVar[str]
    """As people choose it: "A project"."""
    params: type[P]
    """What tells one from another: {"project_id": …}; also the schema of the API."""
    readers: ClassVar[tuple[Role, ...]] = SEE_ALL
    """Who may see all there is in any package of this kind; others see those they asked for, made with their rights."""
    order: ClassVar[int] = 100

    @abstractmethod
    def subject(self, params: P) -> str:
        """What packages of the same thing are numbered by: "project:0190…", "period:2026-01-01:2026-06-30:…"."""

    @abstractmethod
    def label(self, reading: Reading, params: P) -> str:
        """What it is called now: the project's name. NotFound for whoever may not see it: it is the check of rights."""

    @abstractmethod
    def read(self, reading: Reading, params: P) -> Report:
        """The report, whole. NotFound, NotAllowed for whoever may not see it; CountersignError where it cannot be."""


AnySource = Source[Any]


@cache
def find_sources() -> Mapping[str, AnySource]:
    """The `SOURCE` of each module of `core.deliverables.sources`, by name, in their order."""
    found: dict[str, AnySource] = found_in(sources, "SOURCE")
    return MappingProxyType(dict(sorted(found.items(), key=lambda one: (one[1].order, one[0]))))
