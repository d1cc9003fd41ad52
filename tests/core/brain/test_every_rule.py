"""What holds for every rule there is, found by its place."""

from __future__ import annotations

import pytest

from core.actor import Actor
from core.bootstrap import Application
from core.brain.found import all_rules
from core.brain.rule import Rule
from core.brain.rules import FindingState, Last, Step, checked_settings, step_for
from core.brain.tables import BrainFinding
from core.clock import ManualClock
from tests.core.brain.conftest import DAY

every_rule = pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.name)
NOW = ManualClock().now()


def test_rules_are_found_by_their_place() -> None:
    assert set(all_rules()) == {
        "stalled_deals", "overdue_invoices", "failing_workflows", "low_success_segments", "waiting_decisions",
        "waiting_reviews",
    }  # fmt: skip


@every_rule
def test_rule_says_what_it_watches_and_its_defaults_are_allowed(rule: Rule) -> None:
    assert rule.watches.endswith(".") and "roposes" in rule.watches and rule.source in ("Odoo", "This installation")
    now = {"mode": "propose", "per_look": rule.per_look, "per_day": rule.per_day, "thresholds": rule.defaults}
    assert checked_settings(rule, {"thresholds": rule.defaults}, now)["thresholds"] == rule.defaults
    assert all(one.by_name or one.least <= one.default <= one.most for one in rule.thresholds)
    assert rule.per_look <= rule.per_day and rule.window >= DAY and rule.nouns[0] != rule.nouns[1]


@every_rule
def test_rule_looks_at_an_empty_installation_and_finds_nothing(app: Application, admin: Actor, rule: Rule) -> None:
    sight = rule.read(app.brain._sources, app.clock.now(), rule.defaults)
    assert rule.decide(sight.facts, app.clock.now(), rule.defaults) == []
    assert sight.whole and not sight.missed


@every_rule
def test_rule_only_reads(app: Application, admin: Actor, rule: Rule) -> None:
    """Its reading runs inside a transaction that PostgreSQL keeps from writing."""
    with app.database.reading():
        rule.read(app.brain._sources, app.clock.now(), rule.defaults)


def test_columns_hold_the_longest_of_what_rules_say() -> None:
    columns = BrainFinding.__table__.c
    assert columns.title.type.length == 200 and columns.key.type.length >= 300  # type: ignore[attr-defined]


# -- what is done with a finding ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "step"),
    [
        (None, Step.NEW),
        (Last(FindingState.NOTICED, "a", False, None, None), Step.RESUME),
        (Last(FindingState.CLAIMED, "a", False, None, None), Step.RESUME),
        (Last(FindingState.PROPOSED, "a", False, "pending", None), Step.OPEN),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "old", False, "pending", None), Step.REPLACE),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "old", False, "approved", None), Step.REPLACE),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "old", False, "executing", None), Step.OPEN),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "old", False, "unknown", None), Step.OPEN),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "a", False, "rejected", NOW - DAY), Step.QUIET),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "a", False, "rejected", NOW - 2 * DAY), Step.NEW),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "a", False, "expired", NOW - DAY), Step.QUIET),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "a", True, "expired", NOW - DAY), Step.NEW),  # type: ignore[arg-type]
        (Last(FindingState.PROPOSED, "a", False, None, NOW - DAY), Step.QUIET),
    ],
)
def test_same_thing_is_proposed_once_in_its_window(last: Last | None, step: Step) -> None:
    assert step_for(last, "a", NOW, 2 * DAY) is step
