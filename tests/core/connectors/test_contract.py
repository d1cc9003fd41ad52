"""What every operation must do, whatever system it reaches: one suite over all connectors and their counterparts."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from pydantic import BaseModel

from core.canonical import canonical_json
from core.connectors.plan import AttemptOutcome, Effect, Plan, Receipt
from core.connectors.protocol import AnyOperation
from core.connectors.registry import Connectors, find_systems
from core.connectors.transports.calls import CallFailed
from core.errors import CountersignError, InvalidInput, NotFound
from tests.core.connectors.conftest import Connect, ConnectTo
from tests.core.connectors.counterpart import WAIT, Counterpart, Trouble, all_counterparts

RUNNING = all_counterparts()
CALLS: list[tuple[str, str]] = []
"""(counterpart, operation): every operation with every system that it works with."""
for _name, _running in RUNNING.items():
    with _running() as _one:
        CALLS += [(_name, operation) for operation in _one.calls()]
TROUBLES = [
    (name, operation, trouble)
    for name, operation in CALLS
    for trouble in Trouble
]  # fmt: skip


@pytest.fixture
def counterpart(request: pytest.FixtureRequest) -> Iterator[Counterpart]:
    with RUNNING[request.param]() as running:
        yield running


def _each(test: Any) -> Any:
    """Runs a test for every operation of every counterpart."""
    ids = [f"{name}-{operation}" for name, operation in CALLS]
    return pytest.mark.parametrize(("counterpart", "name"), CALLS, indirect=["counterpart"], ids=ids)(test)


class Call:
    """One operation, connected, and a good call of it."""

    def __init__(self, counterpart: Counterpart, connectors: Connectors, name: str) -> None:
        self.counterpart, self.connectors = counterpart, connectors
        self.operation: AnyOperation = connectors.operation(name)
        self.params = dict(counterpart.calls()[name])

    @property
    def reads(self) -> bool:
        return self.operation.effect is Effect.READ

    def plan(self) -> Plan:
        return self.connectors.plan(self.operation.name, self.params)

    def settled(self, plan: Plan, receipt: Receipt) -> Receipt:
        """What is known after reading back, as an execution does when the answer leaves it open."""
        if receipt.outcome is not AttemptOutcome.UNKNOWN:
            return receipt
        try:
            return self.operation.verify(plan, "key") or receipt
        except CountersignError:
            return receipt


@pytest.fixture
def call(counterpart: Counterpart, name: str, connect_to: ConnectTo) -> Call:
    return Call(counterpart, connect_to(counterpart), name)


def test_every_operation_has_a_call_and_every_system_a_counterpart(connect: Connect) -> None:
    assert {operation.name for operation in connect().all()} == {operation for _, operation in CALLS}
    served = set()
    for running in RUNNING.values():
        with running() as counterpart:
            served.add(counterpart.system)
    assert set(find_systems()) <= served


@_each
def test_it_says_what_it_is_and_has_a_form(call: Call) -> None:
    operation = call.operation
    assert operation.title and operation.channel and isinstance(operation.effect, Effect)
    assert isinstance(operation.repeatable, bool)
    assert issubclass(operation.params, BaseModel)
    schema = operation.params.model_json_schema()
    assert all(field.get("title") for field in schema["properties"].values())
    json.dumps(schema)


@_each
def test_planning_twice_says_the_same_and_sends_nothing(call: Call) -> None:
    first, second = call.plan(), call.plan()

    assert first == second and first.digest == second.digest
    assert call.counterpart.effects() == 0
    assert first.operation == call.operation.name and first.summary and first.account
    if call.reads:
        assert not first.changes and first.message is None
    else:
        assert first.changes or first.message


@_each
def test_plan_survives_storage_and_can_be_made_again_from_its_request(call: Call) -> None:
    plan = call.plan()

    assert Plan.from_json(json.loads(canonical_json(plan.to_json()))).digest == plan.digest
    assert call.connectors.plan(call.operation.name, plan.request).digest == plan.digest
    assert call.operation.drift(plan) is None


@_each
def test_what_was_planned_is_what_is_done(call: Call) -> None:
    plan = call.plan()
    receipt = call.operation.execute(plan, "key")

    assert receipt.outcome is AttemptOutcome.CONFIRMED, receipt.message
    assert receipt.reference and receipt.message.endswith(".")
    json.dumps(receipt.to_json())
    if not call.reads:
        assert call.counterpart.effects() >= 1
        assert call.counterpart.holds(plan)


@_each
def test_same_key_twice_acts_once(call: Call) -> None:
    """What cannot be repeated is never called twice: then reading back must not say that it did not happen."""
    plan = call.plan()
    first = call.operation.execute(plan, "key")
    effects = call.counterpart.effects()
    again = (
        call.operation.execute(plan, "key")
        if call.operation.repeatable_for(plan)
        else call.operation.verify(plan, "key")
    )

    assert call.counterpart.effects() == effects or call.reads
    if again is not None and not call.reads:
        assert (again.outcome, again.reference) == (AttemptOutcome.CONFIRMED, first.reference)


@_each
def test_reading_back_before_anything_was_done_never_confirms_it(call: Call) -> None:
    found = call.operation.verify(call.plan(), "key")

    assert found is None or found.outcome is AttemptOutcome.REJECTED
    assert call.counterpart.effects() == 0


@pytest.mark.parametrize(
    ("counterpart", "name", "trouble"), TROUBLES, indirect=["counterpart"],
    ids=[f"{name}-{operation}-{trouble.value}" for name, operation, trouble in TROUBLES],
)  # fmt: skip
def test_trouble_ends_as_what_is_known(call: Call, trouble: Trouble) -> None:
    if trouble not in call.counterpart.troubles:
        return
    plan = call.plan()
    call.counterpart.befall(trouble)
    began = time.monotonic()
    receipt = call.settled(plan, call.operation.execute(plan, "key"))
    done = call.counterpart.effects() > 0

    if call.reads:
        assert receipt.outcome is not AttemptOutcome.UNKNOWN
        return
    match trouble:
        case Trouble.REFUSED:
            assert receipt.outcome is AttemptOutcome.REJECTED and not done
        case Trouble.THROTTLED:
            assert receipt.outcome is AttemptOutcome.DEFERRED and not done
            assert receipt.retry_after == pytest.approx(WAIT, abs=1.5)
        case Trouble.LOST_AFTER:
            assert receipt.outcome in (AttemptOutcome.UNKNOWN, AttemptOutcome.CONFIRMED) and done
        case _:
            # nothing was done: said only by whoever can prove it
            assert receipt.outcome is not AttemptOutcome.CONFIRMED or done
            if receipt.outcome is AttemptOutcome.REJECTED:
                assert not done
    assert time.monotonic() - began < 15
    assert receipt.message.endswith(".") and "Traceback" not in receipt.message and "<html" not in receipt.message
    if receipt.outcome is AttemptOutcome.DEFERRED or (
        receipt.outcome is AttemptOutcome.UNKNOWN and call.operation.repeatable_for(plan)
    ):
        again = call.operation.execute(plan, "key")
        assert again.outcome is AttemptOutcome.CONFIRMED, again.message
        assert call.counterpart.holds(plan)


@_each
def test_a_wrong_key_is_refused_and_says_where_to_mend_it(
    counterpart: Counterpart, name: str, connect_to: ConnectTo
) -> None:
    if counterpart.wrong_account() is None:
        return
    good = Call(counterpart, connect_to(counterpart), name)
    wrong = Call(counterpart, connect_to(counterpart, wrong=True), name)

    receipt = wrong.operation.execute(good.plan(), "key")

    assert receipt.outcome is AttemptOutcome.REJECTED, receipt.message
    assert "Connections" in receipt.message
    assert counterpart.effects() == 0


@_each
def test_another_account_than_the_approved_one_does_nothing(call: Call) -> None:
    plan = call.plan()
    if call.counterpart.system is None:
        return
    elsewhere = replace(plan, account=f"{plan.account} (another)")

    assert call.operation.drift(elsewhere) is not None
    assert call.operation.execute(elsewhere, "key").outcome is AttemptOutcome.REJECTED
    assert call.counterpart.effects() == 0


@_each
def test_no_secret_is_ever_seen(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as told:
        plan = call.plan()
        seen = canonical_json(plan.to_json()) + canonical_json(call.operation.execute(plan, "key").to_json())
        seen += call.operation.where_to_look(plan, "key") + repr(vars(call.operation)) + repr(call.operation)
        call.operation.verify(plan, "key")
        call.counterpart.befall(Trouble.REFUSED)
        seen += canonical_json(call.operation.execute(plan, "other").to_json())
    seen += caplog.text + repr(told)

    for secret in call.counterpart.secrets:
        assert secret not in seen


@_each
def test_undoing_puts_back_what_was_there(call: Call) -> None:
    before = call.counterpart.state()
    plan = call.plan()
    receipt = call.operation.execute(plan, "key")
    undoing = call.operation.undo(plan, receipt.to_json())
    assert (undoing is not None) == (plan.reversible and not call.reads)
    if undoing is None:
        return
    inverse = call.connectors.operation(undoing.operation)
    planned = call.connectors.plan(undoing.operation, undoing.params)

    done = inverse.execute(planned, "undo key")

    assert done.outcome is AttemptOutcome.CONFIRMED, done.message
    assert call.counterpart.state() == before


@_each
def test_unknown_parameter_is_refused_before_anything_is_asked(call: Call) -> None:
    with pytest.raises(InvalidInput):
        call.connectors.plan(call.operation.name, {**call.params, "surprise": 1})


@_each
def test_nothing_connected_is_said_and_nothing_happens(counterpart: Counterpart, name: str, connect: Connect) -> None:
    """Whoever looks may plan where the system allows it; nobody executes."""
    if counterpart.system is None:
        return
    connectors = connect()
    try:
        plan = connectors.plan(name, counterpart.calls()[name])
    except CountersignError as refused:
        words = str(refused)
        assert "Connections" in words or "connected" in words
        return
    if not plan.leaves_machine and connectors.operation(name).effect is not Effect.READ:
        return  # a road that needs no account (the outbox folder)
    receipt = connectors.operation(name).execute(plan, "key")

    assert receipt.outcome is AttemptOutcome.REJECTED and "Connections" in receipt.message
    assert counterpart.effects() == 0


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_connection_test_says_what_it_found_or_what_is_wrong(name: str) -> None:
    with RUNNING[name]() as counterpart:
        if counterpart.system is None:
            return
        system = find_systems()[counterpart.system]
        account = system.account.model_validate(counterpart.account())

        said = system.test(account, timeout=5)
        assert said.endswith(".") and not any(secret in said for secret in counterpart.secrets)
        assert not any(secret in system.identity(account) + repr(account) for secret in counterpart.secrets)
        public = account.model_dump(mode="json", exclude={k for k, v in account if hasattr(v, "get_secret_value")})
        assert system.identity(system.account.model_construct(**public))
        wrong = counterpart.wrong_account()
        if wrong is not None:
            with pytest.raises(CallFailed) as refused:
                system.test(system.account.model_validate(wrong), timeout=5)
            assert not any(secret in str(refused.value) for secret in counterpart.secrets)
        assert counterpart.effects() == 0


def test_unknown_operation_is_named(connect: Connect) -> None:
    with pytest.raises(NotFound, match="operation telepathy"):
        connect().plan("telepathy", {})
