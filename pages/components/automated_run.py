"""An automated run while it goes on: what it waits for, how far it is, its steps, and the buttons that steer it."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from uuid import UUID

import streamlit as st

from core.executions.automated.rules import NodeState
from core.executions.automated.run_tree import ITERATION, TreeNode
from core.executions.automated.run_views import RunHead, RunTree
from core.executions.rules import RUNNERS, ExecutionState
from pages.components.automated_document import content_html
from pages.components.automated_gates import show_gates
from pages.components.automated_node import cost_words, open_node, show_node
from pages.components.automated_rows import Folding, tree_rows
from pages.components.automated_tree import run_tree
from pages.components.dialogs import close_when_done, dialog, dialog_is_open, done_with_dialog
from pages.components.page import Screen, carried_out, current_actor, show_messages
from pages.components.site_of_run import site_of_run
from pages.components.status import state_badge
from pages.components.words import ago, count, moment, plain, plain_label, span

LOOK_SECONDS = 1.5
"""While a worker is at it."""
LOOK_SECONDS_PARKED = 4.0
"""While it waits for people: only others' clicks can change it."""
_PLACE = "cancel-run"
FAILED_SHOWN = 5


def show_run(screen: Screen, run_id: UUID) -> None:
    """NotFound for a run that one may not see."""
    pulse = screen.app.tree_queries.pulse(screen.actor, run_id)  # before it is read: what comes later is noticed
    tree = screen.app.tree_queries.tree(screen.actor, run_id)
    _header(screen, tree)
    _buttons(screen, tree)
    _troubles(screen, tree)
    site_of_run(screen, tree)
    node = _chosen(tree)
    show_gates(screen, tree, node)
    if node is None:
        st.info("This run has no steps yet.", icon=":material/hourglass_empty:")
    else:
        left, right = st.columns([5, 7], gap="medium")
        with left, st.container(border=True, gap="xsmall", key="run-tree"):
            st.subheader("Steps", anchor=False)
            folding = _folding(run_id)
            rows = tree_rows(tree, node.path, folding, tree.head.ended_at or screen.app.clock.now())
            run_tree(rows, selected=node.path, folding=folding, key="tree", on_select=open_node)
        with right, st.container(key="run-node"):
            show_node(screen, tree, node)
    _about(screen, tree)
    _keep_current(screen, tree, pulse)


# -- the head ---------------------------------------------------------------------------------------------------------


def _header(screen: Screen, tree: RunTree) -> None:
    head, now = tree.head, screen.app.clock.now()
    st.header(plain(head.title), anchor=False)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        state_badge(head.state.value if head.state is not ExecutionState.IN_PROGRESS else "running")
        if head.paused and not head.is_over:
            state_badge("paused")
        if head.sample:
            st.badge("Sample", icon=":material/science:", color="violet")
        st.caption(
            " · ".join(_facts(tree, now)), width="content",
            help=f"Started {moment(head.created_at, screen.zone)}. Run {head.id}.",
        )  # fmt: skip
    st.markdown(_sentence(tree))


def _facts(tree: RunTree, now: datetime) -> list[str]:
    head = tree.head
    owner = head.owner or head.agent or "nobody"
    facts = [plain(owner + (f" with {head.agent}" if head.owner and head.agent else ""))]
    if head.ended_at is not None:
        took = span((head.ended_at - head.created_at).total_seconds() * 1000)
        facts.append(f"took {took}, ended {ago(head.ended_at, now)}")
    else:
        facts.append(f"started {ago(head.created_at, now)}")
    if tree.spent.calls:
        cost = cost_words(tree.spent) or "no price known"
        facts.append(plain(f"{cost}, {tree.spent.tokens:,} tokens, model {span(tree.spent.model_ms)}"))
    waited = head.timer.read(now).wait_ms
    if waited >= 60_000:
        facts.append(f"waited {span(waited)}")
    return facts


def _sentence(tree: RunTree) -> str:
    """How far it is, in words: steps done, and the items of what is under way."""
    done = sum(one.state is NodeState.COMPLETED for one in tree.steps)
    words = [f"**{done} of {count(len(tree.steps), 'step')} done**"]
    for node in _under_way(tree.steps):
        if node.kind == ITERATION and node.counts is not None:
            words.append(f"{plain(node.title)}: {node.counts.current:,} of {node.counts.total:,}" + _failed(node))
    if tree.head.paused and not tree.head.is_over:
        words.append("paused: nothing further begins until it is resumed")
    return " · ".join(words[:4])


def _failed(node: TreeNode) -> str:
    assert node.counts is not None
    return f", {node.counts.failed:,} failed" if node.counts.failed else ""


def _under_way(nodes: tuple[TreeNode, ...]) -> list[TreeNode]:
    """The first chain of what is being worked on, outermost first."""
    found: list[TreeNode] = []
    here = next((one for one in nodes if not one.is_over and one.opened and one.state is not NodeState.PENDING), None)
    while here is not None:
        found.append(here)
        here = next((one for one in here.children if not one.is_over and one.state is not NodeState.PENDING), None)
    return found


def _buttons(screen: Screen, tree: RunTree) -> None:
    head = tree.head
    with st.container(horizontal=True, gap="small"):
        if head.is_over and screen.actor.has(*RUNNERS):
            _again(head)
        if not head.may_steer:
            return
        if head.state is ExecutionState.FAILED or (tree.failed and not head.is_over):
            st.button(
                "Retry all that failed", icon=":material/replay:", key="retry-all",
                type="primary" if head.state is ExecutionState.FAILED else "secondary",
                on_click=_act, args=(screen, tree, "retry"), help="With a new budget; what is finished stays.",
            )  # fmt: skip
        if head.is_over:
            return
        if head.paused:
            st.button(
                "Resume", icon=":material/play_arrow:", type="primary", key="resume", on_click=_act,
                args=(screen, tree, "resume"),
            )  # fmt: skip
        else:
            st.button("Pause", icon=":material/pause:", key="pause", on_click=_act, args=(screen, tree, "pause"))
        if st.button("Cancel…", icon=":material/stop:", key="cancel"):
            _cancel_dialog(screen, tree)


def _again(head: RunHead) -> None:
    """For what a council sent back, and for the next one of its kind."""
    if st.button(
        "Start again with these inputs", icon=":material/restart_alt:", key="start-again",
        help="Opens the form, filled as it was for this run. This run stays as it is.",
    ):  # fmt: skip
        st.switch_page("pages/discover.py", query_params={"start": head.workflow_id, "like": str(head.id)})


@dialog("Cancel the run")
def _cancel_dialog(screen: Screen, tree: RunTree) -> None:
    close_when_done()
    st.markdown("What waits for people is taken back, and no further step begins. Documents and what was done stay.")
    st.text_area("Reason", key="cancel-reason", max_chars=2000, placeholder="The range was dropped.")
    show_messages(_PLACE)
    st.button(
        "Cancel the run",
        icon=":material/stop:",
        type="primary",
        key="cancel-run",
        on_click=_cancel,
        args=(screen, tree),
    )


# -- what is wrong, and what it waits for -----------------------------------------------------------------------------


def _troubles(screen: Screen, tree: RunTree) -> None:
    head = tree.head
    if head.error:
        st.error(plain(head.error), icon=":material/error:")
    if head.end_reason:
        st.caption(f"Reason: {plain(head.end_reason)}")
    failed = tree.failed
    if not failed:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="failed-steps"):
        st.markdown(f":red[:material/error:] {count(len(failed), 'step')} failed:", width="content")
        for node in failed[:FAILED_SHOWN]:
            trail = " › ".join(one.label for one in (*tree.above(node), node) if one.kind != ITERATION)
            st.button(
                plain_label(trail), type="tertiary", key=f"failed-{node.path}", on_click=open_node, args=(node.path,)
            )
        if len(failed) > FAILED_SHOWN:
            st.caption(f"and {len(failed) - FAILED_SHOWN:,} more", width="content")


# -- below ------------------------------------------------------------------------------------------------------------


def _about(screen: Screen, tree: RunTree) -> None:
    with st.expander("What it was started with, and what happened", icon=":material/history:"):
        if tree.head.inputs:
            st.html(f'<article class="document">{content_html(dict(tree.head.inputs))}</article>')
        else:
            st.caption("It was started without inputs.")
        for one in screen.app.tree_queries.events(screen.actor, tree.head.id, limit=50):
            words = one.event.removeprefix("run.").replace("_", " ").replace(".", " ")
            st.caption(f"{moment(one.at, screen.zone)} · {plain(one.who)} · {plain(words)}")


def _chosen(tree: RunTree) -> TreeNode | None:
    """The node of the address; else what waits for the reader, what failed, what is under way, the first step."""
    wanted = st.query_params.get("node")
    if wanted and (node := tree.find(wanted[:2000])) is not None:
        return node
    paths = [*(one.path for one in tree.mine), *(one.path for one in tree.failed)]
    paths += [one.path for one in reversed(_under_way(tree.steps))] + [one.path for one in tree.steps[-1:]]
    found = (tree.find(path) for path in paths)
    return next((node for node in found if node is not None), None)


def _folding(run_id: UUID) -> Folding:
    kept: dict[str, Folding] = st.session_state.setdefault("_folding", {})
    return kept.setdefault(str(run_id), Folding())


def _keep_current(screen: Screen, tree: RunTree, pulse: Hashable) -> None:
    """Draws the page anew when something has changed; an ended run changes only by a retry, which draws by itself."""
    if tree.head.is_over:
        return
    parked = bool(tree.gates) or tree.head.paused
    every = timedelta(seconds=LOOK_SECONDS_PARKED if parked else LOOK_SECONDS)
    first = [True]

    def look_again() -> None:
        if first.pop() if first else False:
            return
        if dialog_is_open():
            return
        actor = current_actor()
        if actor is None or screen.app.tree_queries.pulse(actor, tree.head.id) != pulse:
            st.rerun()

    st.fragment(look_again, run_every=every)()


# -- what the buttons do ----------------------------------------------------------------------------------------------

_DONE = {
    "pause": "Paused. What is under way ends.",
    "resume": "It goes on.",
    "retry": "What failed is done again.",
}


def _act(screen: Screen, tree: RunTree, what: str) -> None:
    act = {"pause": screen.app.runs.pause, "resume": screen.app.runs.resume, "retry": screen.app.runs.retry}[what]
    carried_out(lambda actor: act(actor, tree.head.id), done=_DONE[what])


def _cancel(screen: Screen, tree: RunTree) -> None:
    reason = str(st.session_state.get("cancel-reason") or "")
    if carried_out(
        lambda actor: screen.app.runs.cancel(actor, tree.head.id, reason, version=None), done="Cancelled.", place=_PLACE
    ):
        done_with_dialog()
