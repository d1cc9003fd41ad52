"""One row of the inbox as its closed card shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from core.actions.cards import InboxRow
from core.actions.rules import ActionState
from pages.components.card_list import ClosedCard
from pages.components.card_story import impact_words
from pages.components.status import look
from pages.components.words import ago, length, money


def closed_card(row: InboxRow, now: datetime) -> ClosedCard:
    word, _, tone = look(row.priority.value)
    waiting = row.state is ActionState.PENDING
    if waiting:
        since, ends = f"waits {length(now - row.waiting_since)}", f"expires {_in(row.expires_at, now)}"
        if row.snoozed_until is not None and row.snoozed_until > now:
            ends = f"back {ago(row.snoozed_until, now)}"
    else:
        since, ends = ago(row.decided_at or row.proposed_at, now), look(row.state.value)[0]
    councils = " and ".join(row.council_names)
    return ClosedCard(
        id=str(row.id),
        title=row.title,
        quiet=f"{row.proposer_name} · {since}",
        facts=(f"{row.risk.value} risk", ends),
        tone=tone,
        word=word,
        figure=_figure(row),
        waits=f"Waits for {councils}" if waiting and councils else "",
        locked=f"You may not decide: {row.why_not_decide}" if waiting and row.why_not_decide else "",
        failed=row.error or "",
    )


def _in(moment: datetime, now: datetime) -> str:
    """As `ago`; what is hours away is not told to the minute."""
    gap = moment - now
    return (
        f"in {round(gap.total_seconds() / 3600)} h"
        if timedelta(hours=3) < gap < timedelta(hours=48)
        else ago(moment, now)
    )


def _figure(row: InboxRow) -> str:
    """The sum it moves, else the most telling estimate."""
    estimated = impact_words(row.impact)
    expected = row.impact.get("revenue_change")
    if row.amount is not None and not (
        isinstance(expected, Mapping) and (Decimal(str(expected["value"])), expected["currency"]) == row.amount
    ):
        return money(*row.amount, digits=False)
    return estimated[0] if estimated else ""
