"""The rate cards of a workflow in the order of their days: which is in force, which was, and adding one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from core.catalog.savings import RateCard, calculate
from core.savings.queries import CardLine
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.empty import empty_state
from pages.components.page import carried_out, show_messages
from pages.components.savings_board import SavingsBoard
from pages.components.savings_inputs import EXAMPLE, input_fields, read_inputs
from pages.components.savings_words import card_words, day_words
from pages.components.words import moment, money, plain

PLACE = "rate-card"


def rate_cards(board: SavingsBoard) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        definition = board.workflow_field()
        lines = board.queries.cards(board.screen.actor, definition.workflow_id, board.today)
        force = next((line for line in lines if line.in_force), None)
        start = force.card if force else EXAMPLE
        if board.may_change and st.button(
            "Add a rate card…", icon=":material/add:", type="primary", key="card-new"
        ):  # fmt: skip
            _add_dialog(board, definition.workflow_id, start)
    st.markdown(plain(_lead(force)))
    if not lines:
        empty_state(
            "Without a rate card nothing is estimated for this workflow."
            + (" Add one." if board.may_change else " Analysts and admins add one."),
            icon=":material/request_quote:",
        )  # fmt: skip
    for place in range(len(lines)):
        _card(board, lines, place)


def _lead(force: CardLine | None) -> str:
    if force is None:
        return "No rate card is in force today: runs that start now carry no estimate."
    worth = force.worth
    return (
        f"Runs that start today are estimated at {money(worth.weekly, worth.currency)} a week, by the card "
        f"in force since {day_words(force.card.effective_from)}. A run keeps the card it was started under."
    )


def _until(lines: Sequence[CardLine], place: int) -> date | None:
    """The day on which a later card takes over; lines are the latest first."""
    line = lines[place]
    if line.withdrawn or _superseded(lines, place):
        return None
    since = line.card.effective_from
    later = [one.card.effective_from for one in lines if not one.withdrawn and one.card.effective_from > since]
    return min(later, default=None)


def _superseded(lines: Sequence[CardLine], place: int) -> bool:
    """Whether another card from the same day counts instead: of one day, the first in the list does."""
    since = lines[place].card.effective_from
    return any(not one.withdrawn and one.card.effective_from == since for one in lines[:place])


def _card(board: SavingsBoard, lines: Sequence[CardLine], place: int) -> None:
    line, until = lines[place], _until(lines, place)
    with st.container(border=True, key=f"rate-card-{place}", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
                since = "From" if line.card.effective_from > board.today else "Since"
                end = f" until {day_words(until)}" if until else ""
                st.markdown(f"**{since} {day_words(line.card.effective_from)}**{end}", width="content")
                _state(board, line, superseded=_superseded(lines, place))
            st.markdown(f"**{plain(money(line.worth.weekly, line.worth.currency))}** :gray[a week]", width="content")
        st.markdown(plain(card_words(line.card)))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(plain(_origin(board, line)))
            can = board.may_change and line.id is not None and not line.withdrawn
            if can and st.button("Withdraw…", key=f"withdraw-{line.id}", type="tertiary", icon=":material/undo:"):
                _withdraw_dialog(board, line)


def _state(board: SavingsBoard, line: CardLine, *, superseded: bool) -> None:
    if line.withdrawn:
        st.badge("Withdrawn", icon=":material/block:", color="gray")
    elif line.in_force:
        st.badge("In force today", icon=":material/check_circle:", color="green")
    elif line.card.effective_from > board.today and not superseded:
        st.badge("To come", icon=":material/schedule:", color="blue")
    else:
        st.badge("Replaced", icon=":material/history:", color="gray")


def _origin(board: SavingsBoard, line: CardLine) -> str:
    if line.id is None:
        return "Written in the workflow's definition."
    said = f"Added by {line.created_by}"
    said += f", {moment(line.created_at, board.screen.zone)}." if line.created_at else "."
    if line.note:
        said += f" {line.note}"
    if line.withdrawn and line.withdrawn_at:
        said += f" Withdrawn by {line.withdrawn_by}, {moment(line.withdrawn_at, board.screen.zone)}: {line.withdrawn_reason}"
    return said


@dialog("Add a rate card", width="large")
def _add_dialog(board: SavingsBoard, workflow_id: str, start: RateCard) -> None:
    close_when_done()
    st.markdown("Runs that start from its day on are estimated by it. Runs that were started before keep their card.")
    show_messages(PLACE)
    prefix = f"card-{workflow_id}"
    card = input_fields(prefix, start)
    left, right = st.columns([2, 5], gap="medium")
    left.date_input("In force from", value=board.today, key=f"{prefix}-from", format="YYYY-MM-DD")
    right.text_input("Note", key=f"{prefix}-note", max_chars=500, placeholder="Where the numbers come from")
    if card is not None:
        st.caption(f"Saves {plain(money(calculate(card).weekly, card.currency))} a week by these inputs.")
    st.button(
        "Add the card", type="primary", key="card-confirm", on_click=_add, args=(board, workflow_id, prefix, start)
    )


def _add(board: SavingsBoard, workflow_id: str, prefix: str, start: RateCard) -> None:
    since = st.session_state.get(f"{prefix}-from") or board.today
    note = st.session_state.get(f"{prefix}-note", "")
    if carried_out(
        lambda actor: board.screen.app.savings.add_card(
            actor, workflow_id, replace(read_inputs(prefix, start), effective_from=since), note=note
        ),
        done=f"Added. It is in force from {day_words(since)}.", place=PLACE,
    ):  # fmt: skip
        done_with_dialog()


@dialog("Withdraw this rate card")
def _withdraw_dialog(board: SavingsBoard, line: CardLine) -> None:
    close_when_done()
    st.markdown(
        "Runs that start from now on do without it. Runs that were started under it keep it, and it stays in this list."
    )
    show_messages(PLACE)
    st.text_input("Reason", key="withdraw-reason", max_chars=500)
    st.button("Withdraw", type="primary", key="withdraw-confirm", on_click=_withdraw, args=(board, line))


def _withdraw(board: SavingsBoard, line: CardLine) -> None:
    card_id, reason = line.id, st.session_state.get("withdraw-reason", "")
    if card_id is not None and carried_out(
        lambda actor: board.screen.app.savings.withdraw_card(actor, card_id, reason), done="Withdrawn.", place=PLACE
    ):
        done_with_dialog()
