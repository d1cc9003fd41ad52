"""Bottlenecks on the Analytics page: where runs stop and stand still, step by step, and what the waiting for people costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

import streamlit as st

from core.analytics.bottlenecks import Bottlenecks, Cause, GateWait, Standstill, WaitingCost
from core.analytics.breakdowns import Dimension, StepFigures
from core.executions.automated.rules import GateKind
from pages.components import figures, findings
from pages.components.analytics_board import Board, label_of, sample_words
from pages.components.chart import ChartTable, chart_block, side_by_side
from pages.components.words import count, money, number, percent, span

_SHOWN = 8
_CAUSES = {Cause.PAUSE: "Runs stood still", Cause.COUNCIL: "A council had not decided"}
_KINDS = {
    GateKind.START: "a start", GateKind.CLARIFICATION: "an answer", GateKind.FORM: "a document", GateKind.GUIDE: "a person",
    GateKind.ACCEPTANCE: "acceptance", GateKind.APPROVAL: "approval", GateKind.VOTE: "a vote", GateKind.ACTION: "an action",
    GateKind.TIME: "a time",
}  # fmt: skip
FORMULA = (
    "Cost = waiting hours × the hourly wage of each run's own rate card, by currency: an upper bound, as if somebody "
    "were paid for every hour. Waits that go on are not in it"
)


def bottlenecks(board: Board) -> None:
    queries = board.screen.app.analytics_queries
    found = queries.bottlenecks(board.filters)
    sample = sample_words(found.runs, found.sampled)
    _costs(found, sample)
    left, right = side_by_side()
    with left:
        _stops(board, found.steps, sample)
    with right:
        _waits(board, found.steps, sample)
    left, right = side_by_side()
    with left:
        _funnel(board)
    with right:
        _gates(board, found.gates, sample)


def _costs(found: Bottlenecks, sample: str) -> None:
    """Hours and money in a table of their own: currencies share no axis."""
    with st.container(border=True, key="chart-waiting-cost"):
        st.markdown(f"## {_cost_finding(found.costs)}")
        st.caption(f"{FORMULA}; {sample}.")
        if not found.costs:
            st.caption("Nothing has waited yet.")
            return
        rows = "".join(
            f"<tr><th scope='row'>{_CAUSES[cost.cause]}</th><td>{escape(cost.currency or 'No rate card')}</td>"
            f"<td>{number(cost.runs, 0)}</td><td>{number(cost.hours, 0)}</td><td>{_cost_words(cost, found.sampled)}</td></tr>"
            for cost in found.costs
        )
        head = "".join(
            f"<th scope='col'>{word}</th>" for word in ("What kept them", "Currency", "Runs", "Waiting, h", "Cost")
        )
        st.html(f"<table class='costs'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
        uncosted = sum(cost.hours for cost in found.costs if cost.cost is None)
        if uncosted:
            st.caption(f"{number(uncosted, 0)} h belong to runs without a rate card; no cost is put on them.")


def _cost_finding(costs: Sequence[WaitingCost]) -> str:
    by_currency: dict[str, Decimal] = {}
    for cost in costs:
        if cost.currency and cost.cost is not None:
            by_currency[cost.currency] = by_currency.get(cost.currency, Decimal(0)) + cost.cost
    if not by_currency:
        return "No cost can be put on the waiting yet"
    parts = [money(amount, unit, digits=False) for unit, amount in by_currency.items()]
    return f"At the hourly wage, waiting comes to at most {' and '.join(parts)}".replace("$", "\\$")


def _cost_words(cost: WaitingCost, sampled: bool) -> str:
    if cost.cost is None or cost.currency is None:
        return "not costed"
    said = money(cost.cost, cost.currency, digits=False)
    if not sampled or cost.low is None or cost.high is None:
        return said
    low, high = (money(bound, cost.currency, digits=False) for bound in (cost.low, cost.high))
    return f"about {said} <span class='quiet'>({low}–{high})</span>"


def _stops(board: Board, steps: Sequence[Standstill], sample: str) -> None:
    worst = sorted((step for step in steps if step.stopped), key=lambda step: -step.stopped)[:_SHOWN]
    bars = tuple(
        figures.Bar(
            step.workflow_id, _named(board, step), step.stopped,
            f"{number(step.stopped, 0)} of {number(step.ended.n, 0)} · {percent(step.stopped / step.ended.n)}",
            held=board.held(Dimension.WORKFLOW, step.workflow_id),
        )
        for step in worst
    )  # fmt: skip
    chart_block(
        findings.stops(steps), figures.bars(bars, board.hues, ""),
        ChartTable(
            ("Workflow", "Step", "Reached", "Stopped there", "Share, %", "Stand there now"),
            [
                (s.workflow, _name(s), s.ended.n, s.stopped, round(100 * s.stopped / s.ended.n, 1) if s.ended.n else 0, s.here)
                for s in sorted(steps, key=lambda step: -step.stopped)
            ],
            [board.link(Dimension.WORKFLOW, s.workflow_id) for s in sorted(steps, key=lambda step: -step.stopped)],
        ),
        key="stops", note=f"Ended runs that got no further than this step, of those that reached it; {sample}",
        on_mark=board.narrowing(Dimension.WORKFLOW), empty="Steps appear here with the first guided run.",
    )  # fmt: skip


def _waits(board: Board, steps: Sequence[Standstill], sample: str) -> None:
    longest = sorted((step for step in steps if step.waits and step.p50), key=lambda step: -(step.p50 or 0))
    spans = tuple(
        figures.SpanBar(
            step.workflow_id, _named(board, step), (step.p50 or 0) / 3600, (step.p90 or 0) / 3600,
            f"{_short(step.p50)} → {_short(step.p90)} · n {number(step.waits, 0)}",
            board.held(Dimension.WORKFLOW, step.workflow_id),
        )
        for step in longest[:_SHOWN]
    )  # fmt: skip
    chart_block(
        findings.waits(steps), figures.spans(spans, board.hues, "h"),
        ChartTable(
            ("Workflow", "Step", "Median wait, h", "9 in 10 below, h", "Finished", "Stand there now", "All waits, h"),
            [
                (s.workflow, _name(s), _hours(s.p50), _hours(s.p90), s.waits, s.here, _hours(s.total)) for s in longest
            ],
            [board.link(Dimension.WORKFLOW, s.workflow_id) for s in longest],
        ),
        key="waits", note=f"Hours from begun to done, less the hands-on time: median (dot), nine of ten (tick); {sample}",
        on_mark=board.narrowing(Dimension.WORKFLOW), empty="Waits appear here when a step of a guided run is done.",
    )  # fmt: skip


def _gates(board: Board, gates: Sequence[GateWait], sample: str) -> None:
    closed = sorted((gate for gate in gates if gate.closed), key=lambda gate: -(gate.p50 or 0))
    spans = tuple(
        figures.SpanBar(
            gate.workflow_id, f"{gate.step}: {_KINDS[gate.kind]}", (gate.p50 or 0) / 3600, (gate.p90 or 0) / 3600,
            f"{_short(gate.p50)} → {_short(gate.p90)} · n {number(gate.closed, 0)}",
            board.held(Dimension.WORKFLOW, gate.workflow_id),
        )
        for gate in closed[:_SHOWN]
    )  # fmt: skip
    waiting = sum(gate.open for gate in gates)
    chart_block(
        findings.gates(gates, _KINDS[closed[0].kind] if closed else ""),
        figures.spans(spans, board.hues, "h"),
        ChartTable(
            ("Workflow", "Step", "Waits for", "Median, h", "Opened", "Wait now", "9 in 10 below, h", "All waits, h"),
            [
                (g.workflow, g.step, _KINDS[g.kind], _hours(g.p50), g.closed, g.open, _hours(g.p90), _hours(g.total))
                for g in gates
            ],
            [board.link(Dimension.WORKFLOW, g.workflow_id) for g in gates],
        ),
        key="gates", on_mark=board.narrowing(Dimension.WORKFLOW),
        note=f"Hours from when a gate stopped the run to when it let it go on: median (dot), nine of ten (tick); "
        f"{count(waiting, 'waits', 'wait')} now; {sample}",
        empty="Automated runs stop at gates, for answers, acceptance or a vote. None of these runs has.",
    )  # fmt: skip


def _funnel(board: Board) -> None:
    """Of the workflow the page is narrowed to, or the one with most runs."""
    queries = board.screen.app.analytics_queries
    groups = board.groups(Dimension.WORKFLOW)
    chosen = board.filters.workflow_id or (groups[0].key if groups else None)
    if chosen is None:
        return
    found = queries.steps(board.filters, chosen)
    titles = board.screen.app.catalog_queries.step_titles(chosen) if found else []
    names = [f"{s.number}. {titles[s.number - 1] if s.number <= len(titles) else ''}" for s in found]
    bars = tuple(
        figures.Bar(str(s.number), name, s.reached, _step_words(s, found)) for s, name in zip(found, names, strict=True)
    )
    chart_block(
        findings.lost_steps(found, titles), figures.bars(bars, board.hues, ""),
        ChartTable(
            ("Step", "Reached", "Finished", "Stopped there, %", "Median work, min"),
            [
                (
                    name, s.reached, s.done, round(100 * s.lost / s.reached, 1) if s.reached else 0,
                    round((s.work_p50 or 0) / 60, 1),
                )
                for s, name in zip(found, names, strict=True)
            ],
        ),
        key="steps", note=f"Ended runs of “{label_of(groups, chosen)}” that reached each step",
        empty="No guided run of this workflow has ended.",
    )  # fmt: skip


def _step_words(step: StepFigures, steps: Sequence[StepFigures]) -> str:
    of_all = f" · {percent(step.reached / steps[0].reached)}" if steps[0].reached else ""
    return f"{number(step.reached, 0)}{of_all}"


def _name(step: Standstill) -> str:
    return f"{step.number}. {step.title}" if step.title else f"Step {step.number}"


def _named(board: Board, step: Standstill) -> str:
    """With its workflow, where several are shown."""
    return _name(step) if board.filters.workflow_id else f"{_name(step)} · {step.workflow}"


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 1)


def _short(seconds: float | None) -> str:
    return span(1000 * (seconds or 0))
