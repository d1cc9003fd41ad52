"""What a chart says, as its title: one sentence that the figures bear, and no more than they bear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.analytics.bottlenecks import CouncilWait, GateWait, Standstill
from core.analytics.breakdowns import Group, Standing, StepFigures
from core.analytics.figures import Summary, TrendPoint
from core.analytics.outliers import MOST_SHOWN, Outliers
from core.analytics.rules import Rate
from core.executions.rules import ExecutionState
from pages.components.status import look
from pages.components.words import count, number, percent, span

_RECENT = 4
"""Buckets that are held against as many before them."""
_NEAR = 0.03
"""Shares that are this near to each other hold."""


def rate_words(rate: Rate) -> str:
    """`59 % · n 1,756`, or what can be said without a run."""
    return "no run ended yet" if rate.share is None else f"{percent(rate.share)} · n {number(rate.n, 0)}"


def interval_words(rate: Rate) -> str:
    return f"{round(rate.low * 100)}–{percent(rate.high)}"


def differ(one: Rate, other: Rate) -> bool:
    """Whether the two 95 % intervals leave each other alone: a cautious sign of a real difference."""
    return one.n > 0 and other.n > 0 and (one.low > other.high or other.low > one.high)


def lead(now: Summary, before: Summary | None, against: str) -> str:
    """The page's sentence; `against` says when `before` was: `in the 4 weeks before`."""
    if now.rate.share is None:
        return "No run has ended in this period, so there is no success rate yet."
    if not now.rate.successes and not (before and before.rate.successes):
        ended = "The one ended run has" if now.rate.n == 1 else f"None of {count(now.rate.n, 'ended run')} has"
        outcome = "no outcome" if now.rate.n == 1 else "an outcome"
        return f"{ended} completed with {outcome} logged, so there is no success to measure yet."
    words = (
        f"{percent(now.rate.share)} of {count(now.rate.n, 'ended run')} succeeded "
        f"({interval_words(now.rate)} with 95 % confidence)"
    )
    if before is None or before.rate.share is None or before.rate.small:
        return f"{words}."
    points = round(now.rate.share * 100) - round(before.rate.share * 100)
    if not differ(now.rate, before.rate) or points == 0:
        return f"{words}, about as {against}."
    return f"{words}, {count(abs(points), 'point')} {'more' if points > 0 else 'fewer'} than {against}."


def runs_over_time(points: Sequence[TrendPoint], bucket: str) -> str:
    recent, earlier = _halves(points)
    if not recent or not earlier:
        return f"{count(sum(point.runs for point in points), 'run')} started"
    now, then = (sum(point.runs for point in part) / len(part) for part in (recent, earlier))
    if then == 0 or abs(now - then) < 0.1 * then:
        return f"About {number(now, 0)} runs start each {bucket}"
    return f"{number(now, 0)} runs start each {bucket}, {'up' if now > then else 'down'} from {number(then, 0)}"


def success_over_time(points: Sequence[TrendPoint], bucket: str) -> str:
    recent, earlier = _halves(points)
    now, then = (sum((point.rate for point in part), Rate(0, 0)) for part in (recent, earlier))
    if now.share is None:
        return "Success cannot be told yet"
    if not any(point.rate.successes for point in points):
        return "No success is on record yet"
    said = f"{percent(now.share)} over the last {_RECENT} {bucket}s, n {number(now.n, 0)}"
    if then.share is None:
        return f"Success is {said}"
    if differ(now, then):
        return f"Success {'rose' if now.share > then.share else 'fell'} to {said}"
    return f"Success {'holds at' if abs(now.share - then.share) <= _NEAR else 'is'} {said}"


def statuses(states: Mapping[ExecutionState, int]) -> str:
    total = sum(states.values())
    if not total:
        return "No runs yet"
    completed, others = states[ExecutionState.COMPLETED], dict(states)
    others.pop(ExecutionState.COMPLETED)
    state, n = max(others.items(), key=lambda item: item[1])
    rest = f"; {percent(n / total)} {_is(state)}" if n else ""
    return f"{percent(completed / total)} of runs completed{rest}"


def best_and_worst(groups: Sequence[Group], noun: str) -> str:
    """Names the ends where they differ, and says so where they do not."""
    known = sorted((group for group in groups if not group.rate.small), key=lambda group: -(group.rate.share or 0))
    if len(known) < 2:
        return f"Too few runs to compare {noun}"
    best, worst = known[0], known[-1]
    if not differ(best.rate, worst.rate):
        return f"No clear difference between {noun}"
    return f"{best.label} succeeds most ({percent(best.rate.share or 0)}), {worst.label} least ({percent(worst.rate.share or 0)})"


def durations(groups: Sequence[Group]) -> str:
    known = [group for group in groups if group.work_p50 is not None]
    if not known:
        return "No completed run to time yet"
    longest = max(known, key=lambda group: group.work_p50 or 0)
    half, most = (number((part or 0) / 3600) for part in (longest.work_p50, longest.work_p90))
    return f"Half of the runs of “{longest.label}” take over {half} h of work, one in ten over {most} h"


def leaderboard(standings: Sequence[Standing]) -> str:
    if not standings:
        return "No agent has run anything"
    return f"{standings[0].name} leads the agents with {standings[0].score:.2f} of 1"


def lost_steps(steps: Sequence[StepFigures], titles: Sequence[str]) -> str:
    reached = [step for step in steps if step.reached]
    if not reached or not any(step.lost for step in reached):
        return "No run was lost at a step"
    worst = max(reached, key=lambda step: step.lost / step.reached)
    title = titles[worst.number - 1] if worst.number <= len(titles) else ""
    named = f", {title}" if title else ""
    return f"Step {worst.number}{named}: {percent(worst.lost / worst.reached)} of those who reach it stop there"


def waits(steps: Sequence[Standstill]) -> str:
    waited = [step for step in steps if step.waits and step.p50]
    if not waited:
        return "No step of a guided run kept anybody waiting"
    longest = max(waited, key=lambda step: step.p50 or 0)
    half = span(1000 * (longest.p50 or 0))
    return f"“{longest.title or f'Step {longest.number}'}” waits longest: half of its runs stand there over {half}"


def stops(steps: Sequence[Standstill]) -> str:
    stopped = [step for step in steps if step.stopped]
    if not stopped:
        return "No ended run stopped at a step"
    worst = max(stopped, key=lambda step: step.stopped)
    part = percent(worst.stopped / sum(step.stopped for step in stopped))
    return f"“{worst.title or f'Step {worst.number}'}” is where most runs stop: {part} of all that did"


def gates(found: Sequence[GateWait], kind: str) -> str:
    """`kind` is what the gate that waits longest is called."""
    closed = [gate for gate in found if gate.closed and gate.p50 is not None]
    if not closed:
        return "No gate of an automated run has been opened yet"
    longest = max(closed, key=lambda gate: gate.p50 or 0)
    return f"“{longest.step}” waits longest, for {kind}: half over {span(1000 * (longest.p50 or 0))}"


def councils(found: Sequence[CouncilWait]) -> str:
    decided = [one for one in found if one.p50 is not None]
    if not decided:
        return "No council has decided on a run"
    slowest = max(decided, key=lambda one: one.p50 or 0)
    return f"{slowest.name} decides half of its runs within {span(1000 * (slowest.p50 or 0))}"


def far(found: Outliers, noun: str) -> str:
    if not found.usual:
        return f"Too few completed runs to say which {noun} is usual"
    if not found.found:
        return f"No {noun} among the newest {count(found.looked_at, 'completed run')} is far from usual"
    n = len(found.found)
    said = f"{number(n, 0)} or more" if n >= MOST_SHOWN else number(n, 0)
    return f"{said} of the newest {count(found.looked_at, 'completed run')} {'is' if n == 1 else 'are'} far from the usual {noun}"


def _halves(points: Sequence[TrendPoint]) -> tuple[Sequence[TrendPoint], Sequence[TrendPoint]]:
    """The last whole buckets and as many before them; the one that still runs is left out."""
    whole = points[:-1]
    return whole[-_RECENT:], whole[-2 * _RECENT : -_RECENT]


def _is(state: ExecutionState) -> str:
    word = look(state.value)[0].lower()
    return word if state in {ExecutionState.FAILED} else f"are {word}"
