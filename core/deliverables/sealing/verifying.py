"""Checking a package against its own manifest, with nothing else at hand: what differs, as sentences."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from core.deliverables.sealing.manifest import MANIFEST, cells_digest, manifest_bytes
from core.deliverables.sealing.shape import AuditShape, FileShape, ManifestShape
from core.deliverables.sealing.signing import NotSigned, signer_of
from core.files.archives import Archive, Bundle, Unreadable, whole

MOST_MANIFEST = 64_000_000
DATA = "data"
"""The format whose archive holds the tables as CSV."""


@dataclass(frozen=True)
class Verdict:
    """What was found. It is as it was made when nothing differs."""

    differences: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """What was not looked at, or what whoever relies on it should compare."""
    manifest: ManifestShape | None = None
    """None where there is none that can be read."""
    manifest_sha256: str = ""
    signed_by: str = ""
    """The fingerprint of the key; empty without a right signature."""
    with_records: bool = False
    """Whether the records of the installation were asked too."""

    @property
    def right(self) -> bool:
        return not self.differences


def verify(bundle: Bundle, *, key: str = "", others_are_fine: bool = False) -> Verdict:
    """Compares every file with the manifest, and the manifest with its signature and with itself.

    `key` is the fingerprint the signature must have; without it any key will do, and a remark says which it was.
    """
    try:
        spelled = whole(bundle, MANIFEST, most=MOST_MANIFEST) if MANIFEST in bundle.names else b""
    except Unreadable as unreadable:
        return Verdict((str(unreadable),))
    if not spelled:
        return Verdict((f"There is no {MANIFEST}, or an empty one: nothing can be compared.",))
    sha256 = hashlib.sha256(spelled).hexdigest()
    told, problem = _told(spelled)
    if told is None:
        return Verdict((problem,), manifest_sha256=sha256)
    differences, signed_by = ([problem] if problem else []), ""
    remarks: list[str] = []
    try:
        signed_by = signer_of(told)
    except NotSigned as unsigned:
        differences.append(str(unsigned))
    if signed_by and key and signed_by != key:
        differences.append(f"The manifest was signed with another key: {signed_by}.")
    elif signed_by and not key:
        remarks.append(f"Signed with the key {signed_by}. Compare it with the one you were told: anybody can sign.")
    try:
        manifest = ManifestShape.model_validate(told)
    except ValidationError as wrong:
        return Verdict((*differences, *_misshapen(wrong)), tuple(remarks), None, sha256, signed_by)
    differences.extend(_files(bundle, manifest.files, remarks, others_are_fine=others_are_fine))
    differences.extend(_tables(bundle, manifest, remarks))
    differences.extend(_audit(manifest.audit))
    if isinstance(bundle, Archive) and not differences and not bundle.is_as_packed():
        differences.append("The files are as they were made, but the archive around them was packed anew or changed.")
    remarks.extend(f"{name} could not be made: {why}" for name, why in manifest.missing.items())
    return Verdict(tuple(differences), tuple(remarks), manifest, sha256, signed_by)


def _told(spelled: bytes) -> tuple[dict[str, Any] | None, str]:
    """The manifest as it was read, and what is wrong with how it is written."""
    try:
        told = json.loads(spelled)
        if not isinstance(told, dict):
            return None, "The manifest is no JSON object."
        # The one spelling: what another reader understands differently (a name twice, 1.0 for 1) is none of ours.
        same = manifest_bytes(told) == spelled
    except (ValueError, RecursionError):
        return None, "The manifest is no JSON that can be read."
    return told, "" if same else "The manifest is not written as it was: its bytes differ."


def _misshapen(wrong: ValidationError) -> Iterator[str]:
    for one in wrong.errors(include_url=False, include_input=False)[:20]:
        place = ".".join(str(part) for part in one["loc"])
        yield f"The manifest's member {place} is not what it must be: {one['msg']}."


def _files(bundle: Bundle, files: Sequence[FileShape], remarks: list[str], *, others_are_fine: bool) -> Iterator[str]:
    here = set(bundle.names) - {MANIFEST}
    named: set[str] = {MANIFEST.casefold()}
    for file in files:
        if file.name.casefold() in named:
            yield f"The manifest names {file.name} twice."
        elif file.name not in here:
            yield f"{file.name} is missing."
        else:
            yield from _one_file(bundle, file)
        named.add(file.name.casefold())
    for name in sorted(here - {file.name for file in files}):
        sentence = f"{name} is not in the manifest."
        if others_are_fine:
            remarks.append(sentence)
        else:
            yield sentence


def _one_file(bundle: Bundle, file: FileShape) -> Iterator[str]:
    seen, size = hashlib.sha256(), 0
    try:
        for piece in bundle.read(file.name):
            seen.update(piece)
            size += len(piece)
    except Unreadable as problem:
        yield str(problem)
        return
    if size != file.size:
        yield f"{file.name} was changed: it has {size:,} bytes, and {file.size:,} when it was made."
    elif seen.hexdigest() != file.sha256:
        yield f"{file.name} was changed: its SHA-256 is {seen.hexdigest()}, and was {file.sha256}."


def _tables(bundle: Bundle, manifest: ManifestShape, remarks: list[str]) -> Iterator[str]:
    """The figures of the tables, again from their CSV files: the manifest and the data must say the same."""
    data = next((file for file in manifest.files if file.format == DATA and file.name in bundle.names), None)
    if data is None:
        if manifest.tables:
            remarks.append("The tables were not read: their CSV files are not in the package.")
        return
    try:
        with tempfile.TemporaryFile() as copy:
            for piece in bundle.read(data.name):
                copy.write(piece)
            inside = Archive(copy)
            found = {_csv_digest(inside, name) for name in inside.names if name.lower().endswith(".csv")}
    except (Unreadable, csv.Error, UnicodeDecodeError) as problem:
        yield f"The tables in {data.name} cannot be read: {problem}"
        return
    for table in manifest.tables:
        if table.sha256 not in found:
            yield f"The table “{table.title}” ({table.key}) is in no CSV file of {data.name} as the manifest has it."


def _csv_digest(archive: Archive, name: str) -> str:
    with tempfile.SpooledTemporaryFile(max_size=8_000_000) as copy:
        for piece in archive.read(name):
            copy.write(piece)
        copy.seek(0)
        with TextIOWrapper(copy, encoding="utf-8-sig", newline="") as text:
            return cells_digest(_rows(text))


def _rows(lines: Iterable[str]) -> Iterator[Sequence[str]]:
    """A cell may hold a whole document; csv's own limit would refuse it."""
    before = csv.field_size_limit(1_000_000_000)
    try:
        yield from csv.reader(lines, strict=True)
    finally:
        csv.field_size_limit(before)


def _audit(lines: Sequence[AuditShape]) -> Iterator[str]:
    for before, line in pairwise(lines):
        if line.sequence <= before.sequence:
            yield f"Entry {line.sequence} of the audit excerpt stands after entry {before.sequence}."
        elif line.sequence == before.sequence + 1 and line.previous_hash != before.hash:
            yield f"Entry {line.sequence} of the audit excerpt does not follow entry {before.sequence}."


def spelled_key(text: str) -> str | None:
    """A fingerprint as people hand it on, in groups or capitals; None where it is none."""
    bare = re.sub(r"[\s:]", "", text).lower()
    return bare if re.fullmatch(r"[0-9a-f]{64}", bare) else None
