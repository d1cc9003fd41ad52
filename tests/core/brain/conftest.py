"""An installation with an Odoo that really answers, and ways to let days pass and cards be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.engine.steps import InlineSteps
from core.settings import Settings
from tests.core.connectors.conftest import odoo_settings
from tests.doubles.odoo import Odoo, running_odoo

DAY = timedelta(days=1)


@pytest.fixture
def odoo() -> Iterator[Odoo]:
    with running_odoo() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, odoo: Odoo) -> Settings:
    return settings.model_copy(
        update={**odoo_settings(odoo), "execution_channels": frozenset({"email", "odoo"}), "execution_enabled": True,
                "execution_dry_run": False}
    )  # fmt: skip


def cards(app: Application) -> list[Action]:
    """Every card about what goes on in Odoo, the oldest first; reminders of those very cards are left out."""
    with app.database.reading() as session:
        found = session.scalars(select(Action).order_by(Action.proposed_at, Action.id))
        return [one for one in found if one.domains]


def states(app: Application) -> list[tuple[str, ActionState]]:
    return [(one.title, one.state) for one in cards(app)]


@pytest.fixture
def execute(app: Application, admin: Actor) -> Callable[[Action], None]:
    """Approves a card as its admin and does its attempt, as a worker would."""

    def act(card: Action) -> None:
        app.actions.approve(admin, card.id, card.plan_digest)
        app.action_execution.execute_action(InlineSteps(), str(card.id), 1)

    return act


def invoice(odoo: Odoo, due: str, open: float = 1200.0, **more: Any) -> int:
    values = {
        "name": f"INV/2026/{len(odoo.tables['account.move']) + 1:04}", "partner_id": 31, "invoice_date_due": due,
        "amount_total": open, "amount_residual": open, "amount_residual_signed": open, **more,
    }  # fmt: skip
    return odoo.add("account.move", **values)


def pass_days(clock: ManualClock, days: float) -> None:
    clock.advance(timedelta(days=days))
