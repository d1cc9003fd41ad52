"""The calculator: inputs at the left, what they come to at the right, and the way to keep them."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.catalog.savings import RateCard, Savings, calculate
from core.errors import CountersignError
from core.identifiers import parse_id
from core.savings.queries import ProfileLine
from core.savings.rules import break_even
from pages.components import figures
from pages.components.chart import ChartTable, chart_block
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.page import carried_out, show_messages
from pages.components.savings_board import SavingsBoard
from pages.components.savings_inputs import EXAMPLE, input_fields, read_inputs
from pages.components.savings_words import (
    formula,
    payback_words,
    pays_back_words,
    rating_help,
    rating_words,
    roi_words,
)
from pages.components.words import money, number, plain

PLACE = "scenario"


def calculator(board: SavingsBoard) -> None:
    definition = board.workflow_field()
    opened = _opened(board, definition.workflow_id)
    start = opened.card if opened else board.queries.in_force(definition) or EXAMPLE
    prefix = f"calc-{opened.id}-{opened.version}" if opened else f"calc-{definition.workflow_id}"
    left, right = st.columns([5, 6], gap="large")
    with left:
        _origin(opened, start)
        card = input_fields(prefix, start)
        _keep(board, definition.workflow_id, prefix, start, opened)
    with right:
        if card is not None:
            _result(board, card, calculate(card))


def _opened(board: SavingsBoard, workflow_id: str) -> ProfileLine | None:
    """The scenario that the address names, if this workflow has it."""
    wanted = parse_id(st.query_params.get("scenario", ""))
    found = board.queries.profiles(board.screen.actor, workflow_id) if wanted else ()
    return next((line for line in found if line.id == wanted), None)


def _origin(opened: ProfileLine | None, start: RateCard) -> None:
    if opened:
        st.caption(f"Scenario **{plain(opened.name)}**, by {plain(opened.created_by)}")
    else:
        st.caption(
            "An example; this workflow has no rate card yet." if start is EXAMPLE else "From the card in force today."
        )


def _result(board: SavingsBoard, card: RateCard, worth: Savings) -> None:
    code = card.currency
    with st.container(key="savings-tiles"):
        columns = st.columns(3)
    for column, (label, value) in zip(
        columns, (("A week", worth.weekly), ("A month", worth.monthly), ("A year", worth.yearly)), strict=True
    ):
        column.metric(label, money(value, code, digits=value < 100_000), border=True, height="stretch")
    with st.container(horizontal=True, gap="small"):
        st.badge(rating_words(worth), icon=":material/star:", color="blue", help=rating_help(worth))
        st.badge(f"{number(worth.hours_per_week, 1)} hours a week", icon=":material/schedule:", color="gray")
        if card.implementation_cost:
            st.badge(f"Return {roi_words(worth)} in a year", icon=":material/trending_up:", color="gray")
            st.badge(f"Paid back in {payback_words(worth)}", icon=":material/event_available:", color="gray")
    _parts(board, card, worth)
    st.markdown("\n".join(f"1. {plain(line)}" for line in formula(card, worth)))
    if card.implementation_cost:
        st.caption(plain(pays_back_words(break_even(card))))


def _parts(board: SavingsBoard, card: RateCard, worth: Savings) -> None:
    parts = (("Labour", worth.labour), ("Errors avoided", worth.errors), ("Faster tasks", worth.scaling))
    largest = max(parts, key=lambda part: part[1])
    finding = f"{largest[0]} makes the most of it" if worth.weekly else "These inputs save nothing"
    if largest[0] != "Labour":
        finding = finding.replace("makes", "make")
    bars = tuple(figures.Bar(name, name, float(value), money(value, card.currency)) for name, value in parts)
    chart_block(
        finding, figures.bars(bars, board.hues, ""),
        ChartTable(("Part", "A week", "Currency"), [(name, float(value), card.currency) for name, value in parts]),
        key="savings-parts", note=f"What a week's savings are made of, in {card.currency}",
    )  # fmt: skip


def _keep(board: SavingsBoard, workflow_id: str, prefix: str, start: RateCard, opened: ProfileLine | None) -> None:
    if not board.may_change:
        return
    show_messages("calculator")
    with st.container(horizontal=True, gap="small"):
        if opened and opened.mine:
            st.button(
                "Save changes", type="primary", icon=":material/check:", key="scenario-save",
                on_click=_change, args=(board, opened, prefix),
            )  # fmt: skip
        if st.button(
            "Save as scenario…", icon=":material/bookmark_add:", key="scenario-new",
            type="secondary" if opened and opened.mine else "primary",
        ):  # fmt: skip
            _name_it(board, workflow_id, prefix, start)


def _change(board: SavingsBoard, opened: ProfileLine, prefix: str) -> None:
    carried_out(
        lambda actor: board.screen.app.savings.change_profile(
            actor, opened.id, opened.name, read_inputs(prefix, opened.card), version=opened.version
        ),
        done="Saved.", place="calculator",
    )  # fmt: skip


@dialog("Save as scenario")
def _name_it(board: SavingsBoard, workflow_id: str, prefix: str, start: RateCard) -> None:
    close_when_done()
    st.markdown("A scenario changes nothing but this page: it is there to be compared.")
    show_messages(PLACE)
    st.text_input("Name", key="scenario-name", max_chars=80, placeholder="Half of the work automated")
    st.button(
        "Save", type="primary", key="scenario-confirm", on_click=_save,
        args=(board, workflow_id, prefix, start, _card_now(prefix, start)),
    )  # fmt: skip


def _card_now(prefix: str, start: RateCard) -> RateCard | None:
    """What the fields behind the dialog say; they cannot change while it is open."""
    try:
        return read_inputs(prefix, start)
    except CountersignError:
        return None


def _save(board: SavingsBoard, workflow_id: str, prefix: str, start: RateCard, card: RateCard | None) -> None:
    made: list[UUID] = []
    name = st.session_state.get("scenario-name", "")
    if carried_out(
        lambda actor: made.append(
            board.screen.app.savings.save_profile(actor, workflow_id, name, card or read_inputs(prefix, start))
        ),
        done="Saved. Compare it under Scenarios.", place=PLACE,
    ):  # fmt: skip
        st.query_params["scenario"] = str(made[0])
        st.session_state.pop("scenario-name", None)
        done_with_dialog()
