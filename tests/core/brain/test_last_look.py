"""Right before a call the facts are looked at once more: what a person approved may have been settled since."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actor import Actor
from core.bootstrap import Application
from core.brain.queries import Became
from core.clock import ManualClock
from core.connectors.transports.calls import NotReached
from core.connectors.transports.odoo.client import OdooClient
from tests.core.brain.conftest import cards, invoice, pass_days
from tests.doubles.odoo import Odoo

Execute = Callable[[Action], None]


def test_invoice_paid_between_look_and_approval_is_not_reminded_of(
    app: Application, admin: Actor, odoo: Odoo, clock: ManualClock, execute: Execute
) -> None:
    record = invoice(odoo, "2026-01-01")
    app.brain.look()
    odoo.tables["account.move"][record] |= {"payment_state": "paid", "amount_residual": 0.0}

    execute(cards(app)[0])

    (card,) = cards(app)
    assert card.state is ActionState.FAILED and "took the card back" in (card.error or "")
    (row,), _ = app.brain_queries.findings(admin)
    assert row.became is Became.WITHDRAWN and row.gone_at is not None
    pass_days(clock, 0.1)
    app.brain.look()
    assert len(cards(app)) == 1


def test_amount_that_changed_after_the_look_is_proposed_anew_and_not_sent(
    app: Application, odoo: Odoo, clock: ManualClock, execute: Execute
) -> None:
    record = invoice(odoo, "2026-01-01")
    app.brain.look()
    odoo.tables["account.move"][record] |= {"amount_residual": 200.0, "payment_state": "partial"}

    execute(cards(app)[0])
    app.brain.look()

    old, new = cards(app)
    assert old.state is ActionState.FAILED
    assert new.state is ActionState.PENDING and "$200.00" in new.title


def test_reminder_waits_while_nobody_can_say_whether_it_was_paid(
    app: Application, odoo: Odoo, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice(odoo, "2026-01-01")
    app.brain.look()

    def dead(*_: object, **__: object) -> None:
        raise NotReached("the line is dead.")

    with monkeypatch.context() as patch:
        patch.setattr(OdooClient, "call", dead)
        execute(cards(app)[0])

    (card,) = cards(app)
    assert card.state is ActionState.APPROVED
    assert card.executed_at is None and "dead" in (card.error or "")
