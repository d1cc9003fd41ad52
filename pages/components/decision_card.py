"""An open decision card: what will happen, why, the rules, the history, and the buttons."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import streamlit as st

from core.actions.cards import Card, InboxRow
from core.actions.rules import ActionAlreadyDecided, ActionState
from core.actor import Actor
from pages.components.operation_form import operation_form
from pages.components.page import Screen, carried_out, perform, say, show_messages
from pages.components.plan_view import show_plan
from pages.components.status import look, state_badge
from pages.components.words import ago, moment, money, number, percent, plain, sentence

LIVE = frozenset({ActionState.APPROVED, ActionState.EXECUTING})
"""States a worker is about to change: the page looks again by itself."""

PLACE = "card"
REFRESH = "_decided"
"""Set when a decision was made here, so that the list beside the card follows."""

PATIENCE_SECONDS = 0.2


def show_card(screen: Screen, card: Card) -> None:
    """Draws the card; every button is one service call."""
    row, now = card.row, screen.app.clock.now()
    st.header(plain(row.title), anchor=False)
    with st.container(horizontal=True, gap="small"):
        if row.state is not ActionState.PENDING:
            state_badge(row.state.value)
        state_badge(row.priority.value)
        state_badge(row.risk.value, words=f"{sentence(row.risk.value)} risk")
        st.badge("Can be undone" if row.reversible else "Cannot be undone", color="gray")
        if row.sample:
            st.badge("Sample", icon=":material/science:", color="violet")
    st.caption(
        f"Proposed by {plain(row.proposer_name)} {ago(row.proposed_at, now)}"
        + (f" · expires {ago(row.expires_at, now)}" if row.state is ActionState.PENDING else "")
    )
    _buttons(screen, card)
    st.subheader("What will happen" if row.state is ActionState.PENDING else "What was approved", anchor=False)
    show_plan(card.plan)
    _why(card)
    _rules_and_history(screen, card)


def impact_words(impact: Mapping[str, Any]) -> list[str]:
    """The estimate's figures, each with its unit, the most telling first."""
    words: list[str] = []
    revenue = impact.get("revenue_change")
    if isinstance(revenue, Mapping):
        value, currency = Decimal(str(revenue["value"])), str(revenue["currency"])
        words.append(("−" if value < 0 else "+") + money(abs(value), currency, digits=False))
    if hours := impact.get("time_saved_hours"):
        words.append(f"saves {number(Decimal(str(hours)))} h")
    if days := impact.get("cash_runway_change_days"):
        words.append(f"{Decimal(str(days)):+} days of runway")
    if score := impact.get("risk_reduction_score"):
        words.append(f"risk −{number(Decimal(str(score)))}")
    return words


# -- buttons --------------------------------------------------------------------------------------------------------


def _buttons(screen: Screen, card: Card) -> None:
    row = card.row
    if row.error:
        st.error(plain(row.error), icon=":material/error:")
    show_messages(PLACE)
    match row.state:
        case ActionState.PENDING:
            _decide(screen, card)
        case ActionState.APPROVED | ActionState.EXECUTING:
            st.button("Executing…", icon="spinner", type="primary", disabled=True, key="executing")
        case ActionState.EXECUTED:
            st.button("Executed", icon=":material/check:", disabled=True, key="executed")
            _receipt(screen, card)
        case ActionState.FAILED:
            st.button(
                "Retry", icon=":material/refresh:", type="primary", on_click=_retry, args=(screen, row), key="retry"
            )
        case ActionState.UNKNOWN:
            st.warning(
                "This may have happened. Look in the other system, then say what you found.", icon=":material/help:"
            )
            if st.button("Say what you found…", type="primary", key="resolve"):
                _resolve_dialog(screen, row)
        case ActionState.REJECTED:
            who = plain(row.decided_by or "Somebody")
            st.markdown(f"Rejected by **{who}**: {plain(card.decision_reason)}")
        case ActionState.EXPIRED:
            st.markdown(f"Expired {moment(row.expires_at, screen.zone)} without a decision. Nothing was done.")


def _decide(screen: Screen, card: Card) -> None:
    row = card.row
    stop = next((verdict.words for verdict in card.verdicts if verdict.stops), None)
    refusal = card.decision.why_not_vote if card.decision else row.why_not_decide
    if refusal:
        st.info(f"You cannot decide this: {plain(refusal)}", icon=":material/info:")
    elif stop:
        st.info(plain(stop), icon=":material/shield:")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Approve & Execute" if row.council_id is None else "Vote to approve",
            type="primary", icon=":material/check:", shortcut="a", key=f"approve-{row.id}",
            disabled=bool(refusal or stop), on_click=_approve, args=(screen, row),
        )  # fmt: skip
        if st.button("Edit", icon=":material/edit:", shortcut="e", key="edit", disabled=bool(refusal)):
            _edit_dialog(screen, card)
        if st.button("Reject :gray[R]", icon=":material/close:", key="reject", disabled=bool(refusal)):
            _reject_dialog(screen, row)
        choice = st.menu_button(
            "Snooze", list(_SNOOZES), icon=":material/snooze:", key="snooze", disabled=bool(refusal)
        )
        if choice:
            _snooze(screen, row, choice)


def _approve(screen: Screen, row: InboxRow) -> None:
    """A second click of the same person finds it approved by themselves, which is no news."""
    st.query_params["card"] = str(row.id)
    state = perform(lambda actor: _approve_once(screen, actor, row), place=PLACE, gently=(ActionAlreadyDecided,))
    if state is ActionState.APPROVED:
        _wait_for_effect(screen, row.id)
        st.session_state[REFRESH] = True
    elif state is ActionState.PENDING:
        say("info", "Your vote is counted; the council has not finished yet.", place=PLACE)


def _wait_for_effect(screen: Screen, action_id: UUID) -> None:
    """Most effects are there within a tenth of a second: then the next drawing shows the receipt at once."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if screen.app.actions_queries.progress([action_id])[action_id].state not in LIVE:
            return
        time.sleep(0.015)


def _approve_once(screen: Screen, actor: Actor, row: InboxRow) -> ActionState | None:
    try:
        return screen.app.actions.approve(actor, row.id, row.plan_digest)
    except ActionAlreadyDecided as decided:
        if decided.facts["who"] == actor.name and decided.facts["did"] == "approved":
            return None
        raise


def _retry(screen: Screen, row: InboxRow) -> None:
    perform(lambda actor: screen.app.actions.retry(actor, row.id), place=PLACE)


def _snooze(screen: Screen, row: InboxRow, choice: str) -> None:
    until = _SNOOZES[choice](screen.app.clock.now().astimezone(screen.zone))
    perform(
        lambda actor: screen.app.actions.snooze(actor, row.id, until),
        done=f"Snoozed until {moment(until, screen.zone)}.", place=PLACE,
    )  # fmt: skip
    st.rerun()


def _tomorrow(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)


_SNOOZES: Mapping[str, Callable[[datetime], datetime]] = {
    "For an hour": lambda now: now + timedelta(hours=1),
    "Until tomorrow, 09:00": _tomorrow,
    "For three days": lambda now: now + timedelta(days=3),
}


@st.dialog("Reject")
def _reject_dialog(screen: Screen, row: InboxRow) -> None:
    st.write(plain(row.title))
    reason = st.text_area("Reason", key=f"reason-{row.id}", max_chars=2000, help="The proposer reads it.")
    show_messages("dialog")
    if st.button("Reject", type="primary", key="confirm-reject"):
        if perform(lambda actor: screen.app.actions.reject(actor, row.id, reason), place="dialog"):
            st.rerun()
        show_messages("dialog")


@st.dialog("Edit", width="large")
def _edit_dialog(screen: Screen, card: Card) -> None:
    st.caption("Saving makes a new plan and checks the guardrails again. Votes on the old plan are void.")
    schema = screen.app.actions_queries.edit_form(card.row.operation)
    params = operation_form(schema, card.params, key=f"edit-{card.row.id}-{card.row.version}")
    if st.button("Save", type="primary", key="save-edit"):
        row = card.row
        if carried_out(
            lambda actor: screen.app.actions.edit(actor, row.id, params, expected_version=row.version),
            done="Saved. The card shows the new plan.", place="dialog",
        ):  # fmt: skip
            st.rerun()
        show_messages("dialog")


@st.dialog("What did you find?")
def _resolve_dialog(screen: Screen, row: InboxRow) -> None:
    st.write(plain(row.title))
    happened = st.radio("In the other system", ["It is there", "It is not there"], key=f"found-{row.id}")
    evidence = st.text_area("How you know", key=f"evidence-{row.id}", max_chars=2000)
    if st.button("Save", type="primary", key="save-resolve"):
        there = happened == "It is there"
        if carried_out(
            lambda actor: screen.app.actions.resolve_unknown(actor, row.id, happened=there, evidence=evidence),
            place="dialog",
        ):
            st.rerun()
        show_messages("dialog")


# -- below the buttons ----------------------------------------------------------------------------------------------


def _receipt(screen: Screen, card: Card) -> None:
    last = card.attempts[-1] if card.attempts else None
    lines = []
    if last and last.message:
        lines.append(plain(last.message))
    if card.row.reference:
        lines.append(f"Reference `{card.row.reference.replace('`', '')}`")
    if card.row.executed_at:
        lines.append(
            f"Executed {moment(card.row.executed_at, screen.zone)}, approved by {plain(card.row.decided_by or '')}"
        )
    url = str((last.receipt or {}).get("url") or "") if last else ""
    if url.startswith(("http://", "https://")):
        lines.append(f"[Open it there]({url.replace(')', '%29').replace(' ', '%20')})")
    with st.container(border=True):
        st.markdown("  \n".join(lines) or "Done.")


def _why(card: Card) -> None:
    impact = impact_words(card.row.impact)
    if not (card.row.body or card.rationale or impact or card.recommended_steps):
        return
    st.subheader("Why", anchor=False)
    parts = [plain(text) for text in (card.row.body, card.rationale) if text]
    facts = [f"**{plain(word)}**" for word in impact]
    if card.row.confidence is not None:
        facts.append(f"confidence {percent(float(card.row.confidence))}")
    if facts:
        parts.append("Estimated: " + " · ".join(facts))
    parts.extend(f"{place}. {plain(step)}" for place, step in enumerate(card.recommended_steps, 1))
    sources = [_source(one) for one in card.sources]
    if sources:
        parts.append(":gray[Sources: " + " · ".join(sources) + "]")
    st.markdown("\n\n".join(parts))


def _source(source: Mapping[str, str]) -> str:
    label, url = plain(source.get("label", "source")), source.get("url", "")
    return (
        f"[{label}]({url.replace(')', '%29').replace(' ', '%20')})"
        if url.startswith(("http://", "https://"))
        else label
    )


def _rules_and_history(screen: Screen, card: Card) -> None:
    lines = [f"{':red[✕ stops]' if one.stops else ':green[✓ passes]'}&ensp;{plain(one.words)}" for one in card.verdicts]
    rules = st.expander(
        f"Rules · {len(card.verdicts)} checked", icon=":material/shield:", on_change="rerun", key="rules"
    )
    if rules.open:
        rules.markdown("  \n".join(lines) or "No rule applies.")
    history = st.expander("History", icon=":material/history:", on_change="rerun", key="history")
    if history.open:
        entries = [
            f"{moment(one.at, screen.zone)}&ensp;**{plain(one.actor)}** {look(one.event.split('.')[-1])[0].lower()}"
            for one in screen.app.actions_queries.history(card.row.id)
        ]
        history.markdown("  \n".join(entries))
        history.caption(f"Version approved: `{card.row.plan_digest[:16]}`")


def opened(wanted: str | None, shown: list[InboxRow]) -> UUID | None:
    """The card to open: the one in the address, else the first of the list."""
    try:
        return UUID(wanted) if wanted else (shown[0].id if shown else None)
    except ValueError:
        return shown[0].id if shown else None
