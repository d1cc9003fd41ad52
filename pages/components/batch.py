"""Deciding like cards together: what is picked, every plan in short, one reason, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from uuid import UUID

import streamlit as st

from core.actions.cards import Card, InboxRow
from core.actions.deciding import BatchResult
from core.actions.queries import Progress
from core.actions.rules import ActionState
from core.errors import NotFound
from pages.components.card_list import pick, picked
from pages.components.card_notice import forget_what_was_seen
from pages.components.card_story import impact_words
from pages.components.dialogs import dialog
from pages.components.page import Screen, perform, show_messages
from pages.components.status import look
from pages.components.words import count, money

PLACE = "batch"
_RESULTS = "_batch_results"
_LIVE = frozenset({ActionState.APPROVED, ActionState.EXECUTING})


def batch_bar(screen: Screen, rows: Sequence[InboxRow], *, key: str) -> None:
    """Says how many of `rows` are picked in the list `key`, and lets them be decided together if they are alike."""
    chosen = [row for row in rows if str(row.id) in picked(key)]
    if not chosen:
        return
    operations = {row.operation for row in chosen}
    alike = [row for row in rows if row.operation == chosen[0].operation and row.state is ActionState.PENDING]
    open_ones = [row for row in chosen if row.why_not_decide is None and row.state is ActionState.PENDING]
    with st.container(key="batch-bar", border=True):
        words = f"**{len(chosen)} selected**"
        if len(operations) > 1:
            words += ". Different operations are decided one by one; keep to one kind."
        elif not open_ones:
            words += ". You may not decide any of them."
        elif len(open_ones) < len(chosen):
            words += f", {count(len(chosen) - len(open_ones), 'of them is', 'of them are')} not yours to decide."
        st.markdown(words)
        with st.container(horizontal=True, gap="small"):
            if st.button(
                f"Approve {len(open_ones)} together…", icon=":material/done_all:", type="primary", key="batch-approve",
                disabled=len(operations) > 1 or not open_ones,
            ):  # fmt: skip
                st.session_state.pop(_RESULTS, None)
                _batch_dialog(screen, _read(screen, open_ones), key)
            if len(alike) > len(chosen) or len(operations) > 1:
                ids = tuple(str(row.id) for row in alike)
                st.button(
                    f"All {len(alike)} like the first", icon=":material/select_all:", key="batch-alike",
                    on_click=pick, args=(key, ids), help="Selects every card of this page with the same operation.",
                )  # fmt: skip
            st.button("Clear", icon=":material/close:", key="batch-clear", on_click=pick, args=(key, ()))


def _read(screen: Screen, rows: Sequence[InboxRow]) -> list[Card]:
    """The cards as they are at this moment: what the dialog shows is what its button approves."""
    found = []
    for row in rows:
        try:
            found.append(screen.app.actions_queries.card(screen.actor, row.id))
        except NotFound:
            continue
    return found


@dialog("Approve together", width="large")
def _batch_dialog(screen: Screen, cards: Sequence[Card], key: str) -> None:
    results: Sequence[BatchResult] | None = st.session_state.get(_RESULTS)
    if results is not None:
        _show_results(screen, results, key)
        return
    st.caption("Each plan is approved in the version you see here. One that changes before your click is left alone.")
    st.html(f'<ul class="batch">{"".join(_plan(card) for card in cards)}</ul>')
    st.text_area("Reason (optional)", key="batch-reason", max_chars=2000, help="Recorded on each of them.")
    show_messages(PLACE)
    shown = tuple((card.row.id, card.row.plan_digest) for card in cards)
    st.button(
        f"Approve & execute {len(cards)}", type="primary", icon=":material/done_all:", key="batch-confirm",
        on_click=_approve_all, args=(screen, shown),
    )  # fmt: skip


def _approve_all(screen: Screen, shown: Sequence[tuple[UUID, str]]) -> None:
    reason = str(st.session_state.get("batch-reason", ""))
    done = perform(lambda actor: screen.app.actions.approve_many(actor, shown, reason), place=PLACE)
    if done is not None:
        st.session_state[_RESULTS] = done
        forget_what_was_seen()


def _plan(card: Card) -> str:
    """One plan in short: title, what it does to whom, sums, risk, and the rule that will refuse it."""
    row, message = card.row, card.plan.message
    facts = [f"{row.risk.value} risk"]
    facts += [money(one.value, one.currency) for one in card.plan.amounts] or impact_words(row.impact)[:1]
    facts.append("can be undone" if row.reversible else "cannot be undone")
    stop = next((verdict.words for verdict in card.verdicts if verdict.stops), "")
    lines = [
        f"<b>{escape(row.title)}</b>",
        f"<span>{escape(row.summary)}</span>",
        f"<span>To {escape(', '.join(message.recipients))}</span>" if message else "",
        f'<span class="quiet">{escape(" · ".join(facts))}</span>',
        f'<span class="stop">✕ {escape(stop)}</span>' if stop else "",
    ]
    return f"<li>{''.join(line for line in lines if line)}</li>"


def _show_results(screen: Screen, results: Sequence[BatchResult], key: str) -> None:
    """What became of each; those that a worker has in its hands are looked at again until it is done."""
    going = [one.id for one in results if one.state in _LIVE]

    def draw() -> None:
        now = screen.app.actions_queries.progress(going)
        done = sum(_state(one, now) is ActionState.EXECUTED for one in results)
        refused = sum(one.error is not None for one in results)
        words = [f"{done} of {len(results)} executed"]
        if refused:
            words.append(f"{refused} left as they were")
        st.markdown(f"**{', '.join(words)}.**")
        st.html(f'<ul class="batch">{"".join(_result(one, now) for one in results)}</ul>')

    st.fragment(draw, run_every=0.5 if going else None)()
    if st.button("Done", type="primary", key="batch-done"):
        pick(key, ())
        st.rerun()


def _state(result: BatchResult, now: Mapping[UUID, Progress]) -> ActionState | None:
    return now[result.id].state if result.id in now else result.state


def _result(result: BatchResult, now: Mapping[UUID, Progress]) -> str:
    state = _state(result, now)
    if result.error is not None:
        sign, words = "–", result.error
    elif state is ActionState.PENDING:
        sign, words = "◷", "Your vote is counted; others have to approve it too."
    elif state in _LIVE:
        sign, words = "◷", "Approved. A worker has it."
    elif state is ActionState.EXECUTED:
        sign, words = "✓", f"Executed. {_reference(now, result.id)}"
    else:
        known = now.get(result.id)
        sign, words = "✕", (known.error if known and known.error else look(state.value if state else "unknown")[0])
    return f'<li><b><span aria-hidden="true">{sign}</span> {escape(result.title)}</b><span>{escape(words)}</span></li>'


def _reference(now: Mapping[UUID, Progress], action_id: UUID) -> str:
    known = now.get(action_id)
    return f"Reference {known.reference}" if known and known.reference else ""
