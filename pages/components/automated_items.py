"""The items of an iteration with what came of each: a table that is filtered and paged."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.executions.automated.rules import NodeState
from core.executions.automated.run_tree import TreeNode
from core.executions.automated.run_views import RunTree
from core.spreadsheets import csv_bytes
from pages.components.automated_rows import state_word
from pages.components.page import Screen
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import price, span

PER_PAGE = 50
ALL = "All items"
_COLUMNS = (
    Column("Item", wide=True), Column("State"), Column("At"), Column("Sent back", number=True),
    Column("Took", number=True), Column("Cost", number=True),
)  # fmt: skip
_FILTERS = {
    ALL: frozenset(NodeState),
    "Failed": frozenset({NodeState.FAILED}),
    "Under way": frozenset(NodeState) - {NodeState.FAILED, NodeState.COMPLETED, NodeState.PENDING},
    "Completed": frozenset({NodeState.COMPLETED}),
    "To come": frozenset({NodeState.PENDING}),
}


def item_table(screen: Screen, tree: RunTree, node: TreeNode) -> None:
    counts = node.counts
    if counts is None:
        empty = node.state is NodeState.COMPLETED
        unknown = "Its items are known when the document with them is there."
        st.markdown("The collection is empty: there was nothing to do." if empty else unknown)
        return
    st.progress((counts.done + counts.failed) / counts.total, text=_sentence(counts.done, counts.failed, counts.total))
    with st.container(border=True, gap="small", key="items"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Items", anchor=False)
            word = st.selectbox(
                "Show", list(_FILTERS), key=f"items-{node.path}", label_visibility="collapsed", width=150
            )
        shown = [one for one in node.children if one.state in _FILTERS[word or ALL]]
        if not shown:
            st.caption("No item is in this state.")
            return
        place = min(max(1, int(st.session_state.get("items-page", 1))), -(-len(shown) // PER_PAGE))
        rows = [_row(screen, tree, one) for one in shown[(place - 1) * PER_PAGE : place * PER_PAGE]]
        row_table(_COLUMNS, rows, label="Items", key="item-table", on_open=_open)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            if len(shown) > PER_PAGE:
                st.pagination(-(-len(shown) // PER_PAGE), key="items-page")
            st.download_button(
                "Export CSV", icon=":material/download:", type="tertiary", key="export-items", on_click="ignore",
                data=lambda: csv_bytes(_HEADER, [_line(screen, tree, one) for one in shown]),
                file_name=f"{node.step_id[:60]}.csv", mime="text/csv",
            )  # fmt: skip


_HEADER = ("number", "id", "title", "state", "at", "outputs_sent_back", "error", "seconds", "calls", "tokens")


def _sentence(done: int, failed: int, total: int) -> str:
    words = f"{done:,} of {total:,} done"
    return f"{words}, {failed:,} failed" if failed else words


def _row(screen: Screen, tree: RunTree, item: TreeNode) -> Row:
    mine = {gate.path for gate in tree.mine}
    at = _stands(item)
    word, tone = state_word(item.state)
    if at is not None and (at.waits or at.path in mine):
        word, tone = state_word(at.state, mine=at.path in mine)
    took = item.took(tree.head.ended_at or screen.app.clock.now())
    cells = (
        Cell(item.label, item.label), Cell(word, _error(item), tone), Cell(at.label if at and item.started_at else ""),
        Cell(f"{_sent_back(item):,}" if _sent_back(item) else ""),
        Cell(span(took.total_seconds() * 1000) if took is not None else ""),
        Cell(" + ".join(_money(item))),
    )  # fmt: skip
    return Row(item.path, cells, f"/runs?run={tree.head.id}&node={item.path}")


def _line(screen: Screen, tree: RunTree, item: TreeNode) -> tuple[object, ...]:
    took, at = item.took(tree.head.ended_at or screen.app.clock.now()), _stands(item)
    return (
        item.position + 1, item.item_id, item.title, item.word, at.step_id if at else "", _sent_back(item),
        _error(item), took.total_seconds() if took is not None else None, item.spent.calls, item.spent.tokens,
    )  # fmt: skip


def _money(item: TreeNode) -> Sequence[str]:
    return [price(value, currency) for currency, value in sorted(item.spent.cost.items())]


def _stands(item: TreeNode) -> TreeNode | None:
    """The step that it is at, however deep."""
    at = item.stands
    while at is not None and at.children:
        below = next((one for one in at.children if one.state is not NodeState.COMPLETED), None)
        if below is None or not below.opened:
            return at
        at = below.stands or below if below.kind == "item" else below
    return at


def _sent_back(item: TreeNode) -> int:
    return sum(node.attempts for node in item.walk())


def _error(item: TreeNode) -> str:
    return next((node.error for node in item.walk() if node.error), "")


def _open(path: str) -> None:
    st.query_params["node"] = path
