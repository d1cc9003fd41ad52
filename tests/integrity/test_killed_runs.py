"""A run with every kind of gate, whose worker is killed at each checkpoint in turn: it comes to the same documents."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.decisions.councils import Terms
from core.decisions.policy import Policy, Rule
from core.engine.steps import InlineSteps
from core.executions.automated.rules import GateKind, NodeState
from core.executions.automated.tables import RunDocument, RunGate
from core.executions.rules import ENDED, ExecutionState
from core.settings import Settings
from tests.core.executions.automated.driving import Driver, definition, each, production
from tests.doubles.language_model import good, language_model_process, slow
from tests.integrity import killed_segment
from tests.integrity.conftest import Installation
from tests.integrity.killed_segment import Checkpoints
from tests.waiting import until

SHOP = [{"entity_type": "shop", "scope": "shop", "context": True}]
BRIEF = [{"doc_type": "brief", "scope": "project"}]
EVERY_GATE = definition(
    [
        production("brief", "brief", "project", execution_mode="manual"),
        {"step_id": "agree", "kind": "approval", "scope": "project", "inputs": BRIEF},
        {"step_id": "ballot", "kind": "vote", "council": "trade", "scope": "project", "inputs": BRIEF},
        each("shops", "brief", "shops", "shop", "shop", [
            production("offer", "offer", "shop", SHOP),
            {"step_id": "polish", "kind": "guide", "scope": "shop", "produces": "polished", "inputs": SHOP},
            {"step_id": "send", "kind": "action", "title": "Send it", "scope": "shop", "inputs": SHOP,
             "operation": "email_send", "params": {
                 "to": ["{{documents.shop.id}}@{{inputs.domain}}"], "subject": "Offer", "body": "For you."}},
        ]),
        {"step_id": "rest", "kind": "wait", "scope": "project", "hours": 1},
        production("close", "report", "project", BRIEF),
    ],
    {
        "brief": {"name": "Brief", "scope": "project", "may_own": ["shop"], "collection_field": "shops",
                  "acceptance_required": True},
        "offer": {"name": "Offer", "scope": "shop", "acceptance_required": True,
                  "json_schema": {"type": "object", "required": ["text"]}},
        "polished": {"name": "Polished offer", "scope": "shop"},
        "report": {"name": "Report", "scope": "project"},
    },
    scopes={"project": {"parent": None}, "shop": {"parent": "project"}},
    entities={"shop": {"name": "Shop", "parent_doc_type": "brief", "creates_scope": "shop"}},
    inputs={"domain": {"type": "text", "required": True}},
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, var_dir=tmp_path / "var", execution_enabled=True, execution_dry_run=False)


class Trial:
    """Runs `EVERY_GATE`; segments in this process, but the one in which the killed process dies."""

    def __init__(self, app: Application, clock: ManualClock, admin: Actor, folder: Path) -> None:
        self.app, self.clock, self.admin, self._folder = app, clock, admin, folder
        self.driver = Driver(app, admin)
        self.driver.take_in(EVERY_GATE)
        self.server = multiprocessing.get_context("forkserver")
        self.server.set_forkserver_preload(["tests.integrity.killed_segment"])
        self._number = 0

    def run(self, kill_in: int = 0, kill_at: int = 0) -> tuple[UUID, Checkpoints, list[int]]:
        """Kills the process that does the segment `kill_in` at its `kill_at`th checkpoint; with 0 nobody is killed.

        Answers the run, what its processes left, and the checkpoints that each segment passed.
        """
        self._number += 1
        log = Checkpoints(self._folder / f"{self._number}.log")
        run_id = self.app.runs.start(self.admin, "trial", inputs={"domain": f"run{self._number}.example.com"})
        passed: list[int] = []
        for _ in range(60):
            row = self.driver.row(run_id)
            if row.state in ENDED:
                return run_id, log, passed
            if row.parked:
                self._people(run_id)
                continue
            if kill_in == 0:
                passed.append(self._whole_segment(run_id, row.segment))
            elif row.segment == kill_in:
                assert self._process(run_id, row.segment, kill_at, log._log) == -signal.SIGKILL
                kill_in = -1
            else:
                self._go_on(run_id, row.segment, log)
        raise AssertionError("it comes to no end")

    def _whole_segment(self, run_id: UUID, segment: int) -> int:
        log = self._folder / "whole.log"
        log.unlink(missing_ok=True)
        assert self._process(run_id, segment, 0, log) == 0
        return len([line for line in Checkpoints(log).read() if "at" in line])

    def _process(self, run_id: UUID, segment: int, kill_at: int, log: Path) -> int | None:
        settings = self.app.settings
        values = {"var_dir": settings.var_dir, "execution_enabled": True, "execution_dry_run": False}
        now = self.clock.now().isoformat()
        arguments = (self.app.url, values, now, str(log), kill_at, str(run_id), segment)
        process = self.server.Process(target=killed_segment.main, args=arguments)
        process.start()
        process.join(60)
        return process.exitcode

    def _go_on(self, run_id: UUID, segment: int, log: Checkpoints) -> None:
        killed_segment.run_segment(self.app, Checkpoints(log._log), str(run_id), segment)

    def _people(self, run_id: UUID) -> None:
        gates = self.driver.gates(run_id)
        assert gates, f"nobody can go on with it: {self.driver.row(run_id).error}"
        for gate in gates:
            self._answer(gate)

    def _answer(self, gate: RunGate) -> None:
        match gate.kind:
            case GateKind.ACCEPTANCE:
                self.driver.vote(gate)
            case GateKind.APPROVAL | GateKind.VOTE:  # whoever started the run does not decide on it
                self.driver.vote(gate, by=self.operator)
            case GateKind.CLARIFICATION:
                self.driver.answer(gate, {"TONE": {"resolution": "answered", "value": "warm"}})
            case GateKind.GUIDE:
                self.driver.answer(gate, {"content": {"text": f"polished {gate.path}"}})
            case GateKind.ACTION:
                self._approve(gate)
            case GateKind.TIME:
                self.clock.advance(timedelta(hours=2))
                self.app.gates.close_due()
            case _:
                self.driver.answer(gate, {})

    def _approve(self, gate: RunGate) -> None:
        """As the inbox and a worker do it, and the work that tells the run."""
        assert gate.action_id is not None
        operator = self.operator
        with self.app.database.begin() as uow:
            digest = uow.session.get_one(Action, gate.action_id).plan_digest
        self.app.actions.approve(operator, gate.action_id, digest)
        self.app.action_execution.execute_action(InlineSteps(), str(gate.action_id), 1)
        self.app.gates.action_ended(gate.action_id)

    def documents(self, run_id: UUID) -> dict[tuple[str, str, int], Any]:
        return self.driver.documents(run_id)

    operator: Actor


@pytest.fixture
def trial(app: Application, clock: ManualClock, admin: Actor, person: Any, tmp_path: Path) -> Trial:
    omar = person(Role.OPERATOR, name="Omar")
    policy = Policy(council="trade", rule=Rule.ANY_ONE, recusal=False)
    app.councils.create(admin, "trade", Terms(name="Trade", policy=policy), [UUID(omar.id)])
    made = Trial(app, clock, admin, tmp_path)
    made.operator = omar
    return made


@pytest.mark.processes
@pytest.mark.timeout(900)
def test_killed_at_any_checkpoint_a_run_comes_to_the_same_documents_with_no_call_and_no_effect_twice(
    trial: Trial,
) -> None:
    # Given a run that nobody disturbed
    first, _, passed = trial.run()
    undisturbed = trial.documents(first)
    assert trial.driver.row(first).state is ExecutionState.COMPLETED
    assert len(undisturbed) == 6

    # When the worker is killed at each checkpoint of a run in turn
    for segment, number in ((place, at) for place, count in enumerate(passed, start=1) for at in range(1, count + 1)):
        run_id, log, _ = trial.run(segment, number)

        # Then it comes to its end with the same documents, each in one version
        row = trial.driver.row(run_id)
        assert row.state is ExecutionState.COMPLETED, f"killed in {segment} at {number}: {row.error}"
        assert trial.documents(run_id) == undisturbed, f"killed in {segment} at {number}"
        assert {one.state for one in trial.driver.nodes(run_id).values()} == {NodeState.COMPLETED}
        _no_call_twice_after_it_was_kept(log)
        _every_letter_once(trial, run_id)
        _accepted_before_anything_follows(trial, run_id)


def _no_call_twice_after_it_was_kept(log: Checkpoints) -> None:
    lines = log.read()
    asked = Counter(str(line["asked"]) for line in lines if "asked" in line)
    twice = sum(count - 1 for count in asked.values())
    *_, killed = [line["what"] for line in lines if line.get("killed")]
    assert twice <= (killed in ("after model", "before commit")), f"killed {killed}"


def _every_letter_once(trial: Trial, run_id: UUID) -> None:
    with trial.app.database.begin() as uow:
        actions = [one for one in uow.session.scalars(select(Action)) if (one.origin or {}).get("id") == str(run_id)]
    assert [one.state for one in actions] == [ActionState.EXECUTED] * 2
    letters = [file.read_text() for file in trial.app.settings.outbox_dir.glob("*.eml")]
    for action in actions:
        assert sum(action.params["to"][0] in letter for letter in letters) == 1


def _accepted_before_anything_follows(trial: Trial, run_id: UUID) -> None:
    with trial.app.database.begin() as uow:
        found = uow.session.scalars(select(RunDocument).where(RunDocument.execution_id == run_id)).all()
    wanted = {"brief", "offer"}
    assert all((one.accepted_at is not None) == (one.doc_type in wanted) for one in found)


@pytest.mark.processes
def test_another_worker_goes_on_with_the_run_of_one_that_was_killed(install: Callable[..., Installation]) -> None:
    # Given three steps, the second of which a model takes long for
    script: dict[str, Any] = {"Brief": [good({"text": "the brief"})], "Letter": [slow(3.0)], "Report": [good({"n": 1})]}
    with language_model_process(script) as model:
        here = install(
            LANGUAGE_MODEL="compatible:model-1", LANGUAGE_MODEL_URL=f"{model.url}/v1", LANGUAGE_MODEL_KEY=model.key
        )
        driver = Driver(here.app, here.admin)
        first = here.start_worker()
        run_id = driver.start(THREE)
        until(lambda: "Letter" in model.counts()["by_document"], seconds=30, what="the second call")

        # When its worker is killed in the middle of the call, and another one lives
        first.kill()
        first.wait()
        model.tell({"Letter": [good({"text": "the letter"})]})
        here.start_worker()

        # Then the other one asks only for what was never answered
        until(lambda: driver.over(run_id), seconds=60, what="the end of the run")
        assert driver.row(run_id).state is ExecutionState.COMPLETED
        assert model.counts()["by_document"] == {"Brief": 1, "Letter": 2, "Report": 1}
        assert len(driver.documents(run_id)) == 3
        assert len(driver.calls(run_id)) == 3


THREE = definition(
    [production("brief", "brief", "project"), production("letter", "letter", "project"),
     production("report", "report", "project")],
    {"brief": {"name": "Brief", "scope": "project"}, "letter": {"name": "Letter", "scope": "project"},
     "report": {"name": "Report", "scope": "project"}},
)  # fmt: skip
