"""The first pages of a run's report: what was run for whom, where it stands, how long it took, and what it is said to save."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from core.analytics.figures import WEEKLY_SAVINGS
from core.deliverables.content import (
    Block,
    Cell,
    Column,
    Fact,
    Metric,
    Metrics,
    Note,
    Section,
    Table,
    Tone,
    paragraph,
    plain,
)
from core.deliverables.documents.structured import value_text
from core.deliverables.gathering.legible import legible, line
from core.deliverables.gathering.outcomes import outcome_tiles
from core.deliverables.sources.execution.read import RunRead
from core.deliverables.words import term
from core.executions.rules import ExecutionState

STATES: Mapping[ExecutionState, str] = {
    ExecutionState.PENDING: term("Not begun"),
    ExecutionState.STARTED: term("Going on"),
    ExecutionState.IN_PROGRESS: term("Going on"),
    ExecutionState.WAITING_ACCEPTANCE: term("Waits for acceptance"),
    ExecutionState.WAITING_CLARIFICATION: term("Waits for an answer"),
    ExecutionState.COMPLETED: term("Completed"),
    ExecutionState.FAILED: term("Failed"),
    ExecutionState.CANCELLED: term("Cancelled"),
    ExecutionState.ABANDONED: term("Given up"),
}
_CARD: Mapping[str, str] = {
    "tasks_per_week": term("Tasks a week"),
    "minutes_per_task": term("Minutes a task"),
    "hourly_wage": term("Hourly wage"),
    "automation_percent": term("Share that is taken over"),
    "error_rate": term("Share of tasks that go wrong by hand"),
    "cost_per_error": term("Cost of an error"),
    "value_per_accelerated_task": term("Value of a task that is faster"),
    "implementation_cost": term("Cost of introducing it"),
    "currency": term("Currency"),
    "effective_from": term("In force from"),
}
_SHARES = frozenset({"automation_percent", "error_rate"})
_MONEY = frozenset({"hourly_wage", "cost_per_error", "value_per_accelerated_task", "implementation_cost"})


def state_text(read: RunRead) -> str:
    if read.run.paused and not read.ended:
        return read.words.say("Paused")
    return read.words.say(STATES[read.run.state])


def cover_facts(read: RunRead) -> tuple[Fact, ...]:
    words, row = read.words, read.detail.row
    found = [
        (words.say("State"), state_text(read)),
        (words.say("Run by"), row.person or ""),
        (words.say("Agent"), row.agent or ""),
        (words.say("Council"), row.council or ""),
        (words.say("Started"), words.moment(row.run.started_at or row.run.created_at)),
        (words.say("Ended"), words.moment(row.run.completed_at) if row.run.completed_at else words.say("not yet")),
        (words.say("Prepared for"), read.reading.reader.name),
    ]
    return tuple(Fact(label, line(text)) for label, text in found if text)


def summary(read: RunRead) -> Section:
    words = read.words
    blocks: list[Block] = []
    if not read.ended:
        said = words.say("This run is still going on: the report says how it stood when it was read.")
        blocks.append(Note(plain(said), Tone.WARNING))
    blocks.append(Metrics((*_tiles(read), *_worth(read))))
    if read.run.end_reason:
        blocks.append(paragraph(words.say("Reason: {reason}", reason=legible(read.run.end_reason))))
    if read.run.error:
        blocks.append(Note(plain(words.say("It failed: {error}", error=legible(read.run.error))), Tone.WARNING))
    if any(True for _ in _worth(read)):
        said = words.say("Estimated, measured and proven are different things: they are never added together.")
        blocks.append(paragraph(said))
    blocks.extend(_rate_card(read))
    return Section("summary", words.say("Summary"), tuple(blocks), lead=_lead(read))


def _lead(read: RunRead) -> str:
    words, title, who = read.words, line(read.detail.row.title), line(read.who)
    took = _seconds(read)
    by = words.say("{title} was run by {who}.", title=title, who=who)
    parts = [
        by if who else words.say("{title} was run.", title=title),
        words.say("State: {state}.", state=state_text(read)),
    ]
    if took is not None and read.ended:
        parts.append(words.say("Time from start to end: {time}.", time=words.duration(took)))
    elif took is not None:
        parts.append(words.say("Time since its start: {time}.", time=words.duration(took)))
    return " ".join(parts)


def _seconds(read: RunRead) -> float | None:
    run = read.run
    return ((run.completed_at or read.now) - run.started_at).total_seconds() if run.started_at else None


def _tiles(read: RunRead) -> Iterator[Metric]:
    words, say, run = read.words, read.words.say, read.run
    if (took := _seconds(read)) is not None:
        yield Metric(
            "run.time",
            say("Time taken"),
            words.duration(took),
            _rounded(took),
            "s",
            "" if read.ended else say("until now"),
        )
    timer = read.tree.head.timer.read(read.now) if not read.ended else read.tree.head.timer
    for key, label, taken in (
        ("run.work", say("Hands-on work"), timer.work_ms), ("run.ai", say("Time of programs"), timer.ai_ms),
        ("run.wait", say("Waiting"), timer.wait_ms),
    ):  # fmt: skip
        if taken:
            yield Metric(key, label, words.duration(taken / 1000), _rounded(taken / 1000), "s")
    if not run.automated:
        done = say("{done} of {total}", done=run.steps_completed, total=run.total_steps)
        yield Metric("run.steps", say("Steps done"), done, Decimal(run.steps_completed))
    if read.tree.documents:
        yield Metric(
            "run.documents", say("Documents"), words.number(len(read.tree.documents)), Decimal(len(read.tree.documents))
        )
    spent = read.tree.spent
    for currency, cost in spent.cost.items():
        note = say("{n} calls", n=spent.calls)
        if spent.unpriced:
            note = say("{calls}, {n} of them without a price", calls=note, n=spent.unpriced)
        yield Metric(
            f"run.model.{currency}", say("Cost of language models"), words.money(cost, currency), cost, currency, note
        )


def _worth(read: RunRead) -> Iterator[Metric]:
    words, say, run, told = read.words, read.words.say, read.run, read.detail.metrics
    if told.estimated_weekly_savings is not None and told.savings_currency is not None:
        value, currency = told.estimated_weekly_savings, told.savings_currency
        card = run.rate_card or {}
        note = say("by the rate card in force when it began") if card else ""
        yield Metric(
            f"estimated.{WEEKLY_SAVINGS}.{currency}", say("Estimated savings a week"), words.money(value, currency), value,
            currency, note, "estimated",
        )  # fmt: skip
    yield from outcome_tiles(words, (one.outcome for one in read.detail.outcomes))


def _rate_card(read: RunRead) -> Iterator[Block]:
    """The inputs of the estimate, as they were when the run began."""
    words, card = read.words, read.run.rate_card
    if not card or read.detail.metrics.estimated_weekly_savings is None:
        return
    currency = str(card.get("currency", ""))
    rows = tuple(
        (Cell(words.say(label)), Cell(_of_card(read, name, card[name], currency)))
        for name, label in _CARD.items()
        if card.get(name) is not None and not str(card[name]).startswith("0001-")
    )
    columns = (Column(words.say("Input"), wide=True), Column(words.say("Value"), number=True))
    yield Table(words.say("Rate card of the estimate"), columns, rows, key="rate-card")


def _of_card(read: RunRead, name: str, value: Any, currency: str) -> str:
    if name in _SHARES:
        return read.words.percent(Decimal(str(value)), digits=1)
    if name in _MONEY:
        return read.words.money(Decimal(str(value)), currency)
    if name in ("tasks_per_week", "minutes_per_task"):
        return read.words.number(Decimal(str(value)))
    return value_text(value, read.words)


def _rounded(seconds: float) -> Decimal:
    return Decimal(round(seconds))
