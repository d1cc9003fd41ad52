"""Which lines of a run's tree are on the screen: what is over is folded, and of many items a page is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.executions.automated.rules import NodeState
from core.executions.automated.run_tree import ITEM, ITERATION, TreeNode
from core.executions.automated.run_views import RunTree
from pages.components.status import Colour, look
from pages.components.words import span

ITEMS_A_PAGE = 50
OPEN_BY_THEMSELVES = 3
"""Items of one iteration that are unfolded because they are worked on; further ones wait for a click."""


@dataclass
class Folding:
    """What the reader unfolded (True) or folded (False), and from which item on they look at long iterations."""

    opened: dict[str, bool] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TreeRow:
    """One line. `turn` is set where a click turns to other items of the iteration `path`."""

    path: str
    title: str
    level: int
    state: str
    word: str
    tone: str
    detail: str = ""
    elapsed: int | None = None
    """Milliseconds so far, where the clock still runs."""
    open: bool | None = None
    """Whether it is unfolded; None where nothing lies below it."""
    place: int = 1
    of: int = 1
    turn: int | None = None


def tree_rows(tree: RunTree, selected: str | None, folding: Folding, now: datetime) -> list[TreeRow]:
    """The lines in their order. The way to what is selected is always unfolded."""
    node = tree.find(selected) if selected else None
    way = {one.path for one in tree.above(node)} if node else set()
    mine = {gate.path for gate in tree.mine}
    drawn = _Drawn(folding, frozenset(way), node.path if node else None, mine, tree.head.is_over, now)
    return list(drawn.rows(tree.steps, 1))


def shows_progress(node: TreeNode) -> str:
    """`2 of 3, 1 failed` of an iteration; what there is to say of others."""
    if node.counts is not None:
        counts = node.counts
        failed = f", {counts.failed:,} failed" if counts.failed else ""
        return f"{counts.done:,} of {counts.total:,}{failed}"
    if node.attempts and not node.is_over:
        return f"attempt {node.attempts + 1}"
    return ""


@dataclass(frozen=True)
class _Drawn:
    folding: Folding
    way: frozenset[str]
    selected: str | None
    mine: set[str]
    over: bool
    now: datetime

    def rows(self, nodes: Sequence[TreeNode], level: int) -> Iterator[TreeRow]:
        for place, node in enumerate(nodes, start=1):
            yield from self._row(node, level, place, len(nodes), unfold=False)

    def _row(self, node: TreeNode, level: int, place: int, of: int, *, unfold: bool) -> Iterator[TreeRow]:
        opened = self._is_open(node, unfold)
        yield self._line(node, level, place, of, opened)
        if not opened:
            return
        if node.kind == ITERATION and node.counts is not None:
            yield from self._items(node, level + 1)
        else:
            yield from self.rows(node.children, level + 1)

    def _is_open(self, node: TreeNode, unfold: bool) -> bool:
        if not node.children:
            return False
        told = self.folding.opened.get(node.path)
        if told is not None:
            return told
        if node.path in self.way:
            return True
        return unfold if node.kind == ITEM else node.opened

    def _items(self, node: TreeNode, level: int) -> Iterator[TreeRow]:
        items = node.children
        first = self._first(node)
        shown = items[first : first + ITEMS_A_PAGE]
        active = [one.path for one in items if one.state not in _AT_REST or one.state is NodeState.FAILED]
        unfolded = set(active[:OPEN_BY_THEMSELVES])
        if first:
            yield self._turn(node, max(0, first - ITEMS_A_PAGE), first, level)
        for item in shown:
            yield from self._row(item, level, item.position + 1, len(items), unfold=item.path in unfolded)
        if first + ITEMS_A_PAGE < len(items):
            yield self._turn(node, first + ITEMS_A_PAGE, len(items), level)

    def _first(self, node: TreeNode) -> int:
        """The page that the reader turned to, else the one with what is selected, else with what is worked on."""
        items = node.children
        if node.path in self.folding.first:
            return max(0, min(self.folding.first[node.path], len(items) - 1)) // ITEMS_A_PAGE * ITEMS_A_PAGE
        wanted = {*self.way, *([self.selected] if self.selected else [])}
        at = next((place for place, one in enumerate(items) if one.path in wanted), None)
        if at is None:
            at = next((place for place, one in enumerate(items) if one.state is not NodeState.COMPLETED), 0)
        return at // ITEMS_A_PAGE * ITEMS_A_PAGE

    def _turn(self, node: TreeNode, first: int, end: int, level: int) -> TreeRow:
        last = min(first + ITEMS_A_PAGE, end)
        title = f"Items {first + 1:,}–{last:,} of {len(node.children):,}"
        return TreeRow(node.path, title, level, "turn", "", "gray", turn=first)

    def _line(self, node: TreeNode, level: int, place: int, of: int, opened: bool) -> TreeRow:
        word, tone = state_word(node.state, mine=node.path in self.mine)
        took = node.took(self.now)
        runs = took is not None and not node.is_over and not self.over
        parts = [shows_progress(node), word if node.waits else ""]
        if took is not None and not runs and node.state is not NodeState.PENDING:
            parts.append(span(took.total_seconds() * 1000))
        return TreeRow(
            path=node.path, title=node.label, level=level, state=node.state.value, word=word, tone=tone,
            detail=" · ".join(filter(None, parts)),
            elapsed=int(took.total_seconds() * 1000) if took is not None and runs else None,
            open=opened if node.children else None, place=place, of=of,
        )  # fmt: skip


_AT_REST = frozenset({NodeState.PENDING, NodeState.COMPLETED, NodeState.FAILED})


def state_word(state: NodeState, *, mine: bool = False) -> tuple[str, Colour]:
    """(word, colour) of a step's state."""
    if mine:
        return "Waits for you", "orange"
    word, _, tone = look(state.value)
    return word, tone


def as_data(rows: Sequence[TreeRow]) -> list[Mapping[str, object]]:
    return [vars(row) for row in rows]
