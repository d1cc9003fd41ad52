"""Half a year of runs as it might have gone: who started what, how far they came, what they logged, who voted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from core.actor import Tier
from core.catalog.queries import Definition
from core.catalog.savings import RateCard, calculate
from core.decisions.policy import AtDeadline, Policy, Rule
from core.decisions.rules import DecisionState, Vote
from core.executions.rules import ExecutionState, TimerKind
from core.sample.courses import course_of, steps_of
from core.sample.decided import decision_columns
from core.sample.outcomes import outcomes_of
from core.sample.people import AGENTS, PUBLISHING, SPENDING, SamplePerson, sample_id

DAYS = 182
RUNS = 2_500

_WEEKDAYS = (1.1, 1.25, 1.2, 1.1, 0.9, 0.45, 0.4)
_HOURS = (0, 0, 0, 0, 0, 1, 2, 4, 7, 10, 11, 9, 6, 8, 10, 10, 8, 6, 5, 6, 7, 5, 2, 1)
_OFFSETS = {"IN": 5.5, "US": -6, "NG": 1, "KE": 3, "ZA": 2, "BR": -3, "AR": -3, "MX": -6, "ID": 7, "PH": 8, "JP": 9}

_TASTE = {Tier.STARTER: 4.0, Tier.PRO: 3.3, Tier.SCALE: 4.0}

_VOTES_AGAINST = (
    "The numbers do not carry it yet.",
    "Wait until the refund terms are settled.",
    "Too close to the last one.",
)
_VOTES_FOR = ("Within budget.", "Sound, and easy to undo.", "The last three went well.", "")


@dataclass
class History:
    """Rows for the tables, ready to be inserted in this order."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    ballots: list[dict[str, Any]] = field(default_factory=list)
    executions: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)


def beginning(now: datetime) -> datetime:
    """The midnight with which the half year before `now` begins."""
    return (now - timedelta(days=DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)


def invent_history(
    rng: Random,
    now: datetime,
    definitions: Sequence[Definition],
    people: Sequence[SamplePerson],
    voters: dict[str, list[SamplePerson]],
    *,
    runs: int = RUNS,
) -> History:
    history = History()
    for at in _starts(rng, now, runs):
        ready = [person for person in people if person.joined_at <= at]
        person = rng.choices(ready, [person.eagerness for person in ready])[0]
        allowed = [one for one in definitions if person.tier.includes(one.tier)]
        if allowed:
            definition = rng.choices(allowed, [_appeal(one, person) for one in allowed])[0]
            _run(rng, now, at, definition, person, voters, history)
    return history


def _starts(rng: Random, now: datetime, runs: int) -> Iterator[datetime]:
    """Instants over the half year: growing, with the week's rhythm, at waking hours."""
    days = [now - timedelta(days=DAYS - number) for number in range(DAYS + 1)]
    weights = [_WEEKDAYS[day.weekday()] * (0.55 + 0.9 * number / DAYS) for number, day in enumerate(days)]
    for day in sorted(rng.choices(days, weights, k=runs)):
        hour = rng.choices(range(24), _HOURS)[0]
        at = day.replace(hour=0, minute=0, second=0, microsecond=0)
        at += timedelta(hours=hour, seconds=rng.randrange(3600), milliseconds=rng.randrange(1000))
        # Today's hours that are still to come happened yesterday.
        yield at if at < now else at - timedelta(days=1)


def _appeal(definition: Definition, person: SamplePerson) -> float:
    suits = person.market in definition.workflow.markets and person.goal in definition.workflow.goals
    return _TASTE[definition.tier] * (1.8 if suits else 0.7)


def _run(
    rng: Random,
    now: datetime,
    at: datetime,
    definition: Definition,
    person: SamplePerson,
    voters: dict[str, list[SamplePerson]],
    history: History,
) -> None:
    local = at - timedelta(hours=_OFFSETS.get(person.country, 0))
    at = local if person.joined_at <= local < now else at
    run_id = sample_id(at, rng)
    agent = rng.choice(AGENTS)[0] if rng.random() < 0.42 else None
    council = _council(rng, definition)
    decision, decided_at, approved = None, at, True
    if council is not None:
        approved, decided_at = rng.random() < 0.86, at + timedelta(hours=rng.lognormvariate(1.2, 0.8))
        if decided_at < now:
            decision = _decision(rng, run_id, agent, council, voters[council], at, decided_at, approved, history)
        else:
            council, approved = None, True
    course = course_of(
        rng, now, decided_at if decision else at, definition, person, approved, with_ai=agent is not None
    )
    card = _card(rng, definition, person)
    saved = calculate(card) if card else None
    history.executions.append(
        {
            "id": run_id, "workflow_id": definition.workflow_id, "revision": definition.digest, "user_id": person.id,
            "agent_id": agent, "council_id": council, "decision_id": decision,
            "market": person.market, "skill_level": person.skill_level, "state": course.state,
            "total_steps": definition.total_steps, "current_step": min(course.done + 1, definition.total_steps),
            "steps_completed": course.done, "inputs": {}, "outputs": {},
            "calculated_savings": saved.weekly if saved else None, "savings_currency": saved.currency if saved else None,
            "rate_card": card.facts() if card else None,
            "timer_kind": None if course.ended else TimerKind.WAIT, "timer_since": None if course.ended else course.last,
            "work_ms": sum(course.work), "wait_ms": course.wait_ms, "ai_ms": course.ai_ms,
            "created_at": at, "started_at": course.began, "last_activity_at": course.last,
            "completed_at": course.last if course.ended else None, "end_reason": course.reason, "error": course.error,
            # Now, not then: aggregation reads what changed since its last pass.
            "changed_at": now, "sample": True, "version": 1,
        }
    )  # fmt: skip
    history.steps += steps_of(rng, run_id, definition.total_steps, course)
    if course.state is ExecutionState.COMPLETED:
        history.outcomes += outcomes_of(rng, now, run_id, definition.workflow_id, person, course.last)


def _council(rng: Random, definition: Definition) -> str | None:
    chance = {Tier.STARTER: 0.02, Tier.PRO: 0.1, Tier.SCALE: 0.3}[definition.tier]
    if rng.random() >= chance:
        return None
    return PUBLISHING if definition.tier is Tier.SCALE and rng.random() < 0.7 else SPENDING


def _decision(
    rng: Random,
    run_id: object,
    agent: str | None,
    council: str,
    voters: Sequence[SamplePerson],
    opened: datetime,
    decided: datetime,
    approved: bool,
    history: History,
) -> object:
    decision_id = sample_id(opened, rng)
    majority = len(voters) // 2 + 1
    sides = rng.sample(list(voters), majority)
    vote = Vote.APPROVE if approved else Vote.REJECT
    policy = Policy(council=council, rule=Rule.MAJORITY, at_deadline=AtDeadline.REJECT)
    seats, votes = [str(voter.id) for voter in voters], {str(voter.id): vote for voter in sides}
    history.decisions.append(
        {
            "id": decision_id, "subject_kind": "run", "subject_id": str(run_id), "subject_digest": "0" * 64,
            "state": DecisionState.APPROVED if approved else DecisionState.REJECTED,
            "opened_at": opened, "deadline": opened + timedelta(days=3), "decided_at": decided,
            **decision_columns(agent or "system", policy, seats, votes),
        }
    )  # fmt: skip
    for number, voter in enumerate(sides):
        reasons = _VOTES_FOR if approved else _VOTES_AGAINST
        history.ballots.append(
            {
                "id": sample_id(decided, rng), "decision_id": decision_id, "voter_id": voter.id,
                "voter_name": voter.name, "cast_by_id": voter.id, "cast_by_name": voter.name, "vote": vote,
                "reason": rng.choice(reasons), "cast_at": opened + (decided - opened) * (number + 1) / majority,
            }
        )  # fmt: skip
    return decision_id


def _card(rng: Random, definition: Definition, person: SamplePerson) -> RateCard | None:
    """The workflow's own rate card, at this person's volume; for people in India with an Indian wage."""
    cards = definition.workflow.rate_cards
    if not cards:
        return None
    card = replace(cards[-1], tasks_per_week=(cards[-1].tasks_per_week * _volume(rng)).quantize(Decimal("0.1")))
    if person.currency == card.currency:
        return card
    rupees = Decimal(22)
    return replace(
        card, currency=person.currency, hourly_wage=card.hourly_wage * rupees,
        cost_per_error=card.cost_per_error * rupees,
        value_per_accelerated_task=card.value_per_accelerated_task * rupees, implementation_cost=None,
    )  # fmt: skip


def _volume(rng: Random) -> Decimal:
    return Decimal(str(round(rng.lognormvariate(0, 0.35), 3)))
