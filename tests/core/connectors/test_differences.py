"""What another version of a plan does differently, field by field."""

from __future__ import annotations

from dataclasses import replace

from core.connectors.plan import Change, Message, Plan, differences

LETTER = Plan(
    operation="email_send", account="the outbox", summary="Send “Hello”", request={"to": ["a@example.com"]},
    message=Message("us@example.com", ("a@example.com",), "Hello", "Good morning."),
)  # fmt: skip
UPDATE = Plan(
    operation="odoo_update", account="Odoo", summary="Change Phone", request={},
    changes=(Change("phone", "Phone", "1", "2"), Change("name", "Name", "A", "B")),
)  # fmt: skip


def test_same_plan_differs_in_nothing() -> None:
    assert differences(LETTER, LETTER) == ()
    assert differences(UPDATE, UPDATE) == ()


def test_letter_differs_by_recipients_subject_and_text() -> None:
    assert LETTER.message
    other = replace(LETTER, message=replace(LETTER.message, recipients=("b@example.com",), text="Good evening."))

    assert differences(LETTER, other) == (
        Change("message.recipients", "To", ("a@example.com",), ("b@example.com",)),
        Change("message.text", "Message", "Good morning.", "Good evening."),
    )


def test_values_are_added_removed_and_changed() -> None:
    other = replace(UPDATE, changes=(Change("phone", "Phone", "1", "3"), Change("stage", "Stage", None, "Won")))

    assert differences(UPDATE, other) == (
        Change("phone", "Phone", "2", "3"),
        Change("name", "Name", "B", None),
        Change("stage", "Stage", None, "Won"),
    )


def test_plans_that_show_no_values_differ_by_their_parameters() -> None:
    search = replace(UPDATE, changes=(), request={"limit": 1})
    assert differences(search, replace(search, request={"limit": 2})) == (
        Change("request", "Parameters", {"limit": 1}, {"limit": 2}),
    )
