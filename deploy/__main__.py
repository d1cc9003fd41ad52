"""`python -m deploy backup|verify|restore PATH`: what an operator does with a whole installation."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import CountersignError
from core.settings import Settings


def main(arguments: list[str]) -> int:
    """0 when it was done, 1 with a sentence when it was not."""
    given = _given(arguments)
    try:
        match given.what:
            case "backup":
                _back_up(given.path, given.with_secret_key)
            case "verify":
                _verify(given.path)
            case "restore":
                _restore(given.path, given.replace)
            case _:
                from deploy.dashboard import serve  # here, because it loads everything that pages need

                return serve(Settings())
    except CountersignError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _given(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    parts = parser.add_subparsers(dest="what", required=True)
    backup = parts.add_parser("backup", help="database and files in one archive; the installation may run")
    backup.add_argument("--with-secret-key", action="store_true", help="put the secret key in as well")
    verify = parts.add_parser("verify", help="read an archive whole and compare every digest")
    restore = parts.add_parser("restore", help="restore an archive into an empty installation")
    restore.add_argument("--replace", action="store_true", help="rename what is there instead of refusing")
    for part in (backup, verify, restore):
        part.add_argument("path", type=Path)
    parts.add_parser("dashboard", help="one dashboard that drains before it stops")
    return parser.parse_args(arguments)


def _back_up(path: Path, with_secret_key: bool) -> None:
    from deploy.backup import back_up

    done = back_up(Settings(), path.absolute(), with_secret_key=with_secret_key)
    print(f"{done.path}: {done.rows:,} rows and {done.files:,} files as of {done.taken_at:%Y-%m-%d %H:%M:%S} UTC, "
          f"{done.bytes / 1e6:,.1f} MB")  # fmt: skip
    _warn(done.warnings)


def _verify(path: Path) -> None:
    from deploy.archive import verified

    manifest = verified(path.absolute())
    rows = sum(manifest["rows"].values())
    print(f"{path} is whole: {len(manifest['members']):,} members, {rows:,} rows, taken {manifest['taken_at']}")


def _restore(path: Path, replace: bool) -> None:
    from deploy.restore import restore

    done = restore(Settings(), path.absolute(), replace=replace)
    print(f"Restored as of {done.taken_at:%Y-%m-%d %H:%M:%S} UTC, with {done.files:,} files.")
    for name in done.renamed:
        print(f"What was there is kept as {name}.")
    print("Execution is off. An admin turns it on again on the page Guardrails, after this:")
    print(f"{done.held} actions were approved or under way; look at each on the page Unconfirmed.")
    print("Cards that were decided after the backup are open again, and may have been executed then.")
    _warn(done.warnings)


def _warn(warnings: list[str]) -> None:
    for words in warnings:
        print(words, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
