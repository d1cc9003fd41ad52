"""How many runs succeeded, over time, by workflow and by segment; and how many there were."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.analytics.breakdowns import Group
from core.analytics.figures import TrendPoint
from core.analytics.rules import Rate
from core.deliverables.content import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    Section,
    Series,
    Table,
)
from core.deliverables.gathering.telling import percentage
from core.deliverables.sources.period.asked import Asked
from core.deliverables.words import term
from core.executions.rules import ExecutionState

MOST_BARS = 20

_RECENT = 4
_STATES = {
    ExecutionState.PENDING: term("Pending"), ExecutionState.STARTED: term("Started"),
    ExecutionState.IN_PROGRESS: term("In progress"), ExecutionState.WAITING_ACCEPTANCE: term("Waits for a decision"),
    ExecutionState.WAITING_CLARIFICATION: term("Waits for an answer"), ExecutionState.COMPLETED: term("Completed"),
    ExecutionState.FAILED: term("Failed"), ExecutionState.CANCELLED: term("Cancelled"),
    ExecutionState.ABANDONED: term("Abandoned"),
}  # fmt: skip


def state_name(asked: Asked, state: ExecutionState) -> str:
    return asked.words.say(_STATES[state])


def success(asked: Asked) -> Section:
    say, rate = asked.words.say, asked.summary.rate
    blocks: list[Block] = []
    if any(point.rate.n for point in asked.trend):
        title = over_time_finding(asked, asked.trend)
        blocks.append(rate_chart(asked, asked.trend, "success-over-time", title, compare=True))
    if asked.trend:
        blocks.append(_runs_chart(asked))
    if known := [one for one in asked.workflows if one.rate.n]:
        blocks.append(_by_workflow(asked, known))
    if rate.n:
        blocks.append(_states_table(asked))
    return Section("success", say("Success"), tuple(blocks), lead=success_sentence(asked))


def success_sentence(asked: Asked) -> str:
    say, telling, rate = asked.words.say, asked.telling, asked.summary.rate
    if rate.share is None:
        return say("No run has ended in this period, so there is no success rate.")
    said = say(
        "{share} of {n} ended runs succeeded; with 95% confidence the true rate lies at {interval}.",
        share=telling.share(rate).text, n=rate.n, interval=telling.interval(rate).text,
    )  # fmt: skip
    before = asked.summary_before
    if before is None or before.rate.share is None:
        return said
    was = telling.rate(before.rate)
    if not differ(rate, before.rate):
        return f"{said} {say('That is no clear difference from the period before ({was}).', was=was)}"
    if rate.share > before.rate.share:
        return f"{said} {say('That is more than in the period before ({was}).', was=was)}"
    return f"{said} {say('That is less than in the period before ({was}).', was=was)}"


def over_time_finding(asked: Asked, points: Sequence[TrendPoint]) -> str:
    """The last whole buckets against as many before; the one that still runs is left out."""
    say, whole = asked.words.say, points[:-1]
    recent, earlier = whole[-_RECENT:], whole[-2 * _RECENT : -_RECENT]
    now, then = (sum((point.rate for point in part), Rate(0, 0)) for part in (recent, earlier))
    if now.share is None:
        rate = sum((point.rate for point in points), Rate(0, 0))
        return say("Success is at {rate}", rate=asked.telling.rate(rate))
    said = asked.telling.rate(now)
    if then.share is not None and differ(now, then):
        return (
            say("Success rose to {rate}", rate=said)
            if now.share > then.share
            else say("Success fell to {rate}", rate=said)
        )
    return (
        say("Success holds at {rate}", rate=said) if then.share is not None else say("Success is at {rate}", rate=said)
    )


def rate_chart(
    asked: Asked, points: Sequence[TrendPoint], key: str, title: str, *, compare: bool = False
) -> Chart:  # fmt: skip
    say = asked.words.say
    series = [rate_series(asked, say("Success"), [point.rate for point in points])]
    if compare and asked.before is not None:
        earlier = asked.analytics.trend(asked.before, asked.bucket)
        if sum(point.rate.n > 0 for point in earlier) > 1:
            moved: list[Rate] = [point.rate for point in earlier][-len(points) :]
            none = [Rate(0, 0)] * (len(points) - len(moved))
            series.append(rate_series(asked, say("The period before"), [*none, *moved], interval=False))
    note = say("Success rate by the day on which runs were started; the interval is that of 95% confidence.")
    if asked.has_part_buckets:
        note = f"{note} {say('The first and the last point may not be of a whole week or month.')}"
    return Chart(
        key, title, ChartKind.LINES, tuple(map(asked.bucket_name, points)), tuple(series), "%", asked.bucket_heading, note
    )  # fmt: skip


def rate_series(asked: Asked, name: str, rates: Sequence[Rate], *, interval: bool = True) -> Series:
    return Series(
        name, tuple(percentage(rate.share) for rate in rates),
        tuple("" if rate.share is None else asked.telling.share(rate).text for rate in rates),
        tuple(percentage(rate.low) if rate.n else None for rate in rates) if interval else (),
        tuple(percentage(rate.high) if rate.n else None for rate in rates) if interval else (),
    )  # fmt: skip


def differ(one: Rate, other: Rate) -> bool:
    """Whether the two 95% intervals leave each other alone: a cautious sign of a real difference."""
    return one.n > 0 and other.n > 0 and (one.low > other.high or other.low > one.high)


def _runs_chart(asked: Asked) -> Chart:
    say, words, points = asked.words.say, asked.words, asked.trend
    most = max(points, key=lambda point: point.runs)
    title = say("{n} runs were started, most from {when}", n=asked.summary.runs, when=asked.bucket_name(most))
    columns = (
        (say("Started"), [point.runs for point in points]),
        (say("Completed since"), [point.completed for point in points]),
    )
    series = tuple(
        Series(name, tuple(Decimal(n) for n in counts), tuple(words.number(n) for n in counts))
        for name, counts in columns
    )
    kind = ChartKind.COLUMNS if len(points) <= 14 else ChartKind.LINES
    return Chart(
        "runs-over-time", title, kind, tuple(map(asked.bucket_name, points)), series, say("runs"), asked.bucket_heading
    )


def _by_workflow(asked: Asked, groups: Sequence[Group]) -> Chart:
    say = asked.words.say
    ranked = sorted(groups, key=lambda one: -(one.rate.share or 0))
    shown = ranked[:MOST_BARS]
    names = tuple(f"{one.label} ({say('n = {n}', n=one.rate.n)})" for one in shown)
    series = rate_series(asked, say("Success"), [one.rate for one in shown])
    note = say("Success rate with the interval of 95% confidence.")
    if len(ranked) > len(shown):
        note = f"{note} {say('{n} more workflows are in the data.', n=len(ranked) - len(shown))}"
    return Chart(
        "success-by-workflow", workflows_finding(asked), ChartKind.BARS, names, (series,), "%", say("Workflow"), note
    )


def workflows_finding(asked: Asked) -> str:
    """Names the ends where they differ, and says so where they do not."""
    say = asked.words.say
    ranked = sorted((one for one in asked.workflows if not one.rate.small), key=lambda one: -(one.rate.share or 0))
    if len(ranked) < 2:
        return say("Too few runs to compare workflows")
    best, worst = ranked[0], ranked[-1]
    if not differ(best.rate, worst.rate):
        return say("No clear difference between workflows")
    return say(
        "“{best}” succeeds most ({most}), “{worst}” least ({least})", best=best.label, worst=worst.label,
        most=asked.telling.rate(best.rate), least=asked.telling.rate(worst.rate),
    )  # fmt: skip


def _states_table(asked: Asked) -> Table:
    say, telling = asked.words.say, asked.telling
    states = asked.analytics.states(asked.filters)
    total = sum(states.values())
    rows = tuple(
        (Cell(state_name(asked, state)), telling.count(n), telling.part(n, total)) for state, n in states.items()
    )
    columns = (Column(say("State"), wide=True), Column(say("Runs"), number=True), Column(say("Share"), number=True))
    return Table(say("Where the runs of the period stand"), columns, rows, key="runs-by-state")
