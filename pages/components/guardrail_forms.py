"""One dialog for each group of guardrails: every field with its unit and what it comes to, saved together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import time
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from core.guardrails.hours import DAYS, BusinessHours
from core.guardrails.rules import Limits
from core.guardrails.values import MOST_DUPLICATE_HOURS, MOST_HOURS, MOST_MINUTES, MOST_RATE, MOST_RECIPIENTS, Rate
from pages.components.guardrail_words import MUCH, RUN, WHEN, WHO, Group, differences
from pages.components.page import Screen, perform, say, show_messages

PLACE = "guardrails"


def change_group(screen: Screen, limits: Limits, group: Group) -> None:
    """Opens the group's dialog; what is saved insists on the revision that is shown."""
    _DIALOGS[group.key](screen, limits)


@st.dialog(RUN.title, width="medium")
def _run(screen: Screen, limits: Limits) -> None:
    titles = screen.app.actions_queries.operations()
    known = sorted(limits.channels.union(screen.app.actions_queries.channels()))
    with _field("A closed channel stops everything that takes it, approved or not."):
        channels = st.pills(
            "Open channels", known, default=sorted(limits.channels), selection_mode="multi", key="channels"
        )
    with _field("Operations that are not chosen stop, whoever approves them."):
        operations = _operations(limits.operations, titles)
    with _field("Models that are not listed are read and never written to."):
        only = st.toggle("Only the Odoo models I list", limits.models is not None, key="only-models")
        listed = (
            _lines("Models that may be written to, one a line", limits.models or (), key="models") if only else None
        )
    with _field("ir.\\* stands for every model that begins so. Denied wins over listed."):
        denied = _lines("Models that are never written to, one a line", limits.denied_models, key="denied-models")
    _save(screen, limits, RUN, lambda: {
        "channels": channels, "operations": operations, "models": listed, "denied_models": denied,
    })  # fmt: skip


@st.dialog(MUCH.title, width="medium")
def _much(screen: Screen, limits: Limits) -> None:
    known = sorted(limits.channels.union(screen.app.actions_queries.channels(), limits.channel_rates))
    with _field("A message to more people stops."):
        recipients = st.number_input(
            "Recipients a message, at most", 1, MOST_RECIPIENTS, limits.max_recipients, key="recipients"
        )
    with _field("Once any limit is set, money in a currency without one stops. Empty: no limit."):
        spelled = [f"{currency} {most}" for currency, most in limits.amounts.items()]
        amounts = _lines(
            "Most that one action may move, one currency a line", spelled, key="amounts", hint="USD 500.00"
        )
    with _field("What is over the rate waits until it is free, and stops if it expires before. 0: no limit."):
        channel_rates = _rates("Pieces of work by", known, limits.channel_rates, key="channel-rate")
    with _field("Preview counts as well, so that it shows what going live would do. 0: no limit."):
        people = sorted({"email", *limits.recipient_rates})
        recipient_rates = _rates("To the same recipient by", people, limits.recipient_rates, key="recipient-rate")
    with _field("The same to the same account stops within this time. 0: repeats are allowed."):
        repeats = st.number_input(
            "No repeat within, in hours", 0, MOST_DUPLICATE_HOURS, limits.duplicate_hours, key="duplicate-hours"
        )
    _save(screen, limits, MUCH, lambda: {
        "max_recipients": int(recipients), "amounts": dict(_amount(line) for line in amounts),
        "channel_rates": channel_rates, "recipient_rates": recipient_rates, "duplicate_hours": int(repeats),
    })  # fmt: skip


@st.dialog(WHEN.title, width="medium")
def _when(screen: Screen, limits: Limits) -> None:
    with _field("What is approved outside of them waits until they begin. Reading is not held back."):
        only = st.toggle("Only in business hours", limits.hours is not None, key="only-hours")
    hours = _hours(limits.hours, str(screen.zone)) if only else None
    with _field("For cards proposed from now on that do not say it themselves. What expired is never executed."):
        expiry = st.number_input("A card expires after, in hours", 1, MOST_HOURS, limits.expiry_hours, key="expiry")
    _save(screen, limits, WHEN, lambda: {"hours": hours, "expiry_hours": int(expiry)})


@st.dialog(WHO.title, width="medium")
def _who(screen: Screen, limits: Limits) -> None:
    titles = screen.app.actions_queries.operations()
    with _field("Whoever proposed or edited a card does not decide it. Turn it off only where one person works alone."):
        four_eyes = st.toggle("Four eyes", limits.four_eyes, key="four-eyes")
    with _field("A domain includes its subdomains. Empty: anybody who is not denied."):
        allowed = _lines(
            "Only these recipients, one address or domain a line", limits.allowed_recipients, key="allowed"
        )
    with _field("Denied wins over allowed."):
        denied = _lines("Never these recipients, one address or domain a line", limits.denied_recipients, key="denied")
    with _field("" if limits.automatic else "Off: people approve everything."):
        automatic = st.toggle("Approve without a person", limits.automatic, key="automatic")
    listed = sorted(limits.automatic_operations)
    if automatic:
        st.warning(
            "Nobody looks at these cards before they run. Low risk is what the proposer says it is; "
            "money never qualifies, and every other guardrail still holds.",
            icon=":material/warning:",
        )
        listed = st.multiselect(
            "Operations that need no person", sorted({*titles, *listed}), listed,
            format_func=lambda name: titles.get(name, name), key="automatic-operations",
        )  # fmt: skip
    _save(screen, limits, WHO, lambda: {
        "four_eyes": four_eyes, "allowed_recipients": allowed, "denied_recipients": denied,
        "automatic": automatic, "automatic_operations": listed,
    })  # fmt: skip


_DIALOGS: Mapping[str, Callable[[Screen, Limits], None]] = {
    RUN.key: _run, MUCH.key: _much, WHEN.key: _when, WHO.key: _who,
}  # fmt: skip


def _save(screen: Screen, limits: Limits, group: Group, changes: Callable[[], Mapping[str, Any]]) -> None:
    show_messages(PLACE)
    if not st.button("Save", type="primary", key=f"save-{group.key}"):
        return
    saved = perform(
        lambda actor: screen.app.guardrails.change(actor, changes(), None if limits.damaged else limits.version),
        place=PLACE,
    )
    if saved is not None:
        say("info", differences(limits, saved, group, screen.app.actions_queries.operations()))
        st.rerun()
    st.rerun(scope="fragment")


def _lines(label: str, entries: Iterable[str], *, key: str, hint: str | None = None) -> list[str]:
    """A box with one entry a line."""
    typed = st.text_area(label, "\n".join(sorted(entries)), key=key, height=100, placeholder=hint)
    return [line.strip() for line in (typed or "").splitlines() if line.strip()]


def _amount(line: str) -> tuple[str, str]:
    """`USD 500.00` as currency and amount, for the service to check."""
    currency, _, amount = line.partition(" ")
    return currency.upper(), amount.strip()


def _operations(now: frozenset[str] | None, titles: Mapping[str, str]) -> list[str] | None:
    if not st.toggle("Only the operations I choose", now is not None, key="only-operations"):
        return None
    known = sorted({*titles, *(now or ())})
    chosen = sorted(titles) if now is None else sorted(now)
    return st.multiselect(
        "Operations", known, chosen, format_func=lambda name: titles.get(name, name), key="operations"
    )


def _hours(now: BusinessHours | None, reader_zone: str) -> dict[str, Any]:
    zones = sorted(available_timezones())
    zone = now.zone if now else reader_zone
    place = zones.index(zone if zone in zones else "UTC")
    chosen = st.selectbox("Time zone", zones, place, key="zone")
    days = st.pills(
        "Days", DAYS, default=[DAYS[day] for day in sorted(now.weekdays if now else range(5))],
        selection_mode="multi", key="days",
    )  # fmt: skip
    with _field("An end before the beginning is on the next day. Changes of the clock are followed."):
        left, right = st.columns(2)
        opens = left.time_input("From", now.opens if now else time(8), key="opens")
        closes = right.time_input("To", now.closes if now else time(18), key="closes")
    return {
        "zone": chosen, "weekdays": [DAYS.index(day) for day in days],
        "from": f"{opens:%H:%M}" if opens else "", "to": f"{closes:%H:%M}" if closes else "",
    }  # fmt: skip


def _rates(label: str, channels: list[str], rates: Mapping[str, Rate], *, key: str) -> dict[str, dict[str, int]]:
    """For each channel how many in how many minutes; 0 is no limit."""
    found: dict[str, dict[str, int]] = {}
    for channel in channels:
        rate = rates.get(channel)
        left, right = st.columns(2)
        many = left.number_input(
            f"{label} {channel}, at most", 0, MOST_RATE, rate.count if rate else 0, key=f"{key}-{channel}"
        )
        if many:
            minutes = right.number_input(
                f"In minutes, by {channel}",
                1,
                MOST_MINUTES,
                rate.minutes if rate else 60,
                key=f"{key}-minutes-{channel}",
            )
            found[channel] = {"count": int(many), "minutes": int(minutes)}
    return found


@contextmanager
def _field(consequence: str) -> Iterator[None]:
    """One field, or a few that belong together, with what it comes to close below."""
    with st.container(gap="xsmall"):
        yield
        if consequence:
            st.caption(consequence)
