"""Each rule lets through what it should and stops what it should, in words; more limits never allow more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.guardrails.hours import BusinessHours
from core.guardrails.rules import Evaluation, ExecutionMode, Facts, Judgement, Limits, Usage, Verdict, evaluate
from core.guardrails.values import Rate
from tests.core.guardrails.conftest import NOW, facts, limits

RULES = (
    "policy", "mode", "channel", "operation", "model", "amounts", "recipients", "recipient_lists",
    "channel_rate", "recipient_rate", "hours", "duplicate", "expiry", "reviews", "automatic",
)  # fmt: skip
LEAD: dict[str, Any] = {"operation": "odoo_create", "channel": "odoo", "model": "crm.lead", "recipients": ()}
MONDAY_TO_FRIDAY = frozenset(range(5))


def verdict(rule: str, evaluation: Evaluation) -> Verdict:
    return next(one for one in evaluation.verdicts if one.rule == rule)


def test_every_rule_says_something_in_one_order_and_sound_work_passes() -> None:
    evaluation = evaluate(limits(), facts())
    assert tuple(one.rule for one in evaluation.verdicts) == RULES
    assert evaluation.stop is None and evaluation.wait_until is None
    assert all(one.judgement is Judgement.PASS and one.words.endswith(".") and one.input for one in evaluation.verdicts)
    assert evaluation.revision == 3


STOPS: tuple[tuple[str, dict[str, Any], dict[str, Any], str], ...] = (
    ("policy", {"damaged": "Amount limits: it is missing"}, {}, "cannot be understood"),
    ("mode", {"mode": ExecutionMode.OFF}, {}, "stopped by Asha at 09:00 UTC"),
    ("mode", {"mode": ExecutionMode.OFF}, {"leaves_machine": False, "effect": "read"}, "stopped by Asha"),
    ("mode", {"mode": ExecutionMode.PREVIEW}, {}, "nothing leaves this machine"),
    ("channel", {"channels": frozenset({"odoo"})}, {}, "channel email is closed"),
    ("channel", {"channels": frozenset()}, {"effect": "read"}, "channel email is closed"),
    ("operation", {"operations": frozenset({"odoo_search"})}, {}, "not among the allowed operations"),
    ("operation", {"operations": frozenset()}, {"effect": "read"}, "not among the allowed operations"),
    ("operation", {}, {"blocked_by": ("Finance", "Legal")}, "blocked by Finance and Legal, whoever approves"),
    ("model", {}, {**LEAD, "model": "res.users"}, "res.users is denied"),
    ("model", {}, {**LEAD, "model": "ir.cron"}, "ir.* is denied"),
    ("model", {}, {**LEAD, "model": " IR.Config_Parameter "}, "ir.* is denied"),
    ("model", {"models": frozenset({"sale.*"})}, LEAD, "crm.lead is not among the allowed models"),
    ("model", {"models": frozenset({"res.users"})}, {**LEAD, "model": "res.users"}, "res.users is denied"),
    ("model", {"models": frozenset({"crm.*"})}, {**LEAD, "model": "crmx.lead"}, "not among the allowed"),
    ("amounts", {"amounts": {"USD": Decimal(500)}}, {"amounts": ((Decimal("500.01"), "USD"),)}, "at most 500 USD"),
    ("amounts", {"amounts": {"USD": Decimal(500)}}, {"amounts": ((Decimal(-501), "USD"),)}, "at most 500 USD"),
    ("amounts", {"amounts": {"USD": Decimal(500)}}, {"amounts": ((Decimal(1), "EUR"),)}, "no limit for EUR"),
    ("amounts", {"amounts": {"USD": Decimal(500)}},
     {"amounts": ((Decimal(300), "USD"), (Decimal(300), "USD"))}, "moves 600 USD"),
    ("amounts", {"amounts": {"USD": Decimal(500)}}, {"amounts": ((Decimal("NaN"), "USD"),)}, "no amount"),
    ("recipients", {"max_recipients": 1}, {"recipients": ("a@b.example", "c@d.example")}, "2 recipients, and at most 1"),
    ("recipient_lists", {"denied_recipients": frozenset({"example.com"})}, {}, "example.com is denied"),
    ("recipient_lists", {"denied_recipients": frozenset({"example.com"})},
     {"recipients": ("Ravi@Mail.EXAMPLE.com",)}, "ravi@mail.example.com may not be written to"),
    ("recipient_lists", {"denied_recipients": frozenset({"ravi@example.com"}),
     "allowed_recipients": frozenset({"example.com"})}, {}, "ravi@example.com is denied"),
    ("recipient_lists", {"allowed_recipients": frozenset({"example.org"})}, {}, "not among the allowed recipients"),
    ("recipient_lists", {"allowed_recipients": frozenset({"example.com"})},
     {"recipients": ("ravi@example.com", "eve@notexample.com")}, "eve@notexample.com is not among"),
    ("duplicate", {}, {}, "The same was done on 2026-01-05 08:00 UTC"),
    ("expiry", {}, {"expires_at": NOW}, "expired on 2026-01-05 09:00 UTC"),
    ("reviews", {}, {"missing_reviews": ("Finance",)}, "needs the review of Finance"),
    ("automatic", {}, {"automatic": True}, "automatic approval is off"),
    ("automatic", {"automatic": True}, {"automatic": True}, "not listed"),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "policy", "about", "words"), STOPS)
def test_rule_stops_and_says_why(rule: str, policy: dict[str, Any], about: dict[str, Any], words: str) -> None:
    done_before = Usage(same=NOW - timedelta(hours=1)) if rule == "duplicate" else Usage()
    evaluation = evaluate(limits(**policy), facts(**about), done_before)
    assert evaluation.stop is not None
    assert verdict(rule, evaluation).stops
    assert words in verdict(rule, evaluation).words
    assert not evaluation.allows_automatic and evaluation.wait_until is None


PASSES: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("mode", {"mode": ExecutionMode.PREVIEW}, {"leaves_machine": False}),
    ("operation", {"operations": frozenset({"email_send"})}, {}),
    ("model", {"models": frozenset({"crm.*", "res.partner"})}, LEAD),
    ("model", {"denied_models": frozenset()}, {**LEAD, "model": "res.users"}),
    ("model", {}, {**LEAD, "model": "ir.cron", "effect": "read"}),
    ("model", {}, {**LEAD, "model": "irrigation.plan"}),
    ("amounts", {"amounts": {"USD": Decimal(500)}}, {"amounts": ((Decimal(500), "USD"),)}),
    ("amounts", {}, {"amounts": ((Decimal(10) ** 9, "USD"),)}),
    ("recipients", {"max_recipients": 1}, {}),
    ("recipient_lists", {"allowed_recipients": frozenset({"example.com"})}, {"recipients": ("a@mail.example.com",)}),
    ("recipient_lists", {"allowed_recipients": frozenset({"ravi@example.com"})}, {}),
    ("recipient_lists", {"denied_recipients": frozenset({"ample.com"})}, {}),
    ("recipient_lists", {"allowed_recipients": frozenset({"example.com"})}, {"recipients": ()}),
    ("reviews", {}, {}),
    ("automatic", {"automatic": True, "automatic_operations": frozenset({"email_send"})}, {"automatic": True}),
)


@pytest.mark.parametrize(("rule", "policy", "about"), PASSES)
def test_rule_lets_through_what_it_should(rule: str, policy: dict[str, Any], about: dict[str, Any]) -> None:
    evaluation = evaluate(limits(**policy), facts(**about))
    assert verdict(rule, evaluation).judgement is Judgement.PASS
    assert evaluation.stop is None


@pytest.mark.parametrize(
    "about",
    [{"risk": "medium"}, {"risk": "unheard of"}, {"effect": "financial"}, {"effect": "unheard of"},
     {"amounts": ((Decimal(0), "USD"),)}, {"operation": "odoo_create", "channel": "odoo"},
     {"expires_at": NOW}, {"missing_reviews": ("Finance",)}],
)  # fmt: skip
def test_nothing_but_low_risk_without_money_is_approved_by_rule(about: dict[str, Any]) -> None:
    policy = limits(automatic=True, automatic_operations=frozenset({"email_send"}))
    assert evaluate(policy, facts()).allows_automatic
    assert not evaluate(policy, facts(**about)).allows_automatic
    assert evaluate(policy, facts(automatic=True, **about)).stop is not None
    assert not evaluate(replace(policy, automatic=False), facts()).allows_automatic


def test_what_has_to_wait_is_not_approved_by_rule() -> None:
    policy = limits(automatic=True, automatic_operations=frozenset({"email_send"}))
    evaluation = evaluate(policy, facts(), Usage(recipients={"ravi@example.com": NOW}))
    assert evaluation.wait_until is not None and not evaluation.allows_automatic


def test_rates_make_work_wait_until_the_window_has_passed() -> None:
    policy = limits(channel_rates={"email": Rate(20, 60)})
    channel = evaluate(policy, facts(), Usage(channel=NOW - timedelta(minutes=59)))
    assert channel.wait_until == NOW + timedelta(minutes=1) and channel.stop is None
    assert evaluate(policy, facts(), Usage(channel=NOW - timedelta(minutes=60))).wait_until is None

    recipient = evaluate(policy, facts(), Usage(recipients={"ravi@example.com": NOW - timedelta(minutes=100)}))
    assert recipient.wait_until == NOW + timedelta(minutes=140)
    assert "1 in 4 hours" in verdict("recipient_rate", recipient).words
    other = Usage(recipients={"olga@example.com": NOW})
    assert evaluate(policy, facts(), other).wait_until is None


def test_latest_wait_counts_and_business_hours_are_asked_about_that_moment() -> None:
    # Given hours from 08:00 to 10:00 and a recipient who may be written to again at 11:00
    policy = limits(hours=BusinessHours("UTC", MONDAY_TO_FRIDAY, time(8), time(10)))
    used = Usage(recipients={"ravi@example.com": NOW - timedelta(minutes=120)})
    # Then it waits until the hours of the next day, not until 11:00
    assert evaluate(policy, facts(expires_at=NOW + timedelta(days=3)), used).wait_until == datetime(
        2026, 1, 6, 8, tzinfo=UTC
    )


def test_waiting_past_the_expiry_is_a_stop_that_says_so() -> None:
    used = Usage(recipients={"ravi@example.com": NOW})
    on_time = facts(expires_at=NOW + timedelta(minutes=241))
    assert evaluate(limits(), on_time, used).wait_until == NOW + timedelta(minutes=240)
    late = evaluate(limits(), facts(expires_at=NOW + timedelta(minutes=240)), used)
    assert late.stop is not None and late.wait_until is None
    assert "it expires before" in late.stop.words


def test_what_only_reads_is_bound_by_mode_channel_and_operation_only() -> None:
    policy = limits(
        models=frozenset({"sale.order"}), amounts={"USD": Decimal(1)}, max_recipients=1,
        denied_recipients=frozenset({"example.com"}), channel_rates={"odoo": Rate(1, 60)},
        hours=BusinessHours("UTC", frozenset({6}), time(1), time(2)),
    )  # fmt: skip
    reads = facts(
        operation="odoo_search", channel="odoo", effect="read", model="res.users", leaves_machine=False,
        recipients=("a@example.com", "b@example.com"), amounts=((Decimal(9), "EUR"),),
    )  # fmt: skip
    used = Usage(channel=NOW, recipients={"a@example.com": NOW}, same=NOW)
    assert evaluate(policy, reads, used).judgement is Judgement.PASS


# -- more limits never allow more -----------------------------------------------------------------------------------

_ORDER = (Judgement.PASS, Judgement.WAIT, Judgement.STOP)
_PEOPLE = ("ravi@example.com", "olga@mail.example.com", "li@example.org")
_MODES = (ExecutionMode.ON, ExecutionMode.PREVIEW, ExecutionMode.OFF)
_some = st.frozensets


@st.composite
def tightened(draw: st.DrawFn) -> tuple[Limits, Limits]:
    """A policy and one that differs by more or lower limits only."""
    pick = draw(st.integers(0, 2))
    loose = limits(
        mode=_MODES[pick],
        operations=draw(st.none() | _some(st.sampled_from(["email_send", "odoo_create"]))),
        models=draw(st.none() | _some(st.sampled_from(["crm.*", "sale.order"]))),
        denied_models=draw(_some(st.sampled_from(["ir.*", "crm.lead"]))),
        amounts=draw(st.dictionaries(st.sampled_from(["USD", "EUR"]), st.integers(0, 9).map(Decimal))),
        max_recipients=draw(st.integers(1, 4)),
        allowed_recipients=draw(_some(st.sampled_from(["example.com", "example.org"]))),
        denied_recipients=draw(_some(st.sampled_from(["mail.example.com", "li@example.org"]))),
        channel_rates=draw(st.just({}) | st.just({"email": Rate(draw(st.integers(1, 4)), draw(st.integers(1, 300)))})),
        recipient_rates=draw(st.just({}) | st.just({"email": Rate(draw(st.integers(1, 3)), 240)})),
        duplicate_hours=draw(st.integers(0, 48)),
        hours=draw(st.none() | st.builds(BusinessHours, st.just("Europe/Berlin"), _some(st.integers(0, 6), min_size=2),
                                         st.just(time(8)), st.just(time(18)))),
        automatic=draw(st.booleans()),
        automatic_operations=draw(_some(st.sampled_from(["email_send", "odoo_create"]))),
    )  # fmt: skip
    changes: dict[str, Any] = {
        "mode": _MODES[draw(st.integers(pick, 2))],
        "operations": draw(_subset(loose.operations)),
        "models": draw(_subset(loose.models)),
        "denied_models": loose.denied_models | draw(_some(st.sampled_from(["sale.*", "crm.lead"]))),
        "amounts": (
            {one: most - draw(st.integers(0, int(most))) for one, most in loose.amounts.items()}
            or draw(st.dictionaries(st.just("USD"), st.integers(0, 5).map(Decimal)))
        ),
        "max_recipients": draw(st.integers(1, loose.max_recipients)),
        "allowed_recipients": loose.allowed_recipients or draw(_some(st.sampled_from(["example.com"]))),
        "denied_recipients": loose.denied_recipients | draw(_some(st.sampled_from(["example.com"]))),
        "channel_rates": {one: _lower(draw, rate) for one, rate in loose.channel_rates.items()}
        or {"email": Rate(3, 9)},
        "recipient_rates": (
            {one: _lower(draw, rate) for one, rate in loose.recipient_rates.items()} or {"email": Rate(1, 5)}
        ),
        "duplicate_hours": loose.duplicate_hours + draw(st.integers(0, 24)),
        "hours": (
            replace(loose.hours, weekdays=frozenset(sorted(loose.hours.weekdays)[: draw(st.integers(1, 7))]))
            if loose.hours
            else BusinessHours("UTC", MONDAY_TO_FRIDAY, time(10), time(11))
        ),
        "automatic": loose.automatic and draw(st.booleans()),
        "channels": draw(_subset(loose.channels)),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(changes))))
    return loose, replace(loose, **{name: changes[name] for name in chosen})


def _subset(whole: frozenset[str] | None) -> st.SearchStrategy[Any]:
    if whole is None:
        return st.just(None) | st.just(frozenset({"email_send", "crm.lead"}))
    return _some(st.sampled_from(sorted(whole))) if whole else st.just(whole)


def _lower(draw: st.DrawFn, rate: Rate) -> Rate:
    return Rate(draw(st.integers(1, rate.count)), rate.minutes + draw(st.integers(0, 100)))


def used_under(policy: Limits, done: list[tuple[int, str]], about: Facts) -> Usage:
    """What a ledger of [(minutes ago, to whom)] says under this policy."""
    newest = sorted(done)

    def back(count: int, minutes: list[int]) -> datetime | None:
        return NOW - timedelta(minutes=minutes[count - 1]) if len(minutes) >= count else None

    by_person: Mapping[str, datetime | None] = {}
    if rate := policy.recipient_rates.get(about.channel):
        by_person = {one: back(rate.count, [ago for ago, to in newest if to == one]) for one in about.recipients}
    channel = policy.channel_rates.get(about.channel)
    return Usage(
        channel=back(channel.count, [ago for ago, _ in newest]) if channel else None,
        recipients={one: at for one, at in by_person.items() if at},
        same=back(1, [ago for ago, to in newest if to == about.recipients[0]]) if about.recipients else None,
    )


abouts = st.builds(
    facts,
    operation=st.sampled_from(["email_send", "odoo_create"]),
    channel=st.sampled_from(["email", "odoo"]),
    effect=st.sampled_from(["read", "reversible", "irreversible", "financial"]),
    model=st.sampled_from([None, "crm.lead", "sale.order", "ir.cron"]),
    leaves_machine=st.booleans(),
    recipients=st.lists(st.sampled_from(_PEOPLE), unique=True, max_size=3).map(tuple),
    amounts=st.lists(st.tuples(st.integers(0, 9).map(Decimal), st.sampled_from(["USD", "EUR"])), max_size=2).map(tuple),
    risk=st.sampled_from(["low", "high"]),
    expires_at=st.integers(-5, 4000).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    automatic=st.booleans(),
)
done_before = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(_PEOPLE)), max_size=6)


@given(tightened(), abouts, done_before)
def test_more_limits_never_allow_what_fewer_stopped(
    pair: tuple[Limits, Limits], about: Facts, done: list[tuple[int, str]]
) -> None:
    loose, tight = (evaluate(policy, about, used_under(policy, done, about)) for policy in pair)
    assert _ORDER.index(tight.judgement) >= _ORDER.index(loose.judgement)
    assert loose.allows_automatic or not tight.allows_automatic
    if tight.wait_until is not None and loose.wait_until is not None:
        assert tight.wait_until >= loose.wait_until


@given(tightened(), abouts, done_before)
def test_waiting_never_passes_the_expiry_and_ends_in_a_pass(
    pair: tuple[Limits, Limits], about: Facts, done: list[tuple[int, str]]
) -> None:
    policy = pair[1]
    used = used_under(policy, done, about)
    until = evaluate(policy, about, used).wait_until
    if until is not None:
        assert about.now < until < about.expires_at
        assert evaluate(policy, replace(about, now=until), used).judgement is Judgement.PASS
