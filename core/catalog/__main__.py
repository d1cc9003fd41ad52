"""`python -m core.catalog validate FILE…`: every problem of every file; exit code 1 if there is any."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.catalog.validation import check_file


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.catalog", description="Checks workflow definitions.")
    commands = parser.add_subparsers(required=True, metavar="validate")
    validate = commands.add_parser("validate", help="check files and print every problem")
    validate.add_argument("files", nargs="+", type=Path, metavar="FILE")
    return _validate(parser.parse_args(arguments).files)


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
        if any(problem.severity == "error" for problem in checked.problems):
            failed = True
            continue
        number = len(checked.workflows) + (checked.automated is not None)
        print(f"{file}: {number} workflow{'s' if number != 1 else ''}, no problems")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
