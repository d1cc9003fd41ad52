"""The policy survives storage; what cannot be understood is refused when changed, and stops everything when read."""

from __future__ import annotations

import json
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import Conflict, InvalidInput
from core.guardrails.hours import BusinessHours
from core.guardrails.limits import POLICY_FIELDS, ROW_FIELDS, SYSTEM_MODELS
from core.guardrails.row import PolicyFileRefused, initial_limits
from core.guardrails.rules import ExecutionMode, Limits, evaluate
from core.guardrails.values import LABELS, Rate
from core.settings import Settings
from tests.core.guardrails.conftest import NOW, facts, limits

EVERYTHING: dict[str, Any] = {
    "channels": ["email", "odoo"],
    "operations": ["email_send", "odoo_create"],
    "models": ["crm.*", "res.partner"],
    "denied_models": ["ir.*"],
    "amounts": {"USD": "500.50", "INR": "40000"},
    "max_recipients": 5,
    "allowed_recipients": ["@Example.com", "Ravi@Example.ORG", "bücher.example"],
    "denied_recipients": ["press@example.com"],
    "channel_rates": {"email": {"count": 20, "minutes": 60}},
    "recipient_rates": {"email": {"count": 2, "minutes": 1440}},
    "duplicate_hours": 48,
    "hours": {"zone": "Europe/Berlin", "weekdays": [0, 1, 2, 3, 4], "from": "08:00", "to": "18:30"},
    "expiry_hours": 12,
    "four_eyes": False,
    "automatic": True,
    "automatic_operations": ["odoo_search"],
}


def test_the_whole_policy_survives_storage(app: Application, admin: Actor) -> None:
    assert set(EVERYTHING) == set(POLICY_FIELDS) == set(LABELS)
    changed = app.guardrails.change(admin, EVERYTHING)
    found = app.guardrails_queries.current()
    assert found == changed
    assert found.amounts == {"USD": Decimal("500.50"), "INR": Decimal(40000)}
    assert found.allowed_recipients == {"example.com", "ravi@example.org", "xn--bcher-kva.example"}
    assert found.recipient_rates == {"email": Rate(2, 1440)}
    assert found.hours == BusinessHours("Europe/Berlin", frozenset(range(5)), time(8), time(18, 30))
    assert (found.version, found.changed_by, found.mode_by) == (2, "Asha", "the installation")
    row = {name: getattr(found, name) for name in ROW_FIELDS}
    assert Limits.from_json(json.loads(json.dumps(found.to_json())), row) == found


def test_new_installation_has_the_defaults_of_the_specification(app: Application) -> None:
    found = app.guardrails_queries.current()
    assert (found.mode, found.max_recipients, found.expiry_hours, found.duplicate_hours) == ("preview", 10, 24, 24)
    assert found.recipient_rates == {"email": Rate(1, 240)} and found.channel_rates == {}
    assert found.denied_models == SYSTEM_MODELS and found.four_eyes and not found.automatic


REFUSED: tuple[tuple[str, Any, str], ...] = (
    ("channels", "email", "Open channels: use a list"),
    ("channels", [1], "Open channels: use a list of text"),
    ("channels", ["e mail"], "“e mail” is no name"),
    ("operations", ["a"] * 1001, "at most 1,000 entries"),
    ("models", ["*"], "“\\*” is no name of an Odoo model"),
    ("models", ["Crm Lead"], "no name of an Odoo model"),
    ("denied_models", None, "Denied models: use a list"),
    ("amounts", {"XYZ": "1"}, "“XYZ” is no currency in use"),
    ("amounts", {"USD": 1.5}, "write the amount in USD as text"),
    ("amounts", {"USD": "many"}, "“many” is no amount"),
    ("amounts", {"USD": "-1"}, "use 0 or more in USD"),
    ("amounts", {"USD": "NaN"}, "use 0 or more in USD"),
    ("amounts", ["USD"], "use an amount for each currency"),
    ("max_recipients", 0, "Recipients per message: use 1 to 100"),
    ("max_recipients", 101, "use 1 to 100"),
    ("max_recipients", True, "use 1 to 100"),
    ("max_recipients", "10", "use 1 to 100"),
    ("allowed_recipients", ["a b@example.com"], "neither an address nor a domain"),
    ("denied_recipients", [""], "neither an address nor a domain"),
    ("denied_recipients", ["a@b@example.com"], "neither an address nor a domain"),
    ("channel_rates", {"email": {"count": 1}}, "say count and minutes for email"),
    ("channel_rates", {"email": {"count": 0, "minutes": 5}}, "email, how many: use 1 to 10,000"),
    ("recipient_rates", {"email": {"count": 1, "minutes": 20_000}}, "email, minutes: use 1 to 10,080"),
    ("recipient_rates", {"": {"count": 1, "minutes": 1}}, "“” is no channel"),
    ("duplicate_hours", -1, "use 0 to 720"),
    ("hours", {"zone": "Mars/Olympus", "weekdays": [0], "from": "08:00", "to": "18:00"}, "no time zone"),
    ("hours", {"zone": "../../etc/passwd", "weekdays": [0], "from": "08:00", "to": "18:00"}, "no time zone"),
    ("hours", {"zone": "UTC", "weekdays": [], "from": "08:00", "to": "18:00"}, "at least one day"),
    ("hours", {"zone": "UTC", "weekdays": [7], "from": "08:00", "to": "18:00"}, "weekdays: use 0 to 6"),
    ("hours", {"zone": "UTC", "weekdays": [0], "from": "8", "to": "18:00"}, "“8” is no time"),
    ("hours", {"zone": "UTC"}, "say zone, weekdays, from and to"),
    ("expiry_hours", 2161, "use 1 to 2,160"),
    ("four_eyes", 1, "use true or false"),
    ("automatic_operations", None, "use a list"),
    ("surprise", 1, "surprise: there is no guardrail of this name"),
    ("mode", "sometimes", "use off, preview or on"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_value_that_cannot_be_is_refused_by_name_and_changes_nothing(
    app: Application, admin: Actor, name: str, value: Any, words: str
) -> None:
    before = app.guardrails.ensure()
    with pytest.raises(InvalidInput, match=words):
        app.guardrails.change(admin, {"max_recipients": 7, name: value})
    assert app.guardrails_queries.current() == before


DAMAGED = ("{}", "[]", "null", '"off"', "DROP", "MISSING", "UNKNOWN", "WRONG")


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_policy_stops_everything_and_says_so(app: Application, admin: Actor, damage: str) -> None:
    # Given a stored policy that this version cannot understand
    policy = app.guardrails.ensure().to_json()
    stored = {
        "DROP": {},
        "MISSING": {name: value for name, value in policy.items() if name != "amounts"},
        "UNKNOWN": {**policy, "later_rule": True},
        "WRONG": {**policy, "channel_rates": {"email": {"count": "many", "minutes": 60}}},
    }.get(damage)
    with app.database.begin() as uow:
        new = damage if stored is None else json.dumps(stored)
        uow.session.execute(text("UPDATE guardrails SET policy = CAST(:new AS jsonb), mode = 'on'"), {"new": new})

    # Then everything stops, even what only reads
    found = app.guardrails_queries.current()
    assert found.damaged
    for about in (facts(), facts(effect="read", leaves_machine=False)):
        stop = evaluate(found, about).stop
        assert stop is not None and stop.rule == "policy" and "until an admin saves them anew" in stop.words

    # And the kill switch works, without touching what is stored
    assert app.guardrails.stop(admin).damaged
    # Until an admin saves it: then it is the policy of a new installation with what was saved
    repaired = app.guardrails.change(admin, {"max_recipients": 3})
    assert not repaired.damaged and repaired.mode is ExecutionMode.OFF
    assert repaired.max_recipients == 3 and repaired.channels == {"email"} and repaired.denied_models == SYSTEM_MODELS


def test_changes_are_made_one_after_the_other_and_audited_with_what_changed(app: Application, admin: Actor) -> None:
    first = app.guardrails.change(admin, {"expiry_hours": 48, "amounts": {"USD": "10"}}, 1)
    assert (first.version, first.expiry_hours, first.changed_by) == (2, 48, "Asha")
    with pytest.raises(Conflict):
        app.guardrails.change(admin, {"expiry_hours": 12}, 1)
    assert app.guardrails.change(admin, {"expiry_hours": 48}, 2).version == 2  # nothing changed, nothing recorded
    (entry,) = app.audit_queries.entries(event="guardrails.changed")
    assert entry.before == {"expiry_hours": 24, "amounts": {}}
    assert entry.after == {"expiry_hours": 48, "amounts": {"USD": "10"}}


def test_who_stopped_it_is_remembered_when_somebody_else_changes_the_limits(
    app: Application, admin: Actor, clock: ManualClock
) -> None:
    stopped = app.guardrails.stop(admin)
    later = app.guardrails.change(admin, {"max_recipients": 3})
    assert (later.mode_by, later.mode_at) == ("Asha", stopped.mode_at)


def test_policy_file_is_what_a_new_installation_starts_with(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "guardrails.json"
    told = settings.model_copy(update={"guardrails_file": file})
    file.write_text(json.dumps({"max_recipients": 3, "amounts": {"USD": "100"}}))
    found = initial_limits(told, NOW)
    assert (found.max_recipients, dict(found.amounts)) == (3, {"USD": Decimal(100)}) and found.channels == {"email"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ('{"mode": "on"}', "“mode” is no guardrail"),
        ('{"max_recipients": 0}', "Recipients per message: use 1 to 100"),
        (None, "it cannot be read"),
    ],
)
def test_policy_file_that_is_wrong_is_refused_in_words(
    settings: Settings, tmp_path: Path, content: str | None, words: str
) -> None:
    file = tmp_path / "guardrails.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(PolicyFileRefused, match=words):
        initial_limits(settings.model_copy(update={"guardrails_file": file}), NOW)


def test_default_limits_spell_what_they_read(settings: Settings) -> None:
    usual = limits()
    row = {name: getattr(usual, name) for name in ROW_FIELDS}
    assert Limits.from_json(usual.to_json(), row) == usual
