"""One segment of a run in a process of its own, which kills itself at the checkpoint that a test names."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from core import bootstrap
from core.bootstrap import Application
from core.clock import ManualClock
from core.engine.steps import InlineSteps
from core.executions.automated.segment import RunExecution
from core.language_models.service import Answer, LanguageModels, Question
from core.settings import Settings

QUESTIONS = {
    "mode": "questions_only",
    "questions": [
        {
            "id": "TONE", "text": "Which tone?", "why_it_matters": "It changes every sentence.", "priority": "must",
            "constraint_kind": "tone", "answer_type": "free_text", "blocking": True,
        }
    ],
}  # fmt: skip


class Checkpoints:
    """Counts the instants at which something is about to be kept, or just was; dies at the one that is named."""

    def __init__(self, log: Path, kill_at: int | None = None) -> None:
        self._log, self._kill_at, self._count = log, kill_at, 0

    def watch(self, app: Application) -> None:
        event.listen(app.database._sessions, "before_commit", lambda session: self.passed("before commit"))
        event.listen(app.database._sessions, "after_commit", lambda session: self.passed("after commit"))

    def passed(self, what: str) -> None:
        self._count += 1
        dies = self._count == self._kill_at
        self.write({"at": self._count, "what": what, "killed": dies})
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, line: dict[str, Any]) -> None:
        with self._log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []


class ScriptedModel(LanguageModels):
    """Says the same to the same question, first asks, then errs once, and leaves a trace of every call."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints

    def configured(self) -> str | None:
        return "model-1 at example.com"

    def ask(self, question: Question) -> Answer:
        task = question.messages[0].text.split("\n", 1)[0].removeprefix("TASK ")
        turn = len(question.messages)
        self._checkpoints.passed("before model")
        self._checkpoints.write({"asked": [task, turn, [one.text for one in question.messages]]})
        self._checkpoints.passed("after model")
        return Answer(_said(task, turn, question), "model-1", 10, 5, None, "USD", 1, False)


def _said(task: str, turn: int, question: Question) -> str:
    match task, turn:
        case "brief v1.0", 1:
            return json.dumps(QUESTIONS)
        case "brief v1.0", 3:
            return "not JSON"
        case "brief v1.0", _:
            return json.dumps({"text": "the brief", "shops": [{"id": "north"}, {"id": "south"}]})
        case "offer v1.0", 1:
            return json.dumps({"wrong": True})
        case _:
            shop = "north" if '"north"' in question.messages[0].text.split("BEGIN")[-1] else "south"
            return json.dumps({"text": f"{task} for {shop}"})


def run_segment(app: Application, checkpoints: Checkpoints, run_id: str, segment: int) -> None:
    tools = replace(app.run_execution.tools, models=ScriptedModel(checkpoints))
    RunExecution(tools).run_segment(InlineSteps(), run_id, segment)


def main(url: str, values: dict[str, Any], now: str, log: str, kill_at: int, run_id: str, segment: int) -> None:
    """What the killed process does: everything of its own, as another worker has it."""
    app = bootstrap.build(Settings(_env_file=None, **values), url=url, clock=ManualClock(datetime.fromisoformat(now)))
    checkpoints = Checkpoints(Path(log), kill_at)
    checkpoints.watch(app)
    run_segment(app, checkpoints, run_id, segment)
    app.close()
