"""What the operator brain does: it looks by its rules, keeps what it notices, proposes within its limits, and is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from core.actions.service import ActionService
from core.actor import Actor, ActorKind, Role
from core.audit import service as audit
from core.brain.found import all_rules
from core.brain.keeping import Candidate, hold, keep, settle_gone
from core.brain.proposing import Held, Proposing
from core.brain.rewording import Rewording, Worded
from core.brain.rule import NotLooked, Rule
from core.brain.rules import BRAIN, READERS, LookState, RuleMode, TaskState, checked_settings, joined, look_words
from core.brain.sources import Sources
from core.brain.tables import BrainRule, TeamTask
from core.database.unit_of_work import Database
from core.errors import Conflict, CountersignError, NotAllowed, NotFound
from core.guardrails.queries import GuardrailQueries
from core.guardrails.rules import ExecutionMode
from core.language_models.service import LanguageModels
from core.schedule.service import ScheduleService

log = structlog.get_logger(__name__)

JOB = "watch_for_work"
OVER_THE_LOOK = "Over the limit of {limit} cards a look. A later look proposes it."


@dataclass(frozen=True)
class RuleSettings:
    mode: RuleMode
    thresholds: Mapping[str, Any]
    per_look: int
    per_day: int
    version: int


@dataclass(frozen=True)
class Look:
    """How one rule's look went."""

    rule: str
    title: str
    state: LookState
    words: str
    found: int | None = None
    """None: it did not see, so nobody knows."""
    proposed: int = 0
    remaining: int = 0


class BrainService:
    def __init__(
        self,
        database: Database,
        sources: Sources,
        actions: ActionService,
        models: LanguageModels,
        guardrails: GuardrailQueries,
        schedule: ScheduleService,
    ) -> None:
        self._database, self._sources, self._models = database, sources, models
        self._proposing, self._guardrails, self._schedule = Proposing(database, actions), guardrails, schedule

    def close(self) -> None:
        self._sources.close()

    # -- looking --------------------------------------------------------------------------------------------------

    def look(self) -> Sequence[Look]:
        """Every rule once, those that are off left out. One that fails does not keep the others from looking."""
        self._ensure()
        words = Rewording(self._models) if self._guardrails.current().mode is not ExecutionMode.OFF else None
        looks = []
        for rule in all_rules().values():
            set_ = self._settings(rule)
            if set_.mode is RuleMode.OFF:
                continue
            try:
                look = self._look(rule, set_, words)
            except NotLooked as problem:
                look = Look(rule.name, rule.title, LookState.NOT_LOOKED, str(problem))
            except CountersignError as problem:
                look = Look(rule.name, rule.title, LookState.FAILED, f"The rule stopped: {problem}")
            except Exception as problem:  # a loop's edge: one rule that breaks must not keep the others from looking
                log.exception("brain.rule_broke", rule=rule.name)
                said = f"The rule broke ({type(problem).__name__}). The worker's log has the rest."
                look = Look(rule.name, rule.title, LookState.FAILED, said)
            self._note(look)
            looks.append(look)
        return looks

    def _look(self, rule: Rule, set_: RuleSettings, words: Rewording | None) -> Look:
        began = self._database.clock.now()
        sight = rule.read(self._sources, began, set_.thresholds)
        found = rule.decide(sight.facts, began, set_.thresholds)
        candidates = keep(self._database, rule, found)
        keys, same = (one.key for one in found), rule.still_so(sight.facts)
        settle_gone(self._database, rule, keys, sight.whole, began, same)
        ordered = sorted(candidates, key=lambda one: (-one.finding.weight, one.finding.key))
        proposed, remaining, problems = 0, 0, list[str]()
        if set_.mode is RuleMode.PROPOSE:
            proposed, remaining, problems = self._propose(rule, set_, ordered, words)
        elif ordered:
            hold(self._database, [one.row for one in ordered], "The rule only watches.")
        said = look_words(rule.nouns, found=len(found), proposed=proposed, remaining=remaining, mode=set_.mode)
        state = LookState.PARTLY if sight.missed else LookState.LOOKED
        if problems:
            said = joined((said, f"{len(problems)} could not be proposed: {problems[0]}"))
        return Look(
            rule.name, rule.title, state, joined((said, *sight.missed)), len(found), proposed, remaining
        )  # fmt: skip

    def _propose(
        self, rule: Rule, set_: RuleSettings, ordered: Sequence[Candidate], words: Rewording | None
    ) -> tuple[int, int, list[str]]:
        proposed, left, problems = 0, list[Candidate](), list[str]()
        held = OVER_THE_LOOK.format(limit=set_.per_look)
        for place, candidate in enumerate(ordered):
            if proposed >= set_.per_look:
                left += ordered[place:]
                break
            claim = self._proposing.claim(rule, candidate)
            if isinstance(claim, Held):
                if claim.for_all:
                    left += ordered[place:]
                    held = claim.why
                    break
                continue
            worded = words.words_for(candidate.finding) if words else Worded(candidate.finding.rationale)
            problem = self._proposing.propose(rule, candidate, claim, worded)
            if problem is None:
                proposed += 1
            else:
                problems.append(problem)
                if len(problems) >= set_.per_look:  # its system answers nothing: the rest waits for the next look
                    left += ordered[place + 1 :]
                    break
        if left:
            hold(self._database, [one.row for one in left], held)
        return proposed, len(left), problems

    def _note(self, look: Look) -> None:
        saw = look.found is not None
        with self._database.begin() as uow:
            values: dict[str, Any] = {"looked_at": uow.now, "look_state": look.state, "look_words": look.words}
            values |= {"found": look.found, "proposed": look.proposed, "remaining": look.remaining}
            if saw:
                values["seen_at"] = uow.now
            uow.session.execute(update(BrainRule).where(BrainRule.name == look.rule).values(**values))

    # -- setting up -----------------------------------------------------------------------------------------------

    def change(
        self, actor: Actor, rule: str, changes: Mapping[str, Any], expected_version: int | None = None
    ) -> RuleSettings:
        """Changes mode, limits or thresholds, and leaves the rest; Conflict if somebody was faster."""
        _must_change(actor)
        known = _rule(rule)
        self._ensure()
        with self._database.begin() as uow:
            row = uow.session.get_one(BrainRule, rule, with_for_update=True)
            if expected_version is not None and row.version != expected_version:
                raise Conflict(what=f"The rule “{known.title}”")
            before = _shown(settings_of(known, row))
            after = checked_settings(known, changes, before)
            if after != before:
                row.mode, row.thresholds = after["mode"], after["thresholds"]
                row.per_look, row.per_day = after["per_look"], after["per_day"]
                row.changed_by, row.changed_at, row.version = actor.name, uow.now, row.version + 1
                audit.record(uow, actor, "brain.rule_changed", f"brain_rule:{rule}", before=before, after=after)
            return settings_of(known, row)

    def look_now(self, actor: Actor) -> str:
        """Has a worker look at once; answers the run's id."""
        return self._schedule.run_now(actor, JOB, roles=READERS)

    # -- tasks ----------------------------------------------------------------------------------------------------

    def finish_task(self, actor: Actor, task_id: UUID) -> None:
        """Ticks a task off, for whoever it is for."""
        with self._database.begin() as uow:
            task = uow.session.get(TeamTask, task_id, with_for_update=True)
            if task is None or not is_for(actor, task):
                raise NotFound(kind="task", id=task_id)
            if task.state is not TaskState.OPEN:
                raise TaskClosed(title=task.title, state=task.state.value, who=task.closed_by or "somebody")
            task.state, task.closed_by, task.closed_at = TaskState.DONE, actor.name, uow.now
            audit.record(uow, actor, "task.done", f"task:{task.id}", after={"title": task.title})

    # -- below ----------------------------------------------------------------------------------------------------

    def _ensure(self) -> None:
        """A row for every rule; two processes may do it at once."""
        with self._database.begin() as uow:
            for name, rule in sorted(all_rules().items()):
                row = insert(BrainRule).values(
                    name=name, mode=RuleMode.PROPOSE, thresholds=rule.defaults, per_look=rule.per_look,
                    per_day=rule.per_day, version=1,
                )  # fmt: skip
                uow.session.execute(row.on_conflict_do_nothing())

    def _settings(self, rule: Rule) -> RuleSettings:
        with self._database.reading() as session:
            return settings_of(rule, session.scalar(select(BrainRule).where(BrainRule.name == rule.name)))


class TaskClosed(CountersignError):
    """“{title}” is {state} already, by {who}. Nothing was changed."""

    http_status = 409


def settings_of(rule: Rule, row: BrainRule | None) -> RuleSettings:
    """As set, with the defaults of whatever this version knows and the row does not."""
    if row is None:
        return RuleSettings(RuleMode.PROPOSE, rule.defaults, rule.per_look, rule.per_day, 1)
    kept = {name: value for name, value in row.thresholds.items() if name in rule.defaults}
    return RuleSettings(row.mode, {**rule.defaults, **kept}, row.per_look, row.per_day, row.version)


def is_for(actor: Actor, task: TeamTask) -> bool:
    if actor.kind is not ActorKind.PERSON:
        return False
    return task.for_user == actor.user_id if task.for_user else task.for_role in actor.roles


def _rule(name: str) -> Rule:
    rule = all_rules().get(name)
    if rule is None:
        raise NotFound(kind="rule", id=name)
    return rule


def _shown(set_: RuleSettings) -> dict[str, Any]:
    return {
        "mode": set_.mode, "thresholds": dict(set_.thresholds), "per_look": set_.per_look, "per_day": set_.per_day,
    }  # fmt: skip


def _must_change(actor: Actor) -> None:
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(who=actor.name, what="change the operator brain", needs="admin")
    if actor.scopes is not None and "admin" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="change it with this token", needs="token with the scope admin")
    actor.must_have(Role.ADMIN, to="change the operator brain")


__all__ = ["BRAIN", "BrainService", "Look", "RuleSettings", "TaskClosed", "is_for", "settings_of"]
