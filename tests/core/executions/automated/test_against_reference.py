"""Random definitions, run by the engine and by an interpreter of thirty lines that knows no database and no gate."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actor import Actor
from core.bootstrap import Application
from core.decisions.rules import Vote
from core.executions.automated.rules import GateKind, NodeState
from core.executions.rules import ExecutionState
from core.language_models.service import Question
from tests.core.executions.automated.driving import Driver, SaidModel, definition, each, production

QUESTION = {
    "id": "WHAT", "text": "What is meant?", "why_it_matters": "It is not said.", "priority": "must",
    "constraint_kind": "scope", "answer_type": "free_text", "blocking": True,
}  # fmt: skip
DEPTH = 4
_names = count(1)


@dataclass(frozen=True)
class Leaf:
    accepted: bool
    revise: bool
    manual: bool


@dataclass(frozen=True)
class Loop:
    steps: tuple[Leaf | Loop, ...]
    at_once: int
    goes_on: bool


leaves = st.builds(Leaf, st.booleans(), st.booleans(), st.integers(0, 5).map(lambda number: number == 0))


def loops(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Loop]:
    at_once = st.integers(1, 3)
    # What is begun before the first item fails is a matter of timing where several are worked on at once.
    return st.builds(
        lambda steps, number, goes_on: Loop(tuple(steps), number, goes_on or number > 1),
        st.lists(inside, min_size=1, max_size=2), at_once, st.booleans(),
    )  # fmt: skip


def trees(depth: int) -> st.SearchStrategy[Any]:
    return leaves if depth == 0 else st.one_of(leaves, loops(trees(depth - 1)))


@dataclass(frozen=True)
class Fate:
    """What becomes of one document: drawn from the seed, so that both interpreters know it."""

    questions: int
    bad: int
    rejected: bool
    items: int

    @classmethod
    def of(cls, seed: int, step: str, item: str) -> Fate:
        drawn = hashlib.sha256(f"{seed} {step} {item}".encode()).digest()
        bad = drawn[1] % 4 if drawn[1] % 16 else 4
        return cls(questions=drawn[0] % 3 // 2, bad=bad, rejected=drawn[2] % 4 == 0, items=drawn[3] % 4)


class Trial:
    """A tree as a definition, and as what it must come to."""

    def __init__(self, tree: tuple[Leaf | Loop, ...], seed: int) -> None:
        self.seed = seed
        self.documents: dict[str, Any] = {}
        self.scopes: dict[str, Any] = {"s0": {"parent": None}}
        self.entities: dict[str, Any] = {}
        self.leaves: dict[str, Leaf] = {}
        self._ids = count(1)
        self.steps = self._steps(tree, 0)
        self.definition = definition(
            self.steps, self.documents, scopes=self.scopes, entities=self.entities, workflow_id=f"trial_{next(_names)}"
        )
        self.expected: dict[tuple[str, str, int], None] = {}
        self.states: dict[str, NodeState] = {}

    def _steps(self, tree: tuple[Leaf | Loop, ...], depth: int, entity: str | None = None) -> list[Any]:
        found: list[Any] = []
        scope = f"s{depth}" if entity is None else entity
        inputs = [] if entity is None else [{"entity_type": entity, "scope": scope, "context": True}]
        for one in tree:
            name = f"step{next(self._ids)}"
            if isinstance(one, Leaf):
                found.append(self._leaf(name, one, scope, inputs, None))
                continue
            inner = f"{name}_item"
            self.scopes[inner] = {"parent": scope}
            self.entities[inner] = {"name": inner, "parent_doc_type": f"{name}_source_doc", "creates_scope": inner}
            found.append(self._leaf(f"{name}_source", Leaf(False, False, False), scope, inputs, inner))
            below = self._steps(one.steps, depth + 1, inner)
            found.append(
                each(name, f"{name}_source_doc", "items", inner, inner, below, items_at_once=one.at_once,
                     on_item_failure="continue" if one.goes_on else "stop")
            )  # fmt: skip
        return found

    def _leaf(self, name: str, leaf: Leaf, scope: str, inputs: list[Any], owns: str | None) -> Any:
        self.leaves[name] = leaf
        self.documents[f"{name}_doc"] = {
            "name": name, "scope": scope, "acceptance_required": leaf.accepted,
            "json_schema": {"type": "object", "required": ["good"]},
            **({"on_rejection": "revise"} if leaf.revise else {}),
            **({"may_own": [owns], "collection_field": "items"} if owns else {}),
        }  # fmt: skip
        more = {"execution_mode": "manual"} if leaf.manual else {}
        return production(name, f"{name}_doc", scope, inputs, **more)

    # -- the reference ----------------------------------------------------------------------------------------------

    def interpret(self) -> ExecutionState:
        done = self._run(self.steps, "", (), ())
        return ExecutionState.COMPLETED if done else ExecutionState.FAILED

    def _run(self, steps: list[Any], item: str, ids: tuple[str, ...], numbers: tuple[int, ...]) -> bool:
        return all(self._do(step, item, ids, numbers) for step in steps)

    def _do(self, step: Any, item: str, ids: tuple[str, ...], numbers: tuple[int, ...]) -> bool:
        mark = f"[{','.join(map(str, numbers))}]" if numbers else ""
        done = self._loop(step, item, ids, numbers) if "steps" in step else self._write(step["step_id"], item, ids)
        self.states[step["step_id"] + mark] = NodeState.COMPLETED if done else NodeState.FAILED
        return done

    def _write(self, name: str, item: str, ids: tuple[str, ...]) -> bool:
        fate, leaf = Fate.of(self.seed, name, item), self.leaves[name]
        if fate.bad > 3:
            return False
        key = (f"{name}_doc", "/".join(ids))
        self.expected[(*key, 1)] = None
        if leaf.accepted and fate.rejected:
            if leaf.revise:
                self.expected[(*key, 2)] = None
            return leaf.revise
        return True

    def _loop(self, step: Any, item: str, ids: tuple[str, ...], numbers: tuple[int, ...]) -> bool:
        name, whole = step["step_id"], True
        size = Fate.of(self.seed, f"{name}_source", item).items
        path = f"{name}[{','.join(map(str, numbers))}" if numbers else f"{name}["
        for number in range(1, size + 1):
            at = f"{path}{',' if numbers else ''}{number}]"
            if not whole and step["on_item_failure"] == "stop":
                self.states[at] = NodeState.PENDING
                continue
            inner = f"{item}.{number}"
            done = self._run(step["steps"], inner, (*ids, inner), (*numbers, number))
            self.states[at] = NodeState.COMPLETED if done else NodeState.FAILED
            whole = whole and done
        return whole

    # -- the model --------------------------------------------------------------------------------------------------

    def says(self) -> Any:
        asked: Counter[tuple[str, str]] = Counter()

        def answer(task: str, question: Question) -> Any:
            name = task.removesuffix(" v1.0")
            found = re.findall(r'"id": "(\.[.0-9]+)"', question.messages[0].text)
            item = max(found, key=len, default="")
            asked[name, item] += 1
            fate, turn = Fate.of(self.seed, name, item), asked[name, item]
            if turn <= fate.questions:
                return {"mode": "questions_only", "questions": [QUESTION]}
            if turn <= fate.questions + fate.bad:
                return {"bad": turn}
            made = {"good": turn}
            return made | {"items": [{"id": f"{item}.{number}"} for number in range(1, fate.items + 1)]}

        return answer


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(trees(DEPTH), min_size=1, max_size=2).map(tuple), st.integers(0, 2**32))
def test_every_definition_comes_to_what_the_reference_says(
    app: Application, admin: Actor, tree: tuple[Leaf | Loop, ...], seed: int
) -> None:
    trial = Trial(tree, seed)
    expected = trial.interpret()
    run = Driver(app, admin, SaidModel(trial.says()))
    run_id = run.start(trial.definition)
    state = run.drive(run_id)
    while state not in (ExecutionState.COMPLETED, ExecutionState.FAILED):
        gates = run.gates(run_id)
        assert gates, f"it waits for nothing, as {state}"
        for gate in gates:
            if gate.kind is GateKind.ACCEPTANCE:
                name = gate.content["doc_type"].removesuffix("_doc")
                item = gate.content["scope_id"].rsplit("/", 1)[-1]
                no = Fate.of(seed, name, item).rejected and gate.content["version"] == 1
                run.vote(gate, Vote.REJECT if no else Vote.APPROVE, reason="again" if no else "")
            elif gate.kind is GateKind.CLARIFICATION:
                run.answer(gate, {"WHAT": {"resolution": "answered", "value": "this"}})
            else:
                assert gate.kind is GateKind.START
                run.answer(gate, {})
        state = run.drive(run_id)

    assert state is expected
    assert run.documents(run_id).keys() == trial.expected.keys()
    assert {path: node.state for path, node in run.nodes(run_id).items()} == trial.states
