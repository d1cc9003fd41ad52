"""What every operation must do, whatever system it reaches: one suite over all that are found by their place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from core.canonical import canonical_json
from core.connectors.plan import AttemptOutcome, Effect, Plan
from core.connectors.protocol import AnyOperation
from core.connectors.registry import Connectors
from core.errors import InvalidInput, NotFound
from core.settings import Settings
from tests.core.connectors.conftest import Connect, odoo_settings
from tests.doubles.mail_server import PASSWORD, USER, MailServer, running_mail_server
from tests.doubles.odoo import KEY, Odoo, running_odoo

LEAD = 7
PARAMS: dict[str, dict[str, Any]] = {
    "email_send": {"to": ["ravi@example.com"], "subject": "Reminder", "body": "Invoice 12 is due."},
    "odoo_create": {"model": "crm.lead", "values": {"name": "Northwind", "expected_revenue": 1200.5}},
    "odoo_update": {"model": "crm.lead", "ids": [LEAD], "values": {"phone": "222", "stage_id": 3}},
    "odoo_search": {"model": "crm.lead", "domain": [["stage_id", "=", 1]], "fields": ["name"], "limit": 5},
}
"""One good call of every operation; a new one is added here, or `test_every_operation…` fails."""


class World:
    """Both outside systems, and how many effects they have seen."""

    def __init__(self, odoo: Odoo, mail: MailServer, outbox: Path) -> None:
        self.odoo, self.mail, self.outbox = odoo, mail, outbox
        assert self.odoo.add_lead(name="Meridian", phone="111", stage_id=1) == LEAD

    def effects(self) -> int:
        return len(self.odoo.writes) + self.mail.handed_over + len(list(self.outbox.glob("*.eml")))


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with running_odoo() as odoo, running_mail_server() as mail:
        yield World(odoo, mail, settings.outbox_dir)


@pytest.fixture(params=["nothing connected", "everything connected"])
def connectors(request: pytest.FixtureRequest, world: World, connect: Connect) -> Connectors:
    if request.param == "nothing connected":
        return connect()
    return connect(**odoo_settings(world.odoo), smtp_host="127.0.0.1", smtp_port=world.mail.port, smtp_security="none")


@pytest.fixture(params=sorted(PARAMS))
def operation(request: pytest.FixtureRequest, connectors: Connectors) -> AnyOperation:
    return connectors.operation(request.param)


def plan_of(connectors: Connectors, operation: AnyOperation) -> Plan:
    return connectors.plan(operation.name, PARAMS[operation.name])


def test_every_operation_found_by_its_place_has_its_call_in_this_suite(connect: Connect) -> None:
    assert {operation.name for operation in connect().all()} == set(PARAMS)


def test_it_says_what_it_is_and_has_a_form(operation: AnyOperation) -> None:
    assert operation.title and operation.channel and isinstance(operation.effect, Effect)
    assert isinstance(operation.repeatable, bool)
    assert issubclass(operation.params, BaseModel)
    schema = operation.params.model_json_schema()
    assert all(field.get("title") for field in schema["properties"].values())
    json.dumps(schema)


def test_planning_twice_says_the_same_and_changes_nothing(
    connectors: Connectors, operation: AnyOperation, world: World
) -> None:
    first, second = plan_of(connectors, operation), plan_of(connectors, operation)

    assert first == second and first.digest == second.digest
    assert world.effects() == 0
    assert first.operation == operation.name and first.summary and first.account


def test_plan_survives_storage_and_can_be_made_again_from_its_request(
    connectors: Connectors, operation: AnyOperation
) -> None:
    plan = plan_of(connectors, operation)

    assert Plan.from_json(json.loads(canonical_json(plan.to_json()))).digest == plan.digest
    assert connectors.plan(operation.name, plan.request).digest == plan.digest
    assert operation.drift(plan) is None


def test_plan_shows_every_effect_it_will_have(connectors: Connectors, operation: AnyOperation) -> None:
    plan = plan_of(connectors, operation)
    if operation.effect is Effect.READ:
        assert not plan.changes and plan.message is None and not plan.leaves_machine
    else:
        assert plan.changes or plan.message


def test_any_other_parameter_makes_another_digest(connectors: Connectors, operation: AnyOperation) -> None:
    params = dict(PARAMS[operation.name])
    changes = {"subject": "Reminder 2", "values": {"name": "Other"}, "limit": 6}
    name = next(name for name in changes if name in params)

    assert (
        connectors.plan(operation.name, {**params, name: changes[name]}).digest != plan_of(connectors, operation).digest
    )


def test_executing_ends_in_words_and_a_confirmed_one_has_a_reference(
    connectors: Connectors, operation: AnyOperation
) -> None:
    receipt = operation.execute(plan_of(connectors, operation), "key")

    assert receipt.message.endswith(".")
    json.dumps(receipt.to_json())
    if receipt.outcome is AttemptOutcome.CONFIRMED:
        assert receipt.reference
    else:
        assert receipt.outcome is AttemptOutcome.REJECTED and "Connections" in receipt.message


def test_repeatable_operation_has_one_effect_for_one_key(
    connectors: Connectors, operation: AnyOperation, world: World
) -> None:
    plan = plan_of(connectors, operation)
    first = operation.execute(plan, "key")
    effects = world.effects()

    if operation.repeatable:
        again = operation.execute(plan, "key")
        assert (again.outcome, again.reference) == (first.outcome, first.reference)
        assert world.effects() == effects


def test_reading_back_never_contradicts_what_was_confirmed(
    connectors: Connectors, operation: AnyOperation, world: World
) -> None:
    plan = plan_of(connectors, operation)
    before = operation.verify(plan, "key")
    assert before is None or before.outcome is AttemptOutcome.REJECTED

    receipt = operation.execute(plan, "key")
    effects, after = world.effects(), operation.verify(plan, "key")

    if receipt.outcome is AttemptOutcome.CONFIRMED and after is not None:
        assert (after.outcome, after.reference) == (AttemptOutcome.CONFIRMED, receipt.reference)
    assert world.effects() == effects


def test_no_secret_is_in_a_plan_a_receipt_or_a_representation(world: World, connect: Connect) -> None:
    connectors = connect(
        **odoo_settings(world.odoo), smtp_host="127.0.0.1", smtp_port=world.mail.port,
        smtp_security="none", smtp_username=USER, smtp_password=SecretStr(PASSWORD),
    )  # fmt: skip
    for operation in connectors.all():
        plan = plan_of(connectors, operation)
        seen = canonical_json(plan.to_json()) + canonical_json(operation.execute(plan, "key").to_json())
        seen += repr(vars(operation))
        assert KEY not in seen and PASSWORD not in seen


def test_unknown_operation_and_unknown_parameter_are_named(connect: Connect) -> None:
    connectors = connect()
    with pytest.raises(NotFound, match="operation telepathy"):
        connectors.plan("telepathy", {})
    for name, params in PARAMS.items():
        with pytest.raises(InvalidInput):
            connectors.plan(name, {**params, "surprise": 1})
