"""Proposing by hand: the form comes from the operation, the plan is seen first, and somebody else decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.actions.rules import ActionState, Risk
from core.actor import Actor, Role
from core.bootstrap import Application
from tests.pages.conftest import Visit
from tests.pages.test_inbox import words

MESSAGE = {
    "propose-email_send-to": "accounts@meridian.example.com\nsecond@meridian.example.com",
    "propose-email_send-subject": "About invoice 7",
    "propose-email_send-body": "Dear Ms Okafor,\n\nit is due.",
}


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Ravi")


def filled(screen: AppTest, **more: str) -> AppTest:
    for key, value in (MESSAGE | more).items():
        box = [*screen.text_input, *screen.text_area]
        next(one for one in box if one.key == key).set_value(value)
    return screen


def test_plan_is_seen_word_for_word_before_it_is_proposed_and_somebody_else_decides(
    app: Application, visit: Visit, operator: Actor, person: Callable[..., Actor]
) -> None:
    screen = filled(visit("propose", operator, operation="email_send"))
    assert "somebody else decides" in words(screen)
    screen.button(key="preview").click().run()
    assert not screen.exception
    shown = "\n".join(str(one.proto.body) for one in screen.get("html"))
    assert "second@meridian.example.com" in shown
    assert "except you" in words(screen)
    assert app.actions_queries.inbox(operator).total == 0, "a look keeps nothing"
    assert "About invoice 7" in (screen.text_input(key="propose-title").value or "")

    screen.text_input(key="propose-title").set_value("Remind Meridian of invoice 7")
    screen.button(key="propose").click().run()

    row = app.actions_queries.inbox(operator).rows[0]
    assert (row.title, row.risk, row.proposer_name) == ("Remind Meridian of invoice 7", Risk.MEDIUM, "Ravi")
    assert row.why_not_decide
    shown = "\n".join(str(one.proto.body) for one in screen.get("html"))
    assert "Remind Meridian of invoice 7</b> waits for a decision" in shown
    other = person(Role.OPERATOR)
    assert app.actions.approve(other, row.id, row.plan_digest) is ActionState.APPROVED


def test_what_was_changed_after_the_look_is_not_proposed_unseen(
    app: Application, visit: Visit, operator: Actor
) -> None:
    screen = filled(visit("propose", operator, operation="email_send"))
    screen.button(key="preview").click().run()
    screen.text_area(key="propose-email_send-body").set_value("Something else.").run()
    assert "Preview it again" in words(screen)
    assert "propose" not in [one.key for one in screen.button]
    assert app.actions_queries.inbox(operator).total == 0


def test_refusal_of_the_operation_is_shown_at_the_form_and_what_was_typed_stays(visit: Visit, operator: Actor) -> None:
    screen = filled(visit("propose", operator, operation="email_send"), **{"propose-email_send-to": "nobody"})
    screen.button(key="preview").click().run()
    assert "not an e-mail address" in words(screen)
    assert screen.text_area(key="propose-email_send-body").value == MESSAGE["propose-email_send-body"]
    assert "propose" not in [one.key for one in screen.button]


def test_address_that_names_no_operation_asks_for_one(visit: Visit, operator: Actor) -> None:
    screen = visit("propose", operator, operation="format_disk")
    assert not screen.exception
    assert screen.selectbox(key="operation").value is None


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def test_a_file_is_attached_and_seen_in_the_plan_before_it_is_proposed(
    app: Application, visit: Visit, operator: Actor
) -> None:
    screen = filled(visit("propose", operator, operation="email_send"))
    screen.file_uploader[0].upload("Offer.pdf", PDF, "application/pdf").run()
    screen.button(key="preview").click().run()

    assert not screen.exception
    shown = "\n".join(str(one.proto.body) for one in screen.get("html"))
    assert "Attachment 1" in shown and "Offer.pdf (application/pdf" in shown
    screen.button(key="propose").click().run()

    row = app.actions_queries.inbox(operator).rows[0]
    (attachment,) = app.actions_queries.card(operator, row.id).params["attachments"]
    assert attachment["name"] == "Offer.pdf"
    assert app.files_queries.content(operator, attachment["sha256"]).data == PDF
    card = visit("inbox", operator, card=str(row.id), show="all waiting")
    assert not card.exception
    assert any(one.proto.label == "Offer.pdf" for one in card.get("download_button"))


def test_a_file_that_is_not_what_its_name_says_is_refused_with_its_reason(
    app: Application, visit: Visit, operator: Actor
) -> None:
    screen = filled(visit("propose", operator, operation="email_send"))
    screen.file_uploader[0].upload("Offer.pdf", b"MZ not a document", "application/pdf").run()
    screen.button(key="preview").click().run()

    told = " ".join(one.value for one in screen.error)
    assert "Offer.pdf cannot be kept" in told and "was not taken" in told
    assert "preview-plan" not in str(screen.main)
    assert not app.settings.files_dir.exists()


def test_connection_is_asked_for_last_and_only_where_there_is_a_choice(
    app: Application, admin: Actor, visit: Visit
) -> None:
    values = {"url": "http://127.0.0.1:9", "login": "asha@example.com", "key": "k"}
    app.connections.add(admin, system="odoo", name="odoo-main", values=values)
    screen = visit("propose", admin, operation="odoo_move_stage")
    assert "Connection" not in [one.label for one in [*screen.selectbox, *screen.text_input]]

    app.connections.add(admin, system="odoo", name="odoo-second", values=values)
    screen = visit("propose", admin, operation="odoo_move_stage")
    (choice,) = [one for one in screen.selectbox if one.label == "Connection"]
    assert (choice.options, choice.value, choice.placeholder) == (["odoo-main", "odoo-second"], None, "The usual one")
