"""One step or item of a run: what it was given, what it made, its attempts, what it cost, and the way to try again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.actor import Role
from core.catalog.automated import Input
from core.catalog.kinds import find_kinds
from core.executions.automated.asked import NOBODY
from core.executions.automated.rules import CallOutcome, GateState, NodeState
from core.executions.automated.run_documents import DocumentLine
from core.executions.automated.run_tree import ITEM, ITERATION, Spent, TreeNode
from core.executions.automated.run_views import Call, GateBehind, RunTree
from pages.components.automated_document import content_html, show_document
from pages.components.automated_items import item_table
from pages.components.automated_rows import shows_progress, state_word
from pages.components.page import Screen, carried_out
from pages.components.way import way
from pages.components.words import ago, count, moment, plain, plain_label, price, sentence, span

KINDS = {"production": "Writes a document", ITERATION: "Goes through items", ITEM: "Item"}
CALLS_SHOWN = 20
OUTCOMES = {
    CallOutcome.RECEIVED: "answered",
    CallOutcome.DOCUMENT: "wrote the document",
    CallOutcome.QUESTIONS: "asked questions",
    CallOutcome.SENT_BACK: "was sent back",
    CallOutcome.FAILED: "gave no answer",
}


def kind_words(name: str) -> str:
    """What kind of step it is; one that was there when the run began may be gone by now."""
    kind = find_kinds().get(name)
    return KINDS.get(name) or (kind.title if kind else sentence(name))


def show_node(screen: Screen, tree: RunTree, node: TreeNode) -> None:
    _header(screen, tree, node)
    if node.kind == ITERATION:
        item_table(screen, tree, node)
    if node.kind == ITEM:
        _item(screen, tree, node)
    for line in (one for one in tree.documents if one.path == node.path):
        show_document(screen, tree.head.id, line, key=f"{line.doc_type}-{line.scope_id}")
    if node.opened and node.kind not in (ITEM, ITERATION):
        _answered(screen, tree, node)
        _inputs(tree, node)
        _calls(screen, tree, node)


def _header(screen: Screen, tree: RunTree, node: TreeNode) -> None:
    above = tree.above(node)
    trail = " › ".join(one.label for one in above if one.kind == ITEM)
    if trail:
        st.caption(plain_label(trail))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(plain(node.label), anchor=False, width="content")
        word, colour = state_word(node.state, mine=any(one.for_me for one in tree.gates_of(node.path)))
        st.badge(word, color=colour)
    st.caption(" · ".join(_facts(screen, tree, node)))
    if node.error and node.state is NodeState.COMPLETED:
        st.info(plain(node.error), icon=":material/info:")
    elif node.error:
        st.error(plain(node.error), icon=":material/error:")
    elif not node.opened:
        st.markdown(_to_come(tree, above))
    if node.state is NodeState.FAILED and str(node.error).startswith(NOBODY) and screen.actor.has(Role.ADMIN):
        way("Open the councils", "/councils")
    if node.state is NodeState.FAILED and tree.head.may_steer:
        what = "this item" if node.kind == ITEM else "here"
        st.button(
            f"Retry from {what}" if node.kind != ITEM else "Retry this item", icon=":material/replay:",
            key="retry-node", on_click=_retry, args=(screen, tree, node.path),
            help="What failed here is done again with a new budget; what is finished stays.",
        )  # fmt: skip


def _to_come(tree: RunTree, above: Sequence[TreeNode]) -> str:
    if tree.head.is_over:
        return "The run ended before this step."
    if any(one.kind == ITERATION and one.counts is None for one in above):
        return "Waits for its turn; it is done once for each item."
    return "Waits for its turn. It begins when the steps before it are done."


def _facts(screen: Screen, tree: RunTree, node: TreeNode) -> list[str]:
    """What kind, how long, which attempt, how much."""
    facts = [kind_words(node.kind)]
    took = node.took(tree.head.ended_at or screen.app.clock.now())
    if took is not None:
        words = span(took.total_seconds() * 1000)
        facts.append(f"took {words}" if node.is_over else f"{words} so far")
    if said := shows_progress(node):
        facts.append(said)
    if node.attempts and node.is_over:
        facts.append(f"{count(node.attempts, 'output')} sent back")
    if node.generation > 1:
        facts.append(f"begun {node.generation} times")
    if node.spent.calls:
        facts.append(spent_words(node.spent))
    return facts


def spent_words(spent: Spent) -> str:
    """`3 calls, 3,000 tokens, $0.01 and €0.50`; sums of one currency each."""
    words = [count(spent.calls, "call"), count(spent.tokens, "token")]
    words += [plain(cost_words(spent))] if spent.cost else []
    words += [f"{spent.unpriced:,} unpriced"] if spent.unpriced else []
    return ", ".join(words)


def cost_words(spent: Spent) -> str:
    """Money in each of its currencies."""
    return " and ".join(price(value, currency) for currency, value in sorted(spent.cost.items()))


def _item(screen: Screen, tree: RunTree, node: TreeNode) -> None:
    content = screen.app.tree_queries.entity(screen.actor, tree.head.id, node.path)
    if content is not None:
        with st.container(border=True, gap="xsmall", key="item-content"):
            st.subheader("What it is", anchor=False)
            st.html(f'<article class="document">{content_html(content)}</article>')
    with st.container(border=True, gap="xsmall", key="item-steps"):
        st.subheader("Its steps", anchor=False)
        for step in node.children:
            word, colour = state_word(step.state)
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.button(
                    plain_label(step.label),
                    type="tertiary",
                    key=f"to-{step.path}",
                    on_click=open_node,
                    args=(step.path,),
                )
                st.badge(word, color=colour)


def _answered(screen: Screen, tree: RunTree, node: TreeNode) -> None:
    """Who opened its gates so far."""
    closed = screen.app.tree_queries.gates_behind(screen.actor, tree.head.id, node.path)
    if not closed:
        return
    with st.container(border=True, gap="xsmall", key="node-gates"):
        st.subheader("Who let it go on", anchor=False)
        for gate in closed:
            when = f", {moment(gate.at, screen.zone)}" if gate.at else ""
            reason = f": {plain(gate.reason)}" if gate.reason else ""
            st.markdown(f"{plain(gate.title)} :gray[{_ending(gate)}{when}]{reason}")


def _ending(gate: GateBehind) -> str:
    if gate.state is GateState.WITHDRAWN:
        return "taken back"
    word = "" if gate.approved is None else "approved " if gate.approved else "rejected "
    return f"{word}by {plain(gate.who)}" if gate.who else "went on by itself"


def _inputs(tree: RunTree, node: TreeNode) -> None:
    given = _inputs_of(tree, node)
    if not given:
        return
    with st.container(border=True, gap="xsmall", key="node-input"):
        st.subheader("What it was given", anchor=False)
        for one in given:
            _input(tree, node, one)


def _input(tree: RunTree, node: TreeNode, one: Input) -> None:
    if one.entity_type is not None:
        around = [item for item in tree.above(node) if item.kind == ITEM]
        for item in [item for item in around if item.scope == one.scope][:1] or around[-1:]:
            st.button(
                f"Item: {plain_label(item.label)}", type="tertiary", icon=":material/crop_square:",
                key=f"input-{item.path}", on_click=open_node, args=(item.path,),
            )  # fmt: skip
        return
    seen = [line for line in tree.documents if line.doc_type == one.doc_type and line.is_seen_from(node.scope_id)]
    for line in sorted(seen, key=lambda found: -len(found.scope_id))[:1]:
        _document_way(line)
    if not seen:
        st.caption(
            f"{plain(sentence(one.doc_type or ''))}: not there" + (" yet." if one.required else ", and not needed.")
        )


def _document_way(line: DocumentLine) -> None:
    version = line.current
    words = f"{plain(line.name)}, version {version.version}" + (", accepted" if version.accepted_at else "")
    if version.path is None:
        st.caption(f"{words}: given at the start.")
    else:
        st.button(
            words, type="tertiary", icon=":material/description:", key=f"input-{line.doc_type}-{line.scope_id}",
            on_click=open_node, args=(version.path,),
        )  # fmt: skip


def _inputs_of(tree: RunTree, node: TreeNode) -> Sequence[Input]:
    if tree.workflow is None:
        return ()
    steps = (step for _, step, _ in tree.workflow.all_steps() if step.step_id == node.step_id)
    return next((getattr(step, "inputs", ()) for step in steps), ())


def _calls(screen: Screen, tree: RunTree, node: TreeNode) -> None:
    if not node.spent.calls:
        return
    calls, total = screen.app.tree_queries.calls(screen.actor, tree.head.id, path=node.path, limit=CALLS_SHOWN)
    with st.container(border=True, gap="xsmall", key="node-calls"):
        st.subheader("Calls of the language model", anchor=False)
        for call in calls:
            _call(screen, call)
        if total > len(calls):
            st.caption(f"The first {len(calls)} of {total:,}.")


def _call(screen: Screen, call: Call) -> None:
    cost = price(call.cost, call.currency) if call.cost is not None and call.currency else "price unknown"
    facts = (
        OUTCOMES[call.outcome], span(call.latency_ms) if call.latency_ms >= 1000 else f"{call.latency_ms} ms",
        f"{call.tokens_in + call.tokens_out:,} tokens", cost, ago(call.called_at, screen.app.clock.now()),
    )  # fmt: skip
    st.markdown(f"**{plain(call.model)}** {plain(' · '.join(facts))}")
    st.caption(plain(" with ".join(_prompt_names(call.prompts))))
    for finding in call.findings:
        st.markdown(
            f":orange[:material/rule:] {plain(str(finding.get('path', '$')))} {plain(str(finding.get('message', '')))}"
        )
    if call.request is not None:
        with st.expander("What was said", icon=":material/forum:"):
            st.code(_said(call.request), language=None, wrap_lines=True)
            st.caption("Answer")
            st.code(call.response or "", language=None, wrap_lines=True)


def _prompt_names(prompts: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [str(one.get("name", name)) for name, one in sorted(prompts.items()) if isinstance(one, Mapping)]


def _said(request: Mapping[str, object]) -> str:
    messages = request.get("messages")
    parts = [f"SYSTEM\n{request.get('system', '')}"]
    for one in messages if isinstance(messages, list) else ():
        parts.append(f"{str(one.get('role', '')).upper()}\n{one.get('text', '')}")
    return "\n\n".join(parts)


def open_node(path: str) -> None:
    st.query_params["node"] = path


def _retry(screen: Screen, tree: RunTree, path: str) -> None:
    carried_out(lambda actor: screen.app.runs.retry(actor, tree.head.id, path), done="It is done again.")
