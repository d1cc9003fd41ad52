"""The inbox as an operator uses it: read, approve once, be told why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from core.actions.rules import ActionState, Priority
from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.guardrails.rules import ExecutionMode
from tests.pages.conftest import Visit

AGENT = Actor(ActorKind.AGENT, "ledger-agent", "Ledger agent", scopes=frozenset({"propose"}))


def propose(app: Application, title: str = "Send reminder 2 to Meridian Ltd", **more: Any) -> UUID:
    message = {
        "to": ["accounts@meridian.example.com"],
        "subject": "Reminder",
        "body": "Dear Ms Okafor,\n<b>pay</b> *now*",
    }
    return app.actions.propose(AGENT, "email_send", message, title=title, **more)


def words(screen: AppTest) -> str:
    shown = [*screen.markdown, *screen.info, *screen.error, *screen.warning, *screen.caption]
    return "\n".join(str(element.value) for element in shown)


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Ravi")


def approve_button(screen: AppTest, card: UUID) -> Any:
    return screen.button(key=f"approve-{card}")


def test_most_urgent_card_is_open_with_the_whole_message(app: Application, visit: Visit, operator: Actor) -> None:
    propose(app, "Thank Kavita Traders")
    urgent = propose(app, priority=Priority.CRITICAL)
    screen = visit("inbox", operator)
    assert not screen.exception
    assert "2 decisions wait for you" in words(screen)
    assert approve_button(screen, urgent).disabled is False


def test_one_click_approves_and_a_second_one_is_no_news(app: Application, visit: Visit, operator: Actor) -> None:
    card = propose(app)
    screen = visit("inbox", operator)
    button = approve_button(screen, card)
    button.click().run()
    assert app.actions_queries.progress([card])[card].state is ActionState.APPROVED
    assert screen.button(key="executing").disabled

    stale = visit("inbox", operator)  # a tab opened before, clicking the same version again
    assert not stale.exception
    assert app.actions_queries.progress([card])[card].attempts == 1


def test_the_second_of_two_people_reads_who_was_first(
    app: Application, visit: Visit, operator: Actor, person: Callable[..., Actor]
) -> None:
    card = propose(app)
    screen = visit("inbox", operator)
    digest = app.actions_queries.card(operator, card).row.plan_digest
    app.actions.approve(person(Role.OPERATOR, name="Mina"), card, digest)

    approve_button(screen, card).click().run()
    assert not screen.error
    assert any("Mina approved this" in str(info.value) for info in screen.info)


def test_card_that_may_not_run_says_which_rule_and_cannot_be_approved(
    app: Application, admin: Actor, visit: Visit, operator: Actor
) -> None:
    card = propose(app)
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    screen = visit("inbox", operator)
    assert approve_button(screen, card).disabled
    assert "Execution was stopped by Asha" in words(screen)


def test_proposer_sees_the_card_and_cannot_decide_it(app: Application, visit: Visit, operator: Actor) -> None:
    message = {"to": ["a@example.com"], "subject": "Hello", "body": "Hello"}
    card = app.actions.propose(operator, "email_send", message, title="Send hello")
    screen = visit("inbox", operator, show="all waiting")
    assert approve_button(screen, card).disabled
    assert "You proposed this, so somebody else decides" in words(screen)


def test_expired_card_is_refused_in_words(app: Application, visit: Visit, operator: Actor, clock: ManualClock) -> None:
    card = propose(app, expires_in=timedelta(hours=1))
    screen = visit("inbox", operator, card=str(card))
    clock.advance(timedelta(hours=2))
    approve_button(screen, card).click().run()
    assert "expired" in words(screen)
    assert app.actions_queries.progress([card])[card].attempts == 0


def test_hostile_title_is_shown_as_text(app: Application, visit: Visit, operator: Actor) -> None:
    propose(app, "<img src=x onerror=alert(1)> [click](javascript:alert(1)) **bold**")
    screen = visit("inbox", operator)
    heading = next(str(element.value) for element in screen.header if "onerror" in str(element.value))
    assert r"\<img" in heading
    assert r"\[click\]" in heading


def test_card_that_is_gone_is_said_in_words(visit: Visit, operator: Actor) -> None:
    screen = visit("inbox", operator, card="01999999-0000-7000-8000-000000000000")
    assert not screen.exception
    assert "gone" in words(screen)


def test_empty_inbox_teaches(visit: Visit, operator: Actor) -> None:
    assert "Nothing waits for you" in words(visit("inbox", operator))
