"""A salesperson's steps in Odoo: found by the names people use, silent to customers, taken back while untouched."""

from __future__ import annotations

from typing import Any

import pytest

from core.connectors.plan import AttemptOutcome, Plan, Receipt
from core.connectors.registry import Connectors
from core.errors import InvalidInput
from tests.core.connectors.conftest import Connect
from tests.doubles.odoo import Odoo

TEXT = "Call <b>Mona</b> & ask;\n<a href='https://example.com' data-oe-model='res.partner' data-oe-id='3'>@Ravi</a>"


def done(connected: Connectors, operation: str, /, **params: Any) -> tuple[Plan, Receipt]:
    plan = Plan.from_json(connected.plan(operation, params).to_json())
    return plan, connected.operation(operation).execute(plan, "key")


def undone(connected: Connectors, plan: Plan, receipt: Receipt) -> Receipt:
    undoing = connected.operation(plan.operation).undo(plan, receipt.to_json())
    assert undoing is not None
    back = connected.plan(undoing.operation, undoing.params)
    return connected.operation(undoing.operation).execute(back, "undo")


@pytest.fixture
def lead(odoo: Odoo) -> int:
    return odoo.add_lead(name="Meridian", stage_id=1)


# -- stages -----------------------------------------------------------------------------------------------------------


def test_stage_is_found_by_name_and_the_move_is_undone(odoo: Odoo, connected: Connectors, lead: int) -> None:
    plan, receipt = done(connected, "odoo_move_stage", model="crm.lead", id=lead, stage="QUALIFIED")

    assert receipt.outcome is AttemptOutcome.CONFIRMED and odoo.leads[lead]["stage_id"] == 2
    assert [(one.label, one.before, one.after) for one in plan.changes] == [("Stage", "New (1)", "Qualified (2)")]
    assert undone(connected, plan, receipt).outcome is AttemptOutcome.CONFIRMED
    assert odoo.leads[lead]["stage_id"] == 1


def test_move_is_not_undone_once_somebody_moved_it_on(odoo: Odoo, connected: Connectors, lead: int) -> None:
    plan, receipt = done(connected, "odoo_move_stage", model="crm.lead", id=lead, stage="2")
    odoo.leads[lead]["stage_id"] = 3

    with pytest.raises(InvalidInput, match="Stage of “Meridian” was changed since"):
        undone(connected, plan, receipt)


def test_move_of_a_record_that_was_moved_meanwhile_is_drift(odoo: Odoo, connected: Connectors, lead: int) -> None:
    plan = connected.plan("odoo_move_stage", {"model": "crm.lead", "id": lead, "stage": "Qualified"})
    odoo.leads[lead]["stage_id"] = 3

    drift = connected.operation("odoo_move_stage").drift(plan)

    assert drift is not None and "Stage was “New (1)”, is now “Won (3)”" in drift.words


def test_only_stages_of_the_records_own_team_or_project_are_offered(odoo: Odoo, connected: Connectors) -> None:
    of_all = odoo.add_lead(name="A", stage_id=1)
    of_europe = odoo.add_lead(name="B", stage_id=1, team_id=9)
    task = odoo.add("project.task", name="T", project_id=11, stage_id=21)

    assert (
        connected.plan("odoo_move_stage", {"model": "crm.lead", "id": of_all, "stage": "won"}).request["stage"] == "3"
    )
    with pytest.raises(InvalidInput, match=r"several are called “won” \(3, 4\)"):
        connected.plan("odoo_move_stage", {"model": "crm.lead", "id": of_europe, "stage": "won"})
    moved = connected.plan("odoo_move_stage", {"model": "project.task", "id": task, "stage": "Done"})
    assert moved.request["stage"] == "22"
    for stage in ("24", "nowhere", "D_ne", "%"):
        with pytest.raises(InvalidInput, match="Stage: Odoo has no"):
            connected.plan("odoo_move_stage", {"model": "project.task", "id": task, "stage": stage})


def test_stage_that_writes_to_the_customer_is_entered_silently(odoo: Odoo, connected: Connectors) -> None:
    task = odoo.add("project.task", name="T", project_id=11, stage_id=21, partner_id=31)

    plan, receipt = done(connected, "odoo_move_stage", model="project.task", id=task, stage="Delivered")

    assert receipt.outcome is AttemptOutcome.CONFIRMED and odoo.mails == []
    assert any("held back" in one for one in plan.warnings)


def test_stage_that_begins_to_write_to_the_customer_is_drift(odoo: Odoo, connected: Connectors) -> None:
    task = odoo.add("project.task", name="T", project_id=11, stage_id=21, partner_id=31)
    plan = connected.plan("odoo_move_stage", {"model": "project.task", "id": task, "stage": "Done"})
    odoo.tables["project.task.type"][22]["mail_template_id"] = 5

    drift = connected.operation("odoo_move_stage").drift(plan)

    assert drift is not None and "The stage writes to the customer was “no”, is now “yes”" in drift.words


def test_stage_that_asks_the_customer_for_a_rating_is_refused(odoo: Odoo, connected: Connectors) -> None:
    task = odoo.add("project.task", name="T", project_id=11, stage_id=21, partner_id=31)
    nobody = odoo.add("project.task", name="T", project_id=11, stage_id=21)

    with pytest.raises(InvalidInput, match="ask the customer for a rating"):
        connected.plan("odoo_move_stage", {"model": "project.task", "id": task, "stage": "Rated"})
    done(connected, "odoo_move_stage", model="project.task", id=nobody, stage="Rated")
    assert odoo.mails == []


def test_models_without_stages_log_or_follow_ups_are_refused(odoo: Odoo, connected: Connectors) -> None:
    on = {"model": "res.partner", "id": 31}
    for name, more, said in (
        ("odoo_move_stage", {"stage": "New"}, "no stages"),
        ("odoo_internal_note", {"text": "x"}, "cannot have these"),
        ("odoo_log_activity", {"activity_type": "Call", "summary": "x"}, "cannot have these"),
        ("odoo_schedule_follow_up", {"activity_type": "Call", "summary": "x", "due": "2026-02-01"}, "cannot have"),
    ):
        with pytest.raises(InvalidInput, match=said):
            connected.plan(name, {**on, **more})
    with pytest.raises(InvalidInput, match=r"no crm.lead with the id 99"):
        connected.plan("odoo_internal_note", {"model": "crm.lead", "id": 99, "text": "x"})


# -- tasks ------------------------------------------------------------------------------------------------------------


def test_task_is_made_once_and_nobody_is_written_to(odoo: Odoo, connected: Connectors) -> None:
    params = {"project": "WEBSITE", "name": "Draft", "description": TEXT, "user": "Ravi", "deadline": "2026-03-01"}
    plan, receipt = done(connected, "odoo_create_task", **params)
    again = connected.operation("odoo_create_task").execute(plan, "key")

    (task,) = odoo.tables["project.task"].values()
    assert receipt.reference == again.reference and odoo.mails == []
    assert (task["project_id"], task["user_ids"], task["date_deadline"]) == (11, [3], "2026-03-01 12:00:00")
    assert task["description"].startswith("<p>Call &lt;b&gt;Mona&lt;/b&gt; &amp; ask;<br>&lt;a href=")
    assert plan.request["model"] == "project.task"
    assert "model" not in connected.operation("odoo_create_task").params.model_json_schema()["properties"]
    assert undone(connected, plan, receipt).outcome is AttemptOutcome.CONFIRMED
    assert odoo.tables["project.task"] == {}


def test_task_that_somebody_worked_on_is_not_taken_back(odoo: Odoo, connected: Connectors) -> None:
    plan, receipt = done(connected, "odoo_create_task", project="11", name="Draft", description="a  b")
    (task,) = odoo.tables["project.task"].values()
    task["description"] = "<div><p>a b</p></div>"  # Odoo's own cleaning is no change
    assert (
        connected.operation("odoo_delete").drift(connected.plan("odoo_delete", _params(connected, plan, receipt)))
        is None
    )

    task["description"] = "<p>a b c</p>"
    with pytest.raises(InvalidInput, match="Description of “Draft” was changed since"):
        undone(connected, plan, receipt)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"project": "Nope"}, "Project: Odoo has no “Nope”"),
        ({"user": "customer@example.com"}, "For: Odoo has no"),
        ({"user": "nobody"}, "For: Odoo has no"),
        ({"name": "a\nb"}, "one line"),
        ({"name": "\u200b"}, "can be seen"),
        ({"description": "a\u202eb"}, "direction"),
        ({"model": "res.users"}, "model"),
    ],
)
def test_task_that_cannot_be_is_refused(connected: Connectors, more: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=f"(?i){said}"):
        connected.plan("odoo_create_task", {"project": "Website", "name": "Draft", **more})


# -- notes and activities ---------------------------------------------------------------------------------------------


def test_note_is_internal_escaped_and_written_to_nobody(odoo: Odoo, connected: Connectors, lead: int) -> None:
    plan, receipt = done(connected, "odoo_internal_note", model="crm.lead", id=lead, text=TEXT)

    (note,) = odoo.tables["mail.message"].values()
    assert receipt.outcome is AttemptOutcome.CONFIRMED and odoo.mails == []
    assert "<a" not in note["body"] and "<b>" not in note["body"] and "data-oe-id=&#x27;3" in note["body"]
    assert (note["subtype_id"], note["is_internal"]) == (1, True)
    assert "message_post" not in odoo.calls and not any("partner_ids" in one for one in odoo.contexts)
    assert plan.request["model"] == "crm.lead"  # what guardrails ask about is the record, not its log
    assert undone(connected, plan, receipt).outcome is AttemptOutcome.CONFIRMED
    assert odoo.tables["mail.message"] == {}


def test_note_that_was_edited_is_not_taken_back(odoo: Odoo, connected: Connectors, lead: int) -> None:
    plan, receipt = done(connected, "odoo_internal_note", model="crm.lead", id=lead, text="Call Mona.")
    (note,) = odoo.tables["mail.message"].values()
    note["body"] = "<p>Call Ravi.</p>"

    with pytest.raises(InvalidInput, match=r"Contents .* was changed since"):
        undone(connected, plan, receipt)


def test_follow_up_is_for_whoever_signed_in_unless_somebody_is_named(
    odoo: Odoo, connected: Connectors, lead: int
) -> None:
    on = {"model": "crm.lead", "id": lead, "activity_type": "call", "summary": "Visit", "due": "2026-02-01"}
    mine = connected.plan("odoo_schedule_follow_up", on)
    plan, receipt = done(connected, "odoo_schedule_follow_up", **on, user="ravi@example.com")

    assert mine.request["user"] == "2" and plan.request["user"] == "3"
    (activity,) = odoo.tables["mail.activity"].values()
    assert (activity["res_model"], activity["res_id"], activity["user_id"]) == ("crm.lead", lead, 3)
    assert odoo.mails == [] and receipt.outcome is AttemptOutcome.CONFIRMED
    assert undone(connected, plan, receipt).outcome is AttemptOutcome.CONFIRMED
    assert odoo.tables["mail.activity"] == {}


def test_follow_up_that_was_done_is_not_taken_back(odoo: Odoo, connected: Connectors, lead: int) -> None:
    on = {"model": "crm.lead", "id": lead, "activity_type": "Call", "summary": "Visit", "due": "2026-02-01"}
    plan, receipt = done(connected, "odoo_schedule_follow_up", **on)
    (activity,) = odoo.tables["mail.activity"].values()
    activity["active"] = False

    with pytest.raises(InvalidInput, match="Active of “Visit” was changed since"):
        undone(connected, plan, receipt)
    odoo.tables["mail.activity"].clear()  # as versions before 18 leave it
    with pytest.raises(InvalidInput, match=r"no mail.activity with the id"):
        undone(connected, plan, receipt)


def test_kinds_of_activity_that_belong_to_another_model_are_not_offered(connected: Connectors, lead: int) -> None:
    with pytest.raises(InvalidInput, match="Kind: Odoo has no “Upload document”"):
        connected.plan(
            "odoo_log_activity",
            {"model": "crm.lead", "id": lead, "activity_type": "Upload document", "summary": "x"},
        )


def test_step_on_a_record_deleted_meanwhile_is_drift(odoo: Odoo, connected: Connectors, lead: int) -> None:
    plan = connected.plan("odoo_internal_note", {"model": "crm.lead", "id": lead, "text": "x"})
    del odoo.leads[lead]

    drift = connected.operation("odoo_internal_note").drift(plan)

    assert drift is not None and "gone" in drift.words


def test_steps_without_a_connection_show_what_was_asked(connect: Connect) -> None:
    plan = connect().plan("odoo_create_task", {"project": "Website", "name": "Draft", "deadline": "2026-03-01"})

    assert {one.label: one.after for one in plan.changes} == {
        "Project": "Website", "Title": "Draft", "Deadline": "2026-03-01",
    }  # fmt: skip
    assert not plan.reversible and "Odoo is not connected" in plan.warnings


def _params(connected: Connectors, plan: Plan, receipt: Receipt) -> dict[str, Any]:
    undoing = connected.operation(plan.operation).undo(plan, receipt.to_json())
    assert undoing is not None
    return dict(undoing.params)
