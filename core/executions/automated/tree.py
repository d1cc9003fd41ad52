"""The definition as a run walks it: which steps can be done now, given the states of its nodes. Nothing here is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.catalog.automated import AnyStep, AutomatedWorkflow, Iteration
from core.executions.automated.rules import AT_GATE, OVER, NodeState

ITEM = "item"
"""The kind of an item's node; no step's kind is called so."""


def path_of(step_id: str, indexes: Sequence[int]) -> str:
    """`notes[2,1]`: the step below the second item and its first; items count from 1, the top has no brackets."""
    name = step_id.replace("%", "%25").replace("[", "%5B")
    return f"{name}[{','.join(map(str, indexes))}]" if indexes else name


@dataclass(frozen=True)
class Around:
    """One item that a step is in."""

    step: Iteration
    path: str
    """Of the item's node."""
    id: str
    content: Any


@dataclass(frozen=True)
class Place:
    """Where in the tree: the items around it, outermost first, and their numbers."""

    around: tuple[Around, ...] = ()
    indexes: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.around)

    @property
    def parent(self) -> str | None:
        """The path of the innermost item."""
        return self.around[-1].path if self.around else None

    def below(self, item: Around, number: int) -> Place:
        return Place((*self.around, item), (*self.indexes, number))

    def path(self, step_id: str) -> str:
        return path_of(step_id, self.indexes)


@dataclass(frozen=True)
class Node:
    """A node's row, as the worker that has the run knows it."""

    path: str
    parent: str | None
    position: int
    step_id: str
    kind: str
    title: str
    scope: str
    scope_id: str
    state: NodeState
    generation: int = 1
    attempts: int = 0
    item: Mapping[str, Any] | None = None
    """Of an item: {id, entity_type}."""
    error: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    content: Any = None
    """Of an item: what was taken out of the collection."""

    def moved(self, state: NodeState, now: datetime, *, error: str | None = None) -> Node:
        started = self.started_at or (now if state is not NodeState.PENDING else None)
        return replace(self, state=state, error=error, started_at=started, ended_at=now if state in OVER else None)

    def going_on(self) -> Node:
        """What failed because something in it did, and goes on because that is done again."""
        return replace(self, state=NodeState.EXECUTING, error=None, ended_at=None)

    def anew(self) -> Node:
        """To be done from the start, with a budget of its own."""
        return replace(
            self, state=NodeState.PENDING, generation=self.generation + 1, attempts=0, error=None, ended_at=None
        )


@dataclass(frozen=True)
class Task:
    """One step to be begun or gone on with."""

    step: AnyStep | Iteration
    path: str
    position: int
    place: Place
    fresh: bool = False
    """Begun for the first time, just now: there is nothing of it to read."""


@dataclass(frozen=True)
class Tree:
    """A definition with the nodes of one run; a change is another tree."""

    workflow: AutomatedWorkflow
    nodes: Mapping[str, Node]
    items: Mapping[str, tuple[str, ...]]
    """{path of an iteration: the paths of its items, in their order}"""

    @classmethod
    def grown(cls, workflow: AutomatedWorkflow, nodes: Iterable[Node]) -> Tree:
        return cls(workflow, {}, {}).put(*sorted(nodes, key=lambda one: one.position))

    def put(self, *nodes: Node) -> Tree:
        """The tree with these nodes new or changed; new items in the order of their positions."""
        items = dict(self.items)
        for node in nodes:
            if node.kind == ITEM and node.path not in self.nodes:
                assert node.parent is not None
                items[node.parent] = (*items.get(node.parent, ()), node.path)
        return replace(self, nodes={**self.nodes, **{node.path: node for node in nodes}}, items=items)

    def state(self, path: str) -> NodeState:
        node = self.nodes.get(path)
        return node.state if node else NodeState.PENDING

    def items_of(self, path: str) -> list[Node]:
        return [self.nodes[one] for one in self.items.get(path, ())]

    def frontier(self, closed: Collection[str] = ()) -> list[Task]:
        """Everything that can be done now, in the order of the definition.

        `closed` are the paths of steps at a gate that was closed and from which they have not gone on.
        """
        return list(self._steps(self.workflow.steps, Place(), closed))

    def ended(self, steps: Sequence[AnyStep | Iteration], place: Place) -> NodeState | None:
        """What has become of a list of steps: completed, failed, or None while it goes on."""
        for step in steps:
            state = self.state(place.path(step.step_id))
            if state is not NodeState.COMPLETED:
                return NodeState.FAILED if state is NodeState.FAILED else None
        return NodeState.COMPLETED

    def iteration_ended(self, step: Iteration, path: str) -> NodeState | None:
        """The same of an iteration. Items that were begun come to their end whatever becomes of the others."""
        states = {one.state for one in self.items_of(path)}
        if states <= {NodeState.COMPLETED}:
            return NodeState.COMPLETED
        failed = NodeState.FAILED in states
        left = states - {NodeState.COMPLETED, NodeState.FAILED}
        if failed and step.on_item_failure == "stop":
            left -= {NodeState.PENDING}
        return NodeState.FAILED if failed and not left else None

    def what_failed(self) -> str | None:
        """The first step that failed by itself, in a sentence, and how many more did."""
        everything = [one for one in self.nodes.values() if one.state is NodeState.FAILED]
        failed = [one for one in everything if one.kind != ITEM and not self.items.get(one.path)] or everything
        if not failed:
            return None
        more = f" {len(failed) - 1} more failed." if len(failed) > 1 else ""
        return f"{failed[0].title}: {failed[0].error or 'it failed.'}{more}"

    def _steps(self, steps: Sequence[AnyStep | Iteration], place: Place, closed: Collection[str]) -> Iterator[Task]:
        for position, step in enumerate(steps):
            path = place.path(step.step_id)
            state = self.state(path)
            if state is NodeState.COMPLETED:
                continue
            if isinstance(step, Iteration) and state is NodeState.EXECUTING:
                yield from self._items(step, path, place, closed)
            elif state is not NodeState.FAILED and (state not in AT_GATE or path in closed):
                yield Task(step, path, position, place)
            return

    def _items(self, step: Iteration, path: str, place: Place, closed: Collection[str]) -> Iterator[Task]:
        items = self.items_of(path)
        stopped = step.on_item_failure == "stop" and any(one.state is NodeState.FAILED for one in items)
        free = step.items_at_once
        for number, item in enumerate(items, start=1):
            if item.state in (NodeState.COMPLETED, NodeState.FAILED):
                continue
            if free == 0:
                return
            if item.state is NodeState.PENDING and stopped:
                continue
            free -= 1
            assert item.item is not None
            around = Around(step, item.path, item.item["id"], item.content)
            yield from self._steps(step.steps, place.below(around, number), closed)


def kind_of(step: AnyStep | Iteration) -> str:
    """As a node of it is marked: `production`, `iteration`, or one of our own kinds."""
    return "iteration" if isinstance(step, Iteration) else getattr(step, "kind", "production")


def ids_in_scope(workflow: AutomatedWorkflow, place: Place, scope: str) -> tuple[str, ...]:
    """The ids that name the instance of `scope` which a step at `place` sees.

    Of the items around it, up to the innermost one whose scope is `scope` or lies above it; none at the root.
    """
    chain: list[str] = []
    here: str | None = scope
    while here is not None and here not in chain:
        chain.append(here)
        here = workflow.scopes[here].parent if here in workflow.scopes else None
    inside = [number for number, one in enumerate(place.around, start=1) if one.step.scope in chain]
    return place.ids[: max(inside, default=0)]
