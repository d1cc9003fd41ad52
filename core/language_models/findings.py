"""What is wrong with something that was written: where, in words for a person and for the model that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Severity = Literal["error", "warning"]


class AnyFinding(Protocol):
    """Whatever says these four things, whichever room found it."""

    @property
    def path(self) -> str: ...

    @property
    def message(self) -> str: ...

    @property
    def severity(self) -> Severity: ...

    @property
    def rule(self) -> str: ...


@dataclass(frozen=True)
class Finding:
    path: str
    """JSON path, `$` for the whole."""
    message: str
    severity: Severity
    rule: str
    """A stable name, for example `NOT_JSON`."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def error(path: str, message: str, rule: str) -> Finding:
    return Finding(path, message, "error", rule)


def finding_json(finding: AnyFinding) -> dict[str, str]:
    return {
        "path": finding.path, "message": finding.message, "severity": finding.severity, "rule": finding.rule,
    }  # fmt: skip
