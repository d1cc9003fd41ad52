"""A bucket that its store serves as a website: each version beside what answers first, then one short row of copies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from core.connectors.transports.bucket import Bucket, md5_of
from core.connectors.transports.calls import CallFailed, Missing
from core.connectors.transports.hosting_systems import S3_FAMILY
from core.websites.built import BuiltSite, SiteFile
from core.websites.target import Place, Published, Target

KEPT = 3
"""Versions whose pages stay in the bucket: the one that answers and those before it."""

_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=0, must-revalidate"


class S3(Target):
    name = "s3"
    title = "Website bucket (S3)"
    family = S3_FAMILY

    def publish(self, place: Place, built: BuiltSite, key: str) -> Published:
        """A bucket has no rename for many objects, so the switch is a row of copies within it, kept as short as it can be.

        First the files that are named by their content, then every page beside what answers, under a prefix of this
        version: until all of that is there, the version before answers whole. Then each page is copied over, the first
        page last; each copy is whole, and what pages of either version need is there. Cut off among the copies, the
        version before is copied back; killed among them, pages of both answer until the deployment is taken up again.
        """
        bucket, prefix, home = _bucket(place), _prefix(place), _home(place)
        there, kept = bucket.tags(prefix), bucket.tags(home)
        staged = f"{home}{_name(built)}/"
        pages = [(path, file) for path, file in _in_order(built) if not path.startswith("assets/")]
        for path, file in _in_order(built):
            to = prefix if path.startswith("assets/") else staged
            if {**there, **kept}.get(to + path) != md5_of(file.data):
                bucket.put(to + path, file.data, media_type=file.media_type, cache=_cache(path))
        before = _whole(prefix, home, there, kept, besides=staged)
        try:
            for path, file in pages:
                if there.get(prefix + path) != md5_of(file.data):
                    bucket.copy(staged + path, prefix + path)
        except CallFailed:
            _put_back(bucket, prefix, before, added=[path for path, _ in pages if prefix + path not in there])
            raise
        for found in there:
            path = found.removeprefix(prefix)
            # Assets stay: pages that browsers and caches hold still ask for them.
            if path not in built.files and not path.startswith("assets/"):
                bucket.remove(found)
        _tidy(bucket, home, kept, live=_name(built), before=before)
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
        for prefix in (_prefix(place), _home(place)):
            for found in bucket.tags(prefix):
                bucket.remove(found)


def _bucket(place: Place) -> Bucket:
    said = place.settings
    return Bucket(
        name=said["bucket"], endpoint=said.get("endpoint"), region=said["region"], access_key=said["access_key"],
        secret_key=said["secret_key"], timeout=float(said.get("timeout", 20)),
    )  # fmt: skip


def _prefix(place: Place) -> str:
    return f"{place.settings.get('prefix', '')}{place.slug}/"


def _home(place: Place) -> str:
    """Below which the pages of each version lie, beside the site itself."""
    return f"{place.settings.get('prefix', '')}.versions/{place.slug}/"


def _name(built: BuiltSite) -> str:
    return built.digest[:16]


def _whole(
    prefix: str, home: str, there: Mapping[str, str], kept: Mapping[str, str], *, besides: str
) -> Mapping[str, str]:
    """Where the pages that answer now lie among the kept versions: by path, only if one of these versions is just that."""
    answering = {
        key.removeprefix(prefix): tag
        for key, tag in there.items()
        if not key.removeprefix(prefix).startswith("assets/")
    }
    for folder in sorted({f"{home}{key.removeprefix(home).partition('/')[0]}/" for key in kept} - {besides}):
        pages = {key.removeprefix(folder): tag for key, tag in kept.items() if key.startswith(folder)}
        if pages and pages == answering:
            return {path: folder + path for path in pages}
    return {}


def _put_back(bucket: Bucket, prefix: str, before: Mapping[str, str], *, added: Iterable[str]) -> None:
    """As far as the store still answers: what went wrong is told in any case, and a repeat goes on from what is there."""
    if not before:
        return
    with suppress(CallFailed):
        for path, key in before.items():
            bucket.copy(key, prefix + path)
        for path in added:
            bucket.remove(prefix + path)


def _tidy(bucket: Bucket, home: str, kept: Mapping[str, str], *, live: str, before: Mapping[str, str]) -> None:
    """Versions beyond the last few go; what cannot be removed stays, and harms nobody."""
    last = next((key.removeprefix(home).partition("/")[0] for key in before.values()), live)
    names = {key.removeprefix(home).partition("/")[0] for key in kept} - {live, last}
    try:
        ages = bucket.ages(home)
        newest = {name: max(at for key, at in ages.items() if key.startswith(f"{home}{name}/")) for name in names}
        for name in sorted(names, key=lambda one: newest[one], reverse=True)[KEPT - len({live, last}) :]:
            for key in kept:
                if key.startswith(f"{home}{name}/"):
                    bucket.remove(key)
    except CallFailed:
        return


def _in_order(built: BuiltSite) -> Iterable[tuple[str, SiteFile]]:
    def rank(path: str) -> tuple[int, str]:
        return (0 if path.startswith("assets/") else 2 if path == "index.html" else 1), path

    return sorted(built.files.items(), key=lambda one: rank(one[0]))


def _cache(path: str) -> str:
    return _FOREVER if path.startswith("assets/") else _SHORTLY


TARGET = S3
