"""One person's list: what is believed of each workflow, ordered by the objective, now and then to learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

import numpy as np

from core.actor import Actor, Tier
from core.catalog.queries import Definition
from core.identity.tables import Profile
from core.recommendations.aims import Policy
from core.recommendations.beliefs import LEAST_VALUES, Beliefs
from core.recommendations.model import Array, Belief
from core.recommendations.rules import (
    NOBODY,
    Candidate,
    Counts,
    Level,
    Objective,
    explored,
    goal_share,
    luck,
    may_be_shown,
    moved_up,
    ranked,
)
from core.recommendations.words import PRIVATE_VALUE, Expected, no_value_words, reason, rounded_amount, rounded_chance

_DRAWS = 256
_SHARES = (np.arange(_DRAWS) + 0.5) / _DRAWS


@dataclass(frozen=True)
class Ranked:
    """One workflow for one person; `rank` begins at 1."""

    rank: int
    definition: Definition
    level: Level
    """Whose results `counts` are: none but these may be shown."""
    counts: Counts
    chance: Expected
    """That a run by this person ends with a result."""
    benefit: Expected | None
    """In the objective's unit, for a run; None if the objective is success, or too little is known in the unit."""
    score: float
    reason: str
    note: str | None
    """What a reader must know of its place, if anything."""
    explored: bool
    """Shown higher than what is known of it would put it, to learn more."""
    propensity: float
    """The chance with which this person was to see it first today."""
    allowed: bool
    """Whether the person's tier includes it; if not, `needs` says which does."""
    needs: Tier
    open_run: UUID | None
    """The person's unfinished run of it, to go on with."""


@dataclass(frozen=True)
class About:
    """The person a list is for, and their day."""

    user_id: UUID
    profile: Profile | None
    last_completed: str | None
    open_runs: Mapping[str, UUID]
    day: date


@dataclass(frozen=True)
class _Weighed:
    definition: Definition
    level: Level
    counts: Counts
    chance: Expected
    benefit: Expected | None
    reason: str
    note: str | None
    believed: Belief
    candidate: Candidate


def list_for(
    actor: Actor,
    about: About,
    definitions: Sequence[Definition],
    beliefs: Beliefs,
    objective: Objective,
    policy: Policy,
) -> list[Ranked]:
    """Every definition, the best for the person first."""
    weighed = {
        one.workflow_id: _weigh(one, about, beliefs, objective, allowed=actor.tier.includes(one.tier))
        for one in definitions
    }
    candidates = [one.candidate for one in weighed.values()]
    pure = ranked(candidates)
    exploring = luck(about.user_id, about.day, "explores") < policy.share
    shown = explored(candidates) if exploring else pure
    higher = moved_up(pure, shown) if exploring else frozenset()
    first = _chances_to_be_first(pure, weighed, policy.share)
    found = []
    for rank, place in enumerate(shown, 1):
        one = weighed[place.workflow_id]
        found.append(
            Ranked(
                rank=rank, definition=one.definition, level=one.level, counts=one.counts, chance=one.chance,
                benefit=one.benefit, score=place.chance if place.benefit is None else place.benefit,
                reason=one.reason, note=one.note, explored=place.workflow_id in higher,
                propensity=first.get(place.workflow_id, 0.0), allowed=place.allowed, needs=one.definition.tier,
                open_run=about.open_runs.get(place.workflow_id),
            )
        )  # fmt: skip
    return found


def _weigh(definition: Definition, about: About, beliefs: Beliefs, objective: Objective, *, allowed: bool) -> _Weighed:
    name, profile = definition.workflow_id, about.profile
    segment = (profile.market.value, profile.skill_level.value) if profile else NOBODY
    believed = beliefs.chance(name, segment)
    level, counts = may_be_shown(beliefs.cells[name], *(segment if profile else (None, None)))
    goal = profile.goal if profile else None
    stated = goal in definition.workflow.goals
    chance = rounded_chance(believed.mean, *believed.interval())
    wanted, benefit, note = believed, None, None
    expected: float | None
    if objective.is_value:
        wanted = beliefs.value_of_a_run(name, segment, objective)
        expected = wanted.mean if beliefs.values(name, objective) >= LEAST_VALUES else None
        if expected is None:
            note = no_value_words(objective)
        elif level in {Level.FEW, Level.NONE}:
            note = PRIVATE_VALUE
        else:
            benefit = rounded_amount(wanted.mean, *wanted.interval())
    else:
        share = goal_share(goal, stated, beliefs.outcomes[name])
        wanted = believed.times(share)
        expected = wanted.mean
    place = Candidate(
        name, expected, wanted.quantile(luck(about.user_id, about.day, name)), believed.mean, allowed,
        name == about.last_completed,
    )  # fmt: skip
    why = reason(
        level, counts, chance, market=profile.market if profile else None,
        skill_level=profile.skill_level if profile else None, goal=goal, suits_goal=stated,
    )  # fmt: skip
    return _Weighed(definition, level, counts, chance, benefit, why, note, wanted, place)


@cache
def _mixed(place: int) -> Array:
    return np.random.default_rng(place).permutation(_SHARES)


def _chances_to_be_first(pure: Sequence[Candidate], weighed: Mapping[str, _Weighed], share: float) -> dict[str, float]:
    """How likely each was to be put first, over the days: what an honest reading of clicks has to divide by."""
    if not pure:
        return {}
    first = {pure[0].workflow_id: 1.0 - share}
    allowed = [one for one in pure if one.allowed == pure[0].allowed]
    rivals = [one for one in allowed if not one.just_completed] or allowed
    if share:
        drawn = np.array([weighed[one.workflow_id].believed.spread(_mixed(place)) for place, one in enumerate(rivals)])
        wins = np.bincount(np.argmax(drawn, axis=0), minlength=len(rivals)) / _DRAWS
        for one, won in zip(rivals, wins, strict=True):
            first[one.workflow_id] = first.get(one.workflow_id, 0.0) + share * float(won)
    return first
