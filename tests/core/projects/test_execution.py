"""From approval to report: every item executed once by its channel, each failure its own, what was not approved not begun."""

from __future__ import annotations

from collections.abc import Callable

from core.bootstrap import Application
from tests.core.actions.gift import World
from tests.core.projects.conftest import Campaign, letter, post


def test_approved_project_is_executed_item_by_item(
    app: Application, campaign: Campaign, world: World, live: Callable[..., None]
) -> None:
    live("social")
    campaign.add(letter(1), letter(2), post(1))
    card = campaign.propose()
    shown = app.actions_queries.card(campaign.admin, card)
    assert shown.plan.summary == "Send 2 e-mails and publish 1 post for “Winter campaign”"
    campaign.approve(card)
    assert campaign.execute(card) == "executed"
    assert campaign.work() == ["executed"] * 3

    assert campaign.figures() == (3, 3, 0, 0)
    assert len(list(app.settings.outbox_dir.glob("*.eml"))) == 2 and len(world.given) == 1
    told = campaign.report()
    assert list(told) == [
        "project_id", "total_items_processed", "items_sent_successfully", "items_failed", "items_skipped",
        "channels_used", "errors", "execution_results",
    ]  # fmt: skip
    assert told["channels_used"] == ["email", "social"] and told["errors"] == []
    assert campaign.events() == [
        "execution.started", "execution.plan_fetched", "execution.email_executed", "execution.social_executed",
        "execution.completed",
    ]  # fmt: skip
    assert campaign.work() == [None] * 3 and len(world.given) == 1
    assert app.audit_queries.verify().fault is None
