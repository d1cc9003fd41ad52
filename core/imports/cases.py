"""The events of one case as the run they were: its state, its steps, where the time went, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.analytics.rules import STALE_AFTER
from core.errors import CountersignError
from core.executions.rules import ExecutionState, StepState
from core.identity.rules import Market, SkillLevel
from core.imports.events import Event
from core.imports.refusals import Reason, Refused
from core.imports.rules import LogMapping, Per, Unfinished
from core.outcomes.rules import MetricType, checked_unit, checked_value

_NOTHING = timedelta()


@dataclass(frozen=True)
class Outline:
    """The steps of the workflow, and which activities are which."""

    titles: tuple[str, ...]
    step_of: Mapping[str, int]
    """1-based; an activity that is not named is no step."""
    ends: frozenset[str]
    """Activities that complete a case."""


@dataclass(frozen=True)
class PastStep:
    number: int
    state: StepState
    started_at: datetime | None = None
    completed_at: datetime | None = None
    work_ms: int = 0


@dataclass(frozen=True)
class PastOutcome:
    metric: MetricType
    value: Decimal
    unit: str


@dataclass(frozen=True)
class PastRun:
    """A run as it will stand among the others."""

    case_key: str
    line: int
    state: ExecutionState
    began: datetime
    last: datetime
    steps: tuple[PastStep, ...]
    work_ms: int
    wait_ms: int
    person: str
    market: Market | None
    skill_level: SkillLevel | None
    outcome: PastOutcome | None = None
    cost: Decimal | None = None
    currency: str = ""

    @property
    def done(self) -> int:
        return sum(step.state is StepState.DONE for step in self.steps)

    @property
    def reached(self) -> int:
        return max((step.number for step in self.steps if step.state is not StepState.PENDING), default=1)


@dataclass(frozen=True, slots=True)
class _Span:
    activity: str
    begin: datetime
    end: datetime | None
    timed: bool
    """Beginning and end are known, so the time between was work."""


def run_of(
    events: Sequence[Event], outline: Outline, mapping: LogMapping, now: datetime, currencies: Collection[str]
) -> PastRun | Refused:
    """`events` of one case, ordered by time and then by their place in the file."""
    first = events[0]

    def no(reason: Reason, detail: str = "") -> Refused:
        return Refused(min(event.line for event in events), reason, detail, first.case_key)

    spans = [span for span in _spans(events) if outline.step_of.get(span.activity) or span.activity in outline.ends]
    if not spans:
        return no(Reason.NO_STEP, first.activity[:100])
    began, last = min(span.begin for span in spans), max(span.end or span.begin for span in spans)
    state = _state(spans, outline, mapping.unfinished, last, now)
    if state is None:
        return no(Reason.NOT_OVER, f"its last event is {last:%Y-%m-%d}")
    timed = [(span.begin, span.end) for span in spans if span.timed and span.end is not None]
    work = sum((end - begin for begin, end in timed), _NOTHING)
    outcome: PastOutcome | None = None
    if mapping.metric is not None and state is ExecutionState.COMPLETED:
        try:
            outcome = _outcome(events, mapping.metric, mapping.value_per, currencies)
        except _Mixed as mixed:
            return no(Reason.MIXED_UNITS, str(mixed))
        except CountersignError as problem:
            return no(Reason.BAD_VALUE, str(problem).removesuffix(" Nothing was saved.")[:250])
    cost, currency = _cost(events, mapping.cost_per)
    return PastRun(
        case_key=first.case_key, line=min(event.line for event in events), state=state, began=began, last=last,
        steps=tuple(_steps(spans, outline)), work_ms=_ms(work), wait_ms=_ms(last - began - _covered(timed)),
        person=_most(event.person for event in events),
        market=market_of(_last(event.market for event in events)),
        skill_level=skill_of(_last(event.skill_level for event in events)),
        outcome=outcome, cost=cost, currency=currency,
    )  # fmt: skip


def market_of(text: str | None) -> Market | None:
    return next((one for one in Market if one.value == _word(text)), None)


def skill_of(text: str | None) -> SkillLevel | None:
    return next((one for one in SkillLevel if one.value == _word(text)), None)


def _state(
    spans: Sequence[_Span], outline: Outline, unfinished: Unfinished, last: datetime, now: datetime
) -> ExecutionState | None:
    """None: it is left out, for it is not over."""
    if any(span.activity in outline.ends and span.end is not None for span in spans):
        return ExecutionState.COMPLETED
    match unfinished:
        case Unfinished.ABANDONED:
            return ExecutionState.ABANDONED
        case Unfinished.LEFT_OUT:
            return None
        case Unfinished.BY_AGE:
            return ExecutionState.ABANDONED if now - last > STALE_AFTER else None


def _spans(events: Sequence[Event]) -> list[_Span]:
    """Beginning and end of each activity; `start` and `complete` in rows of their own are put together in order."""
    open_since: dict[str, list[datetime]] = defaultdict(list)
    found: list[_Span] = []
    for event in events:
        match event.transition:
            case None:
                found.append(_Span(event.activity, event.at, event.until or event.at, event.until is not None))
            case "start":
                open_since[event.activity].append(event.at)
            case "complete":
                if event.until is not None:
                    found.append(_Span(event.activity, event.at, event.until, True))
                elif waiting := open_since[event.activity]:
                    found.append(_Span(event.activity, waiting.pop(0), event.at, True))
                else:
                    found.append(_Span(event.activity, event.at, event.at, False))
            case _:
                continue  # scheduled, assigned, suspended …: it says nothing of beginning or end
    found += [_Span(name, begin, None, False) for name, begins in open_since.items() for begin in begins]
    return found


def _steps(spans: Sequence[_Span], outline: Outline) -> Iterable[PastStep]:
    of_step: dict[int, list[_Span]] = defaultdict(list)
    for span in spans:
        if number := outline.step_of.get(span.activity, 0):
            of_step[number].append(span)
    for number in range(1, len(outline.titles) + 1):
        mine = of_step.get(number)
        if not mine:
            yield PastStep(number, StepState.PENDING)
            continue
        begin = min(span.begin for span in mine)
        ends = [span.end for span in mine if span.end is not None]
        if len(ends) < len(mine):
            yield PastStep(number, StepState.ACTIVE, begin)
            continue
        work = sum((span.end - span.begin for span in mine if span.timed and span.end is not None), _NOTHING)
        yield PastStep(number, StepState.DONE, begin, max(ends), _ms(work))


def _covered(timed: Sequence[tuple[datetime, datetime]]) -> timedelta:
    """How long at least one activity was under way; two at once cover the time once."""
    total, until = _NOTHING, None
    for begin, end in sorted(timed):
        if until is None or begin > until:
            total, until = total + (end - begin), end
        elif end > until:
            total, until = total + (end - until), end
    return total


class _Mixed(ValueError):
    """Several units in one case."""


def _outcome(events: Sequence[Event], metric: MetricType, per: Per, currencies: Collection[str]) -> PastOutcome | None:
    """What came of it, as anybody would have logged it; nothing comes of zero."""
    said = [(event.value, event.unit) for event in events if event.value is not None]
    if not said:
        return None
    units = {unit or "" for value, unit in said if value}
    if per is Per.EVENT and len(units) > 1:
        raise _Mixed(", ".join(sorted(units))[:200])
    value = said[-1][0] if per is Per.CASE else sum((value for value, _ in said if value is not None), Decimal())
    if not value:
        return None
    unit = said[-1][1] if per is Per.CASE else next(iter(units), "")
    return PastOutcome(metric, checked_value(metric, value), checked_unit(metric, unit or "", currencies))


def _cost(events: Sequence[Event], per: Per) -> tuple[Decimal | None, str]:
    """The sum, or the last one said; where currencies mix it is nothing, for they cannot be added."""
    said = [(event.cost, event.currency or "") for event in events if event.cost is not None]
    if not said:
        return None, ""
    if per is Per.CASE:
        return said[-1]
    if len({currency for _, currency in said}) > 1:
        return None, ""
    return sum((cost for cost, _ in said), Decimal()), said[0][1]


def _most(names: Iterable[str | None]) -> str:
    """Whoever did most of it; of several, who came first."""
    counted = Counter(name for name in names if name)
    return counted.most_common(1)[0][0] if counted else ""


def _last(texts: Iterable[str | None]) -> str | None:
    found = None
    for text in texts:
        found = text or found
    return found


def _word(text: str | None) -> str:
    return "_".join((text or "").casefold().replace("-", " ").replace("_", " ").split())


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
