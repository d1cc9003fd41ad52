"""The inbox as an operator uses it: read, approve once, be told why not."""

from __future__ import annotations

import json
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


# -- following what others do ----------------------------------------------------------------------------------------


def tick(screen: AppTest) -> AppTest:
    """What the page does by itself every second or so, as one whole run."""
    return screen.run()


def test_card_that_somebody_else_decided_stays_open_and_says_who(
    app: Application, visit: Visit, operator: Actor, person: Callable[..., Actor]
) -> None:
    card, other = propose(app), propose(app, "Thank Kavita Traders")
    screen = visit("inbox", operator, card=str(card))
    mina = person(Role.OPERATOR, name="Mina")
    app.actions.approve(mina, card, app.actions_queries.card(mina, card).row.plan_digest)

    tick(screen)
    assert "Mina approved this while you had it open" in words(screen)
    assert "1 decision waits for you" in words(screen)
    screen.button(key="next").click().run()
    assert approve_button(screen, other).disabled is False
    assert "while you had it open" not in words(screen)


def test_plan_that_somebody_else_changed_says_so_and_shows_the_difference(
    app: Application, visit: Visit, operator: Actor, person: Callable[..., Actor]
) -> None:
    card = propose(app)
    screen = visit("inbox", operator, card=str(card))
    stale = approve_button(screen, card)
    edit = {
        "to": ["accounts@meridian.example.com", "cfo@meridian.example.com"],
        "subject": "Reminder",
        "body": "Dear all,",
    }
    app.actions.edit(person(Role.OPERATOR), card, edit, expected_version=1)

    stale.click().run()
    assert "The plan has changed since you opened it" in words(screen)
    assert app.actions_queries.progress([card])[card].state is ActionState.PENDING
    shown = html_of(screen)
    assert "added: </span>cfo@meridian.example.com" in shown
    assert "removed: </span>Dear Ms Okafor," in shown
    assert "The plan was changed while you had it open" in words(screen)


def test_editor_is_told_kindly_that_somebody_else_decides(
    app: Application, visit: Visit, operator: Actor, person: Callable[..., Actor]
) -> None:
    person(Role.OPERATOR)
    card = propose(app)
    edit = {"to": ["accounts@meridian.example.com"], "subject": "Reminder", "body": "Dear all,"}
    app.actions.edit(operator, card, edit, expected_version=1)
    screen = visit("inbox", operator, card=str(card))
    assert approve_button(screen, card).disabled
    assert "You edited this plan, so somebody else decides" in words(screen)


# -- filters in the address ------------------------------------------------------------------------------------------


def test_address_holds_the_filters_and_what_it_cannot_mean_is_nothing(
    app: Application, visit: Visit, operator: Actor
) -> None:
    urgent = propose(app, priority=Priority.CRITICAL)
    propose(app, "Thank Kavita Traders")
    screen = visit("inbox", operator, priority="critical,nonsense", show="All waiting", sort="newest", q="meridian")
    assert not screen.exception
    assert "1 card: all waiting." in words(screen)
    assert approve_button(screen, urgent)

    screen = visit("inbox", operator, by="Nobody Known", today="perhaps", operation="format_disk", page="-3")
    assert not screen.exception
    assert "0 decisions wait for you" in words(screen)


def test_changed_filter_is_written_into_the_address_and_begins_at_the_first_page(
    app: Application, visit: Visit, operator: Actor
) -> None:
    for number in range(25):
        propose(app, f"Send reminder {number}")
    screen = visit("inbox", operator, page="2")
    assert len(rows_of(screen)) == 5
    screen.text_input(key="q").set_value("reminder 1").run()
    assert screen.query_params["q"] == "reminder 1"
    assert "page" not in screen.query_params
    assert len(rows_of(screen)) == 11
    assert len(rows_of(visit("inbox", operator, page="99"))) == 20, "a page that is not there is the first"
    screen.selectbox(key="show").set_value("snoozed").run()
    assert screen.query_params["show"] == "snoozed"
    assert "No card matches" in words(screen)


def test_closed_card_says_who_waits_how_long_for_whom_and_why_the_last_attempt_failed(
    app: Application, visit: Visit, operator: Actor, clock: ManualClock
) -> None:
    propose(app, impact={"revenue_change": {"value": "4200", "currency": "INR"}})
    clock.advance(timedelta(hours=3))
    (row,) = rows_of(visit("inbox", operator))
    assert row["quiet"] == "Ledger agent · waits 3 h"
    assert row["figure"] == "+₹4,200"
    assert row["facts"] == ["low risk", "expires in 21 h"]
    assert (row["locked"], row["waits"], row["failed"]) == ("", "", "")


# -- deciding together -----------------------------------------------------------------------------------------------


def picked(screen: AppTest, *cards: UUID) -> AppTest:
    screen.session_state["cards-picked"] = tuple(str(card) for card in cards)
    return screen.run()


def test_like_cards_are_approved_together_each_with_its_own_result(
    app: Application, visit: Visit, operator: Actor, person: Callable[..., Actor]
) -> None:
    mine, taken, changed = (propose(app, f"Send reminder {number}") for number in range(3))
    screen = picked(visit("inbox", operator), mine, taken, changed)
    assert "3 selected" in words(screen)
    screen.button(key="batch-approve").click().run()
    shown = html_of(screen)
    assert "Send reminder 0" in shown and "accounts@meridian.example.com" in shown and "low risk" in shown

    mina = person(Role.OPERATOR, name="Mina")
    app.actions.approve(mina, taken, app.actions_queries.card(mina, taken).row.plan_digest)
    edit = {"to": ["accounts@meridian.example.com"], "subject": "Other", "body": "Other"}
    app.actions.edit(mina, changed, edit, expected_version=1)
    screen.text_area(key="batch-reason").set_value("All of them are overdue.")
    screen.button(key="batch-confirm").click().run()

    assert not screen.exception
    results = {one.id: one for one in screen.session_state["_batch_results"]}
    assert "Mina approved this" in results[taken].error
    assert "The plan has changed since you opened it" in results[changed].error
    states = app.actions_queries.progress([mine, taken, changed])
    assert states[mine].state is ActionState.APPROVED
    assert states[taken].attempts == 1
    assert states[changed].state is ActionState.PENDING, "only what was shown is approved"
    assert app.actions_queries.card(operator, mine).decision_reason == "All of them are overdue."


def test_different_operations_are_not_decided_together(app: Application, visit: Visit, operator: Actor) -> None:
    mail = propose(app)
    search = app.actions.propose(
        AGENT, "odoo_search", {"model": "res.partner", "fields": ["name"]}, title="Read the partners"
    )
    screen = picked(visit("inbox", operator), mail, search)
    assert screen.button(key="batch-approve").disabled
    assert "Different operations are decided one by one" in words(screen)
    screen.button(key="batch-alike").click().run()
    assert not screen.button(key="batch-approve").disabled


def test_card_of_ones_own_is_left_out_of_a_batch(app: Application, visit: Visit, operator: Actor) -> None:
    message = {"to": ["a@example.com"], "subject": "Hello", "body": "Hello"}
    own, agents = app.actions.propose(operator, "email_send", message, title="Send hello"), propose(app)
    screen = picked(visit("inbox", operator, show="all waiting"), own, agents)
    assert "1 of them is not yours to decide" in words(screen)
    assert screen.button(key="batch-approve").label == "Approve 1 together…"


# -- snoozing --------------------------------------------------------------------------------------------------------


def test_snoozed_card_leaves_the_inbox_until_the_time_that_was_chosen(
    app: Application, visit: Visit, operator: Actor, clock: ManualClock
) -> None:
    card = propose(app)
    app.actions.snooze(operator, card, clock.now() + timedelta(hours=2))
    assert "Nothing waits for you" in words(visit("inbox", operator))
    screen = visit("inbox", operator, show="snoozed")
    (row,) = rows_of(screen)
    assert "back in 2 h" in row["facts"]
    clock.advance(timedelta(hours=2, minutes=1))
    assert "1 decision waits for you" in words(visit("inbox", operator))


def html_of(screen: AppTest) -> str:
    return "\n".join(str(one.proto.body) for one in screen.get("html"))


def rows_of(screen: AppTest) -> list[dict[str, Any]]:
    """The closed cards as the list component was given them."""
    (component,) = screen.get("bidi_component")
    return list(json.loads(component.proto.json)["cards"])
