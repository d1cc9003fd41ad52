"""A run as people follow it: its steps and items as a tree, opened ones from their rows, the rest from the definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from core.catalog.automated import AnyStep, AutomatedWorkflow, Iteration, Production
from core.executions.automated.rules import AT_GATE, OVER, STEP_WORDS, NodeState
from core.executions.automated.tables import RunNode
from core.executions.automated.tree import path_of

ITEM = "item"
ITERATION = "iteration"


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls of language models took; sums of one currency each, never one over all."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    model_ms: int = 0
    cost: Mapping[str, Decimal] = field(default_factory=dict)
    unpriced: int = 0
    """Calls whose price is not known."""

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Spent) -> Spent:
        if not other.calls:
            return self
        if not self.calls:
            return other
        currencies = [*self.cost, *(one for one in other.cost if one not in self.cost)]
        cost = {one: self.cost.get(one, Decimal(0)) + other.cost.get(one, Decimal(0)) for one in currencies}
        return Spent(
            self.calls + other.calls, self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out,
            self.model_ms + other.model_ms, cost, self.unpriced + other.unpriced,
        )  # fmt: skip


NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the items of an iteration are."""

    done: int
    failed: int
    total: int

    @property
    def current(self) -> int:
        """The item that is worked on, for "3 of 7": the first that is not over, or the last one."""
        return min(self.done + self.failed + 1, self.total)


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One step or item. Where no row is yet, `opened` is False and it waits for its turn."""

    path: str
    parent: str | None
    position: int
    step_id: str
    kind: str
    title: str
    state: NodeState
    scope: str
    scope_id: str
    item_id: str | None
    generation: int
    attempts: int
    error: str | None
    started_at: datetime | None
    ended_at: datetime | None
    spent: Spent
    """Of its own calls and of all below it."""
    children: tuple[TreeNode, ...] = ()
    opened: bool = True

    @property
    def word(self) -> str:
        """Its state as SPEC W3 names it."""
        return STEP_WORDS[self.state]

    @property
    def counts(self) -> Counts | None:
        """Of an iteration whose items are known."""
        items = [one.state for one in self.children if one.kind == ITEM]
        if self.kind != ITERATION or not items:
            return None
        return Counts(items.count(NodeState.COMPLETED), items.count(NodeState.FAILED), len(items))

    @property
    def label(self) -> str:
        """Of an item, its number and what it is called."""
        if self.kind != ITEM:
            return self.title
        name = self.title if self.title and self.title != str(self.position + 1) else (self.item_id or "")
        return f"{self.position + 1}. {name}".strip()

    def took(self, now: datetime) -> timedelta | None:
        """From its start to its end, or until now."""
        return (self.ended_at or now) - self.started_at if self.started_at else None

    @property
    def stands(self) -> TreeNode | None:
        """Of an item, the step that it is at: the first that is not completed."""
        return next((one for one in self.children if one.state is not NodeState.COMPLETED), None)

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def waits(self) -> bool:
        return self.state in AT_GATE

    def walk(self) -> Iterator[TreeNode]:
        yield self
        for child in self.children:
            yield from child.walk()


def build(
    rows: Sequence[RunNode], workflow: AutomatedWorkflow | None, spent: Mapping[str, Spent]
) -> tuple[TreeNode, ...]:
    """The steps at the top, each with all below it. Without a definition only what was opened is there."""
    return _Builder(rows, spent).top(workflow)


class _Builder:
    def __init__(self, rows: Sequence[RunNode], spent: Mapping[str, Spent]) -> None:
        self._spent = spent
        self._rows = {row.path: row for row in rows}
        self._below: dict[str | None, list[RunNode]] = {}
        for row in sorted(rows, key=lambda one: one.position):
            parent = row.parent if row.parent in self._rows else None  # an orphan is shown rather than lost
            self._below.setdefault(parent, []).append(row)

    def top(self, workflow: AutomatedWorkflow | None) -> tuple[TreeNode, ...]:
        return self._steps(workflow.steps if workflow else (), (), None)

    def _steps(
        self, steps: Sequence[AnyStep | Iteration], indexes: tuple[int, ...], parent: str | None
    ) -> tuple[TreeNode, ...]:
        """The definition's steps in its order, then what else has a row here."""
        found, seen = [], set[str]()
        for position, step in enumerate(steps):
            path = path_of(step.step_id, indexes)
            seen.add(path)
            row = self._rows.get(path)
            children = self._items(step, path, indexes, row) if isinstance(step, Iteration) else ()
            found.append(
                self._opened(row, children) if row else _to_come(step, path, parent, position, indexes, children)
            )
        others = [row for row in self._below.get(parent, ()) if row.path not in seen and row.kind != ITEM]
        return (*found, *(self._opened(row, self._loose(row)) for row in others))

    def _items(self, step: Iteration, path: str, indexes: tuple[int, ...], row: RunNode | None) -> tuple[TreeNode, ...]:
        """Its items with their steps; while they are not known, the steps once, at paths that no node will have."""
        items = [row for row in self._below.get(path, ()) if row.kind == ITEM]
        if not items and (row is None or row.state not in OVER):
            return self._steps(step.steps, indexes, path)
        return tuple(
            self._opened(row, self._steps(step.steps, (*indexes, row.position + 1), row.path)) for row in items
        )

    def _loose(self, row: RunNode) -> tuple[TreeNode, ...]:
        return tuple(self._opened(one, self._loose(one)) for one in self._below.get(row.path, ()))

    def _opened(self, row: RunNode, children: tuple[TreeNode, ...]) -> TreeNode:
        spent = self._spent.get(row.path, NOTHING)
        for child in children:
            spent += child.spent
        return TreeNode(
            path=row.path, parent=row.parent, position=row.position, step_id=row.step_id, kind=row.kind,
            title=row.title, state=row.state, scope=row.scope, scope_id=row.scope_id,
            item_id=str(row.item["id"]) if row.item and "id" in row.item else None, generation=row.generation,
            attempts=row.attempts, error=row.error, started_at=row.started_at, ended_at=row.ended_at, spent=spent,
            children=children,
        )  # fmt: skip


def _to_come(
    step: AnyStep | Iteration, path: str, parent: str | None, position: int, indexes: tuple[int, ...],
    children: tuple[TreeNode, ...],
) -> TreeNode:  # fmt: skip
    kind = ITERATION if isinstance(step, Iteration) else "production" if isinstance(step, Production) else step.kind
    return TreeNode(
        path=path, parent=parent, position=position, step_id=step.step_id, kind=kind, title=step.heading,
        state=NodeState.PENDING, scope=step.scope, scope_id="", item_id=None, generation=1, attempts=0, error=None,
        started_at=None, ended_at=None, spent=NOTHING, children=children, opened=False,
    )  # fmt: skip
