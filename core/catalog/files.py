"""The definition files of the installation, read as one set: `workflows.json` and every file of the folder `workflows`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.catalog.problems import Problem
from core.catalog.validation import Checked, check_file


@dataclass(frozen=True)
class FileProblem:
    file: str
    problem: Problem


def check_files(path: Path) -> tuple[Checked, tuple[FileProblem, ...]]:
    """Everything that the file and the folder beside it define, and what is wrong where; an id stands in one of them."""
    found, problems = Checked({}, {}, ()), list[FileProblem]()
    came_from: dict[str, str] = {}
    for file in definition_files(path):
        try:
            checked = check_file(file.read_bytes())
        except OSError as error:
            remedy = "Restore the file; the last good definitions stay in use."
            problems.append(
                FileProblem(file.name, Problem("UNREADABLE_FILE", "$", f"{file.name}: {error.strerror}", remedy))
            )
            continue
        problems += [FileProblem(file.name, problem) for problem in checked.problems]
        for workflow_id in checked.workflows:
            first = came_from.setdefault(workflow_id, file.name)
            if first != file.name:
                said = f"is {workflow_id!r}, which {first} defines too"
                twice = Problem("DUPLICATE_WORKFLOW", "$.workflow_id", said, "Keep one of them.")
                problems.append(FileProblem(file.name, twice))
                continue
            found.workflows[workflow_id] = checked.workflows[workflow_id]
            found.sources[workflow_id] = checked.sources[workflow_id]
    return found, tuple(problems)


def definition_files(path: Path) -> list[Path]:
    """`workflows.json`, then what lies in `workflows`, by name; the first is there or missed, the folder may lack."""
    return [path, *sorted(path.with_suffix("").glob("*.json"))]
