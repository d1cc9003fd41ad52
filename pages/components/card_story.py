"""What stands below a card's buttons: the receipt, why it was proposed, what happened so far."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.actions.cards import Card, HistoryRow
from core.actor import Role
from pages.components.page import Screen
from pages.components.status import look
from pages.components.way import way
from pages.components.words import moment, money, number, percent, plain

_EVENTS = {
    "action.proposed": "proposed it",
    "action.edited": "edited the plan",
    "action.voted": "voted",
    "action.approved": "approved it",
    "action.rejected": "rejected it",
    "action.expired": "let it expire",
    "action.snoozed": "snoozed it",
    "action.retried": "tried it again",
    "action.executed": "executed it",
    "action.deferred": "was told to come back later",
    "action.failed": "could not execute it",
    "action.unknown": "could not find out whether it happened",
    "action.resolved": "found out whether it happened",
}


def impact_words(impact: Mapping[str, Any]) -> list[str]:
    """The estimate's figures, each with its unit, the most telling first."""
    words: list[str] = []
    for name, after in (("revenue_change", ""), ("weekly_savings", " a week")):
        sum_ = impact.get(name)
        if isinstance(sum_, Mapping):
            value, currency = Decimal(str(sum_["value"])), str(sum_["currency"])
            words.append(("−" if value < 0 else "+") + money(abs(value), currency, digits=False) + after)
    if hours := impact.get("time_saved_hours"):
        words.append(f"saves {number(Decimal(str(hours)))} h")
    if days := impact.get("cash_runway_change_days"):
        words.append(f"{Decimal(str(days)):+} days of runway")
    if score := impact.get("risk_reduction_score"):
        words.append(f"risk −{number(Decimal(str(score)))}")
    return words


def show_receipt(screen: Screen, card: Card) -> None:
    """What the other system answered, with its reference and a link to it."""
    last = card.attempts[-1] if card.attempts else None
    lines = []
    if last and last.message:
        lines.append(plain(last.message))
    if card.row.reference:
        lines.append(f"Reference `{card.row.reference.replace('`', '')}`")
    if card.row.executed_at:
        by = f", approved by {plain(card.row.decided_by)}" if card.row.decided_by else ""
        lines.append(f"Executed {moment(card.row.executed_at, screen.zone)}{by}")
    receipt: Mapping[str, Any] = (last.receipt or {}) if last else {}
    url = str(receipt.get("url") or "")
    ours = _within(url, screen.app.settings.base_url)
    if not ours and url.startswith(("http://", "https://")):
        lines.append(f"[Open it there]({url.replace(')', '%29').replace(' ', '%20')})")
    with st.container(border=True, key="receipt"):
        st.markdown("  \n".join(lines) or "Done.")
        if ours:
            way("Open the run" if (receipt.get("details") or {}).get("run") else "Open it", ours)
        if last and last.request_id:
            st.html(_request(last.request_id, linked=screen.actor.has(Role.ADMIN)))


def _within(url: str, base: str) -> str:
    """The path of what lies in this installation, which opens in its place; empty for what lies elsewhere."""
    return url.removeprefix(base) if url.startswith(f"{base}/") else ""


def _request(request_id: str, *, linked: bool) -> str:
    known = f"<code>{escape(request_id)}</code>"
    if linked:
        known = f'<a href="/audit?{escape(urlencode({"q": request_id}))}">{known}</a>'
    words = "One click or call, from its start to this: the same in audit, logs and API answers."
    return f'<p class="request" title="{words}">Request {known}</p>'


def show_why(card: Card) -> None:
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


def show_history(screen: Screen, card: Card) -> None:
    """Who did what and when, edits with what they changed; read when it is unfolded."""
    history = st.expander("History", icon=":material/history:", on_change="rerun", key="history")
    if not history.open:
        return
    lines = [_event(screen, one) for one in screen.app.actions_queries.history(card.row.id)]
    history.markdown("  \n".join(lines))
    history.caption(f"Version approved: `{card.row.plan_digest[:16]}`")


def _event(screen: Screen, one: HistoryRow) -> str:
    after, before = one.after or {}, one.before or {}
    said = _EVENTS.get(one.event) or look(one.event.split(".")[-1])[0].lower()
    line = f"{moment(one.at, screen.zone)}&ensp;**{plain(one.actor)}** {said}"
    if one.event == "action.edited" and before.get("summary") != after.get("summary"):
        line += f": {plain(str(after.get('summary', '')))}"
    told = after.get("reason") or after.get("evidence") or (after.get("error") if one.event == "action.failed" else "")
    return line + (f": “{plain(str(told))}”" if told else "")
