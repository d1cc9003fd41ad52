"""What a deployment target is, and every target there is, found by its place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from core.places import found_in
from core.websites import targets
from core.websites.built import BuiltSite


@dataclass(frozen=True)
class Place:
    """Where one site goes on one target."""

    slug: str
    settings: Mapping[str, Any]
    """Of the target's account: host, bucket, folder, public address; secrets among them, never shown or logged."""


@dataclass(frozen=True)
class Published:
    address: str
    """Where it answers, ending with a slash; asked for once before it is told, so it is never invented."""
    reference: str
    """What the target calls this version: a folder, an object prefix."""


class Target(ABC):
    name: ClassVar[str]
    """Stable, lower case: "here", "sftp", "s3"."""
    title: ClassVar[str]
    """As people choose it."""
    family: ClassVar[str | None]
    """Of connections: through whose accounts it goes; None where it needs none."""

    @abstractmethod
    def publish(self, place: Place, built: BuiltSite, key: str) -> Published:
        """Puts the files where they are served, the pages of the version before answering until all are there.

        `key` names this deployment: repeated with the same one after a crash, it ends as if done once. Raises errors of
        core.connectors.transports.calls, as connectors do, so that *not reached*, *refused* and *lost* are told apart.
        """

    @abstractmethod
    def differences(self, place: Place, built: BuiltSite) -> list[str]:
        """Paths where the target serves something else than `built`; empty when it is that, byte for byte."""

    @abstractmethod
    def withdraw(self, place: Place, key: str) -> None:
        """Takes the site off; once more does nothing."""


@cache
def find_targets() -> Mapping[str, type[Target]]:
    """The `TARGET` of each module of `core.websites.targets`, by name."""
    found: dict[str, type[Target]] = found_in(targets, "TARGET")
    return MappingProxyType(dict(sorted(found.items())))
