"""The calculator's fields: what a rate card and a scenario are made of, read back as one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import streamlit as st

from core.catalog.currencies import currencies
from core.catalog.savings import RateCard
from core.errors import InvalidInput
from core.savings.rules import INPUTS

EXAMPLE = RateCard(Decimal(20), Decimal(30), Decimal(40), Decimal("0.85"), Decimal("0.05"), Decimal(20))
"""What the calculator begins with where a workflow has no rate card."""

_SHARES = frozenset({"automation_percent", "error_rate"})
_LABELS = {
    "tasks_per_week": ("Tasks a week", ""),
    "minutes_per_task": ("Minutes a task by hand", ""),
    "hourly_wage": ("Wage an hour", "What an hour of this work costs, taxes included."),
    "automation_percent": ("Automated, %", "The share of the work that the workflow takes over."),
    "error_rate": ("Errors by hand, %", "The share of tasks that go wrong when people do them by hand."),
    "cost_per_error": ("Cost of an error", ""),
    "value_per_accelerated_task": (
        "Value of a faster task",
        "What it brings that one task is done sooner. 0: nothing.",
    ),
    "implementation_cost": ("Cost to set up", "Once. With it, return and payback can be reckoned. 0: nothing."),
}


def input_fields(prefix: str, start: RateCard) -> RateCard | None:
    """Draws the fields, filled from `start`; answers what they say, or None with a sentence where that is no card."""
    names = list(_LABELS)
    with st.container(key=f"savings-inputs-{prefix}"):
        for pair in zip(names[::2], names[1::2], strict=True):
            for column, name in zip(st.columns(2, gap="medium"), pair, strict=True):
                with column:
                    _field(prefix, name, start)
    codes = sorted(currencies())
    st.selectbox(
        "Currency", codes, codes.index(start.currency) if start.currency in codes else codes.index("USD"),
        key=f"{prefix}-currency",
    )  # fmt: skip
    try:
        return read_inputs(prefix, start)
    except InvalidInput as refusal:
        st.error(str(refusal.facts["problem"]).capitalize(), icon=":material/error:")
        return None


def read_inputs(prefix: str, start: RateCard) -> RateCard:
    """What the fields say now, also in a callback; InvalidInput where that is no card."""
    found: dict[str, Any] = {name: _read(prefix, name, start) for name in INPUTS}
    found["implementation_cost"] = found["implementation_cost"] or None
    return replace(start, **found, currency=st.session_state.get(f"{prefix}-currency", start.currency))


def _field(prefix: str, name: str, start: RateCard) -> None:
    label, why = _LABELS[name]
    st.number_input(
        label, min_value=0.0, max_value=100.0 if name in _SHARES else 1e9, value=_shown(name, start), step=1.0,
        format="%.10g", key=f"{prefix}-{name}", help=why or None,
    )  # fmt: skip


def _shown(name: str, start: RateCard) -> float:
    value = getattr(start, name) or Decimal(0)
    return float(value * 100 if name in _SHARES else value)


def _read(prefix: str, name: str, start: RateCard) -> Decimal:
    """The number as it is spelled; one that nobody touched stays exactly what it was."""
    typed = st.session_state.get(f"{prefix}-{name}")
    if typed is None or typed == _shown(name, start):
        return getattr(start, name) or Decimal(0)
    number = Decimal(str(typed))
    return number / 100 if name in _SHARES else number
