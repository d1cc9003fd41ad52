"""Pausing and cancelling are exact: when they return, no further call begins, however many workers are at it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import func, select

from core.actions.tables import Attempt
from core.actor import Actor
from core.bootstrap import Application
from core.engine.steps import InlineSteps
from core.projects.tables import ProjectItem
from tests.core.actions.gift import World
from tests.core.projects.conftest import Campaign, letter, post

ITEMS, WORKERS = 30, 4


def calls(campaign: Campaign) -> int:
    """How many calls of its items have begun."""
    query = (
        select(func.count(Attempt.id))
        .join(ProjectItem, ProjectItem.action_id == Attempt.action_id)
        .where(ProjectItem.project_id == campaign.id, Attempt.called_at.is_not(None))
    )
    with campaign.app.database.reading() as session:
        return session.scalar(query) or 0


@pytest.mark.parametrize("what", ["pause", "cancel"])
def test_no_call_begins_after_it(
    app: Application, campaign: Campaign, world: World, live: Callable[..., None], admin: Actor, what: str
) -> None:
    live("social")
    under_way, told = Event(), Event()

    def look(_plan: object, _key: str) -> None:
        """From the sixth call on each waits until whoever stops them has been answered."""
        if len(world.given) >= 5:
            under_way.set()
            told.wait(30)

    world.before_call = look
    campaign.add(*(post(n) for n in range(ITEMS)))
    campaign.start()
    run = app.project_execution.execute_item
    with ThreadPoolExecutor(WORKERS) as pool:
        working = [pool.submit(run, InlineSteps(), *one) for one in campaign.waiting()]
        assert under_way.wait(30)
        getattr(app.projects, what)(admin, campaign.id)
        begun = calls(campaign)
        told.set()
        for one in working:
            one.result()
    assert calls(campaign) == begun == len(world.given) < ITEMS
    total, sent, failed, skipped = campaign.figures()
    assert (sent, failed) == (begun, 0)
    assert skipped == (ITEMS - begun if what == "cancel" else 0) and total == sent + skipped


def test_same_item_in_four_hands_is_done_once(app: Application, campaign: Campaign) -> None:
    campaign.add(letter(1))
    campaign.start()
    (one,) = campaign.waiting()
    with ThreadPoolExecutor(WORKERS) as pool:
        done = [pool.submit(app.project_execution.execute_item, InlineSteps(), *one) for _ in range(WORKERS)]
        for each in done:
            each.result()
    assert len(list(app.settings.outbox_dir.glob("*.eml"))) == 1
    assert campaign.figures() == (1, 1, 0, 0)


def test_two_who_start_one_project_start_it_once(app: Application, campaign: Campaign) -> None:
    campaign.add(letter(1), letter(2))
    card = campaign.propose()
    campaign.approve(card)
    plan = app.actions_queries.card(campaign.admin, card).plan
    operation, key = app.connectors.operation("execute_plan"), f"{card}:{plan.digest[:16]}"
    with ThreadPoolExecutor(WORKERS) as pool:
        told = [pool.submit(operation.execute, plan, key) for _ in range(WORKERS)]
        references = {one.result().reference for one in told}
    assert len(references) == 1 and None not in references
    assert len(campaign.waiting()) == 2
