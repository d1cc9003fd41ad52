"""CRM records by e-mail or number: seen before and after, made once, told part by part, put back unless somebody was faster."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from core.clock import ManualClock
from core.connectors.plan import AttemptOutcome, Effect, Plan, Receipt
from core.connectors.protocol import Account, ConnectorContext, Unreachable
from core.connectors.registry import Connectors
from core.connectors.transports.calls import Refused
from core.connectors.transports.crm.account import HubspotAccount, HubspotSystem
from core.connectors.transports.crm.hubspot import Record, _names_of
from core.errors import InvalidInput
from core.files.storage import FolderStore
from core.settings import Settings
from tests.core.connectors.conftest import Connect, GivenAccounts, odoo_settings
from tests.doubles.hubspot import PORTAL, TOKEN, HubspotServer, running_hubspot
from tests.doubles.odoo import Odoo, running_odoo


@pytest.fixture
def hubspot() -> Iterator[HubspotServer]:
    with running_hubspot() as server:
        yield server


def account_of(hubspot: HubspotServer, **changed: Any) -> HubspotAccount:
    return HubspotAccount.model_validate({"portal": str(PORTAL), "token": TOKEN, "base_url": hubspot.url, **changed})


@pytest.fixture
def connectors(hubspot: HubspotServer, settings: Settings, clock: ManualClock) -> Iterator[Connectors]:
    settings = settings.model_copy(update={"call_timeout_seconds": 1.0})
    accounts = GivenAccounts(Account("main", "hubspot", account_of(hubspot), "1"), "hubspot")
    made = Connectors(ConnectorContext(settings, clock, accounts, FolderStore(settings.files_dir)))
    yield made
    made.close()


def planned(connectors: Connectors, **params: Any) -> Plan:
    return Plan.from_json(connectors.plan("crm_upsert", params).to_json())


def done(connectors: Connectors, plan: Plan, key: str = "key") -> Receipt:
    return connectors.operation(plan.operation).execute(plan, key)


def undone(connectors: Connectors, plan: Plan, receipt: Receipt) -> Receipt:
    undoing = connectors.operation(plan.operation).undo(plan, receipt.to_json())
    assert undoing is not None
    return done(connectors, connectors.plan(undoing.operation, undoing.params), "undo")


# -- contacts -----------------------------------------------------------------------------------------------------


def test_a_known_contact_is_changed_and_a_new_one_made(connectors: Connectors, hubspot: HubspotServer) -> None:
    asha = hubspot.add("contacts", email="asha@example.com", phone="111")
    known = planned(connectors, target="contact", email="ASHA@example.com", fields={"phone": "222"})
    new = planned(connectors, target="contact", email="ravi@example.com", fields='{"firstname": "Ravi"}')

    assert [(one.label, one.before, one.after) for one in known.changes] == [("Phone number", "111", "222")]
    assert [(one.label, one.before, one.after) for one in new.changes] == [
        ("E-mail", None, "ravi@example.com"), ("First name", None, "Ravi"),
    ]  # fmt: skip
    assert (known.summary, new.summary) == (
        "Change the contact asha@example.com", "Create the contact ravi@example.com",
    )  # fmt: skip
    operation = connectors.operation("crm_upsert")
    assert operation.repeatable_for(new) and not operation.repeatable_for(known)

    assert done(connectors, known).reference == f"contacts,{asha}"
    assert done(connectors, new).outcome is AttemptOutcome.CONFIRMED
    assert hubspot.records["contacts"][asha]["phone"] == "222"
    assert len(hubspot.records["contacts"]) == 2


def test_a_second_address_of_a_contact_finds_the_same_one() -> None:
    both = Record("51", {"email": "Asha@example.com", "hs_additional_emails": "a@example.com;b@example.com"})
    assert _names_of(both, "email") == ["asha@example.com", "a@example.com", "b@example.com"]


def test_a_contact_found_by_its_second_address_keeps_its_first(connectors: Connectors, hubspot: HubspotServer) -> None:
    asha = hubspot.add("contacts", email="asha@example.com", hs_additional_emails="a@example.com", phone="111")
    plan = planned(connectors, target="contact", email="a@example.com", fields={"phone": "222"})

    receipt = done(connectors, plan)

    assert receipt.outcome is AttemptOutcome.CONFIRMED and receipt.reference == f"contacts,{asha}"
    held = hubspot.records["contacts"][asha]
    assert (held["email"], held["phone"]) == ("asha@example.com", "222")


def test_putting_back_takes_each_record_once_and_at_most_a_hundred(connectors: Connectors) -> None:
    for archive in (["5", "5"], [str(number) for number in range(101)], [], ["x"]):
        with pytest.raises(InvalidInput):
            connectors.plan("crm_restore", {"target": "contact", "archive": archive})


@pytest.mark.parametrize("placing", [True, False])
def test_one_contact_of_a_batch_may_be_refused_and_is_named(
    connectors: Connectors, hubspot: HubspotServer, placing: bool
) -> None:
    hubspot.placing = placing
    hubspot.refusing["bad@example.com"] = "Email address bad@example.com is invalid"
    people = [{"email": one, "fields": {"firstname": "X"}} for one in ("good@example.com", "bad@example.com")]
    plan = planned(connectors, target="contact", contacts=people)

    receipt = done(connectors, plan)

    assert receipt.outcome is AttemptOutcome.CONFIRMED
    assert "1 of 2" in receipt.message and "bad@example.com is invalid" in receipt.message
    assert undone(connectors, plan, receipt).outcome is AttemptOutcome.CONFIRMED
    assert hubspot.living("contacts") == {}


def test_a_batch_of_which_nothing_was_taken_is_refused(connectors: Connectors, hubspot: HubspotServer) -> None:
    hubspot.refusing["bad@example.com"] = "Email address bad@example.com is invalid"
    plan = planned(connectors, target="contact", email="bad@example.com", fields={"firstname": "X"})

    receipt = done(connectors, plan)

    assert receipt.outcome is AttemptOutcome.REJECTED and "is invalid" in receipt.message
    assert hubspot.effects == 0


def test_a_hundred_contacts_go_in_one_call(connectors: Connectors, hubspot: HubspotServer) -> None:
    people = [{"email": f"p{number}@example.com", "fields": {"firstname": "P"}} for number in range(100)]

    receipt = done(connectors, planned(connectors, target="contact", contacts=people))

    assert receipt.outcome is AttemptOutcome.CONFIRMED and len(hubspot.records["contacts"]) == 100
    assert hubspot.asked.count("/crm/v3/objects/contacts/batch/upsert") == 1
    with pytest.raises(InvalidInput):
        planned(connectors, target="contact", contacts=[*people, {"email": "q@example.com", "fields": {"phone": "1"}}])


def test_a_contact_that_moved_since_is_drift(connectors: Connectors, hubspot: HubspotServer) -> None:
    asha = hubspot.add("contacts", email="asha@example.com", phone="111")
    operation = connectors.operation("crm_upsert")
    known = planned(connectors, target="contact", email="asha@example.com", fields={"phone": "222"})
    new = planned(connectors, target="contact", email="ravi@example.com", fields={"firstname": "Ravi"})
    assert operation.drift(known) is None and operation.drift(new) is None

    hubspot.records["contacts"][asha]["phone"] = "999"
    hubspot.add("contacts", email="ravi@example.com")

    assert operation.drift(known) is not None and operation.drift(new) is not None


def test_undoing_is_refused_where_somebody_changed_it_since(connectors: Connectors, hubspot: HubspotServer) -> None:
    asha = hubspot.add("contacts", email="asha@example.com", phone="111")
    plan = planned(connectors, target="contact", email="asha@example.com", fields={"phone": "222"})
    receipt = done(connectors, plan)
    hubspot.records["contacts"][asha]["phone"] = "333"

    with pytest.raises(InvalidInput, match="changed since"):
        undone(connectors, plan, receipt)
    assert hubspot.records["contacts"][asha]["phone"] == "333"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"shoe_size": "44"}, "no property shoe_size"),
        ({"createdate": "2026-01-01"}, "cannot be written"),
        ({"lifecyclestage": "king"}, "none of lead, customer"),
        ({"annualrevenue": "much"}, "not a number"),
        ({"phone": {"home": "1"}}, "takes a text"),
        ({"email": "other@example.com"}, "stays as it is"),
        ({"Phone": "1"}, "not the name of a field"),
        ({}, "values"),
    ],
)
def test_values_that_do_not_fit_are_refused_when_planning(
    connectors: Connectors, hubspot: HubspotServer, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        planned(connectors, target="contact", email="asha@example.com", fields=fields)
    assert hubspot.effects == 0


@pytest.mark.parametrize(
    "params",
    [
        {"target": "contact", "fields": {"phone": "1"}},
        {"target": "contact", "email": "a@example.com", "id": "5", "fields": {"phone": "1"}},
        {"target": "contact", "email": "a@example.com\r\nX: y", "fields": {"phone": "1"}},
        {"target": "contact", "email": "a@example.com", "fields": {"phone": "1"},
         "contacts": [{"email": "b@example.com", "fields": {"phone": "1"}}]},
        {"target": "contact", "contacts": [{"email": "b@example.com", "fields": {"phone": "1"}},
                                           {"email": "B@example.com", "fields": {"phone": "2"}}]},
        {"target": "deal", "fields": {}},
        {"target": "deal", "fields": {"amount": 5}},
        {"target": "deal", "id": "5; DROP", "fields": {"amount": 5}},
        {"target": "deal", "id": "5", "email": "a@example.com", "fields": {"amount": 5}},
        {"target": "lead", "fields": {"name": "x"}},
        {"target": "lead", "email": "a@example.com", "fields": {"email_from": "b@example.com"}},
        {"target": "company", "fields": {"name": "x"}},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(
    connectors: Connectors, hubspot: HubspotServer, params: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        planned(connectors, **params)
    assert hubspot.effects == 0


# -- deals --------------------------------------------------------------------------------------------------------


def test_a_new_deal_is_linked_and_its_amount_counts_as_money(connectors: Connectors, hubspot: HubspotServer) -> None:
    asha = hubspot.add("contacts", email="asha@example.com")
    fields = {"dealname": "Northwind", "amount": "990.50", "dealstage": "appointmentscheduled"}
    plan = planned(connectors, target="deal", email="asha@example.com", fields=fields)
    assert [(one.value, one.currency) for one in plan.amounts] == [(Decimal("990.50"), "USD")]
    assert connectors.operation("crm_upsert").effect_of(plan) is Effect.FINANCIAL

    receipt = done(connectors, plan)

    (deal,) = hubspot.records["deals"]
    assert hubspot.linked == {(deal, asha)}
    assert receipt.reference == f"deals,{deal}" and receipt.url and deal in receipt.url
    assert undone(connectors, plan, receipt).outcome is AttemptOutcome.CONFIRMED
    assert hubspot.living("deals") == {}


def test_a_changed_amount_counts_the_larger_one_in_the_deals_own_currency(
    connectors: Connectors, hubspot: HubspotServer
) -> None:
    deal = hubspot.add("deals", dealname="Meridian", amount="5000", deal_currency_code="EUR")
    plan = planned(connectors, target="deal", id=deal, fields={"amount": None})
    assert [(one.value, one.currency) for one in plan.amounts] == [(Decimal(5000), "EUR")]


def test_same_key_twice_makes_one_deal(connectors: Connectors, hubspot: HubspotServer) -> None:
    plan = planned(connectors, target="deal", fields={"dealname": "Northwind"})
    operation = connectors.operation("crm_upsert")
    assert operation.repeatable_for(plan)

    receipts = [done(connectors, plan) for _ in range(3)]

    assert len({one.reference for one in receipts}) == 1 and len(hubspot.records["deals"]) == 1
    assert done(connectors, plan, "another").reference != receipts[0].reference


def test_without_the_unique_property_a_lost_answer_is_for_a_person(
    connectors: Connectors, hubspot: HubspotServer
) -> None:
    hubspot.keyed = False
    plan = planned(connectors, target="deal", fields={"dealname": "Northwind"})
    operation = connectors.operation("crm_upsert")
    assert any("countersign_key" in warning for warning in plan.warnings) and not operation.repeatable_for(plan)

    hubspot.befalls = "lose_after"

    assert done(connectors, plan).outcome is AttemptOutcome.UNKNOWN
    assert operation.verify(plan, "key") is None
    assert "Northwind" in operation.where_to_look(plan, "key")


def test_a_deal_needs_a_contact_and_a_number_that_exist(connectors: Connectors) -> None:
    with pytest.raises(InvalidInput, match=r"no contact nobody@example\.com"):
        planned(connectors, target="deal", email="nobody@example.com", fields={"dealname": "X"})
    with pytest.raises(InvalidInput, match="no deal 999"):
        planned(connectors, target="deal", id="999", fields={"dealname": "X"})


# -- the account --------------------------------------------------------------------------------------------------


def test_a_token_of_another_portal_is_never_used(
    hubspot: HubspotServer, settings: Settings, clock: ManualClock, connectors: Connectors
) -> None:
    approved = planned(connectors, target="contact", email="ravi@example.com", fields={"firstname": "Ravi"})
    other = GivenAccounts(Account("main", "hubspot", account_of(hubspot, portal="777"), "2"), "hubspot")
    elsewhere = Connectors(ConnectorContext(settings, clock, other, FolderStore(settings.files_dir)))
    try:
        with pytest.raises(Unreachable, match="portal 123456, not 777"):
            planned(elsewhere, target="contact", email="ravi@example.com", fields={"firstname": "Ravi"})
        assert done(elsewhere, approved).outcome is AttemptOutcome.REJECTED
    finally:
        elsewhere.close()
    assert hubspot.effects == 0


def test_the_connection_test_says_what_is_missing(hubspot: HubspotServer) -> None:
    system = HubspotSystem()
    assert "countersign_key" not in system.test(account_of(hubspot), timeout=2)
    hubspot.keyed = False
    assert "countersign_key" in system.test(account_of(hubspot), timeout=2)
    with pytest.raises(Refused):
        system.test(account_of(hubspot, portal="777"), timeout=2)


def test_a_missing_scope_says_where_to_mend_it(connectors: Connectors, hubspot: HubspotServer) -> None:
    plan = planned(connectors, target="contact", email="ravi@example.com", fields={"firstname": "Ravi"})
    hubspot.befalls = "scope"

    receipt = done(connectors, plan)

    assert receipt.outcome is AttemptOutcome.REJECTED
    assert "scopes" in receipt.message and "Connections" in receipt.message


@pytest.mark.parametrize("base", ["http://api.hubapi.com", "https://api.hubapi.com/?key=1"])
def test_an_address_that_would_show_the_token_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match=r"begin with|leave out"):
        HubspotAccount(portal="1", token=SecretStr(TOKEN), base_url=base)


# -- leads --------------------------------------------------------------------------------------------------------


@pytest.fixture
def odoo() -> Iterator[Odoo]:
    with running_odoo() as running:
        yield running


def test_the_open_lead_of_an_address_is_changed_and_lost_and_won_ones_are_left_alone(
    odoo: Odoo, connect: Connect
) -> None:
    connectors = connect(**odoo_settings(odoo))
    won = odoo.add_lead(name="Won", email_from="asha@example.com", stage_id=3)
    lost = odoo.add_lead(name="Lost", email_from="asha@example.com", stage_id=1, active=False)
    lead = odoo.add_lead(name="Open", email_from="Asha@Example.com", stage_id=1, phone="111")

    plan = planned(connectors, target="lead", email="asha@example.com", fields={"phone": "222"})
    receipt = done(connectors, plan)

    assert receipt.outcome is AttemptOutcome.CONFIRMED, receipt.message
    assert [odoo.leads[one]["phone"] for one in (won, lost, lead)] == [False, False, "222"]
    assert undone(connectors, plan, receipt).outcome is AttemptOutcome.CONFIRMED
    assert (odoo.leads[lead]["phone"], odoo.leads[lead]["email_from"]) == ("111", "Asha@Example.com")


def test_a_new_lead_is_made_once_and_its_sum_counts_as_money(odoo: Odoo, connect: Connect) -> None:
    connectors = connect(**odoo_settings(odoo))
    fields = {"name": "Northwind", "expected_revenue": 1200}
    plan = planned(connectors, target="lead", email="ravi@example.com", fields=fields)
    assert [(one.value, one.currency) for one in plan.amounts] == [(Decimal(1200), "USD")]

    receipts = [done(connectors, plan) for _ in range(2)]

    (lead,) = odoo.leads
    assert {one.reference for one in receipts} == {f"crm.lead,{lead}"}
    assert odoo.leads[lead]["email_from"] == "ravi@example.com"
    assert undone(connectors, plan, receipts[0]).outcome is AttemptOutcome.CONFIRMED and odoo.leads == {}


def test_several_open_leads_are_for_a_person_to_choose_from(odoo: Odoo, connect: Connect) -> None:
    connectors = connect(**odoo_settings(odoo))
    leads = [odoo.add_lead(name=name, email_from="asha@example.com", stage_id=1) for name in ("A", "B")]

    with pytest.raises(InvalidInput, match="several open leads"):
        planned(connectors, target="lead", email="asha@example.com", fields={"phone": "222"})
    plan = planned(connectors, target="lead", id=str(leads[0]), fields={"phone": "222"})
    assert done(connectors, plan).outcome is AttemptOutcome.CONFIRMED and odoo.leads[leads[0]]["phone"] == "222"


def test_a_lead_that_somebody_made_or_won_since_is_drift(odoo: Odoo, connect: Connect) -> None:
    connectors = connect(**odoo_settings(odoo))
    operation = connectors.operation("crm_upsert")
    new = planned(connectors, target="lead", email="ravi@example.com", fields={"name": "Northwind"})
    lead = odoo.add_lead(name="Open", email_from="asha@example.com", stage_id=1)
    known = planned(connectors, target="lead", email="asha@example.com", fields={"phone": "222"})
    assert operation.drift(new) is None and operation.drift(known) is None

    odoo.add_lead(name="Northwind", email_from="ravi@example.com", stage_id=1)
    odoo.leads[lead]["stage_id"] = 3

    assert operation.drift(new) is not None and operation.drift(known) is not None


def test_every_target_says_so_when_nothing_is_connected(connect: Connect) -> None:
    connectors = connect()
    for target, more in (("contact", {"email": "a@example.com"}), ("deal", {}), ("lead", {"email": "a@example.com"})):
        params = {"target": target, "fields": {"dealname" if target == "deal" else "name": "X"}, **more}
        plan = planned(connectors, **params)
        assert any("not connected" in warning for warning in plan.warnings)
        receipt = done(connectors, plan)
        assert receipt.outcome is AttemptOutcome.REJECTED and "Connections" in receipt.message
