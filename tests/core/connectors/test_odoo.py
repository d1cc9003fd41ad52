"""Odoo is written to once, as planned, over both its APIs, and what it did is read back."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import cast, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from core.bootstrap import Application
from core.connectors.plan import Amount, AttemptOutcome, Effect, Plan
from core.connectors.protocol import Unreachable
from core.connectors.registry import Connectors
from core.connectors.transports.odoo.params import checked_domain
from core.errors import InvalidInput
from tests.core.connectors.conftest import Connect, odoo_settings
from tests.doubles.odoo import KEY, Odoo

CREATE = {"model": "crm.lead", "values": {"name": "Meridian", "stage_id": 2, "tag_ids": [4, 5], "active": True}}


def update(record: int, **values: Any) -> dict[str, Any]:
    return {"model": "crm.lead", "ids": [record], "values": values}


def test_plan_of_an_update_shows_before_and_after_with_odoos_labels(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111", stage_id=1, priority="0")

    plan = connected.plan("odoo_update", update(lead, phone="222", stage_id=3, priority="2", name="Meridian"))

    assert [(one.label, one.before, one.after) for one in plan.changes] == [
        ("Phone", "111", "222"),
        ("Stage", "New (1)", "Won (3)"),
        ("Priority", "Low", "High"),
    ]
    assert "“Meridian”" in plan.summary and plan.leaves_machine and plan.reversible
    assert odoo.writes == []


def test_update_writes_what_was_planned_and_reads_it_back(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111", tag_ids=[1])
    plan = connected.plan("odoo_update", update(lead, phone="222", stage_id=3, tag_ids=[4, 5], expected_revenue=12.5))

    receipt = connected.operation("odoo_update").execute(_stored(plan), "key")

    assert receipt.outcome is AttemptOutcome.CONFIRMED
    assert receipt.reference == f"crm.lead,{lead}" and receipt.url and f"id={lead}" in receipt.url
    assert {name: odoo.leads[lead][name] for name in ("phone", "stage_id", "tag_ids", "expected_revenue")} == {
        "phone": "222", "stage_id": 3, "tag_ids": [4, 5], "expected_revenue": 12.5,
    }  # fmt: skip


def test_sums_of_money_are_part_of_the_plan_with_their_currency(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", company_currency=1)

    changed = connected.plan("odoo_update", update(lead, expected_revenue=-1250.5))
    made = connected.plan("odoo_create", {"model": "crm.lead", "values": {"name": "A", "expected_revenue": 900}})
    without = connected.plan("odoo_update", update(lead, phone="2"))

    assert changed.amounts == (Amount(Decimal("1250.5"), "EUR"),)
    assert made.amounts == (Amount(Decimal(900), "USD"),)
    assert connected.operation("odoo_update").effect_of(changed) is Effect.FINANCIAL
    assert connected.operation("odoo_update").effect_of(without) is Effect.REVERSIBLE
    assert without.amounts == () and "amounts" not in without.to_json()
    assert Plan.from_json(changed.to_json()) == changed


def test_sums_count_for_every_record_and_also_when_they_are_struck_out(odoo: Odoo, connected: Connectors) -> None:
    leads = [odoo.add_lead(name=f"Lead {n}", expected_revenue=10_000.0) for n in range(3)]

    many = connected.plan("odoo_update", {"model": "crm.lead", "ids": leads, "values": {"expected_revenue": 900}})
    none = connected.plan("odoo_update", update(leads[0], expected_revenue=0))

    assert many.amounts == (Amount(Decimal(30_000), "USD"),)
    assert none.amounts == (Amount(Decimal(10_000), "USD"),)
    assert connected.operation("odoo_update").effect_of(none) is Effect.FINANCIAL


@pytest.mark.parametrize(
    "values",
    [{"expected_revenue": "1,000"}, {"expected_revenue": "NaN"}, {"expected_revenue": True}, {"active": "false"},
     '{"expected_revenue": NaN}', '{"expected_revenue": 1e999}', '{"name": "\\ud800"}', "[" * 9000],
)  # fmt: skip
def test_values_that_are_not_what_they_say_are_refused_in_words(connected: Connectors, values: Any) -> None:
    with pytest.raises(InvalidInput):
        connected.plan("odoo_create", {"model": "crm.lead", "values": values})


@pytest.mark.parametrize("number", [1e16, 1e22, -0.0, 12.5, 1e-7])
def test_plan_is_the_same_after_postgresql_has_kept_it(
    app: Application, odoo: Odoo, connected: Connectors, number: float
) -> None:
    plan = connected.plan("odoo_create", {"model": "crm.lead", "values": {"name": "A", "expected_revenue": number}})
    with app.database.reading() as session:
        kept = session.scalar(select(cast(literal(plan.to_json(), JSONB), JSONB)))
    assert kept is not None and Plan.from_json(kept).digest == plan.digest


def test_undoing_an_update_puts_back_what_was_there(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111", stage_id=1, tag_ids=[4, 5], expected_revenue=10.0)
    before = dict(odoo.leads[lead])
    operation = connected.operation("odoo_update")
    plan = connected.plan("odoo_update", update(lead, phone="222", stage_id=False, tag_ids=[1], expected_revenue=99))
    receipt = operation.execute(_stored(plan), "key")
    assert odoo.leads[lead] != before

    undoing = operation.undo(_stored(plan), receipt.to_json())
    assert undoing is not None and undoing.operation == "odoo_update"
    back = connected.plan(undoing.operation, undoing.params)
    assert operation.execute(_stored(back), "back").outcome is AttemptOutcome.CONFIRMED
    assert odoo.leads[lead] == before


def test_undoing_an_update_is_refused_where_somebody_changed_it_since(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111", stage_id=1)
    operation = connected.operation("odoo_update")
    plan = connected.plan("odoo_update", update(lead, phone="222", stage_id=3))
    undoing = operation.undo(plan, operation.execute(plan, "key").to_json())
    assert undoing is not None
    back = connected.plan("odoo_update", undoing.params)

    odoo.leads[lead]["phone"] = "333"
    with pytest.raises(InvalidInput, match="Phone of “Meridian” was changed since: it is now “333”, not “222”"):
        connected.plan("odoo_update", undoing.params)
    drift = operation.drift(back)
    assert drift is not None and "is now “333”" in drift.words
    with pytest.raises(InvalidInput):  # so an approved undoing is not planned again behind its people's backs
        connected.plan("odoo_update", back.request)
    assert "expected" not in operation.params.model_json_schema()["properties"]


def test_undoing_a_create_deletes_the_record_while_it_is_as_it_was_made(odoo: Odoo, connected: Connectors) -> None:
    operation = connected.operation("odoo_create")
    plan = _stored(connected.plan("odoo_create", CREATE))
    undoing = operation.undo(plan, operation.execute(plan, "key").to_json())
    assert undoing is not None and undoing.operation == "odoo_delete"
    (record,) = odoo.leads

    odoo.leads[record]["tag_ids"] = [4]
    with pytest.raises(InvalidInput, match="Tags of “Meridian” was changed since"):
        connected.plan("odoo_delete", undoing.params)
    odoo.leads[record]["tag_ids"] = [4, 5]
    back = connected.plan("odoo_delete", undoing.params)
    assert connected.operation("odoo_delete").execute(back, "back").outcome is AttemptOutcome.CONFIRMED
    assert odoo.leads == {} and odoo.external == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"day_open": 3}, "Days to assign \\(day_open\\): Odoo sets this itself"),
        ({"company_currency": 1}, "Odoo sets this itself"),
        ({"id": 3}, "no field id"),
        ({"name": ""}, "must not be empty"),
        ({"name": 5}, "give a text"),
        ({"phone": "1" * 21}, "at most 20 characters"),
        ({"priority": "7"}, "choose one of 0, 2"),
        ({"stage_id": 99}, "no crm.stage with the id 99"),
        ({"stage_id": 2**31}, "id of one record"),
        ({"stage_id": True}, "id of one record"),
        ({"tag_ids": [4, 77]}, "no crm.tag with the id 77"),
        ({"tag_ids": [0]}, "list of record ids"),
        ({"color": 2**31}, "too large"),
        ({"color": 1.5}, "whole number"),
        ({"probability": 12.345}, "2 decimals"),
        ({"date_deadline": "2026-02-30"}, "write a date"),
        ({"date_open": "tomorrow"}, "write a time"),
    ],
)
def test_values_that_do_not_fit_their_field_are_refused_with_its_label(
    odoo: Odoo, connected: Connectors, values: Any, said: str
) -> None:
    lead = odoo.add_lead(name="Meridian")
    with pytest.raises(InvalidInput, match=said):
        connected.plan("odoo_update", update(lead, **values))
    assert odoo.writes == []


def test_generic_changes_let_odoo_write_to_nobody_either(odoo: Odoo, connected: Connectors) -> None:
    operation = connected.operation("odoo_create")
    task = {"model": "project.task", "values": {"name": "T", "project_id": 11, "user_ids": [3], "partner_id": 31}}
    assert operation.execute(connected.plan("odoo_create", task), "key").outcome is AttemptOutcome.CONFIRMED
    (record,) = odoo.tables["project.task"]

    for stage in (23, 25):
        with pytest.raises(InvalidInput, match="Stage: Odoo writes to the customer when a record enters it"):
            connected.plan("odoo_update", {"model": "project.task", "ids": [record], "values": {"stage_id": stage}})
    silent = {"model": "project.task", "ids": [record], "values": {"stage_id": 22, "user_ids": [2, 3]}}
    connected.operation("odoo_update").execute(connected.plan("odoo_update", silent), "key")
    assert odoo.tables["project.task"][record]["stage_id"] == 22 and odoo.mails == []


def test_times_are_written_in_utc(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian")
    plan = connected.plan("odoo_update", update(lead, date_open="2026-01-31T09:00:00+05:30", date_deadline="20260201"))

    assert connected.operation("odoo_update").execute(_stored(plan), "key").outcome is AttemptOutcome.CONFIRMED
    assert (odoo.leads[lead]["date_open"], odoo.leads[lead]["date_deadline"]) == ("2026-01-31 03:30:00", "2026-02-01")
    assert connected.plan("odoo_update", plan.request).request == plan.request


@pytest.mark.parametrize("ids", [[0], [-1], [2**31], ["x"], [True, "1.5"], []])
def test_ids_that_cannot_be_are_refused(connect: Connect, ids: Any) -> None:
    for name, more in (("odoo_update", {"values": {"name": "x"}}), ("odoo_delete", {})):
        with pytest.raises(InvalidInput, match="Records"):
            connect().plan(name, {"model": "crm.lead", "ids": ids, **more})


def test_what_odoo_refuses_while_planning_is_said_in_its_words(odoo: Odoo, connected: Connectors) -> None:
    with pytest.raises(InvalidInput, match=r"the model 'crm.leda' does not exist"):
        connected.plan("odoo_create", {"model": "crm.leda", "values": {"name": "x"}})
    lead = odoo.add_lead(name="Meridian")
    odoo.forbidden.add(("crm.lead", "read"))
    with pytest.raises(InvalidInput, match=r"not allowed to access 'crm.lead'") as refused:
        connected.plan("odoo_update", update(lead, phone="2"))
    assert "Traceback" not in str(refused.value)


def test_a_user_without_rights_is_told_so_and_nothing_is_changed(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111")
    plan = connected.plan("odoo_update", update(lead, phone="222"))
    odoo.forbidden.add(("crm.lead", "write"))

    receipt = connected.operation("odoo_update").execute(plan, "key")

    assert receipt.outcome is AttemptOutcome.REJECTED and "not allowed" in receipt.message
    assert "Nothing was done." in receipt.message and "Connections" not in receipt.message


def test_record_that_somebody_else_holds_is_tried_again_later(odoo: Odoo, connect: Connect) -> None:
    if odoo.version < 19:
        return  # XML-RPC tells it as any other refusal
    connected = connect(**odoo_settings(odoo))
    lead = odoo.add_lead(name="Meridian", phone="111")
    plan = connected.plan("odoo_update", update(lead, phone="222"))
    odoo.fail["write"] = "locked"

    assert connected.operation("odoo_update").execute(plan, "key").outcome is AttemptOutcome.DEFERRED


@pytest.mark.parametrize("befalls", ["refuse_after", "lose"])
def test_user_who_may_not_read_external_ids_finds_what_was_made(
    odoo: Odoo, connected: Connectors, befalls: str
) -> None:
    odoo.manager = False
    operation = connected.operation("odoo_create")
    plan = connected.plan("odoo_create", CREATE)
    assert operation.verify(plan, "key") is None
    odoo.fail["load"] = befalls

    operation.execute(plan, "key")
    found = operation.verify(plan, "key")

    assert found is not None and found.outcome is AttemptOutcome.CONFIRMED
    assert operation.execute(plan, "key").reference == found.reference
    assert len(odoo.leads) == 1


def test_repeat_that_cannot_see_the_first_writes_over_nothing(odoo: Odoo, connected: Connectors) -> None:
    operation = connected.operation("odoo_create")
    plan = connected.plan("odoo_create", CREATE)
    first = operation.execute(plan, "key")
    (record,) = odoo.leads
    odoo.leads[record]["phone"] = "999"
    odoo.leads[record]["name"] = "Renamed since"
    odoo.manager = False
    odoo.forbidden.add(("crm.lead", "get_metadata"))

    with pytest.raises(Unreachable):
        operation.verify(plan, "key")
    odoo.forbidden.clear()
    odoo.leads[record]["create_uid"] = 3  # not among this user's own any more

    assert operation.execute(plan, "key").reference == first.reference
    assert odoo.leads[record]["name"] == "Renamed since"


def test_records_that_held_different_values_cannot_be_put_back_by_one_update(odoo: Odoo, connected: Connectors) -> None:
    leads = [odoo.add_lead(name="A", phone="1"), odoo.add_lead(name="B", phone="2")]
    plan = connected.plan("odoo_update", {"model": "crm.lead", "ids": leads, "values": {"phone": "3"}})

    assert not plan.reversible
    assert connected.operation("odoo_update").undo(plan, {}) is None


def test_missing_records_and_unknown_fields_are_refused_when_planning(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian")
    with pytest.raises(InvalidInput, match=r"no crm.lead with the id 999"):
        connected.plan("odoo_update", {"model": "crm.lead", "ids": [lead, 999], "values": {"phone": "2"}})
    with pytest.raises(InvalidInput, match="no field shoe_size"):
        connected.plan("odoo_update", update(lead, shoe_size=43))
    with pytest.raises(InvalidInput, match="id of one record"):
        connected.plan("odoo_update", update(lead, stage_id="Won"))
    with pytest.raises(InvalidInput, match="create them on their own"):
        connected.plan("odoo_create", {"model": "crm.lead", "values": {"order_ids": [{"name": "x"}]}})
    assert odoo.writes == []


def test_drift_names_what_moved_between_plan_and_execution(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111", stage_id=1)
    operation = connected.operation("odoo_update")
    plan = _stored(connected.plan("odoo_update", update(lead, phone="222", stage_id=3)))
    assert operation.drift(plan) is None

    odoo.leads[lead]["stage_id"] = 2
    drift = operation.drift(plan)
    assert drift is not None and "Meridian: Stage was “New (1)”, is now “Qualified (2)”" in drift.words

    del odoo.leads[lead]
    drift = operation.drift(plan)
    assert drift is not None and "gone" in drift.words


def test_another_connection_than_the_approved_one_is_drift(odoo: Odoo, connect: Connect) -> None:
    plan = connect().plan("odoo_create", CREATE)

    drift = connect(**odoo_settings(odoo)).operation("odoo_create").drift(plan)

    assert drift is not None and drift.moved[0].label == "The connection"


def test_create_with_the_same_key_makes_one_record(odoo: Odoo, connected: Connectors) -> None:
    operation = connected.operation("odoo_create")
    plan = _stored(connected.plan("odoo_create", CREATE))

    first, second = operation.execute(plan, "key"), operation.execute(plan, "key")
    other = operation.execute(plan, "another key")

    assert first.reference == second.reference != other.reference
    assert len(odoo.leads) == 2 and odoo.writes == ["load", "load"]
    made = odoo.leads[int((first.reference or "").rpartition(",")[2])]
    assert (made["name"], made["stage_id"], made["tag_ids"], made["active"]) == ("Meridian", 2, [4, 5], True)


@pytest.mark.parametrize("befalls", ["refuse_after", "lose"])
def test_create_that_was_done_without_an_answer_is_found_again(odoo: Odoo, connected: Connectors, befalls: str) -> None:
    operation = connected.operation("odoo_create")
    plan = connected.plan("odoo_create", CREATE)
    odoo.fail["load"] = befalls

    receipt = operation.execute(plan, "key")
    if receipt.outcome is AttemptOutcome.UNKNOWN:
        found = operation.verify(plan, "key")
        assert found is not None
        receipt = found

    assert receipt.outcome is AttemptOutcome.CONFIRMED
    assert operation.execute(plan, "key").reference == receipt.reference
    assert len(odoo.leads) == 1


def test_create_that_odoo_refuses_is_rejected_with_its_words(odoo: Odoo, connected: Connectors) -> None:
    plan = connected.plan("odoo_create", {"model": "crm.lead", "values": {"phone": "1"}})

    receipt = connected.operation("odoo_create").execute(plan, "key")

    assert receipt.outcome is AttemptOutcome.REJECTED and "Missing required value" in receipt.message
    assert odoo.leads == {}


def test_write_that_succeeded_before_the_error_is_confirmed_by_reading_back(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111")
    plan = connected.plan("odoo_update", update(lead, phone="222"))
    odoo.fail["write"] = "refuse_after"

    assert connected.operation("odoo_update").execute(plan, "key").outcome is AttemptOutcome.CONFIRMED


def test_refused_write_is_rejected_and_shows_no_traceback(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111")
    plan = connected.plan("odoo_update", update(lead, phone="222"))
    odoo.fail["write"] = "refuse"

    receipt = connected.operation("odoo_update").execute(plan, "key")

    assert receipt.outcome is AttemptOutcome.REJECTED
    assert receipt.message == "Odoo refused it: The lead is locked. Nothing was done."


@pytest.mark.parametrize(
    ("befalls", "done"), [("lose", True), ("lose_before", False), ("gateway", False), ("crash", False)]
)
def test_lost_write_is_unknown_until_it_is_read_back(
    odoo: Odoo, connected: Connectors, befalls: str, done: bool
) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111")
    operation = connected.operation("odoo_update")
    plan = connected.plan("odoo_update", update(lead, phone="222"))
    odoo.fail["write"] = befalls

    assert operation.execute(plan, "key").outcome is AttemptOutcome.UNKNOWN
    found = operation.verify(plan, "key")
    assert (found is not None and found.outcome is AttemptOutcome.CONFIRMED) is done
    assert odoo.writes == ["write"]


def test_write_on_a_record_deleted_meanwhile_is_never_called_done(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111")
    plan = connected.plan("odoo_update", update(lead, phone="222"))
    del odoo.leads[lead]

    assert connected.operation("odoo_update").execute(plan, "key").outcome is AttemptOutcome.UNKNOWN


def test_search_answers_the_records_and_changes_nothing(odoo: Odoo, connected: Connectors) -> None:
    odoo.add_lead(name="Meridian", stage_id=2)
    odoo.add_lead(name="Archived", stage_id=2, active=False)
    plan = connected.plan(
        "odoo_search",
        {"model": "crm.lead", "domain": '[["stage_id", "=", 2]]', "fields": "name, stage_id"},
    )

    receipt = connected.operation("odoo_search").execute(_stored(plan), "key")

    assert not plan.leaves_machine
    assert receipt.details["records"] == [{"id": 7, "name": "Meridian", "stage_id": [2, "Qualified"]}]


@pytest.mark.parametrize(
    "domain",
    [
        [["name", "=", 1], ["phone", "!=", False]],
        ["|", ["name", "=", 1], ["phone", "!=", False]],
        ["&", "!", ["name", "ilike", "x"], "|", ["a.b", "in", [1]], ["c", "child_of", 1]],
        [["order_ids", "any", [["name", "=", "x"]]]],
        [],
    ],
)
def test_domains_in_odoos_notation_are_accepted(domain: list[Any]) -> None:
    assert checked_domain(domain) == domain


@pytest.mark.parametrize(
    "domain",
    [
        ["|", ["name", "=", 1]],
        ["and", ["name", "=", 1]],
        [["name", "=="]],
        [["name", "==", 1]],
        [["name", "in", 1]],
        [["name; drop", "=", 1]],
        ["name", "=", 1],
        [["name", ["="], 1]],
        [["order_ids", "any", 3]],
        "not json",
        {"name": 1},
    ],
)
def test_malformed_domain_is_an_error_and_never_dropped(connect: Connect, domain: Any) -> None:
    with pytest.raises(InvalidInput, match="Domain"):
        connect().plan("odoo_search", {"model": "crm.lead", "domain": domain, "fields": ["name"]})


def test_bad_key_is_said_plainly_and_the_key_is_nowhere(
    odoo: Odoo, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = connect(**odoo_settings(odoo, odoo_api_key=SecretStr("wrong-key-77")))

    with pytest.raises(Unreachable, match="key was not accepted") as refused:
        wrong.plan("odoo_create", CREATE)
    connect(**odoo_settings(odoo)).plan("odoo_create", CREATE)

    for secret in (KEY, "wrong-key-77"):
        assert secret not in caplog.text and secret not in str(refused.value)


def test_odoo_that_is_down_cannot_be_planned_on_and_defers_what_was_planned(odoo: Odoo, connect: Connect) -> None:
    plan = connect(**odoo_settings(odoo)).plan("odoo_create", CREATE)
    down = connect(**odoo_settings(odoo, odoo_url="http://127.0.0.1:9"))

    with pytest.raises(Unreachable):
        down.plan("odoo_create", CREATE)
    moved = replace(plan, account=plan.account.replace(odoo.url, "http://127.0.0.1:9"))
    assert down.operation("odoo_create").execute(moved, "key").outcome is AttemptOutcome.DEFERRED


def test_unconnected_odoo_shows_the_plan_and_ends_rejected_with_what_to_do(connect: Connect) -> None:
    connectors = connect()
    for name, params in {
        "odoo_create": CREATE,
        "odoo_update": update(7, phone="222"),
        "odoo_search": {"model": "crm.lead", "fields": ["name"]},
    }.items():
        plan = connectors.plan(name, params)
        assert "Odoo is not connected" in plan.warnings
        receipt = connectors.operation(name).execute(plan, "key")
        assert receipt.outcome is AttemptOutcome.REJECTED and "under Connections" in receipt.message
    assert connectors.plan("odoo_update", update(7, phone="222")).changes[0].after == "222"


def _stored(plan: Plan) -> Plan:
    """The plan as it comes back from the database."""
    again = Plan.from_json(plan.to_json())
    assert again.digest == plan.digest
    return again
