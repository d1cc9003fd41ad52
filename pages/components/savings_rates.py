"""Exchange rates with their day and source, and what the figures come to in one currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import streamlit as st

from core.actor import Actor
from core.analytics.evidence import Figure
from core.analytics.rules import Total
from core.catalog.currencies import currencies
from core.errors import InvalidInput
from core.savings.queries import RateLine
from pages.components.empty import empty_state
from pages.components.page import carried_out, show_messages
from pages.components.savings_board import PERIODS, SavingsBoard
from pages.components.savings_figures import MEANINGS, metric_words, totals_of
from pages.components.savings_words import day_words, rate_words
from pages.components.words import moment, money, number, plain, sentence

PLACE = "rate"


def exchange_rates(board: SavingsBoard) -> None:
    lines = board.queries.rates(board.screen.actor)
    in_force = [line for line in lines if line.withdrawn_at is None]
    st.markdown(
        "Amounts of different currencies stand apart. Where one figure is wanted, each amount is converted at a rate "
        "somebody wrote down here, of that day or before, and the rate is shown with it."
    )
    form = st.container()
    missing = _in_one(board)
    if board.may_change:
        with form:
            _form(board, *missing)
    st.header("Rates", anchor=False)
    if not lines:
        empty_state("No rate yet, so nothing can be converted.", icon=":material/currency_exchange:")
        return
    _list(board, in_force)
    ended = [line for line in lines if line.withdrawn_at is not None]
    if ended:
        with st.expander(f"{len(ended)} withdrawn"):
            for line in ended:
                st.markdown(_words(board, line))


def _form(board: SavingsBoard, base: str, quote: str) -> None:
    """Begins with the rate that is wanted below."""
    codes = sorted(currencies())
    with st.container(border=True, key="rate-form"):
        st.markdown("**Add a rate**")
        show_messages(PLACE)
        first, second, third, fourth = st.columns([2, 2, 2, 2])
        first.selectbox("One", codes, codes.index(base), key="rate-base")
        second.text_input("Is worth", key="rate-value", placeholder="0.8612", max_chars=24)
        third.selectbox("Of", codes, codes.index(quote), key="rate-quote")
        fourth.date_input("On", value=board.today, max_value=board.today, key="rate-day", format="YYYY-MM-DD")
        left, right = st.columns([6, 2], vertical_alignment="bottom")
        left.text_input("Source", key="rate-source", max_chars=200, placeholder="European Central Bank, reference rate")
        right.button(
            "Add the rate", type="primary", icon=":material/add:", key="rate-add", on_click=_add, args=(board,),
            width="stretch",
        )  # fmt: skip


def _add(board: SavingsBoard) -> None:
    said = st.session_state

    def add(actor: Actor) -> None:
        try:
            rate = Decimal(str(said.get("rate-value", "")).strip().replace(",", ""))
        except InvalidOperation:
            raise InvalidInput(field="Is worth", problem="write a number, for example 0.8612.") from None
        board.screen.app.savings.add_rate(
            actor, said["rate-base"], said["rate-quote"], rate, day=said["rate-day"] or board.today,
            source=said.get("rate-source", ""),
        )  # fmt: skip

    if carried_out(add, done="Added.", place=PLACE):
        said["rate-value"] = ""


def _list(board: SavingsBoard, lines: Sequence[RateLine]) -> None:
    for line in lines:
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"rate-{line.id}"
        ):
            st.markdown(_words(board, line), width="stretch")
            if board.may_change:
                st.button(
                    "Withdraw", key=f"rate-withdraw-{line.id}", type="tertiary", icon=":material/undo:",
                    on_click=_withdraw, args=(board, line),
                )  # fmt: skip


def _withdraw(board: SavingsBoard, line: RateLine) -> None:
    carried_out(
        lambda actor: board.screen.app.savings.withdraw_rate(actor, line.id),
        done="Withdrawn. Nothing is converted by it any more.",
    )


def _words(board: SavingsBoard, line: RateLine) -> str:
    rate = line.dated
    ended = f"; withdrawn by {plain(line.withdrawn_by)}" if line.withdrawn_by else ""
    return (
        f"**1 {rate.base} = {rate.rate.normalize():f} {rate.quote}**, {day_words(rate.day)}  \n"
        f":small[Source: {plain(rate.source)}; added by {plain(line.created_by)}, "
        f"{moment(line.created_at, board.screen.zone)}{ended}]"
    )


def _in_one(board: SavingsBoard) -> tuple[str, str]:
    """The three figures in one currency, each by itself, with every rate that was used; answers a rate to add next."""
    st.header("The figures in one currency", anchor=False)
    codes = sorted(currencies())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        to = st.selectbox("Currency", codes, codes.index("USD"), key="to", bind="query-params", width=120)
        day = st.date_input(
            "Rates of", value=board.today, max_value=board.today, key="rates-of", format="YYYY-MM-DD", width=150
        )
        period = st.selectbox("Period", list(PERIODS), index=2, key="over", bind="query-params", width=130)
    filters = board.filters(None, period)
    saved = board.screen.app.analytics_queries.savings(filters)
    if filters.dataset.sample:
        st.badge("Sample figures", icon=":material/science:", color="violet")
    missing: list[str] = []
    for column, figure in zip(st.columns(3), Figure, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall", key=f"one-{figure.value}"):
            quiet, meaning = MEANINGS[figure]
            st.markdown(f"**{sentence(figure.value)}** :gray[{quiet}]", help=meaning)
            money_only = [total for total in totals_of(saved, figure) if total.unit in currencies()]
            missing += _converted(board, money_only, to or "USD", day or board.today)
    if missing:
        return missing[0], to or "USD"
    return ("USD", "EUR") if to != "USD" else ("EUR", "USD")


def _converted(board: SavingsBoard, totals: Sequence[Total], to: str, day: date) -> list[str]:
    """Answers the currencies without a rate."""
    if not totals:
        st.markdown(":gray[No money yet]")
        return []
    found = board.queries.converted(totals, to, day)
    words = plain(money(found.sum, to)) if found.sum is not None else "No sum"
    n = sum(total.n for total in totals)
    st.markdown(f"### {words}\n:gray[{metric_words(totals[0].metric).lower()}, n {number(n, 0)}]")
    for part in found.parts:
        said = f"{money(part.value, part.currency)}"
        if part.rate:
            said += f" = {money(part.converted, to)} {rate_words(part.rate)}"
        st.caption(plain(said))
    for missing in found.missing:
        st.warning(
            plain(f"{money(missing.value, missing.unit)}: {missing.sentence}"), icon=":material/currency_exchange:"
        )
    return [missing.unit for missing in found.missing]
