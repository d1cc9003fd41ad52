"""What an automated run waits for: at the top what waits for the reader, below it what waits for others."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.executions.automated.rules import GateKind
from core.executions.automated.run_tree import ITEM, TreeNode
from core.executions.automated.run_views import OpenGate, RunTree
from pages.components.automated_node import open_node
from pages.components.gate_card import show_gate
from pages.components.page import Screen
from pages.components.way import way
from pages.components.words import ago, count, moment, plain, plain_label

GATES_SHOWN = 5


def show_gates(screen: Screen, tree: RunTree, node: TreeNode | None) -> None:
    """At the top what waits for the reader, one at a time; below in a line each what waits for others."""
    if tree.head.is_over:
        return
    mine = sorted(tree.mine, key=lambda one: node is None or one.path != node.path)
    if mine:
        with st.container(border=True, key="run-gate"):
            show_gate(screen, screen.app.gates_queries.gate(screen.actor, mine[0].id))
        _further(tree, mine[1:])
    others = [one for one in tree.gates if not one.for_me]
    for gate in others[:GATES_SHOWN]:
        _other(screen, tree, gate)
    if len(others) > GATES_SHOWN:
        st.caption(f"It waits at {len(others) - GATES_SHOWN:,} more places; see the steps.")


def _further(tree: RunTree, gates: Sequence[OpenGate]) -> None:
    if not gates:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="further-gates"):
        st.markdown(
            f"{count(len(gates), 'other place')} {'waits' if len(gates) == 1 else 'wait'} for you:", width="content"
        )
        for gate in gates[:GATES_SHOWN]:
            found = tree.find(gate.path)
            trail = " › ".join(one.label for one in tree.above(found) if one.kind == ITEM) if found else ""
            words = f"{gate.title} · {trail}" if trail else gate.title
            st.button(
                plain_label(words), type="tertiary", key=f"gate-at-{gate.path}", on_click=open_node, args=(gate.path,)
            )


def _other(screen: Screen, tree: RunTree, gate: OpenGate) -> None:
    """What it waits for that is not the reader's to answer."""
    now = screen.app.clock.now()
    node = tree.find(gate.path)
    said = f"**{plain(gate.title)}**"
    if node is not None and node.title != gate.title:
        said += f" :gray[{plain(node.title)}]"
    if gate.kind is GateKind.TIME and gate.due_at is not None:
        said += f" · goes on by itself {ago(gate.due_at, now)}, {moment(gate.due_at, screen.zone)}"
    elif gate.kind is GateKind.ACTION:
        said += " · its card is decided in the inbox"
    else:
        view = screen.app.gates_queries.gate(screen.actor, gate.id)
        said += f" · {plain(view.waits_visibly or _why(gate.why_not))}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            f":orange[:material/hourglass_top:] Waits since {ago(gate.opened_at, now)}: {said}", width="stretch"
        )
        if gate.kind is GateKind.ACTION and gate.action_id is not None:
            way("Open the card", "/inbox", {"card": str(gate.action_id)})


def _why(refusal: str | None) -> str:
    return f"Not yours: {refusal}" if refusal else "it waits for others"
