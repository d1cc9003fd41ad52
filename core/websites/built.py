"""A built site: every file by its path, and one digest that says exactly which site it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.canonical import digest
from core.files.contents import sha256_of


@dataclass(frozen=True)
class SiteFile:
    data: bytes = field(repr=False)
    media_type: str

    @property
    def sha256(self) -> str:
        return sha256_of(self.data)


@dataclass(frozen=True)
class BuiltSite:
    files: Mapping[str, SiteFile]
    """By path below the root, as a server finds them: "index.html", "about/index.html", "assets/site.3fa2.css"."""
    notes: tuple[str, ...] = ()
    """What was changed of what was asked for, as sentences: "The accent was darkened to #8A3F06 to be readable."."""

    @property
    def digest(self) -> str:
        """SHA-256 over every path with its file's SHA-256: what a review decides on, and what is deployed."""
        return digest({path: file.sha256 for path, file in self.files.items()})

    @property
    def size(self) -> int:
        return sum(len(file.data) for file in self.files.values())
