"""Any sequence of decisions, edits, crashes and switches: nothing runs unapproved, twice, too late or when switched off."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.actions.rules import FOLLOWS, ActionState
from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import Plan, Receipt, deferred, rejected, unknown
from core.decisions.councils import Terms
from core.decisions.policy import Policy
from core.engine.steps import InlineSteps
from core.errors import CountersignError
from core.guardrails.rules import ExecutionMode
from tests.core.actions.conftest import AGENT
from tests.core.actions.gift import Gift, WorkerDied, World

WHAT_BEFALLS = ["nothing", "refused", "later", "lost", "lost but done", "died before", "died after"]
PICK = st.sampled_from([0, 1, 2, 0, 1, 2, 0, 1, 2, 3])
EXAMPLES, STEPS = (300, 60) if os.environ.get("HYPOTHESIS_PROFILE") == "search" else (30, 25)
WATCH = "watch"
"""A council that reviews nothing, and now and then blocks the gift."""
SELDOM = st.sampled_from([False] * 7 + [True])


class Life(RuleBasedStateMachine):
    """The model keeps who approved which digest; every call is checked against it at the moment it is made."""

    def __init__(
        self, app: Application, people: list[Actor], clock: ManualClock, made: Counter[str], revision: int
    ) -> None:
        super().__init__()
        self.app, self.people, self.clock, self.made = app, people, clock, made
        self.world = World(before_call=self.check_call)
        app.connectors._operations["gift"] = Gift(self.world)
        self.mode = app.guardrails.set_mode(people[0], ExecutionMode.ON).mode
        app.guardrails.change(people[0], {"duplicate_hours": 0, "four_eyes": False})
        self.blocked, self.revision = False, revision
        self.at_once = False
        self.called_meanwhile: list[tuple[UUID, str]] = []
        """Calls made while an approval may be on its way back to the model; checked when both threads are done."""
        self.racing = False
        """Whether the switch may be moving at this very moment: then a call that began before it is rightful."""
        self.approvals: set[tuple[UUID, str]] = set()
        self.expiry: dict[UUID, Any] = {}
        self.seen: dict[UUID, ActionState] = {}
        self.refusals: list[str] = []
        self.violations: list[str] = []
        self.calls: Counter[str] = Counter()
        self.may_repeat: Counter[str] = Counter()
        """Calls that certainly did nothing: each allows one more."""

    # -- what must hold whenever the outside is called ------------------------------------------------------------

    def check_call(self, plan: Plan, key: str) -> None:
        """Keeps what is wrong, because an error raised here would count as one of the outside system."""
        action_id = UUID(key.partition(":")[0])
        self.calls[key] += 1
        if self.at_once:
            self.called_meanwhile.append((action_id, plan.digest))
        known_undone = self.may_repeat[key] + self.world.found_absent.count(key)
        wrong = {
            "without an approval for this plan": not self.at_once and (action_id, plan.digest) not in self.approvals,
            "after expiry": self.clock.now() >= self.expiry[action_id],
            "while switched off": self.mode is not ExecutionMode.ON and not self.racing,
            "while a council blocks it": self.blocked and not self.racing,
            "on a world that has moved": plan.preconditions["weather"] != self.world.weather,
            "twice": self.calls[key] > 1 + known_undone,
        }
        self.violations += [f"{key} was called {what}" for what, is_so in wrong.items() if is_so]

    @invariant()
    def nothing_is_called_that_must_not_be(self) -> None:
        assert self.violations == []

    @invariant()
    def nothing_is_given_twice(self) -> None:
        assert max(Counter(self.world.given).values(), default=0) <= 1

    @invariant()
    def states_follow_the_table_and_tell_the_truth(self) -> None:
        for action_id, found in self.app.actions_queries.progress(list(self.seen)).items():
            before = self.seen[action_id]
            assert found.state is before or found.state in _reachable(before), (before, found.state)
            self.seen[action_id] = found.state
            if found.state is ActionState.PENDING:  # edited or drifted: what was approved before is void
                self.approvals = {one for one in self.approvals if one[0] != action_id}
            if found.state is ActionState.EXECUTED:
                assert any(key.startswith(str(action_id)) for key in self.world.given)

    # -- what people do -------------------------------------------------------------------------------------------

    def one_of(self, pick: int) -> UUID:
        """One of three that are still alive, made when there are fewer; the fourth is one whose life has ended."""
        ended = [one for one, state in self.seen.items() if not FOLLOWS[state]]
        if pick == 3 and ended:
            return ended[-1]
        alive = [one for one, state in self.seen.items() if FOLLOWS[state]]
        while len(alive) < 3:
            alive.append(self.propose(hours=(6, 24, 48)[len(alive)]))
        return alive[pick % 3]

    def propose(self, hours: int) -> UUID:
        found = self.app.actions.propose(
            AGENT, "gift", {"what": "a book"}, title="Give a book", expires_in=timedelta(hours=hours)
        )
        self.expiry[found] = self.clock.now() + timedelta(hours=hours)
        self.seen[found] = ActionState.PENDING
        return found

    @rule(pick=PICK, who=st.integers(0, 1), stale=SELDOM)
    def approve(self, pick: int, who: int, stale: bool) -> None:
        self.do_approve(self.one_of(pick), who, stale)

    def do_approve(self, action_id: UUID, who: int, stale: bool) -> None:
        card = self.app.actions_queries.card(AGENT, action_id)
        digest = "0" * 64 if stale else card.row.plan_digest
        try:
            self.app.actions.approve(self.people[who], action_id, digest)
        except CountersignError:
            return
        assert not stale and card.row.state is ActionState.PENDING
        self.approvals.add((action_id, digest))

    @rule(pick=PICK, really=SELDOM)
    def reject(self, pick: int, really: bool) -> None:
        if really:
            self.tolerate(lambda: self.app.actions.reject(self.people[0], self.one_of(pick), "no"))

    @rule(pick=PICK, what=st.sampled_from(["a book", "a pen"]), old=SELDOM)
    def edit(self, pick: int, what: str, old: bool) -> None:
        action_id = self.one_of(pick)
        version = self.app.actions_queries.card(AGENT, action_id).row.version - int(old)
        self.tolerate(
            lambda: self.app.actions.edit(self.people[0], action_id, {"what": what}, expected_version=version)
        )

    # -- what the world does --------------------------------------------------------------------------------------

    @rule(
        pick=PICK, what=st.sampled_from(["hours", "minutes", "weather", "switch", "block", "sight", "retry", "resolve"])
    )
    def something_happens(self, pick: int, what: str) -> None:
        self.happens(self.one_of(pick), what)

    def happens(self, action_id: UUID, what: str) -> None:
        match what:
            case "hours" | "minutes":
                self.clock.advance(timedelta(hours=8) if what == "hours" else timedelta(minutes=16))
                self.app.actions.expire_due()
                self.app.actions.requeue_stranded()
            case "weather":
                self.world.weather = "fair" if self.world.weather == "storm" else "storm"
            case "switch":
                wanted = ExecutionMode.ON if self.mode is ExecutionMode.OFF else ExecutionMode.OFF
                self.mode = self.app.guardrails.set_mode(self.people[0], wanted).mode
            case "block":
                self.blocked = not self.blocked
                self.app.councils.change(
                    self.people[0], WATCH, watch(blocked=self.blocked), [UUID(self.people[1].id)],
                    expected_version=self.revision,
                )  # fmt: skip
                self.revision += 1
            case "sight":
                self.world.sees = not self.world.sees
            case "retry":
                self.tolerate(lambda: self.app.actions.retry(self.people[0], action_id))
            case "resolve":
                self.look_and_resolve(action_id)

    def look_and_resolve(self, action_id: UUID) -> None:
        """The person looks, and says how it is."""
        digest = self.app.actions_queries.card(AGENT, action_id).row.plan_digest
        key = f"{action_id}:{digest[:16]}"
        happened = key in self.world.given

        def act() -> None:
            self.app.actions.resolve_unknown(self.people[1], action_id, happened=happened, evidence="I looked")
            if not happened:
                self.may_repeat[key] = self.calls[key]

        self.tolerate(act)

    # -- what workers do ------------------------------------------------------------------------------------------

    @rule(
        pick=PICK,
        back=st.sampled_from([0, 0, 0, 1]),
        befalls=st.sampled_from(WHAT_BEFALLS),
    )
    def work(self, pick: int, back: int, befalls: str) -> None:
        """A worker takes the last attempt, or an older one that it should leave alone."""
        self.do_work(self.one_of(pick), back, befalls)

    def do_work(self, action_id: UUID, back: int, befalls: str) -> None:
        attempts = self.app.actions_queries.progress([action_id])[action_id].attempts
        if attempts - back < 1:
            return
        self.world.next_answers = [] if befalls == "nothing" else [lambda key: self.answer(key, befalls)]
        with suppress(WorkerDied):
            self.app.action_execution.execute_action(InlineSteps(), str(action_id), attempts - back)
        self.world.next_answers = []

    @rule(
        pick=PICK,
        meanwhile=st.sampled_from(["nothing", "nothing", "nothing", "hours", "weather", "switch", "block"]),
        befalls=st.sampled_from(WHAT_BEFALLS),
        later=st.sampled_from(["nothing", "hours", "weather", "switch", "retry"]),
    )
    def approve_and_work(self, pick: int, meanwhile: str, befalls: str, later: str) -> None:
        """The usual way, with something in between; chance alone would seldom go it to its end."""
        action_id = self.one_of(pick)
        if self.mode is not ExecutionMode.ON:
            self.happens(action_id, "switch")
        if self.blocked:
            self.happens(action_id, "block")
        self.do_approve(action_id, who=0, stale=False)
        self.happens(action_id, meanwhile)
        self.do_work(action_id, 0, befalls)
        self.happens(action_id, later)
        self.do_work(action_id, 0, "nothing")

    @rule(
        pick=PICK,
        one=st.sampled_from(["approve", "work", "edit"]),
        other=st.sampled_from(["approve", "work", "edit", "switch", "block", "reject", "hours"]),
    )
    def at_the_same_instant(self, pick: int, one: str, other: str) -> None:
        """Two people, or two workers, or a person and the switch."""
        action_id = self.one_of(pick)
        card = self.app.actions_queries.card(AGENT, action_id).row
        self.at_once, self.racing = True, other in ("switch", "block")
        start = Barrier(2)

        def act(what: str, who: int) -> None:
            start.wait()
            match what:
                case "approve":
                    self.tolerate(lambda: self.approved(action_id, card.plan_digest, who))
                case "work":
                    self.do_work(action_id, 0, "nothing")
                case "edit":
                    words = {"what": "a pen" if "book" in card.summary else "a book"}
                    person = self.people[who]
                    self.tolerate(
                        lambda: self.app.actions.edit(person, action_id, words, expected_version=card.version)
                    )
                case "reject":
                    self.tolerate(lambda: self.app.actions.reject(self.people[who], action_id, "no"))
                case _:
                    self.happens(action_id, what)

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(act, one, 0), pool.submit(act, other, 1)]:
                done.result()
        self.at_once = self.racing = False
        self.violations += [
            f"{one} was called unapproved" for one in self.called_meanwhile if one not in self.approvals
        ]
        self.called_meanwhile.clear()

    def approved(self, action_id: UUID, digest: str, who: int) -> None:
        self.app.actions.approve(self.people[who], action_id, digest)
        self.approvals.add((action_id, digest))

    def answer(self, key: str, befalls: str) -> Receipt:
        if befalls in ("refused", "later"):
            self.may_repeat[key] += 1
            return rejected("No.") if befalls == "refused" else deferred("Later.")
        if befalls in ("lost but done", "died after"):
            self.world.given.append(key)
        if befalls.startswith("died"):
            raise WorkerDied
        return unknown("No answer came.")

    # -- helpers --------------------------------------------------------------------------------------------------

    def tolerate(self, act: Any) -> None:
        """A refusal is a fine answer; what it must not do is checked by the invariants."""
        try:
            act()
        except CountersignError as refused:
            self.refusals.append(str(refused))

    @invariant()
    def refusals_are_sentences(self) -> None:
        assert all(one.endswith(".") and "{" not in one for one in self.refusals)

    def teardown(self) -> None:
        self.made.update(self.calls)


def watch(*, blocked: bool) -> Terms:
    return Terms(name="Watch", policy=Policy(council=WATCH), blocked_operations=("gift",) if blocked else ())


def _reachable(state: ActionState) -> set[ActionState]:
    """States that several moves in one step of the machine may lead to."""
    found: set[ActionState] = set()
    edge = {state}
    while edge:
        edge = {after for before in edge for after in FOLLOWS[before]} - found
        found |= edge
    return found


@pytest.mark.hypothesis
def test_no_history_executes_unapproved_twice_too_late_or_when_switched_off(
    app: Application, admin: Actor, operator: Actor, clock: ManualClock
) -> None:
    made: Counter[str] = Counter()
    app.councils.create(admin, WATCH, watch(blocked=False), [UUID(operator.id)])

    class LifeHere(Life):
        def __init__(self) -> None:
            council = app.councils_queries.read(admin, WATCH)
            super().__init__(app, [admin, operator], clock, made, council.version)
            if council.blocked_operations:
                self.blocked = True
                self.happens(self.one_of(0), "block")

    run_state_machine_as_test(
        LifeHere,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(made) > 10, "the histories hardly ever reached the outside: the test proves nothing"
    assert app.audit_queries.verify().fault is None
