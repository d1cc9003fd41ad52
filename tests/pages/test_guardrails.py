"""Guardrails as an admin reads them: in words, with the switch on top, the rules tried on a card, and what was stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.guardrails import service as guardrails
from core.guardrails.hours import BusinessHours
from core.guardrails.queries import RecordRow
from core.guardrails.rules import Evaluation, ExecutionMode, Facts, Judgement, Stage, Usage, evaluate
from core.guardrails.values import Rate
from pages.components.guardrail_words import GROUPS, MUCH, RUN, WHEN, WHO, differences, lines_of
from pages.components.rules_view import RULE_NAMES, STAGE_NAMES, summary
from tests.core.guardrails.conftest import NOW, facts, limits
from tests.pages.conftest import Visit

SCOUT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")


def html(screen: AppTest) -> str:
    return "\n".join(str(one.proto.body) for one in screen.get("html"))


def propose(app: Application, title: str = "Say <hello>") -> UUID:
    params = {"to": ["ravi@example.com"], "subject": "Hello", "body": "Hello"}
    return app.actions.propose(SCOUT, "email_send", params, title=title)


def test_policy_is_read_in_words(app: Application, admin: Actor, visit: Visit) -> None:
    app.guardrails.change(admin, {"amounts": {"USD": "500"}, "denied_recipients": ["evil.example"]})
    screen = visit("guardrails", admin)
    assert "Only what stays on this machine is executed" in screen.markdown[0].value
    words = html(screen)
    for said in ("At most 10", "At most $500.00 an action; other currencies stop", "email: at most 1 in 4 hours",
                 "Not again within 24 hours", "Any hour of any day", "evil.example", "people approve everything"):  # fmt: skip
        assert said in words


def test_switch_is_one_click_and_says_who(app: Application, admin: Actor, visit: Visit) -> None:
    screen = visit("guardrails", admin)
    screen.button(key="mode-off").click().run()
    assert app.guardrails_queries.current().mode is ExecutionMode.OFF
    assert "Set by Asha just now" in screen.markdown[0].value
    assert not any(button.key == "mode-off" for button in screen.button)
    screen.button(key="mode-preview").click().run()
    assert app.guardrails_queries.current().mode is ExecutionMode.PREVIEW


def test_going_live_is_asked_twice(app: Application, admin: Actor, visit: Visit) -> None:
    screen = visit("guardrails", admin)
    screen.button(key="go-live").click().run()
    assert app.guardrails_queries.current().mode is ExecutionMode.PREVIEW
    assert any("for real" in line.value for line in screen.markdown)


def test_damaged_policy_is_said_with_the_way_out(app: Application, admin: Actor, visit: Visit) -> None:
    app.guardrails.ensure()
    with app.database.begin() as uow:
        uow.session.execute(text("UPDATE guardrails SET policy = '{}'"))
    screen = visit("guardrails", admin)
    assert "Everything stops until you save a group" in screen.error[0].value
    assert not screen.exception


def test_waiting_card_is_tried_on_the_guardrails(app: Application, admin: Actor, visit: Visit) -> None:
    action_id = propose(app)
    app.guardrails.change(admin, {"channels": ["odoo"]})
    screen = visit("guardrails", admin)
    screen.selectbox(key="try").set_value(str(action_id)).run()
    assert not screen.exception
    assert "The channel email is closed" in html(screen)


def test_refusals_are_listed_with_their_reason(app: Application, admin: Actor, visit: Visit) -> None:
    action_id = propose(app)
    app.guardrails.change(admin, {"channels": []})
    for subject in (f"action:{action_id}", f"action:{UUID(int=7)}", "something else"):
        with app.database.begin() as uow:
            guardrails.judge(uow, app.settings, facts(), stage=Stage.APPROVAL, subject=subject, actor=admin)
    assert not visit("guardrails", admin).exception


def test_operators_find_no_guardrails_page(person: Callable[..., Actor], visit: Visit) -> None:
    assert visit("guardrails", person(Role.OPERATOR)).title[0].value == "Not your page"


# -- words ----------------------------------------------------------------------------------------------------------


def test_every_guardrail_has_a_line_that_moves_with_it() -> None:
    usual = limits(automatic_operations=frozenset({"email_send"}))
    for group, change in (
        (RUN, {"channels": frozenset({"odoo"})}), (RUN, {"operations": frozenset({"email_send"})}),
        (RUN, {"models": frozenset({"crm.lead"})}), (RUN, {"denied_models": frozenset()}),
        (MUCH, {"max_recipients": 3}), (MUCH, {"amounts": {"USD": Decimal(5)}}),
        (MUCH, {"channel_rates": {"email": Rate(20, 90)}}), (MUCH, {"recipient_rates": {}}),
        (MUCH, {"duplicate_hours": 0}), (WHEN, {"expiry_hours": 1}),
        (WHEN, {"hours": BusinessHours("UTC", frozenset({0}), time(8), time(9))}),
        (WHO, {"four_eyes": False}), (WHO, {"allowed_recipients": frozenset({"example.com"})}),
        (WHO, {"denied_recipients": frozenset({"example.com"})}), (WHO, {"automatic": True}),
    ):  # fmt: skip
        changed = replace(usual, **change)
        said = differences(usual, changed, group, {})
        assert said.count("(was: ") == 1, (change, said)
        for other in GROUPS:
            if other is not group:
                assert lines_of(changed, other, {}) == lines_of(usual, other, {})
    assert "Nothing is different" in differences(usual, usual, RUN, {})
    assert "email: at most 20 in 90 minutes" in differences(
        usual, replace(usual, channel_rates={"email": Rate(20, 90)}), MUCH, {}
    )


# -- what the rules say of a card -----------------------------------------------------------------------------------


def _page(evaluation: Evaluation | None, records: list[RecordRow]) -> AppTest:
    def draw(evaluation, records):  # type: ignore[no-untyped-def]  # its text alone is run, without this module
        from datetime import UTC

        from pages.components.rules_view import show_rules

        show_rules(evaluation, records, UTC)

    screen = AppTest.from_function(draw, kwargs={"evaluation": evaluation, "records": records}).run()
    assert not screen.exception
    return screen


@pytest.mark.parametrize(
    ("about", "usage", "said"),
    [
        (facts(), Usage(), "Nothing stops it: 15 rules pass"),
        (facts(recipients=("<b>a</b>@example.com",) * 2), Usage(same=NOW), "The same was done on"),
        (facts(), Usage(recipients={"ravi@example.com": NOW}), "Until 5 Jan 2026, 13:00."),
    ],
)
def test_rules_are_shown_as_passed_waiting_or_stopped(about: Facts, usage: Usage, said: str) -> None:
    evaluation = evaluate(limits(), about, usage)
    record = RecordRow("action:1", Stage.APPROVAL, NOW, 3, evaluation.judgement, evaluation.verdicts, "Asha <i>")
    shown = html(_page(evaluation, [record]))
    assert said in shown and "When approved" in shown and "revision 3" in shown
    assert "<b>a</b>" not in shown and "<i>" not in shown


def test_card_whose_operation_is_gone_says_so() -> None:
    assert "not installed any more" in html(_page(None, []))


def test_every_rule_and_stage_has_a_name() -> None:
    assert {one.rule for one in evaluate(limits(), facts()).verdicts} == set(RULE_NAMES)
    assert set(STAGE_NAMES) == set(Stage)


def test_summary_is_one_line() -> None:
    stopped = evaluate(limits(channels=frozenset()), facts())
    assert summary(stopped.verdicts, UTC) == "Stopped by channel"
    assert stopped.judgement is Judgement.STOP and stopped.wait_until is None
    later = evaluate(limits(), facts(expires_at=NOW + timedelta(days=2)), Usage(recipients={"ravi@example.com": NOW}))
    assert later.wait_until == NOW + timedelta(hours=4)
