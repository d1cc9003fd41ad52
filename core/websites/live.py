"""Which version of a site is live, and its files: remembered, bounded, and never older than half a second."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from gzip import compress
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select

from core.database.unit_of_work import Database
from core.files.storage import FileStore
from core.websites.built import SiteFile
from core.websites.tables import SiteRow, SiteVersionRow

FRESH_SECONDS = 0.5
MISSING = "404.html"
_MOST_BYTES = 64_000_000
_COMPRESSED = ("text/", "application/xml", "application/atom+xml", "application/manifest+json", "image/svg+xml")
_WORTH_BYTES = 600

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True)
class Tree:
    """One version of a site, as it is looked up."""

    version_id: UUID
    digest: str
    language: str
    files: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class LiveSite:
    site_id: UUID
    tree: Tree | None
    """None: it is not published here."""


@dataclass(frozen=True)
class Contents:
    data: bytes = field(repr=False)
    gzipped: bytes | None = field(repr=False)
    """Where it is smaller so."""
    sha256: str
    media_type: str


class Remembered(Generic[K, V]):
    """The last used values, as long as they weigh no more than `most` together. Safe to share between threads."""

    def __init__(self, most: int, weight: Callable[[V], int] = lambda _: 1) -> None:
        self._most, self._weight, self._held = most, weight, 0
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._drop(key)
            self._values[key] = value
            self._held += self._weight(value)
            while self._held > self._most and self._values:
                self._held -= self._weight(self._values.popitem(last=False)[1])

    def drop(self, key: K) -> None:
        with self._lock:
            self._drop(key)

    def _drop(self, key: K) -> None:
        if key in self._values:
            self._held -= self._weight(self._values.pop(key))


class LiveSites:
    def __init__(self, database: Database, store: FileStore) -> None:
        self._database, self._store = database, store
        self._sites: Remembered[str, tuple[float, LiveSite | None]] = Remembered(2_000)
        self._trees: Remembered[UUID, Tree] = Remembered(400)
        self._files: Remembered[str, Contents] = Remembered(
            _MOST_BYTES, lambda one: len(one.data) + len(one.gzipped or b"")
        )

    def remembered(self, slug: str) -> tuple[bool, LiveSite | None]:
        """Whether it is known without a look at the database, and what; for callers that must not wait."""
        found = self._sites.get(slug)
        if found is None or time.monotonic() - found[0] > FRESH_SECONDS:
            return False, None
        return True, found[1]

    def site(self, slug: str) -> LiveSite | None:
        known, site = self.remembered(slug)
        if known:
            return site
        at = time.monotonic()  # before the look: what is committed while we read must not count as seen
        site = self._read(slug)
        self._sites.put(slug, (at, site))
        return site

    def forget(self, slug: str) -> None:
        self._sites.drop(slug)

    def tree(self, version_id: UUID) -> Tree | None:
        found = self._trees.get(version_id)
        if found is not None:
            return found
        with self._database.reading() as session:
            row = session.get(SiteVersionRow, version_id)
            if row is None:
                return None
            tree = Tree(row.id, row.digest, str(row.content.get("language", "en")), row.tree)
        self._trees.put(version_id, tree)
        return tree

    def held(self, sha256: str, media_type: str) -> Contents | None:
        """The contents if they are in memory."""
        return self._files.get(f"{sha256}:{media_type}")

    def contents(self, sha256: str, media_type: str) -> Contents:
        found = self.held(sha256, media_type)
        if found is None:
            data = self._store.get(sha256)
            found = Contents(data, _gzipped(data, media_type), sha256, media_type)
            self._files.put(f"{sha256}:{media_type}", found)
        return found

    def serve(self, slug: str, path: str) -> SiteFile | None:
        """The file of the live version at `path` as a browser asks for it; None where there is none."""
        site = self.site(slug)
        return self.file(site.tree, path) if site and site.tree else None

    def file(self, tree: Tree, path: str) -> SiteFile | None:
        found = found_in(tree.files, path)
        if found is None or found not in tree.files:
            return None
        said = tree.files[found]
        return SiteFile(self.contents(said["sha256"], said["media_type"]).data, said["media_type"])

    def _read(self, slug: str) -> LiveSite | None:
        query = select(SiteRow.id, SiteRow.live_version_id, SiteRow.live_target).where(SiteRow.slug == slug)
        with self._database.reading() as session:
            row = session.execute(query).first()
        if row is None:
            return None
        here = row.live_version_id is not None and row.live_target == "here"
        return LiveSite(row.id, self.tree(row.live_version_id) if here else None)


def found_in(files: Mapping[str, Any], path: str) -> str | None:
    """The file that answers `path`, looked up and never opened: "about/" is "about/index.html". A path that lacks only
    its slash answers with it behind, which is no file: ask for that instead. None where there is nothing."""
    if path == "" or path.endswith("/"):
        return f"{path}index.html" if f"{path}index.html" in files else None
    if path in files:
        return path
    return f"{path}/" if f"{path}/index.html" in files else None


def _gzipped(data: bytes, media_type: str) -> bytes | None:
    if len(data) < _WORTH_BYTES or not media_type.startswith(_COMPRESSED):
        return None
    small = compress(data, 6, mtime=0)
    return small if len(small) < len(data) * 0.9 else None
