"""A backup as one file: a tar whose last member is the manifest, with the digest of every other; whole or not there."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from core.canonical import canonical_json
from core.errors import CountersignError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.dump"
SECRET = "secret_key"  # noqa: S105 - the name of a member, not what it holds
_CHUNK = 1 << 20
_MOST_MANIFEST = 1 << 30
_NAME = re.compile(
    r"database\.dump|secret_key|(files|proofs|imports)/[0-9a-f]{2}/[0-9a-f]{64}|outbox/(?!\.{1,2}\Z)[\w.@+-]{1,200}"
)
"""Nothing else is read from an archive, so that none can write elsewhere."""


class BackupExists(CountersignError):
    """{path} is there already. Nothing was written; name another file."""


class BackupFailed(CountersignError):
    """The backup could not be written: {problem} Nothing was left behind; the installation is unchanged."""


class BackupDamaged(CountersignError):
    """{path} is not a whole backup: {problem} Use another one."""


@dataclass
class Member:
    sha256: str
    size: int


@dataclass
class Writing:
    """Members are added; `facts` becomes the rest of the manifest."""

    tar: tarfile.TarFile
    members: dict[str, Member] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, source: BinaryIO, size: int) -> str:
        """Adds exactly `size` bytes of `source`; answers their digest."""
        reader = _Digesting(source)
        self.tar.addfile(_described(name, size), reader)
        self.members[name] = Member(reader.digest.hexdigest(), size)
        return self.members[name].sha256


@contextmanager
def written(path: Path) -> Iterator[Writing]:
    """The archive at `path`, complete and on the disk when the block ends; nothing of it if the block fails.

    One that is killed leaves `.<name>.<letters>.part`, which is no backup and is never read as one.
    """
    if path.exists():
        raise BackupExists(path=path)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        raise BackupFailed(problem=f"{problem.strerror} ({path.parent}).") from problem
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                writing = Writing(tar)
                yield writing
                members = {name: [one.sha256, one.size] for name, one in writing.members.items()}
                body = canonical_json({"format": FORMAT, **writing.facts, "members": members}).encode()
                tar.addfile(_described(MANIFEST, len(body)), io.BytesIO(body))
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)  # unlike a rename, it refuses where somebody was faster
        _sync_folder(path.parent)
    except FileExistsError as problem:
        raise BackupExists(path=path) from problem
    except OSError as problem:
        raise BackupFailed(problem=f"{problem.strerror or problem}.") from problem
    finally:
        beside.unlink(missing_ok=True)


def verified(path: Path) -> Mapping[str, Any]:
    """The manifest, after every member was read and has the digest it names (BackupDamaged)."""
    manifest: Mapping[str, Any] | None = None
    found: dict[str, list[Any]] = {}
    try:
        for name, size, source in members(path):
            if name == MANIFEST:
                manifest = _read_manifest(path, source.read(_MOST_MANIFEST))
                continue
            digest = hashlib.sha256()
            while piece := source.read(_CHUNK):
                digest.update(piece)
            found[name] = [digest.hexdigest(), size]
    except (tarfile.TarError, EOFError) as problem:  # it ends within a member
        raise BackupDamaged(path=path, problem=f"it cannot be read ({problem}).") from problem
    if manifest is None:
        raise BackupDamaged(path=path, problem="it ends before its manifest.")
    if found != manifest["members"]:
        known = manifest["members"]
        wrong = sorted(name for name in {*found, *known} if found.get(name) != known.get(name))
        raise BackupDamaged(path=path, problem=f"{wrong[0]} is not what the manifest says ({len(wrong)} in all).")
    return manifest


def members(path: Path) -> Iterator[tuple[str, int, BinaryIO]]:
    """(name, size, content) in the order of the archive; each must be read before the next is asked for."""
    names = set[str]()
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|") as tar:
            for one in tar:
                source = tar.extractfile(one) if one.isfile() else None
                if source is None or (one.name != MANIFEST and not _NAME.fullmatch(one.name)):
                    raise BackupDamaged(path=path, problem=f"it holds {one.name!r}, which no backup does.")
                if one.name in names:
                    raise BackupDamaged(path=path, problem=f"it holds {one.name!r} twice, which no backup does.")
                names.add(one.name)
                yield one.name, one.size, source  # type: ignore[misc]
    except (tarfile.TarError, EOFError) as problem:
        raise BackupDamaged(path=path, problem=f"it cannot be read ({problem}).") from problem
    except OSError as problem:
        raise BackupDamaged(path=path, problem=f"it cannot be read ({problem.strerror or problem}).") from problem


def may_be_named(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _read_manifest(path: Path, body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as problem:
        raise BackupDamaged(path=path, problem="its manifest cannot be read.") from problem
    if not isinstance(found, dict) or not isinstance(found.get("members"), dict):
        raise BackupDamaged(path=path, problem="its manifest names no members.")
    if found.get("format") != FORMAT:
        raise BackupDamaged(path=path, problem=f"it has format {found.get('format')}; this version reads {FORMAT}.")
    return found


def _described(name: str, size: int) -> tarfile.TarInfo:
    described = tarfile.TarInfo(name)
    described.size, described.mode = size, 0o600
    return described


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Digesting:
    def __init__(self, source: BinaryIO) -> None:
        self._source, self.digest = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self.digest.update(piece)
        return piece
