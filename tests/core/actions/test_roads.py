"""A call that was begun before and left no receipt: by which road it goes decides whether it may be repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import update

from core.actions.rules import ActionState
from core.actions.tables import Action, Attempt
from core.actor import Actor
from core.bootstrap import Application
from core.guardrails.limits import ExecutionMode
from tests.core.actions.conftest import Execute, Propose
from tests.doubles.mail_server import MailServer, running_mail_server

LETTER = {"to": ["ravi@example.com"], "subject": "Reminder", "body": "Invoice 12 is due."}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def mail(app: Application, admin: Actor) -> Iterator[MailServer]:
    with running_mail_server() as server:
        values = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "desk@example.com"}
        app.connections.add(admin, system="smtp", name="desk", values=values)
        app.guardrails.set_mode(admin, ExecutionMode.ON)
        yield server
        app.connectors.close()


def begun(app: Application, action_id: UUID) -> None:
    """As a worker leaves it that was killed within its call."""
    with app.database.begin() as uow:
        uow.session.execute(update(Attempt).where(Attempt.action_id == action_id).values(called_at=uow.now))
        uow.session.execute(update(Action).where(Action.id == action_id).values(state=ActionState.EXECUTING))


def approved(app: Application, operator: Actor, propose: Propose, **params: object) -> UUID:
    action_id = propose(params={**LETTER, **params})
    row = app.actions_queries.card(operator, action_id).row
    app.actions.approve(operator, action_id, row.plan_digest)
    return action_id


def test_a_letter_to_the_outbox_is_written_again_and_one_to_a_server_is_for_a_person(
    app: Application, operator: Actor, mail: MailServer, propose: Propose, execute: Execute
) -> None:
    kept = approved(app, operator, propose, account="outbox")
    begun(app, kept)
    assert execute(kept) == ActionState.EXECUTED.value
    assert len(list(app.settings.outbox_dir.glob("*.eml"))) == 1 and mail.accepted == []

    sent = approved(app, operator, propose)
    begun(app, sent)
    assert execute(sent) == ActionState.UNKNOWN.value
    assert mail.handed_over == 0


def test_an_approved_letter_goes_through_its_connection_with_its_attachment(
    app: Application, operator: Actor, mail: MailServer, propose: Propose, execute: Execute
) -> None:
    sha256 = app.files.keep(operator, "Offer.pdf", PDF).sha256
    assert sha256 == hashlib.sha256(PDF).hexdigest()
    action_id = approved(app, operator, propose, attachments=[{"name": "Offer.pdf", "sha256": sha256}])

    assert execute(action_id) == ActionState.EXECUTED.value

    ((_, message),) = mail.accepted
    (attachment,) = message.iter_attachments()
    assert message["From"] == "desk@example.com" and attachment.get_content() == PDF


def test_a_connection_that_was_switched_off_meanwhile_sends_nothing(
    app: Application, admin: Actor, operator: Actor, mail: MailServer, propose: Propose, execute: Execute
) -> None:
    action_id = approved(app, operator, propose)
    app.connections.switch(admin, "desk", on=False, because="moving house")

    assert execute(action_id) == ActionState.FAILED.value
    assert mail.handed_over == 0 and not list(app.settings.outbox_dir.glob("*.eml"))
