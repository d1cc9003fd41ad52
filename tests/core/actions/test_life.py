"""Any sequence of decisions, edits, crashes and switches: nothing runs unapproved, twice, too late or when switched off."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.actions.queries import InboxFilter
from core.actions.rules import FOLLOWS, ActionState, ExecutionMode
from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.connectors.plan import Plan, Receipt, deferred, rejected, unknown
from core.engine.steps import InlineSteps
from core.errors import CountersignError
from tests.core.actions.conftest import AGENT
from tests.core.actions.gift import Gift, WorkerDied, World


class Life(RuleBasedStateMachine):
    """The model keeps who approved which digest; every call is checked against it at the moment it is made."""

    actions = Bundle("actions")

    def __init__(self, app: Application, people: list[Actor], clock: ManualClock) -> None:
        super().__init__()
        self.app, self.people, self.clock = app, people, clock
        self.world = World(before_call=self.check_call)
        app.connectors._operations["gift"] = Gift(self.world)
        self.mode = app.actions.set_mode(people[0], ExecutionMode.ON).mode
        self.approvals: set[tuple[UUID, str]] = set()
        self.expiry: dict[UUID, Any] = {}
        self.seen: dict[UUID, ActionState] = {}
        self.refusals: list[str] = []
        self.calls: Counter[str] = Counter()
        self.may_repeat: Counter[str] = Counter()
        """Calls that certainly did nothing: each allows one more."""

    # -- what must hold whenever the outside is called ------------------------------------------------------------

    def check_call(self, plan: Plan, key: str) -> None:
        action_id = UUID(key.partition(":")[0])
        assert (action_id, plan.digest) in self.approvals, "called without an approval for this plan"
        assert self.clock.now() < self.expiry[action_id], "called after expiry"
        assert self.mode is ExecutionMode.ON, "called while switched off"
        assert plan.preconditions["weather"] == self.world.weather, "called on a world that has moved"
        self.calls[key] += 1
        known_undone = self.may_repeat[key] + self.world.found_absent.count(key)
        assert self.calls[key] <= 1 + known_undone, "called twice"

    @invariant()
    def nothing_is_given_twice(self) -> None:
        assert max(Counter(self.world.given).values(), default=0) <= 1

    @invariant()
    def states_follow_the_table_and_tell_the_truth(self) -> None:
        for action_id, found in self.app.actions_queries.progress(list(self.seen)).items():
            before = self.seen[action_id]
            assert found.state is before or found.state in _reachable(before), (before, found.state)
            self.seen[action_id] = found.state
            if found.state is ActionState.EXECUTED:
                assert any(key.startswith(str(action_id)) for key in self.world.given)

    # -- what people do -------------------------------------------------------------------------------------------

    @rule(target=actions, hours=st.integers(1, 30))
    def propose(self, hours: int) -> UUID:
        found = self.app.actions.propose(
            AGENT, "gift", {"what": "a book"}, title="Give a book", expires_in=timedelta(hours=hours)
        )
        self.expiry[found] = self.clock.now() + timedelta(hours=hours)
        self.seen[found] = ActionState.PENDING
        return found

    @rule(action_id=actions, who=st.integers(0, 1), stale=st.booleans())
    def approve(self, action_id: UUID, who: int, stale: bool) -> None:
        card = self.app.actions_queries.card(AGENT, action_id)
        digest = "0" * 64 if stale else card.row.plan_digest
        try:
            self.app.actions.approve(self.people[who], action_id, digest)
        except CountersignError:
            return
        assert not stale and card.row.state is ActionState.PENDING
        self.approvals.add((action_id, digest))

    @rule(action_id=actions)
    def reject(self, action_id: UUID) -> None:
        self.tolerate(lambda: self.app.actions.reject(self.people[0], action_id, "no"))

    @rule(action_id=actions, what=st.sampled_from(["a book", "a pen"]), old=st.booleans())
    def edit(self, action_id: UUID, what: str, old: bool) -> None:
        version = self.app.actions_queries.card(AGENT, action_id).row.version - int(old)
        self.tolerate(
            lambda: self.app.actions.edit(self.people[0], action_id, {"what": what}, expected_version=version)
        )

    @rule(action_id=actions)
    def retry(self, action_id: UUID) -> None:
        self.tolerate(lambda: self.app.actions.retry(self.people[0], action_id))

    @rule(action_id=actions)
    def resolve(self, action_id: UUID) -> None:
        """The person looks, and says how it is."""
        digest = self.app.actions_queries.card(AGENT, action_id).row.plan_digest
        key = f"{action_id}:{digest[:16]}"
        happened = key in self.world.given

        def act() -> None:
            self.app.actions.resolve_unknown(self.people[1], action_id, happened=happened, evidence="I looked")
            if not happened:
                self.may_repeat[key] = self.calls[key]

        self.tolerate(act)

    @rule(mode=st.sampled_from(ExecutionMode))
    def switch(self, mode: ExecutionMode) -> None:
        self.mode = self.app.actions.set_mode(self.people[0], mode).mode

    # -- what the world does --------------------------------------------------------------------------------------

    @rule(hours=st.integers(1, 12))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self.app.actions.expire_due()
        self.app.actions.requeue_stranded()

    @rule(weather=st.sampled_from(["fair", "storm"]))
    def weather_changes(self, weather: str) -> None:
        self.world.weather = weather

    @rule(sees=st.booleans())
    def sight_changes(self, sees: bool) -> None:
        self.world.sees = sees

    # -- what workers do ------------------------------------------------------------------------------------------

    @rule(
        action_id=actions,
        back=st.integers(0, 1),
        befalls=st.sampled_from(["nothing", "refused", "later", "lost", "lost but done", "died before", "died after"]),
    )
    def work(self, action_id: UUID, back: int, befalls: str) -> None:
        """A worker takes the last attempt, or an older one that it should leave alone."""
        attempts = self.app.actions_queries.progress([action_id])[action_id].attempts
        if attempts - back < 1:
            return
        self.world.next_answers = [] if befalls == "nothing" else [lambda key: self.answer(key, befalls)]
        with suppress(WorkerDied):
            self.app.action_execution.execute_action(InlineSteps(), str(action_id), attempts - back)
        self.world.next_answers = []

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
        assert self.app.audit_queries.verify().fault is None
        everything = InboxFilter(states=frozenset(ActionState))
        assert self.app.actions_queries.inbox(AGENT, everything).total >= len(self.seen)


def _reachable(state: ActionState) -> set[ActionState]:
    """States that several moves in one step of the machine may lead to."""
    found: set[ActionState] = set()
    edge = {state}
    while edge:
        edge = {after for before in edge for after in FOLLOWS[before]} - found
        found |= edge
    return found


def test_no_history_executes_unapproved_twice_too_late_or_when_switched_off(
    app: Application, admin: Actor, operator: Actor, clock: ManualClock
) -> None:
    class LifeHere(Life):
        def __init__(self) -> None:
            super().__init__(app, [admin, operator], clock)

    run_state_machine_as_test(
        LifeHere,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
