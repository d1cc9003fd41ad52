"""A project's items as a report tells them: what was approved for each, what became of it, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.connectors.plan import Plan
from core.deliverables.content import Block, Cell, Column, Table, paragraph
from core.deliverables.source import Reading
from core.deliverables.words import Words, term
from core.projects.queries import MOST_ROWS, ProjectQueries
from core.projects.report import ItemView
from core.projects.rules import ItemState
from core.projects.tables import ProjectItem

STATES = {
    ItemState.PROBLEM: term("Cannot be planned"), ItemState.READY: term("Ready"), ItemState.WAITING: term("Waiting"),
    ItemState.UNDER_WAY: term("Under way"), ItemState.SENT: term("Sent"), ItemState.FAILED: term("Failed"),
    ItemState.SKIPPED: term("Skipped"),
}  # fmt: skip
_KINDS = {
    "email": term("E-mail"), "social": term("Social media"), "crm": term("CRM"), "odoo": term("Odoo"),
    "http": term("Web requests"), "other": term("Other operations"),
}  # fmt: skip

_CAME_BACK = (ActionState.PENDING, ActionState.REJECTED, ActionState.EXPIRED)
"""What changed after approval: its new version was not approved."""


@dataclass(frozen=True)
class Item:
    """`plan` is the version that was approved last: with the whole project, or on the item's own card after a change.

    None for what cannot be planned or was left out: nobody approved that.
    """

    view: ItemView
    plan: Plan | None
    plan_digest: str
    decision_id: UUID | None


def items_of(reading: Reading, project_id: UUID) -> list[Item]:
    """All of them in their order; NotFound for whoever may not see the project."""
    queries = ProjectQueries(reading.database, reading.settings)
    views: list[ItemView] = []
    after = 0
    while True:
        page = queries.items(reading.reader, project_id, after=after, limit=MOST_ROWS)
        views.extend(page.rows)
        if page.next is None:
            break
        after = int(page.next)
    query = (
        select(
            ProjectItem.position, ProjectItem.plan, ProjectItem.plan_digest, ProjectItem.left_out, Action.state,
            Action.plan, Action.plan_digest, Action.decision_id,
        )
        .outerjoin(Action, Action.id == ProjectItem.action_id)
        .where(ProjectItem.project_id == project_id)
    )  # fmt: skip
    kept = {row[0]: row for row in reading.session.execute(query)}
    return [_item(view, kept[view.position]) for view in views]


def channel_name(words: Words, kind: str) -> str:
    return words.say(_KINDS[kind]) if kind in _KINDS else kind


def channels_table(words: Words, items: Sequence[Item]) -> Table:
    """One row a kind of channel; sent, failed, skipped and what is not over add up to all of it."""
    say = words.say
    over = (ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED)
    by_kind: dict[str, Counter[ItemState]] = {}
    for one in items:
        by_kind.setdefault(one.view.kind, Counter())[one.view.state] += 1
    columns = (
        Column(say("Channel"), wide=True), Column(say("Items"), number=True), Column(say("Sent"), number=True),
        Column(say("Failed"), number=True), Column(say("Skipped"), number=True), Column(say("Not over"), number=True),
    )  # fmt: skip

    def row(kind: str, found: Counter[ItemState]) -> tuple[Cell, ...]:
        counts = [found.total(), *(found[state] for state in over)]
        counts.append(counts[0] - sum(counts[1:]))
        return (Cell(channel_name(words, kind)), *(_count(words, n) for n in counts))

    rows = tuple(row(kind, found) for kind, found in sorted(by_kind.items()))
    return Table(say("Items by channel"), columns, rows, key="channels")


def problems(words: Words, items: Sequence[Item]) -> tuple[Block, ...]:
    """What failed, was skipped or cannot be planned, with why; many with the same words stand in one row."""
    say = words.say
    states = (ItemState.FAILED, ItemState.SKIPPED, ItemState.PROBLEM)
    groups: dict[tuple[ItemState, str, str], list[str]] = {}
    for state in states:
        for one in items:
            if one.view.state is state:
                groups.setdefault((state, one.view.kind, one.view.message), []).append(one.view.key)
    if not groups:
        return (paragraph(say("Nothing failed and nothing was skipped.")),)
    columns = (
        Column(say("State")), Column(say("Channel")), Column(say("Items"), number=True), Column(say("Why"), wide=True),
        Column(say("Which"), wide=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(say(STATES[state])), Cell(channel_name(words, kind)), _count(words, len(keys)),
            Cell(message or say("no reason is on record")), Cell(_some(words, keys)),
        )
        for (state, kind, message), keys in groups.items()
    )  # fmt: skip
    return (Table(say("What was not sent, and why"), columns, rows, key="not-sent"),)


def every_item(words: Words, items: Sequence[Item], *, approved: bool) -> Table:
    """For the appendix: what became of each, by which version, and what the other system calls it."""
    say = words.say
    columns = (
        Column("#", number=True), Column(say("Item")), Column(say("What"), wide=True), Column(say("State")),
        Column(say("Reference")), Column(say("Version"), wide=True),
    )  # fmt: skip
    rows = tuple(
        (
            _count(words, one.view.position), Cell(one.view.key), Cell(one.view.summary or one.view.operation),
            Cell(say(STATES[one.view.state])), Cell(one.view.reference or ""), Cell(one.plan_digest),
        )
        for one in items
    )  # fmt: skip
    decided = say("The version is the SHA-256 of the plan that was decided on.")
    note = decided if approved else say("The version is the SHA-256 of the plan as it stands now.")
    return Table(say("Every item with what became of it"), columns, rows, key="items", note=note)


def _some(words: Words, keys: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(keys[:most])
    return words.say("{shown} and {n} more", shown=shown, n=len(keys) - most) if len(keys) > most else shown


def _count(words: Words, n: int) -> Cell:
    return Cell(words.number(n), Decimal(n))


def _item(view: ItemView, row: Any) -> Item:
    _, plan, plan_digest, is_left_out, state, own_plan, own_digest, decision_id = row
    if is_left_out:
        return Item(view, None, "", decision_id)
    if own_plan is not None and state not in _CAME_BACK:
        plan, plan_digest = own_plan, own_digest
    return Item(view, Plan.from_json(plan) if plan else None, plan_digest or "", decision_id)
