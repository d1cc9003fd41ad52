"""Workflows that this version brings along: their ids have a dot, so that nothing imported can pass for one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.catalog.automated_validation import check_automated
from core.catalog.problems import Problem
from core.catalog.validation import Checked

ANY_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
"""Of a workflow, official or not."""
Official = Callable[[], Iterable[Mapping[str, Any]]]
"""Answers the definitions that this version brings along."""


def is_official(workflow_id: str) -> bool:
    return "." in workflow_id


def check_official(definitions: Iterable[Mapping[str, Any]]) -> Checked:
    """All of them together, as check_document does it; a name without its dot is a mistake of ours."""
    found, problems = Checked({}, {}, ()), list[Problem]()
    for definition in definitions:
        one = check_automated(dict(definition), official=True)
        problems += one.problems
        if one.workflow is None:
            continue
        if not is_official(one.workflow.workflow_id):
            remedy = "Name its room before a dot: website.create_basic_site."
            problems.append(Problem("BAD_ID", "$.workflow_id", "is no id of an official workflow", remedy))
            continue
        found.workflows[one.workflow.workflow_id] = one.workflow
        found.sources[one.workflow.workflow_id] = dict(definition)
    return Checked(found.workflows, found.sources, tuple(problems))
