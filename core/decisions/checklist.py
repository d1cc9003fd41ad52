"""What a voter found of each criterion of their council, as it stands on the ballot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from core.errors import CountersignError


class Finding(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


class UnknownCriterion(CountersignError):
    """“{criterion}” is no criterion of the councils that decide this. Reload to see theirs; your vote was not counted."""

    http_status = 422


class UnknownFinding(CountersignError):
    """A criterion is met, not_met or not_applicable, not “{finding}”. Your vote was not counted."""

    http_status = 422


def checked(checklist: Mapping[str, str] | None, criteria: Iterable[str]) -> dict[str, str]:
    """The checklist as it is stored; refuses criteria that none of the councils has, and words that are no finding."""
    known = frozenset(criteria)
    found = {}
    for criterion, finding in (checklist or {}).items():
        if criterion not in known:
            raise UnknownCriterion(criterion=criterion[:200])
        try:
            found[criterion] = Finding(finding).value
        except ValueError:
            raise UnknownFinding(finding=str(finding)[:40]) from None
    return found
