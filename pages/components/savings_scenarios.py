"""Scenarios of a workflow beside the card in force, and beside what really happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from html import escape

import streamlit as st

from core.analytics.evidence import Figure
from core.analytics.rules import Total
from core.catalog.savings import RateCard, Savings, calculate
from core.savings.queries import ProfileLine
from core.savings.rules import break_even
from pages.components import figures
from pages.components.chart import ChartTable, chart_block
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.empty import empty_state
from pages.components.page import carried_out
from pages.components.savings_board import PERIODS, SavingsBoard, evidence_link
from pages.components.savings_figures import three_figures
from pages.components.savings_words import break_even_words, payback_words, roi_words, share
from pages.components.words import ago, money, number, plain, price

MOST = 4
_CELL = '<td style="white-space:nowrap">{}</td>'
IN_FORCE = "In force today"


@dataclass(frozen=True)
class Side:
    """One column of the comparison."""

    name: str
    card: RateCard
    worth: Savings
    break_even: Decimal | None


def scenarios(board: SavingsBoard) -> None:
    definition = board.workflow_field()
    force = board.queries.in_force(definition)
    kept = board.queries.profiles(board.screen.actor, definition.workflow_id)
    sides = [Side(IN_FORCE, force, calculate(force), break_even(force))] if force else []
    if kept:
        sides += [_side(line) for line in _chosen(kept)]
    if not kept:
        empty_state(
            "A scenario is a what-if with a name: another wage, more of the work automated. "
            "Try one in the calculator and save it."
            if board.may_change
            else "No scenario yet. Analysts save what-ifs of the calculator here, to compare them.",
            icon=":material/balance:",
        )  # fmt: skip
        if board.may_change:
            st.button("Open the calculator", icon=":material/calculate:", type="primary", on_click=_calculate)
    if sides:
        _compare(board, sides)
    if kept:
        _manage(board, kept)
    _what_happened(board, definition.workflow_id, definition.title)


def _calculate() -> None:
    st.query_params["view"] = "Calculator"


def _chosen(kept: Sequence[ProfileLine]) -> list[ProfileLine]:
    names = {line.name: line for line in kept}
    if len(kept) <= MOST:
        return list(kept)
    picked = st.multiselect(
        "Compare", list(names), default=list(names)[:MOST], max_selections=MOST, key="scenarios-chosen",
        placeholder=f"Up to {MOST} scenarios",
    )  # fmt: skip
    return [names[name] for name in picked if name in names]


def _side(line: ProfileLine) -> Side:
    return Side(line.name, line.card, line.worth, line.break_even)


def _compare(board: SavingsBoard, sides: Sequence[Side]) -> None:
    st.html(_table(sides))
    if len(sides) < 2:
        return
    code = sides[0].card.currency
    same = [side for side in sides if side.card.currency == code]
    others = sorted({side.card.currency for side in sides} - {code})
    best = max(same, key=lambda side: side.worth.yearly)
    bars = tuple(
        figures.Bar(side.name, side.name, float(side.worth.yearly), money(side.worth.yearly, code, digits=False),
                    muted=side.name == IN_FORCE)
        for side in same
    )  # fmt: skip
    note = f"Savings a year, in {code}; grey: the card in force" + (
        f"; {', '.join(others)} in the table" if others else ""
    )
    chart_block(
        _finding(best, code), figures.bars(bars, board.hues, ""),
        ChartTable(
            ("Scenario", "A week", "A year", "Currency"),
            [(s.name, float(s.worth.weekly), float(s.worth.yearly), s.card.currency) for s in sides],
        ),
        key="savings-scenarios", note=note,
    )  # fmt: skip


def _finding(best: Side, code: str) -> str:
    name = "The card in force" if best.name == IN_FORCE else best.name
    return f"{name} comes to the most: {money(best.worth.yearly, code, digits=False)} a year"


def _table(sides: Sequence[Side]) -> str:
    rows = [
        ("A week", [money(s.worth.weekly, s.card.currency) for s in sides]),
        ("A month", [money(s.worth.monthly, s.card.currency) for s in sides]),
        ("A year", [money(s.worth.yearly, s.card.currency) for s in sides]),
        ("Rating, of a year", [s.worth.rating.value.capitalize() for s in sides]),
        ("Hours a week", [number(s.worth.hours_per_week, 1) for s in sides]),
        ("Return in a year", [roi_words(s.worth) for s in sides]),
        ("Paid back in", [payback_words(s.worth) for s in sides]),
        ("Automation that pays back in a year", [break_even_words(s.card, s.break_even) for s in sides]),
        ("Automation", [share(s.card.automation_percent) for s in sides]),
        ("Wage an hour", [price(s.card.hourly_wage, s.card.currency) for s in sides]),
    ]
    heads = "".join(f'<th scope="col" style="min-width:6.5rem">{escape(side.name)}</th>' for side in sides)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(_CELL.format(escape(said)) for said in cells)}</tr>'
        for name, cells in rows
    )
    return (
        '<div role="region" aria-label="Scenarios side by side" tabindex="0" style="overflow-x:auto">'
        '<table class="diff" style="font-variant-numeric:tabular-nums">'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _manage(board: SavingsBoard, kept: Sequence[ProfileLine]) -> None:
    st.header("Saved scenarios", anchor=False)
    now = board.screen.app.clock.now()
    for line in kept:
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"scenario-{line.id}"
        ):
            st.markdown(f"**{plain(line.name)}**  \n:small[by {plain(line.created_by)}, {ago(line.updated_at, now)}]")
            with st.container(horizontal=True, gap="small", width="content"):
                st.button(
                    "Open in calculator", key=f"open-{line.id}", type="tertiary", icon=":material/calculate:",
                    on_click=_open, args=(line,),
                )  # fmt: skip
                if line.mine and st.button(
                    "Delete…", key=f"delete-{line.id}", type="tertiary", icon=":material/delete:"
                ):  # fmt: skip
                    _confirm_delete(board, line)


def _open(line: ProfileLine) -> None:
    st.query_params.from_dict({"type": line.workflow_id, "scenario": str(line.id)})


@dialog("Delete this scenario")
def _confirm_delete(board: SavingsBoard, line: ProfileLine) -> None:
    close_when_done()
    st.markdown(f"**{plain(line.name)}** is gone then. No run was reckoned by it.")
    st.button("Delete", type="primary", key="delete-confirm", on_click=_delete, args=(board, line))


def _delete(board: SavingsBoard, line: ProfileLine) -> None:
    carried_out(lambda actor: board.screen.app.savings.delete_profile(actor, line.id), done="Deleted.")
    done_with_dialog()


def _what_happened(board: SavingsBoard, workflow_id: str, title: str) -> None:
    st.header("What really happened", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        period = st.selectbox(
            "Period", list(PERIODS), index=2, key="over", bind="query-params", label_visibility="collapsed", width=130
        )
        st.caption(f"Runs of {plain(title)} started in these days, counted in UTC.")
    filters = board.filters(workflow_id, period)
    three_figures(board.screen, filters, partial(_behind, title, period or "26 weeks"))


def _behind(title: str, period: str, figure: Figure, total: Total) -> str:
    return evidence_link(figure.value, total.metric, total.unit, workflow=title, period=period)
