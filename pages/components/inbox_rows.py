"""One row of the inbox as its closed card shows it."""

from __future__ import annotations

from datetime import datetime

from core.actions.cards import InboxRow
from core.actions.rules import ActionState
from pages.components.card_list import ClosedCard
from pages.components.card_story import impact_words
from pages.components.status import look
from pages.components.words import ago, length


def closed_card(row: InboxRow, now: datetime) -> ClosedCard:
    word, _, tone = look(row.priority.value)
    waiting = row.state is ActionState.PENDING
    if waiting:
        since, ends = f"waits {length(now - row.proposed_at)}", f"expires {ago(row.expires_at, now)}"
    else:
        since, ends = ago(row.proposed_at, now), look(row.state.value)[0]
    return ClosedCard(
        id=str(row.id),
        title=row.title,
        quiet=f"{row.proposer_name} · {since}",
        facts=(f"{row.risk.value} risk", ends),
        tone=tone,
        word=word,
        figure=next(iter(impact_words(row.impact)), ""),
        locked=f"You may not decide: {row.why_not_decide}" if waiting and row.why_not_decide else "",
        failed=row.error or "",
    )
