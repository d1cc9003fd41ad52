"""`python -m core.deliverables verify PATH`: what of a package is not as it was made. 0 nothing, 1 something, 2 wrong use."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.deliverables.rules import EVERYTHING
from core.deliverables.sealing.manifest import MANIFEST
from core.deliverables.sealing.records import NoRecords, compared, looked_up, own_fingerprint
from core.deliverables.sealing.verifying import Verdict, spelled_key, verify
from core.files.archives import Folder, Unreadable, opened
from core.settings import Settings


class _WrongUse(Exception):
    """Its text is a sentence that says what to do instead."""


def main(arguments: list[str] | None = None, settings: Settings | None = None) -> int:
    given = _parser().parse_args(arguments)
    if given.command == "key":
        return _key(settings or Settings())
    try:
        records = None if given.offline else settings or Settings()
        verdict = _checked(given.path, given.key, records)
    except ValidationError as problem:
        names = ", ".join(str(one["loc"][0]).upper() for one in problem.errors(include_input=False) if one["loc"])
        print(f"The settings cannot be read ({names}). Set them right, or use --offline.", file=sys.stderr)
        return 2
    except _WrongUse as problem:
        print(problem, file=sys.stderr)
        return 2
    except Unreadable as problem:
        verdict = Verdict((str(problem),))
    # What stands in a manifest may be anybody's: nothing of it may move a terminal's cursor or turn its text.
    print(json.dumps(_as_json(verdict), indent=2) if given.json else "\n".join(map(_inert, _said(verdict))))
    return 0 if verdict.right else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.deliverables", description="Checks packages.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    check = commands.add_parser("verify", help="say what of a package is not as it was made")
    check.add_argument(
        "path", type=Path, metavar="PATH", help=f"{EVERYTHING}, its folder, {MANIFEST}, or one of its files"
    )
    check.add_argument("--key", default="", metavar="FINGERPRINT", help="of the key it must be signed with")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.add_argument("--offline", action="store_true", help="leave the records of this installation out")
    commands.add_parser("key", help="print the fingerprint of this installation's key")
    return parser


def _key(settings: Settings) -> int:
    own = own_fingerprint(settings)
    print(own or "This installation has no secret yet, and so no key.", file=sys.stdout if own else sys.stderr)
    return 0 if own else 1


def _checked(path: Path, key: str, records: Settings | None) -> Verdict:
    """`records` names where the records are; None leaves them out."""
    wanted = spelled_key(key) if key else ""
    if wanted is None:
        raise _WrongUse("The fingerprint of a key has 64 hexadecimal digits.")
    if not path.exists():
        raise _WrongUse(f"There is no {path}.")
    if path.is_dir():
        verdict = verify(Folder(path), key=wanted)
    elif path.name == MANIFEST:
        verdict = verify(Folder(path.parent), key=wanted, others_are_fine=True)
    else:
        try:
            with opened(path) as archive:
                if MANIFEST not in archive.names:
                    raise Unreadable(f"{path.name} holds no {MANIFEST}.")
                verdict = verify(archive, key=wanted)
        except Unreadable as problem:
            return _one_file(path, wanted, records, problem)
    if records is None:
        return verdict
    try:
        return compared(records, verdict)
    except NoRecords as problem:
        return replace(verdict, remarks=(*verdict.remarks, f"Not compared with records: {problem}"))


def _one_file(path: Path, key: str, records: Settings | None, unreadable: Unreadable) -> Verdict:
    """What is no package may be one file of one, which only the records can tell."""
    may_be_package = path.suffix.lower() == ".zip"
    if key and not may_be_package:
        raise _WrongUse(f"{path.name} is not signed by itself: --key goes with {EVERYTHING}, its folder or {MANIFEST}.")
    try:
        if records is None:
            raise NoRecords("They were left out.")
        with path.open("rb") as file:
            found = looked_up(records, path.name, hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as problem:
        raise Unreadable(f"{path.name} cannot be read: {problem.strerror}.") from problem
    except NoRecords as none:
        if may_be_package:
            raise unreadable from none
        said = f"{path.name} alone can only be looked up in the records of the installation that made it. {none}"
        raise _WrongUse(f"{said} Name {EVERYTHING}, its folder or {MANIFEST}.") from none
    if found is not None and not key:
        return found
    if may_be_package:
        raise unreadable
    return Verdict((f"{path.name} is in no package of this installation: it was changed, or made elsewhere.",))


def _said(verdict: Verdict) -> Iterable[str]:
    package = verdict.manifest.package if verdict.manifest else None
    name = f"Package {package.number} of “{package.label}”" if package else "This"
    if verdict.right and package:
        with_what = "its manifest and the records of this installation" if verdict.with_records else "its manifest"
        yield f"{name}: everything is as it was made, by {with_what}."
    elif not verdict.right:
        yield f"{name} is not as it was made:"
        yield from (f"  {one}" for one in verdict.differences)
    yield from verdict.remarks


def _inert(line: str) -> str:
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in line)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "as_made": verdict.right,
        "differences": list(verdict.differences),
        "remarks": list(verdict.remarks),
        "compared_with_records": verdict.with_records,
        "signed_by": verdict.signed_by or None,
        "manifest_sha256": verdict.manifest_sha256 or None,
        "package": verdict.manifest.package.model_dump() if verdict.manifest else None,
    }


if __name__ == "__main__":
    sys.exit(main())
