"""`python -m core.catalog validate FILE…`: every problem of every file; exit code 1 if there is an error. `… schema`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from core.catalog.published import published_schema
from core.catalog.validation import check_file


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.catalog", description="Checks workflow definitions.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    validate = commands.add_parser("validate", help="check files and print every problem")
    validate.add_argument("files", nargs="+", type=Path, metavar="FILE")
    validate.set_defaults(run=lambda given: _validate(given.files))
    schema = commands.add_parser("schema", help="print the JSON Schema of automated workflows")
    schema.set_defaults(run=lambda _given: _schema())
    given = parser.parse_args(arguments)
    return int(given.run(given))


def _schema() -> int:
    print(json.dumps(published_schema(), indent=2, ensure_ascii=False))
    return 0


def _validate(files: list[Path]) -> int:
    failed = False
    for file in files:
        try:
            checked = check_file(file.read_bytes())
        except OSError as error:
            print(f"{file}: UNREADABLE_FILE: {error.strerror}. Check the path and its permissions.")
            failed = True
            continue
        for problem in checked.problems:
            print(f"{file}: {problem}")
        if checked.errors:
            failed = True
            continue
        number, warnings = len(checked.workflows), len(checked.problems)
        noted = f"{warnings} warning{'s' if warnings != 1 else ''}" if warnings else "no problems"
        print(f"{file}: {number} workflow{'s' if number != 1 else ''}, {noted}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
