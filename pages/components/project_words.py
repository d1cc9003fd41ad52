"""How projects, their items and channels are said on screen."""

from __future__ import annotations

from core.actions.rules import ActionState
from core.projects.queries import ProjectRow, ProjectView
from core.projects.rules import ItemState, RunState
from pages.components.status import Colour
from pages.components.words import count, span

CHANNELS = {
    "email": "E-mail", "social": "Social networks", "crm": "CRM", "odoo": "Odoo", "http": "Web requests", "other": "Other",
}  # fmt: skip

ITEM_STATES: dict[ItemState, tuple[str, Colour]] = {
    ItemState.PROBLEM: ("Cannot be planned", "red"),
    ItemState.READY: ("Ready", "blue"),
    ItemState.WAITING: ("Waiting", "gray"),
    ItemState.UNDER_WAY: ("Under way", "blue"),
    ItemState.SENT: ("Sent", "green"),
    ItemState.FAILED: ("Failed", "red"),
    ItemState.SKIPPED: ("Skipped", "orange"),
}

_RUNS: dict[RunState, tuple[str, Colour]] = {
    RunState.RUNNING: ("Running", "blue"),
    RunState.PAUSED: ("Paused", "orange"),
    RunState.CANCELLED: ("Cancelled", "gray"),
    RunState.COMPLETED: ("Completed", "green"),
}
_CARDS: dict[ActionState, tuple[str, Colour]] = {
    ActionState.PENDING: ("Waits for approval", "orange"),
    ActionState.APPROVED: ("Approved, starting", "blue"),
    ActionState.EXECUTING: ("Approved, starting", "blue"),
    ActionState.REJECTED: ("Rejected", "gray"),
    ActionState.EXPIRED: ("Expired", "gray"),
    ActionState.FAILED: ("Not started", "red"),
    ActionState.UNKNOWN: ("Unconfirmed", "orange"),
}


def project_state(row: ProjectRow) -> tuple[str, Colour]:
    """(word, colour) for where it stands."""
    if row.run_state is not None:
        return _RUNS[row.run_state]
    if row.card_state in _CARDS:
        return _CARDS[row.card_state]
    return ("Has problems", "red") if row.problems else ("Draft", "gray")


def sentence_of(view: ProjectView) -> str:
    """What the page answers: how many items there are, and what became of them."""
    items, channels = count(view.row.items, "item"), count(len(view.channels), "channel")
    if view.row.run_state is None:
        problems = view.count(ItemState.PROBLEM)
        left_out = view.count(ItemState.SKIPPED)
        if not view.row.items:
            return "It has no items yet. Add a file, and each line is planned at once."
        words = f"{items} over {channels}"
        if problems:
            words += f", {problems:,} of them cannot be planned"
        words = f"{words}, {left_out:,} left out." if left_out else f"{words}."
        return f"{words} {lasts(view)}".strip()
    sent, failed, skipped = (view.count(one) for one in (ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED))
    left = view.row.items - sent - failed - skipped
    words = f"{sent:,} of {items} sent, {failed:,} failed, {skipped:,} skipped"
    return f"{words}, {left:,} to go. {lasts(view)}".strip() if left else f"{words}."


def lasts(view: ProjectView) -> str:
    """How long the rates of the channels make it, where that is worth a word."""
    if view.seconds_left < 10:
        return ""
    return f"At the set rates that takes about {span(view.seconds_left * 1000)}."
