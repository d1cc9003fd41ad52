"""Workflow by workflow: how many runs, how many succeeded, how long they took, and where each loses runs and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from core.analytics.breakdowns import Dimension, Group, StepFigures
from core.analytics.figures import Summary
from core.analytics.outliers import Outlier
from core.deliverables.content import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    Metric,
    Metrics,
    Section,
    Series,
    Table,
    paragraph,
)
from core.deliverables.sources.period.agents import groups_table
from core.deliverables.sources.period.asked import Asked
from core.deliverables.sources.period.months import monthly
from core.deliverables.sources.period.success import workflows_finding

MOST_TOLD = 12
"""Workflows with a section of their own, those with most runs; all are in the table."""

_FAR_SHOWN = 5


def workflows(asked: Asked) -> Section | None:
    groups = asked.workflows
    if not groups:
        return None
    say = asked.words.say
    blocks: list[Block] = [_table(asked, groups)]
    if (chart := _work_chart(asked, groups)) is not None:
        blocks.append(chart)
    return Section("workflows", say("Workflows"), tuple(blocks), lead=workflows_finding(asked))


def one_by_one(asked: Asked) -> Section | None:
    """For the appendix: each workflow with its months, steps, agents and unusual runs."""
    told = asked.workflows[:MOST_TOLD]
    if not told:
        return None
    say = asked.words.say
    left_out = len(asked.workflows) - len(told)
    blocks = (
        paragraph(say("The {n} workflows with most runs; {left} more are in the table.", n=len(told), left=left_out)),
    )
    inner = tuple(_workflow(asked, group, number) for number, group in enumerate(told, 1))
    return Section("one-by-one", say("Workflow by workflow"), blocks if left_out else (), inner, appendix=True)


def _table(asked: Asked, groups: Sequence[Group]) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("Workflow"), wide=True), Column(say("Runs"), number=True), Column(say("Ended"), number=True),
        Column(say("Success"), number=True), Column(say("95% interval"), number=True),
        Column(say("Median work (h)"), number=True), Column(say("Estimated a week"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(one.label), telling.count(one.runs), telling.count(one.rate.n), telling.share(one.rate),
            telling.interval(one.rate), telling.hours(one.work_p50), Cell(telling.amounts(one.estimated)),
        )
        for one in groups
    )  # fmt: skip
    note = say("Ended: completed, abandoned, failed, or left alone for 30 days. Work is hands-on time.")
    return Table(say("All workflows with runs in the period"), columns, rows, key="workflows", note=note)


def _work_chart(asked: Asked, groups: Sequence[Group]) -> Chart | None:
    say, telling = asked.words.say, asked.telling
    timed = sorted((one for one in groups if one.work_p50 is not None), key=lambda one: -(one.work_p50 or 0))[
        :MOST_TOLD
    ]
    if not timed:
        return None
    longest = timed[0]
    title = say(
        "Half of the runs of “{workflow}” take over {time} of work",
        workflow=longest.label,
        time=telling.time(longest.work_p50),
    )
    series = tuple(
        Series(name, tuple(_hours(one) for one in values), tuple(telling.hours(one).text for one in values))
        for name, values in (
            (say("Half of the runs"), [one.work_p50 for one in timed]),
            (say("Nine in ten"), [one.work_p90 for one in timed]),
        )
    )
    note = say(
        "Hands-on hours of completed runs: half took less than the first figure, nine in ten less than the second."
    )
    return Chart(
        "work-by-workflow",
        title,
        ChartKind.BARS,
        tuple(one.label for one in timed),
        series,
        say("hours"),
        say("Workflow"),
        note,
    )


def _workflow(asked: Asked, group: Group, number: int) -> Section:
    say, telling = asked.words.say, asked.telling
    filters = replace(asked.filters, workflow_id=group.key)
    summary = asked.analytics.summary(filters)
    blocks: list[Block] = [Metrics(_tiles(asked, group, summary, number))]
    blocks.extend(monthly(asked, group, number))
    steps = asked.analytics.steps(asked.filters, group.key)
    if any(step.reached for step in steps):
        blocks.append(_steps(asked, group, steps, number))
    lead = say("“{workflow}”: {rate}.", workflow=group.label, rate=telling.rate(group.rate))
    agents = asked.analytics.groups(filters, Dimension.AGENT)
    if sum(one.runs > 0 for one in agents) > 1:
        blocks.append(
            groups_table(
                asked,
                Dimension.AGENT,
                agents,
                say("“{workflow}” by agent", workflow=group.label),
                f"workflow-{number}-agents",
            )
        )
    far = [one for one in asked.outliers.found if one.usual.workflow_id == group.key]
    if far:
        blocks.append(_far(asked, group, far, number))
    return Section(f"workflow-{number}", group.label, tuple(blocks), lead=lead)


def lost_finding(asked: Asked, group: Group, steps: Sequence[StepFigures]) -> str:
    """Which step loses most of those who reach it; nothing where none does, or too few reached it to say so."""
    known = [step for step in steps if step.reached >= 20 and step.lost]
    if not known:
        return ""
    worst = max(known, key=lambda step: step.lost / step.reached)
    return asked.words.say(
        "Of {n} ended runs that reached “{step}”, {share} stopped there", n=worst.reached,
        step=asked.step(group.key, worst.number), share=asked.telling.part(worst.lost, worst.reached).text,
    )  # fmt: skip


def _tiles(asked: Asked, group: Group, summary: Summary, number: int) -> tuple[Metric, ...]:
    say, telling, times = asked.words.say, asked.telling, summary.durations
    key = f"workflow-{number}"
    share = telling.share(summary.rate)
    tiles = [
        Metric(f"{key}.runs", say("Runs started"), asked.words.number(summary.runs), Decimal(summary.runs)),
        Metric(
            f"{key}.success", say("Success rate"), share.text, share.value if isinstance(share.value, Decimal) else None,
            note=telling.rests_on(summary.rate),
        ),
    ]  # fmt: skip
    for name, label, half, most in (
        ("work", say("Median work"), times.work_p50, times.work_p90),
        ("duration", say("Median duration"), times.p50, times.p90),
    ):
        if half is not None:
            note = say("nine in ten below {most}, n = {n}", most=telling.time(most), n=times.n)
            tiles.append(Metric(f"{key}.{name}", label, telling.time(half), _hours(half), "h", note))
    tiles.extend(
        Metric(
            f"{key}.estimated.{total.unit}", say("Estimated savings a week"),
            telling.amount(total.value, total.unit).text, total.value, total.unit, say("n = {n}", n=total.n), "estimated",
        )
        for total in group.estimated[:2]
    )  # fmt: skip
    return tuple(tiles)


def _steps(asked: Asked, group: Group, steps: Sequence[StepFigures], number: int) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("Step"), wide=True), Column(say("Reached"), number=True), Column(say("Finished"), number=True),
        Column(say("Stopped there"), number=True), Column(say("Median work (h)"), number=True),
        Column(say("Median wait (h)"), number=True),
    )  # fmt: skip
    waits = {one.number: one.p50 for one in asked.bottlenecks.steps if one.workflow_id == group.key}
    rows = tuple(
        (
            Cell(asked.step(group.key, one.number)), telling.count(one.reached), telling.count(one.done),
            telling.part(one.lost, one.reached), telling.hours(one.work_p50), telling.hours(waits.get(one.number)),
        )
        for one in steps
    )  # fmt: skip
    title = say("Steps of “{workflow}”: where ended runs stopped", workflow=group.label)
    note = lost_finding(asked, group, steps)
    return Table(title, columns, rows, key=f"workflow-{number}-steps", note=asked.words.sentence(note) if note else "")


def _far(asked: Asked, group: Group, far: Sequence[Outlier], number: int) -> Table:
    say, telling, words = asked.words.say, asked.telling, asked.words
    columns = (
        Column(say("Run"), wide=True), Column(say("Started")), Column(say("Duration (h)"), number=True),
        Column(say("Usual (h)"), number=True), Column(say("Times the usual"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(str(one.run_id)), telling.day(one.created_at), telling.hours(one.value),
            telling.hours(one.usual.median), _times(words.number(one.times, digits=1), one.times),
        )
        for one in far[:_FAR_SHOWN]
    )  # fmt: skip
    note = say("{n} runs in all are far from usual here.", n=len(far)) if len(far) > _FAR_SHOWN else ""
    title = say("Runs of “{workflow}” far from its usual duration", workflow=group.label)
    return Table(title, columns, rows, key=f"workflow-{number}-far", note=note)


def _times(text: str, value: float) -> Cell:
    return Cell(text, Decimal(str(value)).quantize(Decimal("0.1")))


def _hours(seconds: float | None) -> Decimal | None:
    return None if seconds is None else Decimal(str(seconds / 3600)).quantize(Decimal("0.01"))
