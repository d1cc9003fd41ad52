"""Where runs stop and stand still, how long gates and councils keep them, and what the waiting costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.analytics.bottlenecks import Cause, CouncilWait, GateWait, Standstill, WaitingCost
from core.deliverables.content import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    Section,
    Series,
    Table,
    paragraph,
)
from core.deliverables.gathering.telling import NOTHING
from core.deliverables.sources.period.asked import Asked
from core.deliverables.words import term
from core.executions.automated.rules import GateKind

_SHOWN = 10
_ROWS = 40
_CAUSES = {Cause.PAUSE: term("Runs stood still"), Cause.COUNCIL: term("A council had not decided")}
_GATES = {
    GateKind.START: term("a start"), GateKind.CLARIFICATION: term("an answer"), GateKind.FORM: term("a document"),
    GateKind.GUIDE: term("a person"), GateKind.ACCEPTANCE: term("acceptance"), GateKind.APPROVAL: term("approval"),
    GateKind.VOTE: term("a vote"), GateKind.ACTION: term("an action"), GateKind.TIME: term("a time"),
}  # fmt: skip


def waits(asked: Asked) -> Section | None:
    found = asked.bottlenecks
    if not (found.costs or found.steps or found.gates):
        return None
    say = asked.words.say
    blocks: list[Block] = []
    if found.sampled:
        blocks.append(
            paragraph(
                say(
                    "Steps, gates and waits are those of an even sample of {n} runs; costs are of the whole.",
                    n=found.runs,
                )
            )
        )
    if found.costs:
        blocks.append(_costs(asked, found.costs, sampled=found.sampled))
    blocks.extend(one for one in (_stops(asked, found.steps), _standing(asked, found.steps)) if one is not None)
    lead = " ".join(asked.words.sentence(one) for one in (standing_finding(asked), cost_finding(asked)) if one)
    return Section("waits", say("Where runs stop and wait"), tuple(blocks), lead=lead)


def wait_details(asked: Asked) -> Section | None:
    """For the appendix: every step, gate and council."""
    found, blocks = asked.bottlenecks, list[Block]()
    if waited := [one for one in found.steps if one.waits or one.stopped or one.here]:
        blocks.append(_steps(asked, waited))
    if found.gates:
        blocks.append(_gates(asked, found.gates))
    if councils := asked.analytics.council_waits(asked.filters).councils:
        blocks.append(_councils(asked, councils))
    return (
        Section("wait-details", asked.words.say("Steps, gates and councils"), tuple(blocks), appendix=True)
        if blocks
        else None
    )


def cost_finding(asked: Asked) -> str:
    say = asked.words.say
    by_currency: dict[str, Decimal] = {}
    for cost in asked.bottlenecks.costs:
        if cost.currency and cost.cost is not None:
            by_currency[cost.currency] = by_currency.get(cost.currency, Decimal(0)) + cost.cost
    if not by_currency:
        return say("No cost can be put on the waiting yet")
    amounts = asked.words.listed([asked.words.money(value, unit, whole=True) for unit, value in by_currency.items()])
    return say("At the hourly wage, waiting came to at most {amounts}", amounts=amounts)


def standing_finding(asked: Asked) -> str:
    """Which step keeps its runs longest; nothing where none did."""
    longest = _longest(asked.bottlenecks.steps)
    if not longest:
        return ""
    return asked.words.say(
        "“{step}” waits longest: half of its runs stand there over {time}", step=_name(asked, longest[0]),
        time=asked.telling.time(longest[0].p50),
    )  # fmt: skip


def _longest(steps: Sequence[Standstill]) -> list[Standstill]:
    return sorted((one for one in steps if one.waits and one.p50), key=lambda one: -(one.p50 or 0))


def _costs(asked: Asked, costs: Sequence[WaitingCost], *, sampled: bool) -> Table:
    say, telling, words = asked.words.say, asked.telling, asked.words
    columns = (
        Column(say("What kept them"), wide=True), Column(say("Currency")), Column(say("Runs"), number=True),
        Column(say("Waiting (h)"), number=True), Column(say("Cost at most"), number=True),
    )  # fmt: skip

    def cost(one: WaitingCost) -> Cell:
        if one.cost is None or one.currency is None:
            return Cell(say("not costed"))
        said = words.money(one.cost, one.currency, whole=True)
        if sampled and one.low is not None and one.high is not None:
            low, high = (words.money(bound, one.currency, whole=True) for bound in (one.low, one.high))
            said = say("about {amount} ({low} to {high})", amount=said, low=low, high=high)
        return Cell(said, one.cost.quantize(Decimal(1)))

    rows = tuple(
        (
            Cell(say(_CAUSES[one.cause])), Cell(one.currency or say("No rate card")), telling.count(one.runs),
            telling.hours(one.hours * 3600), cost(one),
        )
        for one in costs
    )  # fmt: skip
    note = say(
        "Waiting hours times the hourly wage of each run's own rate card: an upper bound, as if somebody were paid for "
        "every hour. Waits that go on are not in it."
    )
    return Table(say("What the waiting costs"), columns, rows, key="waiting-costs", note=note)


def _stops(asked: Asked, steps: Sequence[Standstill]) -> Chart | None:
    stopped = sorted((one for one in steps if one.stopped), key=lambda one: -one.stopped)
    if not stopped:
        return None
    say, words, worst = asked.words.say, asked.words, stopped[0]
    part = asked.telling.part(worst.stopped, sum(one.stopped for one in stopped)).text
    title = say("“{step}” is where most runs stop: {share} of all that did", step=_name(asked, worst), share=part)
    shown = stopped[:_SHOWN]
    series = Series(
        say("Stopped there"), tuple(Decimal(one.stopped) for one in shown),
        tuple(
            say("{part} of {whole}", part=words.number(one.stopped), whole=words.number(one.ended.n)) for one in shown
        ),
    )  # fmt: skip
    note = say("Ended runs that got no further than this step, of those that reached it.")
    return Chart(
        "stops",
        title,
        ChartKind.BARS,
        tuple(_named(asked, one) for one in shown),
        (series,),
        say("runs"),
        say("Step"),
        note,
    )


def _standing(asked: Asked, steps: Sequence[Standstill]) -> Chart | None:
    longest = _longest(steps)[:_SHOWN]
    if not longest:
        return None
    say, telling = asked.words.say, asked.telling
    series = tuple(
        Series(
            name, tuple(_value(telling.hours(one)) for one in values), tuple(telling.hours(one).text for one in values)
        )
        for name, values in (
            (say("Half of the runs"), [one.p50 for one in longest]),
            (say("Nine in ten"), [one.p90 for one in longest]),
        )
    )
    note = say(
        "Hours from begun to done, less the hands-on time: half waited less than the first figure, nine in ten less "
        "than the second."
    )
    return Chart(
        "standing",
        standing_finding(asked),
        ChartKind.BARS,
        tuple(_named(asked, one) for one in longest),
        series,
        say("hours"),
        say("Step"),
        note,
    )


def _steps(asked: Asked, steps: Sequence[Standstill]) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("Workflow"), wide=True), Column(say("Step"), wide=True), Column(say("Reached"), number=True),
        Column(say("Stopped there"), number=True), Column(say("Stand there now"), number=True),
        Column(say("Median wait (h)"), number=True), Column(say("Nine in ten (h)"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(one.workflow), Cell(_name(asked, one)), telling.count(one.ended.n), telling.count(one.stopped),
            telling.count(one.here), telling.hours(one.p50), telling.hours(one.p90),
        )
        for one in steps[:_ROWS]
    )  # fmt: skip
    note = say("The {n} steps with the longest waits in all.", n=_ROWS) if len(steps) > _ROWS else ""
    return Table(say("Steps by how long runs stood there in all"), columns, rows, key="step-waits", note=note)


def _gates(asked: Asked, gates: Sequence[GateWait]) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("Workflow"), wide=True), Column(say("Step"), wide=True), Column(say("Waits for")),
        Column(say("Closed"), number=True), Column(say("Wait now"), number=True),
        Column(say("Median wait (h)"), number=True), Column(say("Nine in ten (h)"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(one.workflow), Cell(one.step), Cell(say(_GATES[one.kind])), telling.count(one.closed),
            telling.count(one.open), telling.hours(one.p50), telling.hours(one.p90),
        )
        for one in gates[:_ROWS]
    )  # fmt: skip
    return Table(say("Gates of automated runs"), columns, rows, key="gates")


def _councils(asked: Asked, councils: Sequence[CouncilWait]) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("Council"), wide=True), Column(say("Decided"), number=True), Column(say("Approved"), number=True),
        Column(say("Expired"), number=True), Column(say("Wait now"), number=True),
        Column(say("Median wait (h)"), number=True), Column(say("Nine in ten (h)"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(one.name), telling.count(one.approval.n), telling.share(one.approval), telling.count(one.expired),
            telling.count(one.open), telling.hours(one.p50), telling.hours(one.p90),
        )
        for one in councils
    )  # fmt: skip
    return Table(say("How long runs waited for each council"), columns, rows, key="council-waits")


def _name(asked: Asked, step: Standstill) -> str:
    return asked.step(step.workflow_id, step.number)


def _named(asked: Asked, step: Standstill) -> str:
    return f"{_name(asked, step)} · {step.workflow}"


def _value(cell: Cell) -> Decimal | None:
    return cell.value if cell is not NOTHING and isinstance(cell.value, Decimal) else None
