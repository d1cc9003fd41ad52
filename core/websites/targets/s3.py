"""A bucket that its store serves as a website: what pages need first, then the pages, then what nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterable

from core.connectors.transports.bucket import Bucket, md5_of
from core.connectors.transports.calls import Missing
from core.connectors.transports.hosting_systems import S3_FAMILY
from core.websites.built import BuiltSite, SiteFile
from core.websites.target import Place, Published, Target

_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=0, must-revalidate"


class S3(Target):
    name = "s3"
    title = "Website bucket (S3)"
    family = S3_FAMILY

    def publish(self, place: Place, built: BuiltSite, key: str) -> Published:
        """A bucket has no rename for many objects, so the order does it: files that are named by their content first,
        then pages, the first page last. Killed before the pages, everything answers as before; among them, each page is
        whole, because files of both versions are there. Repeated, only what differs is sent.
        """
        bucket, prefix = _bucket(place), _prefix(place)
        there = bucket.tags(prefix)
        for path, file in _in_order(built):
            if there.get(prefix + path) != md5_of(file.data):
                bucket.put(prefix + path, file.data, media_type=file.media_type, cache=_cache(path))
        for found in there:
            path = found.removeprefix(prefix)
            # Assets stay: pages that browsers and caches hold still ask for them.
            if path not in built.files and not path.startswith("assets/"):
                bucket.remove(found)
        return Published(f"{str(place.settings['address']).rstrip('/')}/{place.slug}/", prefix)

    def differences(self, place: Place, built: BuiltSite) -> list[str]:
        bucket, prefix = _bucket(place), _prefix(place)
        found = []
        for path, file in built.files.items():
            try:
                same = bucket.get(prefix + path) == (file.data, file.media_type)
            except Missing:
                same = False
            if not same:
                found.append(path)
        known = {prefix + path for path in built.files}
        more = [one.removeprefix(prefix) for one in bucket.tags(prefix) if one not in known]
        return [*found, *sorted(path for path in more if not path.startswith("assets/"))]

    def withdraw(self, place: Place, key: str) -> None:
        bucket = _bucket(place)
        for found in bucket.tags(_prefix(place)):
            bucket.remove(found)


def _bucket(place: Place) -> Bucket:
    said = place.settings
    return Bucket(
        name=said["bucket"], endpoint=said.get("endpoint"), region=said["region"], access_key=said["access_key"],
        secret_key=said["secret_key"], timeout=float(said.get("timeout", 20)),
    )  # fmt: skip


def _prefix(place: Place) -> str:
    return f"{place.settings.get('prefix', '')}{place.slug}/"


def _in_order(built: BuiltSite) -> Iterable[tuple[str, SiteFile]]:
    def rank(path: str) -> tuple[int, str]:
        return (0 if path.startswith("assets/") else 2 if path == "index.html" else 1), path

    return sorted(built.files.items(), key=lambda one: rank(one[0]))


def _cache(path: str) -> str:
    return _FOREVER if path.startswith("assets/") else _SHORTLY


TARGET = S3
