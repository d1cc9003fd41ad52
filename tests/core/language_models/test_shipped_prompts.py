"""The prompts that are shipped: each can be read, and the shipped workflows lack none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.language_models.prompt_files import PromptFiles
from core.language_models.prompts import PromptKind, checked_name, checked_text
from core.settings import ROOT

FOLDER = ROOT / "prompts"


def steps(of: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in of:
        yield step
        yield from steps(step.get("steps", []))


def test_every_file_is_a_prompt_of_its_own_name() -> None:
    found = PromptFiles(FOLDER).all()

    assert len(found) == len(list(FOLDER.glob("*/*.md"))) > 0
    for (_, name), one in found.items():
        assert checked_name(name) == name and checked_text(one.text) == one.text


def test_the_shipped_workflows_lack_no_prompt() -> None:
    files = PromptFiles(FOLDER).all()
    wanted = {
        key
        for path in (ROOT / "workflows").glob("*.json")
        for step in steps(json.loads(path.read_text())["steps"])
        if "task_prompt" in step
        for key in ((PromptKind.ROLE, step["role"]), (PromptKind.TASK, step["task_prompt"]))
    }

    assert len(wanted) > 10 and wanted <= set(files)
