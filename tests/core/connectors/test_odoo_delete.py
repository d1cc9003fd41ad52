"""Deleting in Odoo shows all that goes, notices what moved, and knows what is left."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.connectors.plan import Amount, AttemptOutcome, Effect, Plan
from core.connectors.registry import Connectors
from core.errors import InvalidInput
from tests.doubles.odoo import Odoo


def deletion(connected: Connectors, *ids: int) -> Plan:
    return connected.plan("odoo_delete", {"model": "crm.lead", "ids": list(ids)})


def test_plan_shows_what_would_go_and_offers_the_archive(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111", stage_id=2, expected_revenue=900.0)

    plan = deletion(connected, lead)

    shown = {one.label: one.before for one in plan.changes}
    assert shown["Phone"] == "111" and shown["Stage"] == "Qualified (2)" and shown["Expected revenue"] == 900.0
    assert all(one.after is None for one in plan.changes)
    assert plan.summary == f"Delete “Meridian” (crm.lead {lead})"
    assert not plan.reversible and any("archived instead" in one for one in plan.warnings)
    assert plan.amounts == (Amount(Decimal("900.0"), "USD"),)
    operation = connected.operation("odoo_delete")
    assert operation.effect is Effect.IRREVERSIBLE and operation.effect_of(plan) is Effect.FINANCIAL
    assert odoo.writes == []


def test_it_deletes_and_reads_back_that_they_are_gone(odoo: Odoo, connected: Connectors) -> None:
    first, second, other = (odoo.add_lead(name=name) for name in ("A", "B", "C"))

    receipt = connected.operation("odoo_delete").execute(deletion(connected, first, second), "key")

    assert receipt.outcome is AttemptOutcome.CONFIRMED and receipt.reference == f"crm.lead,{first},{second}"
    assert list(odoo.leads) == [other]
    assert connected.operation("odoo_delete").undo(deletion(connected, other), receipt.to_json()) is None


def test_any_value_that_moved_is_drift(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian", phone="111")
    operation, plan = connected.operation("odoo_delete"), deletion(connected, lead)
    assert operation.drift(plan) is None

    odoo.leads[lead]["contact_name"] = "Mona"
    drift = operation.drift(plan)

    assert drift is not None and "Meridian: Contact name was empty, is now “Mona”" in drift.words


def test_record_that_is_gone_already_is_said_so_and_another_is_left_alone(odoo: Odoo, connected: Connectors) -> None:
    first, second = odoo.add_lead(name="A"), odoo.add_lead(name="B")
    operation, plan = connected.operation("odoo_delete"), deletion(connected, first, second)
    del odoo.leads[first]

    drift = operation.drift(plan)
    receipt = operation.execute(plan, "key")

    assert drift is not None and "gone" in drift.words
    assert receipt.outcome is AttemptOutcome.REJECTED and f"crm.lead {first} is gone already" in receipt.message
    assert list(odoo.leads) == [second]
    with pytest.raises(InvalidInput, match=f"no crm.lead with the id {first}"):
        deletion(connected, first)


def test_refused_deletion_is_rejected_in_odoos_words(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian")
    plan = deletion(connected, lead)
    odoo.fail["unlink"] = "refuse"

    receipt = connected.operation("odoo_delete").execute(plan, "key")

    assert receipt.outcome is AttemptOutcome.REJECTED
    assert receipt.message == "Odoo refused it: The lead is locked. Nothing was done."


def test_error_after_the_records_went_is_confirmed_by_reading_back(odoo: Odoo, connected: Connectors) -> None:
    lead = odoo.add_lead(name="Meridian")
    plan = deletion(connected, lead)
    odoo.fail["unlink"] = "refuse_after"

    assert connected.operation("odoo_delete").execute(plan, "key").outcome is AttemptOutcome.CONFIRMED


@pytest.mark.parametrize("befalls", ["", "refuse_after"])
def test_part_of_a_deletion_is_unknown_and_names_what_is_left(
    odoo: Odoo, connected: Connectors, monkeypatch: pytest.MonkeyPatch, befalls: str
) -> None:
    first, second = odoo.add_lead(name="A"), odoo.add_lead(name="B")
    plan = deletion(connected, first, second)
    whole = odoo._unlink
    monkeypatch.setattr(odoo, "_unlink", lambda model, ids: whole(model, ids[:1]))  # a module that keeps some
    odoo.trouble = befalls

    receipt = connected.operation("odoo_delete").execute(plan, "key")

    assert receipt.outcome is AttemptOutcome.UNKNOWN and f"crm.lead {second} is still there" in receipt.message
    assert connected.operation("odoo_delete").verify(plan, "key") is None
